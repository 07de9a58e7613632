"""The link to a State that accepts the Court: by the place of the conduct or by nationality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.law.findings import Applies, CannotTell, DoesNotApply, Predicate, missing
from muniment.law.spans import Inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from muniment.law.findings import Case, Finding
    from muniment.law.states import Standing, StateFact

WHEN = ("conduct_from", "conduct_to")
LINKS = ("place_states", "suspect_nationalities", *WHEN)


def not_yet_accepting(case: Case) -> Finding:
    """J03, Art. 11(2), 12(3): before the State became a Party, and no declaration covers it."""
    span = case.facts.span
    early = [
        standing
        for standing in linked(case)
        if standing.inside is Inside.NONE and case.states.later_party(standing.state, span)
    ]
    if early:
        return Applies(f"conduct {span}: {_said(early)}; nothing runs through it")
    return _otherwise(case, "no linked State became a Party only after the conduct")


def territory(case: Case) -> Finding:
    """J05, Art. 12(2)(a): an element occurred on the territory of a State that accepts."""
    places = case.facts.place_states
    if places is None:
        return missing("place_states")
    named = "place"
    if case.facts.place_status in ("ship", "aircraft"):
        named = f"{case.facts.place_status} registered in"
    return _accepting(case, places, named)


def nationality(case: Case) -> Finding:
    """J06, Art. 12(2)(b): the suspect is a national of a State that accepts."""
    nationalities = case.facts.suspect_nationalities
    if nationalities is None:
        return missing("suspect_nationalities")
    return _accepting(case, nationalities, "nationality")


def declared_acceptance(case: Case) -> Finding:
    """J15, Rule 44(2): acceptance rests on a declaration, perhaps with narrower wording."""
    accepting = [one for one in linked(case) if one.inside is Inside.ALL]
    if not accepting:
        return _otherwise(case, "no acceptance rests on a declaration")
    resting = {
        one.state: case.states.only_declared(one.state, case.facts.span) for one in accepting
    }
    if not any(resting.values()):
        return DoesNotApply("acceptance rests on membership, not on a declaration")
    because = _said([one for one in accepting if resting[one.state]])
    named = [_names(case, facts) for facts in resting.values()]
    if any(one is True for one in named):
        return Applies(because)
    if any(one is None for one in named):
        return CannotTell(f"{because}; crime_id is not given", ("crime_id",))
    return Applies(f"{because}; its wording does not name this crime", "outside_wording")


def withdrawn(case: Case) -> Finding:
    """J17, Art. 127: the State withdrew and the conduct came after that took effect."""
    codes = dict.fromkeys((*_codes(case.facts.place_states), *_codes(_nationalities(case))))
    standings = [case.states.withdrawn(code, case.facts.span) for code in codes]
    gone = [one for one in standings if one.inside is Inside.ALL]
    if gone:
        return Applies(f"{_said(gone)}; nothing runs through it")
    if doubtful := [one for one in standings if one.inside is not Inside.NONE]:
        return CannotTell(_said(doubtful))
    return _otherwise(case, "no withdrawal of a linked State is recorded before the conduct")


def linked(case: Case) -> list[Standing]:
    """Return how each State linked by place or nationality stood at the time of the conduct."""
    codes = dict.fromkeys((*_codes(case.facts.place_states), *_codes(_nationalities(case))))
    return [case.states.accepting(code, case.facts.span) for code in codes]


def _accepting(case: Case, codes: tuple[str, ...], named: str) -> Finding:
    standings = [case.states.accepting(code, case.facts.span) for code in codes]
    met = [one for one in standings if one.inside is Inside.ALL]
    if met:
        return Applies(f"{named} {met[0].state}, conduct {case.facts.span}: {_said(met)}")
    doubtful = [one for one in standings if one.inside is not Inside.NONE]
    if any(one.inside is Inside.PART for one in doubtful):
        return CannotTell(f"the conduct crosses a date ({_said(doubtful)}): ask for each part")
    if doubtful:
        lacking = tuple(key for key in WHEN if getattr(case.facts, key) is None)
        return CannotTell(_said(doubtful), lacking)
    return DoesNotApply(f"{named}: {_said(standings) or 'of no State'}")


def _names(case: Case, facts: tuple[StateFact, ...]) -> bool | None:
    """Tell whether the crime is within the words of declarations; True where none rest on them."""
    if not facts or any(not fact.families for fact in facts):
        return True
    answers = [case.is_family(one) for fact in facts for one in fact.families]
    if any(answers):
        return True
    return None if any(one is None for one in answers) else False


def _otherwise(case: Case, because: str) -> Finding:
    """Say that a rule does not apply, if every link is known."""
    absent = tuple(
        key for key in ("place_states", "suspect_nationalities") if getattr(case.facts, key) is None
    )
    return missing(*absent) if absent else DoesNotApply(because)


def _said(standings: Iterable[Standing]) -> str:
    return "; ".join(one.because for one in standings)


def _codes(codes: tuple[str, ...] | None) -> tuple[str, ...]:
    return codes or ()


def _nationalities(case: Case) -> tuple[str, ...] | None:
    return case.facts.suspect_nationalities


PREDICATES: Mapping[str, Predicate] = {
    "J03": Predicate(LINKS, not_yet_accepting),
    "J05": Predicate(("place_states", "place_status", *WHEN), territory),
    "J06": Predicate(("suspect_nationalities", *WHEN), nationality),
    "J15": Predicate((*LINKS, "crime_id", "crime_family"), declared_acceptance),
    "J17": Predicate(LINKS, withdrawn),
}
