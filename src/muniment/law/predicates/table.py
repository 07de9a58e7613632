"""The table of rules: which predicate tests which rule, and which inputs it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.law.predicates import (
    admissibility,
    aggression,
    amendments,
    elsewhere,
    link,
    person,
    subject,
    trigger,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.law.findings import Predicate

PREDICATES: Mapping[str, Predicate] = {
    **subject.PREDICATES,
    **link.PREDICATES,
    **trigger.PREDICATES,
    **amendments.PREDICATES,
    **aggression.PREDICATES,
    **admissibility.PREDICATES,
    **person.PREDICATES,
    **elsewhere.PREDICATES,
}
