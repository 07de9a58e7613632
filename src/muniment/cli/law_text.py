"""Crimes and opinions as text for a terminal of 80 columns.

- What was not compared with a source that was opened is marked [unchecked] wherever it is printed;
  the sources of everything else are named at the foot.
- Labels and texts are shown as paraphrases of ours.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from muniment.law.coverage import STATEMENT
from muniment.law.documents import ABOUT_OPINIONS, PARAPHRASE
from muniment.law.elements import default_mental
from muniment.law.rules import BearsOn, RuleOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from muniment.law.answers import Answered
    from muniment.law.jurisdiction import Opinion, Step
    from muniment.law.sources import Basis, Note
    from muniment.law.statute import Crime, Element, Taxonomy

_WIDTH = 80
_MARK = "[unchecked]"
_LEGEND = f"{_MARK}: not compared with a source that was opened and kept."


def crimes_text(law: Taxonomy, crimes: tuple[Crime, ...]) -> Iterator[str]:
    """Yield the lines of a list of crimes, by family."""
    family = ""
    for crime in crimes:
        if crime.family != family:
            family = crime.family
            head = law.family(family)
            yield from ("", *_wrap(f"{head.label} · {head.citation} · {head.id}", 0))
        marks = "" if crime.basis.checked else f" {_MARK}"
        marks += " [inoperative]" if crime.inoperative else ""
        marks += f" [amendment {crime.amendment}]" if crime.amendment else ""
        yield from _wrap(f"{crime.label}{marks}", 2, f"{crime.id:<18} ")
    yield ""
    yield from _wrap(f"{len(crimes)} crimes, version {law.version_id}. Labels: {PARAPHRASE}.", 0)
    yield from _legend_text(crime.basis for crime in crimes)


def crime_text(law: Taxonomy, crime: Crime) -> Iterator[str]:
    """Yield the lines of one crime: what has to be proved, where, and on what basis we say so."""
    yield from _wrap(f"{crime.label} · {crime.citation} · {crime.id}", 0)
    family = law.family(crime.family)
    yield from _wrap(f"{family.label}; conflict: {crime.conflict.value}", 0)
    yield from _wrap(f"Texts: {PARAPHRASE}; {crime.basis.words}.", 0)
    if crime.inoperative:
        yield "INOPERATIVE"
    if crime.amendment:
        yield from _wrap(f"Amendment {crime.amendment}; applies if: {crime.applies_if.value}", 0)
    if crime.modes_limited_by:
        yield from _wrap(crime.modes_limited_by, 0)
    yield from _note_text(crime.note, 0)
    yield from _elements_text("The crime's own elements", crime.elements)
    yield from _elements_text("Context", law.context_elements(crime))
    yield from _defaults_text(law, default_mental(crime, law))
    if any(element.alt for element in crime.elements):
        yield from ("", *_wrap(f"{law.alt_rule}.", 0))
    yield ""
    if crime.counterparts:
        listed = f"Treaty counterparts: {'; '.join(crime.counterparts)}"
        yield from _wrap(f"{listed}{_unless_checked(law.counterparts_basis)}", 0)
    if crime.twins:
        yield from _wrap(f"Same conduct in the other kind of conflict: {', '.join(crime.twins)}", 0)
    yield from _wrap(f"{STATEMENT} Version {law.version_id}.", 0)
    yield from _wrap(_LEGEND, 0)


def _elements_text(title: str, elements: tuple[Element, ...]) -> Iterator[str]:
    if not elements:
        return
    yield from ("", title)
    for element in elements:
        branch = f", branch {element.alt}" if element.alt else ""
        where = f"{element.kind.value}; per {element.proved_per.value}{branch}"
        mark = _unless_checked(element.basis)
        yield from _wrap(f"{element.text}{mark}", 2, f"{element.id.rsplit('.', 1)[-1]:<6}")
        yield from _wrap(f"({where}; {element.citation})", 8)
        yield from _note_text(element.note, 8)


def _defaults_text(law: Taxonomy, elements: tuple[Element, ...]) -> Iterator[str]:
    rule = law.default_mental
    if not elements:
        return
    head = f"{rule.citation}: default mental element, {rule.applies}{_unless_checked(rule.basis)}"
    yield from ("", *_wrap(head, 0))
    for element in elements:
        of = element.covers[0].rsplit(".", 1)[-1]
        branch = f", branch {element.alt}" if element.alt else ""
        where = f"(per {element.proved_per.value}{branch})"
        mark = _unless_checked(element.basis)
        yield from _wrap(f"{element.text} {where}{mark}", 2, f"{of:<6}")
    yield from _wrap(f"{rule.inference}; {rule.value_judgement}", 2)


def _note_text(note: Note | None, indent: int) -> Iterator[str]:
    if note is not None:
        yield from _wrap(f"Note: {note.text}{_unless_checked(note.basis)}", indent)


def _legend_text(bases: Iterable[Basis]) -> Iterator[str]:
    """Say what the mark means and what everything without it was checked against."""
    yield from _wrap(_LEGEND, 0)
    named = {basis.source.id: basis.source.named for basis in bases if basis.source is not None}
    for name in named.values():
        yield from _wrap(f"Unmarked: checked against {name}.", 0)


def _unless_checked(basis: Basis) -> str:
    return "" if basis.checked else f" {_MARK}"


def opinion_text(opinion: Opinion) -> Iterator[str]:
    """Yield the lines of an opinion: three answers, then every rule's part in them."""
    yield from _wrap(f"Opinion as of {opinion.as_of}. {ABOUT_OPINIONS}", 0)
    answers = opinion.answers
    yield from _answer_text("Jurisdiction", answers.jurisdiction)
    yield from _answer_text("Admissibility", answers.admissibility)
    yield from _answer_text("Arrest", answers.arrest)
    known = [step for step in opinion.steps if step.outcome is not RuleOutcome.UNKNOWN]
    here = [step for step in known if step.rule.bears_on is not BearsOn.ELSEWHERE]
    yield from _steps_text("Rules that apply", here)
    elsewhere = [step for step in known if step.rule.bears_on is BearsOn.ELSEWHERE]
    yield from _steps_text("Other courts (no part of the three answers)", elsewhere)
    unknown = [step for step in opinion.steps if step.outcome is RuleOutcome.UNKNOWN]
    yield from _unknown_text(unknown)
    if opinion.not_applied:
        listed = ", ".join(rule.id for rule, _ in opinion.not_applied)
        yield from ("", *_wrap(f"Rules that do not apply (reasons with --json): {listed}", 0))
    if opinion.not_raised:
        listed = ", ".join(opinion.not_raised)
        yield from ("", *_wrap(f"Counted as not raised: {listed}", 0))
    versions = f"Rules {opinion.rules_version}, crimes {opinion.law_version}."
    yield from ("", *_wrap(versions, 0))
    yield from _legend_text(step.rule.basis for step in opinion.steps)


def _answer_text(name: str, answered: Answered) -> Iterator[str]:
    yield ""
    yield from _wrap(
        f"{answered.answer.value.upper():<12} {', '.join(answered.rules)}", 0, f"{name:<14} "
    )
    yield from _wrap(answered.because, 2)


def _steps_text(title: str, steps: list[Step]) -> Iterator[str]:
    if not steps:
        return
    yield from ("", title)
    for step in steps:
        rule = step.rule
        head = f"{rule.cite}: {step.outcome.value}{_unless_checked(rule.basis)}"
        yield from _wrap(head, 2, f"{rule.id}  ")
        yield from _wrap(f"{rule.when}: {rule.why}", 7)
        yield from _wrap(f"Here: {step.because}", 7)
        yield from _note_text(rule.note, 7)


def _unknown_text(steps: list[Step]) -> Iterator[str]:
    """Gather what cannot be told by its reason: one missing fact often keeps many rules open."""
    if not steps:
        return
    yield from ("", "Cannot be told")
    reasons: dict[str, list[str]] = {}
    for step in steps:
        reasons.setdefault(step.because, []).append(step.rule.id)
    for because, rules in reasons.items():
        yield from _wrap(f"{because}: {', '.join(rules)}", 2, "- ")


def _wrap(text: str, indent: int, first: str = "") -> list[str]:
    """Break a text at the width; `first` stands at its beginning and sets the hanging indent."""
    lead = " " * indent + first
    return textwrap.wrap(
        text,
        width=_WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_on_hyphens=False,
    ) or [lead.rstrip()]
