"""Dated facts about States: who was a Party when, who accepted the Court, who opted out.

- A State of which nothing is recorded gives unknown, never no.
- Facts have valid time: what holds today says nothing about the day of the conduct.
- Words that rest on an unchecked fact carry the mark `unchecked`.
- A withdrawal that was notified is not one that took effect: from its date on, membership is
  unknown until somebody has checked.

What follows for the Court's jurisdiction is the predicates' job; `states_file` reads the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from muniment.law.sources import UNCHECKED
from muniment.law.spans import Inside, Span, Window, in_words, inside, years_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from muniment.law.sources import Basis

_YEARS_OF_ART_124 = 7


class FactKind(StrEnum):
    """What a dated fact about a State is about."""

    PARTY = "party"
    ART_12_3 = "art_12_3"
    ART_124 = "art_124"
    AMENDMENTS_8BIS = "amendments_8bis"
    OPT_OUT_8BIS = "opt_out_8bis"
    AMENDMENT = "amendment"
    WITHDRAWAL_NOTIFIED = "withdrawal_notified"
    WITHDRAWN = "withdrawn"
    SIGNED = "signed"
    SIGNATURE_WITHDRAWN = "signature_withdrawn"


@dataclass(frozen=True, slots=True)
class StateFact:
    """One dated fact; `holds` is False where it says what is not so (`value: false`)."""

    kind: FactKind
    window: Window | None
    effective: date | None
    holds: bool
    families: tuple[str, ...]
    covers: tuple[str, ...]
    amendment: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Standing:
    """How a State stood over a span of time, and the words that say why."""

    state: str
    inside: Inside
    because: str


@dataclass(frozen=True, slots=True)
class States:
    """The recorded facts by State (ISO 3166 code), and who is recorded as having referred."""

    facts: Mapping[str, tuple[StateFact, ...]]
    referred: Mapping[str, str]

    def of(self, state: str, *kinds: FactKind) -> tuple[StateFact, ...]:
        """Return the facts of some kinds about a State."""
        return tuple(fact for fact in self.facts.get(state, ()) if fact.kind in kinds)

    def party(self, state: str, span: Span) -> Standing:
        """Tell whether a State was a Party to the Statute over a span of time."""
        facts = self.of(state, FactKind.PARTY)
        held = self._membership(state)
        if not facts:
            return Standing(state, Inside.UNKNOWN, f"whether {state} was a Party is not recorded")
        if not held:
            return Standing(state, Inside.NONE, f"{state} is not a Party{mark(facts)}")
        found = inside(span, held)
        said = f"{state} a Party {in_words(held)}{mark(facts)}"
        if found is Inside.NONE:
            said = f"{state} not a Party then ({said})"
        return self._unless_notified(Standing(state, found, said), span)

    def accepting(self, state: str, span: Span) -> Standing:
        """Tell whether a State was a Party or under an Art. 12(3) declaration over a span."""
        party = self.party(state, span)
        declared = self.of(state, FactKind.ART_12_3)
        if party.inside is Inside.ALL or not declared:
            return party
        windows = [fact.window for fact in declared if fact.window is not None]
        found = inside(span, [*self._membership(state), *windows])
        if party.inside is Inside.UNKNOWN and inside(span, windows) is not Inside.ALL:
            found = Inside.UNKNOWN
        words = f"{state} accepted under Art. 12(3) {in_words(windows)}{mark(declared)}"
        if party.inside is not Inside.NONE:
            words = f"{words}; {party.because}"
        return Standing(state, found, words)

    def later_party(self, state: str, span: Span) -> bool:
        """Tell whether the span lies wholly before the State became a Party."""
        held = self._membership(state)
        return bool(held) and span.last is not None and span.last < held[0].first

    def only_declared(self, state: str, span: Span) -> tuple[StateFact, ...]:
        """Return the declarations on which acceptance rests where the State was no Party."""
        if self.party(state, span).inside is Inside.ALL:
            return ()
        touching = tuple(
            fact
            for fact in self.of(state, FactKind.ART_12_3)
            if fact.window and inside(span, [fact.window]) is not Inside.NONE
        )
        whole = tuple(
            fact for fact in touching if fact.window and inside(span, [fact.window]) is Inside.ALL
        )
        return whole or touching

    def withdrawn(self, state: str, span: Span) -> Standing:
        """Tell whether the span lies after a withdrawal took effect (Art. 127)."""
        effective = self._effective(state, FactKind.WITHDRAWN)
        if effective is not None:
            found = inside(span, [Window(effective, None)])
            facts = self.of(state, FactKind.WITHDRAWN)
            said = f"{state} withdrew with effect from {effective}{mark(facts)}"
            return Standing(state, found, said)
        notified = self._effective(state, FactKind.WITHDRAWAL_NOTIFIED)
        if notified is None:
            return Standing(state, Inside.NONE, f"no withdrawal of {state} is recorded")
        found = inside(span, [Window(notified, None)])
        said = f"{state} notified a withdrawal for {notified}; that it took effect was not checked"
        return Standing(state, found if found is Inside.NONE else Inside.UNKNOWN, said)

    def seven_years(self, state: str) -> Window | None:
        """Return the only years in which an Art. 124 declaration can have effect, if a Party."""
        held = self._membership(state)
        return years_from(held[0].first, _YEARS_OF_ART_124) if held else None

    def joined_with(self, more: States) -> States:
        """Return these facts and more of them; facts about one State stand side by side."""
        codes = dict.fromkeys([*self.facts, *more.facts])
        both = {code: (*self.facts.get(code, ()), *more.facts.get(code, ())) for code in codes}
        return States(both, {**self.referred, **more.referred})

    def _membership(self, state: str) -> list[Window]:
        """Return the windows in which a State was a Party, cut where it withdrew."""
        facts = self.of(state, FactKind.PARTY)
        held = [fact.window for fact in facts if fact.holds and fact.window is not None]
        end = self._effective(state, FactKind.WITHDRAWN)
        return sorted(_cut(held, end), key=lambda window: window.first)

    def _effective(self, state: str, kind: FactKind) -> date | None:
        dates = [fact.effective for fact in self.of(state, kind) if fact.effective is not None]
        return min(dates, default=None)

    def _unless_notified(self, standing: Standing, span: Span) -> Standing:
        """Take back a yes that rests on membership after a withdrawal nobody has checked."""
        notified = self._effective(standing.state, FactKind.WITHDRAWAL_NOTIFIED)
        if notified is None or standing.inside is Inside.NONE:
            return standing
        if inside(span, [Window(notified, None)]) is Inside.NONE:
            return standing
        because = self.withdrawn(standing.state, span).because
        return Standing(standing.state, Inside.UNKNOWN, because)


def mark(facts: Iterable[StateFact]) -> str:
    """Return the mark that a reader must see beside facts of which any is unchecked."""
    return "" if all(fact.basis.checked for fact in facts) else f" ({UNCHECKED})"


def _cut(windows: Iterable[Window], end: date | None) -> Iterable[Window]:
    """Cut windows before the day on which a withdrawal took effect."""
    if end is None:
        return windows
    last = end - timedelta(days=1)
    return [
        Window(one.first, last if one.last is None else min(one.last, last))
        for one in windows
        if one.first <= last
    ]
