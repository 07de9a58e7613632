"""The rules of jurisdiction and admissibility as data: cite, condition, outcome, reason, basis.

- Every rule of the file has a predicate and every predicate a rule; the inputs that facts have are
  the inputs that the file declares. A file that differs is refused.
- Rules stand in the order of their numbers, which is the order in which a lawyer asks.
- `reading` says how outcomes combine; `jurisdiction` does it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from muniment.law.facts import INPUTS
from muniment.law.findings import Forum
from muniment.law.predicates.table import PREDICATES
from muniment.law.reading import read_yaml
from muniment.law.sources import UNCHECKED, packaged, read_bases, sources
from muniment.law.states import States
from muniment.law.states_file import read_states
from muniment.law.taxonomy import taxonomy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from muniment.law.reading import Record
    from muniment.law.sources import Bases, Basis, Note, Source
    from muniment.law.statute import Taxonomy

_FILE = "jurisdiction_rules.yaml"
# cli.md: a key is the text of the input before the first [, (, { or space.
_KEY = re.compile(r"[^\[({ ]+")
_FORUM_RULES = ("J50", "J51", "J52", "J53", "J60")
_SETTINGS = {"as_of", "states"}


class RuleOutcome(StrEnum):
    """What a rule says when it applies; a step on the way, not an answer."""

    PRECONDITION_MET = "precondition_met"
    TRIGGER_MET = "trigger_met"
    NO = "no"
    NEEDS_STEP = "needs_step"
    STAY = "stay"
    INADMISSIBLE = "inadmissible"
    ADMISSIBLE = "admissible"
    DISCRETION = "discretion"
    CONTESTED = "contested"
    UNKNOWN = "unknown"
    INFO = "info"


class BearsOn(StrEnum):
    """Which of the three answers a rule bears on, or none of them."""

    JURISDICTION = "jurisdiction"
    ADMISSIBILITY = "admissibility"
    ARREST = "arrest"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `then` is its outcome, `cases` other outcomes that its own text gives."""

    id: str
    cite: str
    bears_on: BearsOn
    when: str
    then: RuleOutcome
    cases: Mapping[str, RuleOutcome]
    why: str
    note: Note | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A case the file itself works out, in words; the tests reproduce it."""

    question: str
    path: tuple[str, ...]
    out: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything the file of rules says. `as_of`: the last day its State facts are meant for."""

    version: str
    version_id: str
    title: str
    status_note: str
    reading: str
    as_of: date
    questions: Mapping[BearsOn, str]
    rules: Mapping[str, Rule]
    raised_only: tuple[str, ...]
    forums: Mapping[str, Forum]
    states: States
    worked: tuple[WorkedCase, ...]


def read_rules(
    data: bytes, sources: Mapping[str, Source], law: Taxonomy, file: str = _FILE
) -> RuleBook:
    """Read and check a file of rules; InvalidInput names file, id and key of what is wrong."""
    top = read_yaml(data, file)
    meta = top.record("meta")
    bases = read_bases(meta, sources)
    as_of = meta.day("as_of") or meta.fault("as_of", "is missing")
    _check_words(meta)
    raised = _check_inputs(top)
    version = meta.text("version")
    read = RuleBook(
        version=version,
        version_id=f"{version}+{hashlib.sha256(data).hexdigest()[:12]}",
        title=meta.text("title"),
        status_note=meta.text("status_note"),
        reading=meta.text("reading"),
        as_of=as_of.last,
        questions=_questions(meta),
        rules=_rules(top, bases),
        raised_only=raised,
        forums=_forums(top, law),
        states=_states(top, bases, law),
        worked=tuple(_worked(one) for one in top.records("worked_examples")),
    )
    meta.done()
    top.done()
    return read


@cache
def rule_book() -> RuleBook:
    """Return the rules shipped with the package; they are read and checked on the first call."""
    return read_rules(packaged(_FILE), sources(), taxonomy())


def _check_words(meta: Record) -> None:
    if set(meta.texts("outcomes")) != set(RuleOutcome):
        meta.fault("outcomes", "does not list the outcomes this version knows")


def _questions(meta: Record) -> Mapping[BearsOn, str]:
    record = meta.record("bears_on")
    read = {one: record.text(one) for one in BearsOn}
    record.done()
    return MappingProxyType(read)


def _check_inputs(top: Record) -> tuple[str, ...]:
    """Hold the declared inputs to those that facts have; return those that are only raised."""
    case, raised, settings = (
        {found[0] for one in top.texts(key) if (found := _KEY.match(one))}
        for key in ("inputs", "raised_only", "settings")
    )
    if (case | raised) != set(INPUTS):
        differ = sorted((case | raised) ^ set(INPUTS))
        top.fault("inputs", f"and the facts differ in {', '.join(differ)}")
    if settings != _SETTINGS:
        top.fault("settings", f"must be {' and '.join(sorted(_SETTINGS))}")
    return tuple(name for name in INPUTS if name in raised)


def _rules(top: Record, bases: Bases) -> Mapping[str, Rule]:
    read: dict[str, Rule] = {}
    for record in top.records("rules"):
        rule = _rule(record, bases)
        if rule.id in read:
            record.fault("id", f"{rule.id} is used twice")
        read[rule.id] = rule
    if set(read) != set(PREDICATES):
        differ = sorted(set(read) ^ set(PREDICATES))
        top.fault("rules", f"and the predicates differ in {', '.join(differ)}")
    return MappingProxyType(dict(sorted(read.items())))


def _rule(record: Record, bases: Bases) -> Rule:
    outcomes = tuple(RuleOutcome)
    cases: dict[str, RuleOutcome] = {}
    if "cases" in record:
        given = record.record("cases")
        cases = {name: RuleOutcome(given.choice(name, outcomes)) for name in given.fields}
    rule = Rule(
        id=record.text("id"),
        cite=record.text("cite"),
        bears_on=BearsOn(record.choice("bears_on", tuple(BearsOn))),
        when=record.text("when"),
        then=RuleOutcome(record.choice("then", outcomes)),
        cases=MappingProxyType(cases),
        why=record.text("why"),
        note=bases.note(record),
        basis=bases.of(record),
    )
    record.done()
    return rule


def _forums(top: Record, law: Taxonomy) -> Mapping[str, Forum]:
    record = top.record("forums")
    read: dict[str, Forum] = {}
    for rule in _FORUM_RULES:
        one = record.record(rule)
        forum = Forum(one.texts("states"), one.texts("families"), one.texts("crimes"))
        for key, named, known in (
            ("families", forum.families, law.families),
            ("crimes", forum.crimes, law.crimes),
        ):
            if unknown := [id_ for id_ in named if id_ not in known]:
                one.fault(key, f"names {unknown[0]}, which does not exist")
        one.done()
        read[rule] = forum
    record.done()
    return MappingProxyType(read)


def _states(top: Record, bases: Bases, law: Taxonomy) -> States:
    """Read the State facts, and from the situation which States referred it, and when."""
    states = read_states(top, "states", bases, tuple(law.families))
    situation = top.record("situation")
    name = f"{situation.text('id')} {situation.text('name')}"
    referred: dict[str, str] = {}
    for record in situation.records("referrals"):
        day = record.day("date")
        said = f"a Party: it referred {name}" + (f" on {day.text}" if day else "")
        said += "" if bases.of(record).checked else f" ({UNCHECKED})"
        record.text_or("note")
        record.whole("count")
        referred.update(dict.fromkeys(record.texts("states"), said))
        record.done()
    situation.whole("total_referring")
    for key in ("investigation_opened", "focus_from"):
        situation.day(key)
    situation.done()
    return States(states.facts, MappingProxyType(referred))


def _worked(record: Record) -> WorkedCase:
    read = WorkedCase(record.text("q"), record.texts("path"), record.text("out"))
    record.done()
    return read
