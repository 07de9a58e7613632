"""The acts of the entities app: persons, their names, units, postings, command relations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from muniment.errors import InvalidInput
from muniment_server.custody.acting import act, keep
from muniment_server.entities import policies
from muniment_server.entities.models import (
    Person,
    PersonName,
    Posting,
    Sex,
    Subordination,
    Unit,
    UnitKind,
)

if TYPE_CHECKING:
    import datetime

    from muniment_server.custody.policies import Actor


__all__ = [
    "Held",
    "Sex",
    "UnitKind",
    "add_name",
    "record_person",
    "record_posting",
    "record_subordination",
    "record_unit",
]


@dataclass(frozen=True, slots=True)
class Held:
    """Since when and until when, as far as known; either end may be open."""

    held_from: datetime.date | None = None
    held_to: datetime.date | None = None
    confidence: str = ""


_UNDATED = Held()


@act("person.recorded", may=policies.may_record_person)
def record_person(
    by: Actor,
    *,
    name: str,
    sex: Sex = Sex.UNKNOWN,
    born_from: datetime.date | None = None,
    born_to: datetime.date | None = None,
    nationality: str = "",
    note: str = "",
    reason: str = "",
) -> Person:
    """Record a person whom evidence speaks of; being recorded is no accusation."""
    _in_order(born_from, born_to)
    return keep(
        Person(
            name=name,
            sex=sex,
            born_from=born_from,
            born_to=born_to,
            nationality=nationality,
            note=note,
        )
    )


@act("person.recorded", may=policies.may_record_person)
def add_name(
    by: Actor,
    person: Person,
    *,
    text: str,
    language: str = "",
    kind: str = "",
    citation: dict[str, Any] | None = None,
    reason: str = "",
) -> PersonName:
    """Record a further name of a person, in its own script."""
    return keep(
        PersonName(person=person, text=text, language=language, kind=kind, citation=citation or {})
    )


@act("unit.recorded", may=policies.may_record_unit)
def record_unit(
    by: Actor, *, name: str, kind: UnitKind, party: str = "", note: str = "", reason: str = ""
) -> Unit:
    """Record a unit or organisation."""
    return keep(Unit(name=name, kind=kind, party=party, note=note))


@act("posting.recorded", may=policies.may_record_posting)
def record_posting(
    by: Actor,
    *,
    person: Person,
    unit: Unit,
    title: str,
    rank: str = "",
    held: Held = _UNDATED,
    citation: dict[str, Any] | None = None,
    reason: str = "",
) -> Posting:
    """Record that a person held a post in a unit."""
    _in_order(held.held_from, held.held_to)
    return keep(
        Posting(
            person=person,
            unit=unit,
            title=title,
            rank=rank,
            held_from=held.held_from,
            held_to=held.held_to,
            confidence=held.confidence,
            citation=citation or {},
        )
    )


@act("posting.recorded", may=policies.may_record_posting)
def record_subordination(
    by: Actor,
    *,
    unit: Unit,
    superior: Unit,
    held: Held = _UNDATED,
    citation: dict[str, Any] | None = None,
    reason: str = "",
) -> Subordination:
    """Record that a unit stood under another.

    Raises `InvalidInput` for a unit under itself.
    """
    if unit.pk == superior.pk:
        raise InvalidInput(
            _("a unit does not stand under itself"),
            code="unit.itself",
            hint=_("Name another unit."),
        )
    _in_order(held.held_from, held.held_to)
    return keep(
        Subordination(
            unit=unit,
            superior=superior,
            held_from=held.held_from,
            held_to=held.held_to,
            confidence=held.confidence,
            citation=citation or {},
        )
    )


def _in_order(start: datetime.date | None, end: datetime.date | None) -> None:
    if start and end and end < start:
        raise InvalidInput(
            _("the end lies before the beginning"),
            code="interval.order",
            hint=_("Give the earlier day first."),
        )
