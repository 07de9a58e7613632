"""How the outcomes of rules combine into the three answers (`meta.reading` of the rules).

- The worst answer that any rule gives stands: no, unknown, stay, contested, needs_step, discretion.
  Unknown outranks all but no: what is not known may still be a no.
- Yes is what remains when everything needed is met and nothing stands against it.
- Every answer names the rules it rests on, a no always.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from muniment.law.findings import Applies, CannotTell, DoesNotApply
from muniment.law.rules import RuleOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from muniment.law.facts import CaseFacts
    from muniment.law.findings import Finding
    from muniment.law.rules import Rule


class Answer(StrEnum):
    """One of the answers, worst first: the first that is found stands."""

    NO = "no"
    UNKNOWN = "unknown"
    STAY = "stay"
    CONTESTED = "contested"
    NEEDS_STEP = "needs_step"
    DISCRETION = "discretion"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, the rules it rests on, and why in words."""

    answer: Answer
    rules: tuple[str, ...]
    because: str


_WORST_FIRST = tuple(Answer)
_AS_ANSWER: Mapping[RuleOutcome, Answer] = {
    RuleOutcome.NO: Answer.NO,
    RuleOutcome.INADMISSIBLE: Answer.NO,
    RuleOutcome.UNKNOWN: Answer.UNKNOWN,
    RuleOutcome.STAY: Answer.STAY,
    RuleOutcome.CONTESTED: Answer.CONTESTED,
    RuleOutcome.NEEDS_STEP: Answer.NEEDS_STEP,
    RuleOutcome.DISCRETION: Answer.DISCRETION,
}
# Rules that stand against jurisdiction by themselves, whichever way it was reached. J03 and J17 are
# not among them: they close the way through one State only, and show in J05 and J06.
_BARS = ("J01", "J02", "J04", "J12", "J13", "J14", "J16", "J20", "J21", "J22", "J23", "J25", "J44")
_LINKS = ("J05", "J06")
_CLOSED_LINKS = ("J03", "J17")
_TRIGGERS = ("J07", "J09", "J10")
_INADMISSIBLE = ("J30", "J31", "J32", "J33")
_ADMISSIBLE = ("J34", "J35", "J36")
_PROCEDURE = ("J37", "J38")


@dataclass(frozen=True, slots=True)
class Results:
    """What every rule says of one case, ready to be combined."""

    rules: Mapping[str, Rule]
    findings: Mapping[str, Finding]
    facts: CaseFacts

    def outcome(self, id_: str) -> RuleOutcome | None:
        """Return a rule's outcome, unknown if it cannot be told, None if it does not apply."""
        finding, rule = self.findings[id_], self.rules[id_]
        if isinstance(finding, CannotTell):
            return RuleOutcome.UNKNOWN
        if isinstance(finding, DoesNotApply):
            return None
        return rule.cases[finding.case] if finding.case else rule.then

    def jurisdiction(self) -> Answered:
        """May the Court exercise jurisdiction."""
        against = [
            *self._each(_BARS),
            *self._link(),
            *self._council(),
            *self._trigger(),
            *self._declaration(),
            *self._challenge("jurisdiction"),
        ]
        return self._worst(against) or self._met((*_LINKS, *_TRIGGERS, "J24"))

    def admissibility(self) -> Answered:
        """Would the case be admissible before the Court."""
        against = [*self._each((*_INADMISSIBLE, *_PROCEDURE)), *self._challenge("admissibility")]
        if (worst := self._worst(against)) is not None:
            return worst
        if any(isinstance(self.findings[id_], Applies) for id_ in _ADMISSIBLE):
            return self._met(_ADMISSIBLE)
        because = "none of Art. 17(1)(a)-(d) applies on the facts given"
        return Answered(Answer.YES, _INADMISSIBLE, because)

    def arrest(self) -> Answered:
        """Can the person be brought before the Court."""
        worst = self._worst(list(self._each(("J43",))))
        return worst or Answered(Answer.YES, ("J43",), self.findings["J43"].because)

    def _each(self, ids: tuple[str, ...]) -> Iterator[Answered]:
        for id_ in ids:
            outcome = self.outcome(id_)
            if outcome is not None and outcome in _AS_ANSWER:
                yield Answered(_AS_ANSWER[outcome], (id_,), self.findings[id_].because)

    def _link(self) -> Iterator[Answered]:
        """Art. 12(2): a link to a State that accepts, unless the Council referred."""
        if self._applies("J07") or any(self._applies(id_) for id_ in _LINKS):
            return
        because = "; ".join(self.findings[id_].because for id_ in _LINKS)
        if any(isinstance(self.findings[id_], CannotTell) for id_ in _LINKS):
            yield Answered(Answer.UNKNOWN, _LINKS, because)
        elif isinstance(self.findings["J07"], CannotTell):
            only = (
                f"{because}; only a Council referral could open the way, and trigger is not given"
            )
            yield Answered(Answer.UNKNOWN, (*_LINKS, "J07"), only)
        elif self.facts.trigger != "none":
            closed = tuple(id_ for id_ in _CLOSED_LINKS if self._applies(id_))
            yield Answered(Answer.NO, (*_LINKS, *closed), because)

    def _council(self) -> Iterator[Answered]:
        """J08: only the Council could open the way. No vote yet is a step, a failed one a no."""
        if self.outcome("J08") in (RuleOutcome.NO, RuleOutcome.NEEDS_STEP):
            yield from self._each(("J08",))

    def _trigger(self) -> Iterator[Answered]:
        """Art. 13: one trigger is met, or it is known what is still to be done."""
        outcomes = {id_: self.outcome(id_) for id_ in _TRIGGERS}
        if RuleOutcome.TRIGGER_MET in outcomes.values():
            return
        if self.outcome("J11") is RuleOutcome.NEEDS_STEP:
            yield from self._each(("J11",))
            return
        unknown = tuple(id_ for id_, found in outcomes.items() if found is RuleOutcome.UNKNOWN)
        if unknown:
            because = self.findings[unknown[0]].because
            yield Answered(Answer.UNKNOWN, unknown, because)
        elif outcomes["J10"] is RuleOutcome.NEEDS_STEP:
            yield from self._each(("J10",))
        else:
            because = "; ".join(dict.fromkeys(self.findings[id_].because for id_ in _TRIGGERS))
            yield Answered(Answer.NEEDS_STEP, _TRIGGERS, because)

    def _declaration(self) -> Iterator[Answered]:
        """J15: the words of a declaration matter only where acceptance rests on it."""
        if not self._applies("J07"):
            yield from self._each(("J15",))

    def _challenge(self, about: str) -> Iterator[Answered]:
        challenge = self.facts.challenge
        if challenge is not None and challenge.about == about:
            yield from self._each(("J39",))

    def _applies(self, id_: str) -> bool:
        return isinstance(self.findings[id_], Applies)

    def _met(self, ids: tuple[str, ...]) -> Answered:
        met = tuple(id_ for id_ in ids if self._applies(id_))
        because = "; ".join(self.findings[id_].because for id_ in met)
        return Answered(Answer.YES, met, because)

    def _worst(self, against: list[Answered]) -> Answered | None:
        for answer in _WORST_FIRST:
            same = [one for one in against if one.answer is answer]
            if same:
                rules = tuple(dict.fromkeys(id_ for one in same for id_ in one.rules))
                because = "; ".join(dict.fromkeys(one.because for one in same))
                return Answered(answer, rules, because)
        return None
