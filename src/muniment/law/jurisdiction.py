"""A jurisdiction opinion: three separate answers about the Court, each with the rules behind it.

- Jurisdiction, admissibility and feasibility of arrest are never merged into one.
- A missing fact gives unknown, never no. A no names the rule it comes from.
- Jurisdiction is yes only if subject, time, person, a precondition (or a Council referral) and a
  trigger are met and no bar applies; `answers` combines, `predicates` test.
- An act or objection that nobody raised counts as not raised; the opinion lists which.

This lays out rules over stated facts. It is no legal advice and finds no fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.law.answers import Answered, Results
from muniment.law.facts_file import read_facts
from muniment.law.findings import CannotTell, Case, DoesNotApply
from muniment.law.predicates.table import PREDICATES
from muniment.law.rules import RuleOutcome, rule_book
from muniment.law.taxonomy import taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from muniment.law.facts import CaseFile
    from muniment.law.rules import Rule, RuleBook
    from muniment.law.statute import Taxonomy


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule says of the facts, why, and which inputs it misses if it cannot be told."""

    rule: Rule
    outcome: RuleOutcome
    because: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """The three answers about the Court; each stands alone."""

    jurisdiction: Answered
    admissibility: Answered
    arrest: Answered


@dataclass(frozen=True, slots=True)
class Opinion:
    """The answers, the rules that apply or cannot be told, and those that do not, with reasons."""

    answers: Answers
    steps: tuple[Step, ...]
    not_applied: tuple[tuple[Rule, str], ...]
    not_raised: tuple[str, ...]
    as_of: date
    rules_version: str
    law_version: str

    @property
    def missing(self) -> tuple[str, ...]:
        """The inputs that would tell more, in the order in which rules ask for them."""
        return tuple(dict.fromkeys(key for step in self.steps for key in step.missing))


def read_case(data: bytes, file: str) -> CaseFile:
    """Read a file of facts against the shipped law; `file` is what complaints call it."""
    return read_facts(data, file, taxonomy())


def opinion(given: CaseFile) -> Opinion:
    """Return the three answers for the facts given, under the shipped law."""
    return opinion_under(given, rule_book(), taxonomy())


def opinion_under(given: CaseFile, book: RuleBook, law: Taxonomy) -> Opinion:
    """Return the three answers for the facts given, under the law given."""
    case = Case(
        facts=given.facts,
        law=law,
        states=book.states.joined_with(given.states),
        forums=book.forums,
        as_of=given.as_of or book.as_of,
    )
    findings = {id_: PREDICATES[id_].evaluate(case) for id_ in book.rules}
    results = Results(book.rules, findings, given.facts)
    return Opinion(
        answers=Answers(results.jurisdiction(), results.admissibility(), results.arrest()),
        steps=tuple(_steps(results)),
        not_applied=tuple(
            (book.rules[id_], finding.because)
            for id_, finding in findings.items()
            if isinstance(finding, DoesNotApply)
        ),
        not_raised=tuple(name for name in book.raised_only if getattr(given.facts, name) is None),
        as_of=case.as_of,
        rules_version=book.version_id,
        law_version=law.version_id,
    )


def _steps(results: Results) -> Iterator[Step]:
    """Yield a step for every rule that applies or cannot be told, in the order of the file."""
    for id_, rule in results.rules.items():
        outcome = results.outcome(id_)
        if outcome is not None:
            finding = results.findings[id_]
            missing = finding.missing if isinstance(finding, CannotTell) else ()
            yield Step(rule, outcome, finding.because, missing)
