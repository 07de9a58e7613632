"""Typed records: the one way in which a file of the law, or of facts, is read.

- An unknown key and a missing one are refused, never guessed at.
- Every complaint names the file, the record (by its id where it has one) and the key.

How YAML becomes values is `yaml_values`'s job; what the records mean is their readers'.
"""

from __future__ import annotations

import calendar
import difflib
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NoReturn

from muniment.errors import InvalidInput
from muniment.law.yaml_values import read_value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from muniment.law.yaml_values import Value

_MOST_BYTES = 1 << 20
_DAY = re.compile(r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2}))?)?\Z")


@dataclass(frozen=True, slots=True)
class Day:
    """A date as written: a day, a month or a year, with the first and the last day it can mean."""

    text: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Record:
    """One mapping of a file, read key by key; `done` refuses the keys that nobody asked for."""

    file: str
    where: str
    fields: Mapping[str, Value]
    _asked: set[str] = field(default_factory=set[str])

    def __contains__(self, key: str) -> bool:
        """Tell whether the key was written with a value other than null."""
        self._asked.add(key)
        return self.fields.get(key) is not None

    def fault(self, key: str, sentence: str, hint: str = "") -> NoReturn:
        """Refuse the file because of this key."""
        raise InvalidInput(
            f"{self.file}: {self.where}: `{key}` {sentence}.",
            code="law.data",
            hint=hint or "Correct the file; nothing was read from it.",
        )

    def value(self, key: str) -> Value:
        """Return what was written under the key; refuse a record without it."""
        if key not in self:
            self.fault(key, "is missing")
        return self.fields[key]

    def text(self, key: str) -> str:
        """Return the text under the key; numbers count as their text."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.fault(key, "must be text")
        text = str(value).strip()
        return text or self.fault(key, "is empty")

    def text_or(self, key: str, default: str = "") -> str:
        """Return the text under the key, or the default."""
        return self.text(key) if key in self else default

    def choice(self, key: str, allowed: Collection[str]) -> str:
        """Return the text under the key if it is one of those allowed."""
        text = self.text(key)
        if text not in allowed:
            self.fault(key, f"is {text!r}", f"Allowed: {', '.join(allowed)}.")
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts under the key; a single text counts as a list of one."""
        if key not in self:
            return ()
        value = self.fields[key]
        if not isinstance(value, list):
            return (self.text(key),)
        return tuple(self._item(key, item) for item in value)

    def _item(self, key: str, item: Value) -> str:
        if isinstance(item, bool) or not isinstance(item, str | int) or not str(item).strip():
            self.fault(key, "must list texts")
        return str(item).strip()

    def flag(self, key: str) -> bool | None:
        """Return true or false as written, or None where nothing was."""
        if key not in self:
            return None
        value = self.fields[key]
        if not isinstance(value, bool):
            self.fault(key, f"is {value!r}", "Write true or false.")
        return value

    def whole(self, key: str) -> int | None:
        """Return the whole number under the key, or None where nothing was written."""
        if key not in self:
            return None
        value = self.fields[key]
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(key, f"is {value!r}", "Write a whole number.")
        return value

    def day(self, key: str) -> Day | None:
        """Return the date under the key (YYYY-MM-DD, YYYY-MM or YYYY), or None."""
        if key not in self:
            return None
        text = self.text(key)
        read = parse_day(text)
        return read or self.fault(key, f"is {text!r}", "Write a date as 2022-03-09 or 2022-03.")

    def record(self, key: str) -> Record:
        """Return the mapping under the key as a record of its own."""
        value = self.value(key)
        if not isinstance(value, dict):
            self.fault(key, "must hold keys with values")
        return Record(self.file, f"{self.where}: {key}", value)

    def records(self, key: str) -> tuple[Record, ...]:
        """Return the list of mappings under the key, each named by its id or its place."""
        value = self.fields[key] if key in self else []
        if not isinstance(value, list):
            self.fault(key, "must be a list")
        return tuple(self._entry(key, place, item) for place, item in enumerate(value, start=1))

    def _entry(self, key: str, place: int, item: Value) -> Record:
        if not isinstance(item, dict):
            self.fault(key, f"number {place} must hold keys with values")
        named = item.get("id", item.get("state", item.get("kind")))
        return Record(self.file, f"{key} {named}" if named else f"{key} number {place}", item)

    def done(self) -> None:
        """Refuse keys that were written and never asked for: a misspelt key is a lost fact."""
        for key in self.fields:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, n=1)
                known = f"Known keys: {', '.join(sorted(self._asked))}."
                self.fault(
                    key, "is not a known key", f"Did you mean `{near[0]}`?" if near else known
                )


def read_yaml(data: bytes, file: str) -> Record:
    """Read one YAML document that is a mapping; `file` is what complaints call it."""
    if len(data) > _MOST_BYTES:
        message = f"{file} is larger than one megabyte."
        raise InvalidInput(message, code="law.data", hint="Give the file of facts itself.")
    try:
        value = read_value(data.decode("utf-8"), file)
    except UnicodeDecodeError as error:
        message = f"{file} is not UTF-8 text (byte {error.start})."
        raise InvalidInput(message, code="law.data", hint="Save it as UTF-8.") from error
    if not isinstance(value, dict):
        message = f"{file} must hold keys with values."
        raise InvalidInput(message, code="law.data", hint="One `key: value` a line.")
    return Record(file, "the file", value)


def parse_day(text: str) -> Day | None:
    """Read YYYY, YYYY-MM or YYYY-MM-DD; None if it is no date."""
    found = _DAY.match(text)
    if not found:
        return None
    year, month, day = (int(found[part] or 0) for part in ("year", "month", "day"))
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return Day(text, first, first)
    end = month or 12
    return Day(text, first, date(year, end, calendar.monthrange(year, end)[1]))
