"""Subject, time and person: is it a crime of the Statute, in time, by a person it can try."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from muniment.law.facts import NONE
from muniment.law.findings import Applies, CannotTell, DoesNotApply, Predicate, missing
from muniment.law.predicates.timing import lies_before
from muniment.law.statute import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.law.findings import Case, Finding

STATUTE_IN_FORCE = date(2002, 7, 1)
_ADULT = 18


def fits_no_crime(case: Case) -> Finding:
    """J01, Art. 5-8 bis: the conduct does not fit any crime."""
    if case.facts.crime_id == NONE:
        return Applies("crime_id is none: the conduct fits no crime of the Statute")
    crime = case.crime
    if crime is None:
        return missing("crime_id")
    if crime.inoperative:
        return CannotTell(f"{crime.id} is inoperative: test the conduct under other crimes")
    given = case.facts.conflict_type
    needs_conflict = crime.conflict in (Conflict.IAC, Conflict.NIAC)
    if needs_conflict and given is not None and given != crime.conflict:
        twins = ", ".join(crime.twins)
        also = f"; the same conduct there: {twins}" if twins else ""
        return CannotTell(f"{crime.id} needs {crime.conflict}, conflict_type is {given}{also}")
    return DoesNotApply(f"the conduct is charged as {crime.id}, {crime.citation}")


def before_the_statute(case: Case) -> Finding:
    """J02, Art. 11(1), 24: the conduct lies before the Statute entered into force."""
    return lies_before(case.facts.span, STATUTE_IN_FORCE)


def under_eighteen(case: Case) -> Finding:
    """J04, Art. 26: the suspect was under 18 at the time."""
    age = case.facts.suspect_age_at_conduct
    if age is None:
        return missing("suspect_age_at_conduct")
    because = f"suspect_age_at_conduct is {age}"
    return Applies(because) if age < _ADULT else DoesNotApply(because)


def outside_the_definition(case: Case) -> Finding:
    """J16, Art. 22: the conduct is not clearly within the definition."""
    if case.facts.within_definition is False:
        return Applies("within_definition is false: the author finds the conduct not clearly in it")
    return DoesNotApply("no doubt is raised that the conduct is within the definition")


def tried_by_the_court(case: Case) -> Finding:
    """J44, Art. 20(1)-(2): the Court has already tried the person for this conduct."""
    if case.facts.court_already_tried is True:
        return Applies("court_already_tried is true")
    return DoesNotApply("no earlier trial by the Court is raised")


PREDICATES: Mapping[str, Predicate] = {
    "J01": Predicate(("crime_id", "conflict_type"), fits_no_crime),
    "J02": Predicate(("conduct_from", "conduct_to"), before_the_statute),
    "J04": Predicate(("suspect_age_at_conduct",), under_eighteen),
    "J16": Predicate(("within_definition",), outside_the_definition),
    "J44": Predicate(("court_already_tried",), tried_by_the_court),
}
