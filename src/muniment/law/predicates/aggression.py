"""The crime of aggression: its own conditions in Art. 15 bis, 15 ter and 25(3 bis)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from muniment.law.facts import Trigger
from muniment.law.findings import Applies, CannotTell, DoesNotApply, Predicate, missing
from muniment.law.predicates.link import LINKS, WHEN
from muniment.law.predicates.timing import lies_before
from muniment.law.spans import Inside, inside
from muniment.law.states import FactKind, mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.law.findings import Case, Finding
    from muniment.law.states import Standing

ACTIVE = date(2018, 7, 17)
CRIME = ("crime_id", "crime_family")
_BY_COURT = (Trigger.STATE_REFERRAL, Trigger.PROPRIO_MOTU)
_OTHER = DoesNotApply("the crime is not aggression")


def not_active(case: Case) -> Finding:
    """J20, Art. 15 bis(2)-(3): before the Court could exercise jurisdiction over aggression."""
    if (other := _not_aggression(case)) is not None:
        return other
    return lies_before(case.facts.span, ACTIVE)


def non_party_bar(case: Case) -> Finding:
    """J21, Art. 15 bis(5): a national of a non-Party, or on a non-Party's territory."""
    if (other := _not_aggression(case)) is not None:
        return other
    trigger = case.facts.trigger
    if trigger is not None and trigger not in _BY_COURT:
        return DoesNotApply(f"trigger is {trigger}")
    outside = non_parties(case)
    if outside and trigger is not None:
        said = "; ".join(one.because for one in outside)
        return Applies(f"trigger is {trigger}; conduct {case.facts.span}: {said}")
    if trigger is None:
        return missing("trigger")
    return _open_link(case) or DoesNotApply("every State concerned was a Party")


def not_ratified(case: Case) -> Finding:
    """J22, Art. 15 bis(4): a Party concerned has not ratified the amendments, or opted out."""
    if (other := _not_by_court(case)) is not None:
        return other
    states = [one for one in _standings(case) if one.inside is not Inside.NONE]
    doubtful: list[str] = []
    for one in states:
        accepted, said = _amendments(case, one.state)
        if accepted is False and one.inside is Inside.ALL:
            return Applies(said)
        if accepted is not True:
            doubtful.append(said)
    if doubtful:
        return CannotTell("; ".join(doubtful))
    return _open_link(case) or DoesNotApply("no Party concerned is without the amendments")


def council_or_wait(case: Case) -> Finding:
    """J23, Art. 15 bis(6)-(8): a determination by the Council, or six months and leave."""
    if (other := _not_by_court(case)) is not None:
        return other
    for barred in (not_active(case), non_party_bar(case)):
        if isinstance(barred, Applies):
            return DoesNotApply(f"not otherwise open: {barred.because}")
    if case.facts.pre_trial_division_authorised is True:
        return DoesNotApply("pre_trial_division_authorised is true")
    determined = case.facts.unsc_aggression_determination
    if determined is None:
        return missing("unsc_aggression_determination")
    because = f"unsc_aggression_determination is {str(determined).lower()}"
    return DoesNotApply(because) if determined else Applies(because)


def council_referral(case: Case) -> Finding:
    """J24, Art. 15 ter: aggression referred by the Security Council."""
    if (other := _not_aggression(case)) is not None:
        return other
    if case.facts.trigger is None:
        return missing("trigger")
    if case.facts.trigger is Trigger.UNSC_REFERRAL:
        return Applies("trigger is unsc_referral")
    return DoesNotApply(f"needs a Council referral; trigger is {case.facts.trigger}")


def not_a_leader(case: Case) -> Finding:
    """J25, Art. 25(3 bis): the person could neither control nor direct the State."""
    if (other := _not_aggression(case)) is not None:
        return other
    directs = case.facts.suspect_directs_state
    if directs is None:
        return missing("suspect_directs_state")
    because = f"suspect_directs_state is {str(directs).lower()}"
    return DoesNotApply(because) if directs else Applies(because)


def non_parties(case: Case) -> list[Standing]:
    """Return the States of nationality and place that are known not to have been Parties."""
    return [one for one in _standings(case) if one.inside is Inside.NONE]


def _standings(case: Case) -> list[Standing]:
    facts = case.facts
    codes = dict.fromkeys((*(facts.place_states or ()), *(facts.suspect_nationalities or ())))
    return [case.states.party(code, facts.span) for code in codes]


def _not_aggression(case: Case) -> Finding | None:
    is_it = case.is_family("aggression")
    if is_it is None:
        return missing("crime_id")
    return None if is_it else _OTHER


def _not_by_court(case: Case) -> Finding | None:
    if (other := _not_aggression(case)) is not None:
        return other
    if case.facts.trigger is None:
        return missing("trigger")
    if case.facts.trigger in _BY_COURT:
        return None
    return DoesNotApply(f"trigger is {case.facts.trigger}")


def _open_link(case: Case) -> Finding | None:
    """Return what keeps it from being told which States are concerned, None if nothing does."""
    keys = ("place_states", "suspect_nationalities")
    absent = tuple(key for key in keys if getattr(case.facts, key) is None)
    if absent:
        return missing(*absent)
    doubtful = [one for one in _standings(case) if one.inside in (Inside.PART, Inside.UNKNOWN)]
    if not doubtful:
        return None
    lacking = tuple(key for key in WHEN if getattr(case.facts, key) is None)
    return CannotTell("; ".join(one.because for one in doubtful), lacking)


def _amendments(case: Case, state: str) -> tuple[bool | None, str]:
    """Tell whether a State has taken on the amendments on aggression for the time in question."""
    optings = [fact for fact in case.states.of(state, FactKind.OPT_OUT_8BIS) if fact.holds]
    dated = [fact.window for fact in optings if fact.window is not None]
    if optings and (not dated or inside(case.facts.span, dated) is not Inside.NONE):
        return False, f"{state} has opted out (Art. 15 bis(4)){mark(optings)}"
    facts = case.states.of(state, FactKind.AMENDMENTS_8BIS)
    if not facts:
        return None, f"whether {state} ratified the amendments on aggression is not recorded"
    if not any(fact.holds for fact in facts):
        return False, f"{state} has not ratified the amendments on aggression{mark(facts)}"
    windows = [fact.window for fact in facts if fact.holds and fact.window]
    found = inside(case.facts.span, windows) if windows else Inside.UNKNOWN
    if found is Inside.ALL:
        return True, f"{state} had ratified the amendments on aggression{mark(facts)}"
    if found is Inside.NONE:
        return False, f"{state} had not yet ratified the amendments on aggression{mark(facts)}"
    return None, f"since when the amendments on aggression bind {state} is open{mark(facts)}"


PREDICATES: Mapping[str, Predicate] = {
    "J20": Predicate((*CRIME, *WHEN), not_active),
    "J21": Predicate((*CRIME, "trigger", *LINKS), non_party_bar),
    "J22": Predicate((*CRIME, "trigger", *LINKS), not_ratified),
    "J23": Predicate(
        (
            *CRIME,
            "trigger",
            *LINKS,
            "unsc_aggression_determination",
            "pre_trial_division_authorised",
        ),
        council_or_wait,
    ),
    "J24": Predicate((*CRIME, "trigger"), council_referral),
    "J25": Predicate((*CRIME, "suspect_directs_state"), not_a_leader),
}
