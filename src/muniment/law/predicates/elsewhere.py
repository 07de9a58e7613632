"""Other courts: Ukraine, the United Kingdom, universal jurisdiction, the Special Tribunal.

These rules are no part of the three answers; which States and crimes they name is data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.law.findings import Applies, CannotTell, DoesNotApply, Predicate, missing
from muniment.law.predicates.aggression import CRIME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.law.findings import Case, Finding


def ukraine(case: Case) -> Finding:
    """J50: Ukraine's own courts."""
    return _asked(case, "J50")


def kingdom_by_link(case: Case) -> Finding:
    """J51, ICC Act 2001 s.51: the suspect is a national or resident of the United Kingdom."""
    found = _asked(case, "J51")
    if not isinstance(found, Applies):
        return found
    own = case.forums["J51"].states
    links = {
        "suspect_nationalities": case.facts.suspect_nationalities,
        "suspect_residences": case.facts.suspect_residences,
    }
    for key, codes in links.items():
        for code in codes or ():
            if code in own:
                return Applies(f"{found.because}; {key} has {code}")
    lacking = tuple(key for key, codes in links.items() if codes is None)
    return missing(*lacking) if lacking else DoesNotApply("neither national nor resident")


def kingdom_by_crime(case: Case) -> Finding:
    """J52, Geneva Conventions Act 1957 s.1, CJA 1988 s.134: a grave breach or torture."""
    found = _asked(case, "J52")
    if not isinstance(found, Applies):
        return found
    forum = case.forums["J52"]
    crime = case.crime
    if crime is not None and crime.id in forum.crimes:
        return Applies(f"{found.because}; {crime.id} is torture")
    for family in forum.families:
        if case.is_family(family):
            return Applies(f"{found.because}; the crime is of the family {family}")
    if crime is None and case.facts.crime_id is None:
        return missing("crime_id")
    return DoesNotApply("neither a grave breach nor torture")


def universal(case: Case) -> Finding:
    """J53: a State with universal jurisdiction."""
    found = _asked(case, "J53")
    if not isinstance(found, DoesNotApply):
        return found
    known = {"ICC", *(code for forum in case.forums.values() for code in forum.states)}
    others = [code for code in case.facts.forum or () if code not in known]
    if others:
        return CannotTell(f"what jurisdiction {', '.join(others)} has is not recorded")
    return found


def special_tribunal(case: Case) -> Finding:
    """J60: aggression against Ukraine."""
    forum = case.forums["J60"]
    answers = [case.is_family(family) for family in forum.families]
    if not any(answers):
        if any(one is None for one in answers):
            return missing("crime_id")
        return DoesNotApply("the crime is not aggression")
    places = case.facts.place_states
    if places is None:
        return missing("place_states")
    against = [code for code in places if code in forum.states]
    if against:
        return Applies(f"aggression, place_states has {against[0]}")
    return DoesNotApply("the act was not against Ukraine")


def _asked(case: Case, rule: str) -> Finding:
    asked = case.facts.forum
    if asked is None:
        return missing("forum")
    for code in case.forums[rule].states:
        if code in asked:
            return Applies(f"forum is {code}")
    return DoesNotApply(f"forum is {', '.join(asked) or 'none'}")


PREDICATES: Mapping[str, Predicate] = {
    "J50": Predicate(("forum",), ukraine),
    "J51": Predicate(("forum", "suspect_nationalities", "suspect_residences"), kingdom_by_link),
    "J52": Predicate(("forum", *CRIME), kingdom_by_crime),
    "J53": Predicate(("forum",), universal),
    "J60": Predicate((*CRIME, "place_states"), special_tribunal),
}
