"""Crimes that not every State has accepted: amendments (Art. 121(5)) and opt-outs (Art. 124)."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from muniment.law.facts import WAR_CRIMES
from muniment.law.findings import Applies, CannotTell, DoesNotApply, Predicate, missing
from muniment.law.predicates.aggression import CRIME
from muniment.law.predicates.link import LINKS
from muniment.law.spans import Inside, in_words, inside
from muniment.law.states import FactKind, mark
from muniment.law.statute import AppliesIf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.law.findings import Case, Finding


class _Bound(Enum):
    """How an amendment stood for a State at the time of the conduct."""

    YES = auto()
    NO = auto()
    NO_PARTY = auto()
    OPEN = auto()


_UNBOUND = (_Bound.NO, _Bound.NO_PARTY, _Bound.OPEN)
_LINKED = (("suspect_nationalities", "nationals"), ("place_states", "territory"))


def amendment_not_accepted(case: Case) -> Finding:
    """J13, Art. 121(5): the crime came by amendment and a State concerned has not accepted it."""
    crime = case.crime
    if crime is None:
        return missing("crime_id")
    if crime.applies_if is not AppliesIf.ART_121_5:
        return DoesNotApply(f"{crime.id} was not added by an amendment under Art. 121(5)")
    found = [_bound(case, state, crime.amendment) for state in _states(case)]
    refused, outside, doubtful = (
        "; ".join(said for kind, said in found if kind is wanted) for wanted in _UNBOUND
    )
    if refused:
        return Applies(refused, "party_not_accepting")
    if (absent := _absent(case)) or doubtful:
        return missing(*absent) if absent else CannotTell(doubtful)
    if outside:
        return Applies(f"{crime.amendment}; {outside}")
    return DoesNotApply(f"every State concerned had accepted {crime.amendment}")


def seven_years_opt_out(case: Case) -> Finding:
    """J14, Art. 124: a war crime within a seven-year declaration."""
    is_war_crime = case.is_family(WAR_CRIMES)
    if is_war_crime is None:
        return missing("crime_id")
    if not is_war_crime:
        return DoesNotApply("the crime is not a war crime")
    doubtful: list[str] = []
    for key, subject in _LINKED:
        for state in getattr(case.facts, key) or ():
            found, said = _opted_out(case, state, subject)
            if found is Inside.ALL:
                return Applies(f"{said}; conduct {case.facts.span}, {key} {state}")
            if found is not Inside.NONE:
                doubtful.append(said)
    if doubtful:
        return CannotTell("; ".join(dict.fromkeys(doubtful)))
    absent = _absent(case)
    return missing(*absent) if absent else DoesNotApply("no declaration covers the conduct")


def _bound(case: Case, state: str, amendment: str) -> tuple[_Bound, str]:
    """Tell how an amendment stood for a State: in force one year after the State's deposit."""
    party = case.states.party(state, case.facts.span)
    if party.inside is Inside.NONE:
        return _Bound.NO_PARTY, party.because
    if party.inside is not Inside.ALL:
        return _Bound.OPEN, party.because
    facts = [
        fact for fact in case.states.of(state, FactKind.AMENDMENT) if fact.amendment == amendment
    ]
    if not facts:
        return _Bound.OPEN, f"whether {state} accepted {amendment} is not recorded"
    windows = [fact.window for fact in facts if fact.holds and fact.window]
    match inside(case.facts.span, windows):
        case Inside.ALL:
            return _Bound.YES, f"{amendment} was in force for {state}{mark(facts)}"
        case Inside.NONE:
            return _Bound.NO, f"{amendment} was not in force for {state}{mark(facts)}"
        case _:
            return _Bound.OPEN, f"the conduct crosses the date from which {amendment} binds {state}"


def _opted_out(case: Case, state: str, subject: str) -> tuple[Inside, str]:
    """Tell whether a State's Art. 124 declaration covers its nationals or its territory."""
    span = case.facts.span
    declared = case.states.of(state, FactKind.ART_124)
    windows = [fact.window for fact in declared if subject in fact.covers and fact.window]
    if declared:
        said = f"{state} declared under Art. 124 for its {subject} {in_words(windows)}"
        return inside(span, windows), said + mark(declared)
    party = case.states.party(state, span)
    years = case.states.seven_years(state)
    possible = inside(span, [years]) if years else party.inside
    if possible is Inside.NONE or party.inside is Inside.NONE:
        return Inside.NONE, f"{state} could have no declaration in force"
    return Inside.UNKNOWN, f"whether {state} declared under Art. 124 is not recorded"


def _states(case: Case) -> tuple[str, ...]:
    facts = case.facts
    codes = (*(facts.suspect_nationalities or ()), *(facts.place_states or ()))
    return tuple(dict.fromkeys(codes))


def _absent(case: Case) -> tuple[str, ...]:
    return tuple(key for key, _ in _LINKED if getattr(case.facts, key) is None)


PREDICATES: Mapping[str, Predicate] = {
    "J13": Predicate(("crime_id", *LINKS), amendment_not_accepted),
    "J14": Predicate((*CRIME, *LINKS), seven_years_opt_out),
}
