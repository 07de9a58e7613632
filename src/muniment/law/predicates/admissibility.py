"""Admissibility: complementarity, ne bis in idem, gravity, the interests of justice.

- Proceedings are genuine only where somebody has said so: `concerns: []`. Left out, they are open.
- Delay and inability take nothing from a trial that has ended (Art. 20(3) does not name them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.law.facts import Concern, Outcome, Stage
from muniment.law.findings import Applies, CannotTell, DoesNotApply, Predicate, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from muniment.law.facts import Proceeding
    from muniment.law.findings import Case, Finding

_RUNNING = (Stage.INVESTIGATION, Stage.PROSECUTION, Stage.TRIAL, Stage.APPEAL)
_TRIED = (Outcome.CONVICTED, Outcome.ACQUITTED)
# Art. 17(2)(a)-(c), and for a trial that has ended Art. 20(3)(a)-(b).
_UNWILLING = (Concern.SHIELDING, Concern.UNJUSTIFIED_DELAY, Concern.NOT_INDEPENDENT)
_UNWILLING_AFTER_TRIAL = (Concern.SHIELDING, Concern.NOT_INDEPENDENT)


def being_investigated(case: Case) -> Finding:
    """J30, Art. 17(1)(a): a State genuinely investigates or prosecutes the same case."""
    return _any_genuine(case, _is_running, tuple(Concern))


def not_prosecuted(case: Case) -> Finding:
    """J31, Art. 17(1)(b): a State investigated and genuinely decided not to prosecute."""
    return _any_genuine(case, _is_closed, tuple(Concern))


def already_tried(case: Case) -> Finding:
    """J32, Art. 17(1)(c), 20(3): the person was genuinely tried for the same conduct."""
    return _any_genuine(case, _is_tried, _UNWILLING_AFTER_TRIAL)


def not_grave(case: Case) -> Finding:
    """J33, Art. 17(1)(d): the case is not grave enough, as a person has said."""
    gravity = case.facts.gravity
    if gravity is None:
        return missing("gravity")
    if gravity.sufficient is None:
        because = "gravity is described; whether it suffices is for a lawyer to say (sufficient)"
        return CannotTell(because, ("gravity",))
    because = f"gravity.sufficient is {str(gravity.sufficient).lower()}"
    return DoesNotApply(because) if gravity.sufficient else Applies(because)


def unwilling(case: Case) -> Finding:
    """J34, Art. 17(2), 20(3)(a)-(b): proceedings shield, delay or are not independent."""
    return _any_concern(case, _unwilling_concerns)


def unable(case: Case) -> Finding:
    """J35, Art. 17(3): the national system cannot carry out its proceedings."""
    return _any_concern(case, _unable_concerns)


def inactive(case: Case) -> Finding:
    """J36, Art. 17: there are no domestic proceedings at all."""
    proceedings = case.facts.domestic_proceedings
    if proceedings is None:
        return missing("domestic_proceedings")
    if proceedings:
        return DoesNotApply(f"proceedings in {', '.join(one.state for one in proceedings)}")
    return Applies("domestic_proceedings is empty")


def against_justice(case: Case) -> Finding:
    """J37, Art. 53: substantial reasons that it would not serve the interests of justice."""
    if case.facts.interests_of_justice_against is True:
        return Applies("interests_of_justice_against is true")
    return DoesNotApply("no such reasons are raised")


def deferral_asked(case: Case) -> Finding:
    """J38, Art. 18: a State asks for deferral to its own investigation."""
    request = case.facts.art_18_request
    if request is None:
        return DoesNotApply("no request is raised")
    if request.authorised is True:
        return DoesNotApply(f"{request.state} asked; the Pre-Trial Chamber authorised")
    return Applies(f"{request.state} asked for deferral; no authorisation is given")


def challenged(case: Case) -> Finding:
    """J39, Art. 19: jurisdiction or admissibility is challenged."""
    challenge = case.facts.challenge
    if challenge is None:
        return DoesNotApply("no challenge is raised")
    return Applies(f"{challenge.by} challenges {challenge.about}")


def _any_genuine(
    case: Case, at_stage: Callable[[Proceeding], bool | None], against: tuple[Concern, ...]
) -> Finding:
    """Tell whether any proceedings at a stage concern the same case and are genuine."""
    proceedings = case.facts.domestic_proceedings
    if proceedings is None:
        return missing("domestic_proceedings")
    doubtful: list[str] = []
    for one in proceedings:
        answers = (one.same_person, one.same_conduct, at_stage(one), _genuine(one, against))
        if all(answers):
            return Applies(_described(one))
        if not any(answer is False for answer in answers):
            doubtful.append(f"{one.state}: not all of the proceedings is known")
    if doubtful:
        return CannotTell("; ".join(doubtful), ("domestic_proceedings",))
    return DoesNotApply("no such proceedings" if proceedings else "domestic_proceedings is empty")


def _any_concern(case: Case, found: Callable[[Proceeding], tuple[Concern, ...]]) -> Finding:
    """Tell whether a concern that counts is raised against proceedings in the same case."""
    given = case.facts.domestic_proceedings
    if given is None:
        return missing("domestic_proceedings")
    proceedings = [one for one in given if False not in (one.same_person, one.same_conduct)]
    for one in proceedings:
        if concerns := found(one):
            return Applies(f"{one.state}: {', '.join(concerns)}")
    open_ = [one.state for one in proceedings if one.concerns is None]
    if open_:
        because = f"concerns about the proceedings in {', '.join(open_)} are not given"
        return CannotTell(because, ("domestic_proceedings",))
    return DoesNotApply("no such concern is raised")


def _unwilling_concerns(one: Proceeding) -> tuple[Concern, ...]:
    counts = _UNWILLING_AFTER_TRIAL if _is_tried(one) else _UNWILLING
    return tuple(concern for concern in one.concerns or () if concern in counts)


def _unable_concerns(one: Proceeding) -> tuple[Concern, ...]:
    if _is_tried(one):
        return ()
    return tuple(concern for concern in one.concerns or () if concern is Concern.UNABLE)


def _genuine(one: Proceeding, against: tuple[Concern, ...]) -> bool | None:
    if one.concerns is None:
        return None
    return not any(concern in against for concern in one.concerns)


def _is_running(one: Proceeding) -> bool | None:
    if one.outcome is Outcome.NOT_PROSECUTED:
        return False
    return None if one.stage is None else one.stage in _RUNNING


def _is_closed(one: Proceeding) -> bool | None:
    return None if one.outcome is None else one.outcome is Outcome.NOT_PROSECUTED


def _is_tried(one: Proceeding) -> bool | None:
    if one.outcome is not None and one.outcome not in _TRIED:
        return False
    if one.stage is None or one.outcome is None:
        return False if one.stage in _RUNNING else None
    return one.stage is Stage.FINAL


def _described(one: Proceeding) -> str:
    known = (one.stage, one.outcome)
    said = ", ".join(part.value for part in known if part is not None)
    return f"{one.state}: {said}; same person, same conduct, no concern that counts"


_READS = ("domestic_proceedings",)
PREDICATES: Mapping[str, Predicate] = {
    "J30": Predicate(_READS, being_investigated),
    "J31": Predicate(_READS, not_prosecuted),
    "J32": Predicate(_READS, already_tried),
    "J33": Predicate(("gravity",), not_grave),
    "J34": Predicate(_READS, unwilling),
    "J35": Predicate(_READS, unable),
    "J36": Predicate(_READS, inactive),
    "J37": Predicate(("interests_of_justice_against",), against_justice),
    "J38": Predicate(("art_18_request",), deferral_asked),
    "J39": Predicate(("challenge",), challenged),
}
