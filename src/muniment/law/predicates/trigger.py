"""What sets the Court in motion, and what the Security Council may do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.law.facts import Trigger
from muniment.law.findings import Applies, CannotTell, DoesNotApply, Predicate, missing
from muniment.law.predicates.aggression import CRIME, non_parties
from muniment.law.predicates.link import LINKS, linked, nationality, territory
from muniment.law.spans import Inside, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.law.findings import Case, Finding


def referred_by_council(case: Case) -> Finding:
    """J07, Art. 13(b): the Security Council referred the situation under Chapter VII."""
    return _trigger_is(case, Trigger.UNSC_REFERRAL)


def resolution_fails(case: Case) -> Finding:
    """J08, UN Charter 27(3): the Council is the only way, and its resolution fails."""
    if case.facts.trigger is Trigger.UNSC_REFERRAL:
        return DoesNotApply("the Council has referred")
    needed = _council_needed(case)
    if not isinstance(needed, Applies):
        return needed
    if case.facts.unsc_vote == "failed":
        return Applies(f"unsc_vote is failed; {needed.because}")
    if case.facts.unsc_vote == "adopted":
        return CannotTell("unsc_vote is adopted, trigger is not unsc_referral")
    return Applies(f"no vote is raised; {needed.because}", "before_vote")


def referred_by_party(case: Case) -> Finding:
    """J09, Art. 13(a), 14: one or more States Parties referred the situation."""
    found = _trigger_is(case, Trigger.STATE_REFERRAL)
    if not isinstance(found, Applies):
        return found
    if case.facts.referring_states is None:
        return missing("referring_states")
    today = Span(case.as_of, case.as_of)
    doubtful: list[str] = []
    for state in case.facts.referring_states:
        if state in case.states.referred:
            return Applies(f"referred by {state}, {case.states.referred[state]}")
        standing = case.states.party(state, today)
        if standing.inside is Inside.ALL:
            return Applies(f"referred by {state}: {standing.because}")
        if standing.inside is not Inside.NONE:
            doubtful.append(standing.because)
    if doubtful:
        return CannotTell(f"{'; '.join(doubtful)} (a fact under `states` can say so)")
    return DoesNotApply("no referring State is a Party")


def prosecutor_alone(case: Case) -> Finding:
    """J10, Art. 13(c), 15(3)-(4): the Prosecutor acts alone and needs authorisation."""
    found = _trigger_is(case, Trigger.PROPRIO_MOTU)
    if isinstance(found, Applies) and case.facts.prosecutor_authorised is True:
        return Applies("trigger is proprio_motu; prosecutor_authorised is true", "authorised")
    return found


def declaration_alone(case: Case) -> Finding:
    """J11, Art. 12(3), 13: there is an Art. 12(3) declaration and nothing else."""
    found = _trigger_is(case, Trigger.NONE)
    if not isinstance(found, Applies):
        return found
    accepting = [one for one in linked(case) if one.inside is Inside.ALL]
    span = case.facts.span
    declared = [one for one in accepting if case.states.only_declared(one.state, span)]
    if declared:
        said = "; ".join(one.because for one in declared)
        return Applies(f"trigger is none; {said}")
    if any(one.inside in (Inside.PART, Inside.UNKNOWN) for one in linked(case)):
        return CannotTell("trigger is none; whether a declaration covers the conduct is open")
    return DoesNotApply("trigger is none; no declaration covers the conduct")


def deferred(case: Case) -> Finding:
    """J12, Art. 16: a deferral by the Security Council is in force on the day of the opinion."""
    deferral = case.facts.unsc_deferral
    if deferral is None or deferral.first is None:
        return DoesNotApply("no deferral is raised")
    if deferral.first <= case.as_of and (deferral.last is None or case.as_of <= deferral.last):
        return Applies(f"deferral {deferral} is in force on {case.as_of}")
    return DoesNotApply(f"deferral {deferral} is not in force on {case.as_of}")


def _trigger_is(case: Case, wanted: Trigger) -> Finding:
    trigger = case.facts.trigger
    if trigger is None:
        return missing("trigger")
    because = f"trigger is {trigger}"
    return Applies(because) if trigger is wanted else DoesNotApply(because)


def _council_needed(case: Case) -> Finding:
    """Tell whether only a Council referral could open the way (Art. 12(2), 15 bis(5), 15 ter)."""
    if case.is_family("aggression") and (outside := non_parties(case)):
        return Applies(f"aggression, {'; '.join(one.because for one in outside)}")
    links = (territory(case), nationality(case))
    if any(isinstance(one, Applies) for one in links):
        return DoesNotApply("another way than the Council's is open")
    if all(isinstance(one, DoesNotApply) for one in links):
        return Applies(f"no link to a State that accepts ({links[0].because}; {links[1].because})")
    return CannotTell("whether only the Council could refer is open", _missing(links))


def _missing(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    lacking = [key for one in findings if isinstance(one, CannotTell) for key in one.missing]
    return tuple(dict.fromkeys(lacking))


PREDICATES: Mapping[str, Predicate] = {
    "J07": Predicate(("trigger",), referred_by_council),
    "J08": Predicate(("trigger", "unsc_vote", "place_status", *CRIME, *LINKS), resolution_fails),
    "J09": Predicate(("trigger", "referring_states"), referred_by_party),
    "J10": Predicate(("trigger", "prosecutor_authorised"), prosecutor_alone),
    "J11": Predicate(("trigger", *LINKS), declaration_alone),
    "J12": Predicate(("unsc_deferral",), deferred),
}
