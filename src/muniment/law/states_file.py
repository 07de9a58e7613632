"""Reads dated facts about States, from the shipped file and from a file of facts alike.

- A fact that needs a place in time and has none is refused.
- A basis given by the author of a file of facts is recorded as theirs and stays unchecked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from muniment.law.spans import Window
from muniment.law.states import FactKind, StateFact, States

if TYPE_CHECKING:
    from muniment.law.reading import Day, Record
    from muniment.law.sources import Bases

_CODE = re.compile(r"[A-Z]{2}\Z")
_DATED = (FactKind.PARTY, FactKind.ART_12_3, FactKind.ART_124, FactKind.AMENDMENT)
_ENDING = (FactKind.WITHDRAWN, FactKind.WITHDRAWAL_NOTIFIED)
_SUBJECTS = ("nationals", "territory")


def state_code(record: Record, key: str, text: str) -> str:
    """Return a State's ISO 3166 code as written, or refuse it."""
    if text == "UK":
        record.fault(key, "says UK", "The ISO 3166 code of the United Kingdom is GB.")
    if not _CODE.match(text):
        record.fault(key, f"has {text!r}", "Write States as two capital letters (ISO 3166): UA.")
    return text


def read_states(record: Record, key: str, bases: Bases, families: tuple[str, ...]) -> States:
    """Read a list of States with their facts; `families` are the ids a fact may name."""
    facts: dict[str, tuple[StateFact, ...]] = {}
    for one in record.records(key):
        code = state_code(one, "state", one.text("state"))
        if code in facts:
            one.fault("state", f"{code} is listed twice")
        facts[code] = tuple(_fact(fact, bases, families) for fact in one.records("facts"))
        one.done()
    return States(facts, {})


def _fact(record: Record, bases: Bases, families: tuple[str, ...]) -> StateFact:
    kind = FactKind(record.choice("kind", tuple(FactKind)))
    holds = record.flag("value") is not False
    window = _window(record)
    effective = record.day("effective")
    if kind in _DATED and holds and window is None:
        record.fault("valid_from", "is missing", "Without it the fact has no place in time.")
    if kind in _ENDING and effective is None:
        record.fault("effective", "is missing", "Without it the fact has no place in time.")
    covers = _named(record, "covers", _SUBJECTS)
    if kind is FactKind.ART_124 and not covers:
        record.fault("covers", "is missing", "Say what it covers: nationals, territory or both.")
    if kind is FactKind.AMENDMENT and "amendment" not in record:
        record.fault("amendment", "is missing", "Name the amendment as the crime does.")
    _read_remarks(record)
    fact = StateFact(
        kind=kind,
        window=window,
        effective=effective.first if effective else None,
        holds=holds,
        families=_named(record, "families", families),
        covers=covers,
        amendment=record.text_or("amendment"),
        basis=bases.of(record),
    )
    record.done()
    return fact


def _window(record: Record) -> Window | None:
    first, last = record.day("valid_from"), record.day("valid_to")
    if first is None:
        return None
    if last is not None and last.last < first.first:
        record.fault("valid_to", "lies before valid_from")
    return Window(first.first, last.last if last else None)


def _named(record: Record, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    named = record.texts(key)
    if unknown := [one for one in named if one not in allowed]:
        record.fault(key, f"has {unknown[0]!r}", f"Allowed: {', '.join(allowed)}.")
    return named


def _read_remarks(record: Record) -> tuple[Day | None, ...]:
    """Check what is recorded for the reader and decides nothing."""
    record.text_or("scope")
    record.flag("contested")
    record.whole("number")
    return tuple(record.day(key) for key in ("lodged", "deposited", "date"))
