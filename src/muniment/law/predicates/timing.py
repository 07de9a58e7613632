"""Whether the conduct lies before a date on which the law changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.law.findings import Applies, CannotTell, DoesNotApply, missing
from muniment.law.spans import Inside, before, inside

if TYPE_CHECKING:
    from datetime import date

    from muniment.law.findings import Finding
    from muniment.law.spans import Span


def lies_before(span: Span, day: date) -> Finding:
    """Tell whether all of the conduct lies before a day; a period that crosses it cannot tell."""
    match inside(span, [before(day)]):
        case Inside.ALL:
            return Applies(f"the conduct ({span}) lies before {day}")
        case Inside.NONE:
            return DoesNotApply(f"the conduct ({span}) lies on or after {day}")
        case Inside.PART:
            return CannotTell(f"the conduct ({span}) crosses {day}: ask for each part by itself")
        case _:
            return missing("conduct_from" if span.first is None else "conduct_to")
