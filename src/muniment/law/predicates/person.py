"""The person before the Court: time passed, office, immunity, presence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.law.facts import NONE
from muniment.law.findings import Applies, DoesNotApply, Predicate, missing
from muniment.law.spans import Inside, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.law.findings import Case, Finding


def time_has_passed(case: Case) -> Finding:
    """J40, Art. 29: time has passed since the crime."""
    last = case.facts.conduct_to or case.facts.conduct_from
    if last is None:
        return missing("conduct_to")
    if last < case.as_of:
        return Applies(f"conduct {case.facts.span}, opinion as of {case.as_of}")
    return DoesNotApply(f"the conduct lasts to the day of the opinion, {case.as_of}")


def holds_office(case: Case) -> Finding:
    """J41, Art. 27: the suspect holds or held an office."""
    office = case.facts.suspect_office
    if office is None:
        return missing("suspect_office")
    if office == NONE:
        return DoesNotApply("suspect_office is none")
    return Applies(f"suspect_office is {office}")


def immunity_pleaded(case: Case) -> Finding:
    """J42, Art. 98(1), 86-89, 87(7): a requested State pleads the immunity of a third State."""
    state = case.facts.immunity_plea
    if state is None:
        return DoesNotApply("no plea is raised")
    standing = case.states.party(state, Span(case.as_of, case.as_of))
    if standing.inside is Inside.ALL:
        return Applies(f"{state} pleads it; {standing.because}")
    return Applies(f"{state} pleads it; the finding concerns Parties, and {standing.because}")


def absent(case: Case) -> Finding:
    """J43, Art. 63, 61(2)(b): the suspect is not before the Court."""
    present = case.facts.suspect_before_court
    if present is None:
        return missing("suspect_before_court")
    because = f"suspect_before_court is {str(present).lower()}"
    return DoesNotApply(because) if present else Applies(because)


PREDICATES: Mapping[str, Predicate] = {
    "J40": Predicate(("conduct_from", "conduct_to"), time_has_passed),
    "J41": Predicate(("suspect_office",), holds_office),
    "J42": Predicate(("immunity_plea",), immunity_pleaded),
    "J43": Predicate(("suspect_before_court",), absent),
}
