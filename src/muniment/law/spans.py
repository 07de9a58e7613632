"""Dates that may be incompletely known, and windows of time: what lies in what, or cannot be told.

- A span has a first and a last day; either may be unknown. A window may be open at its end.
- The answer is one of four: all of the span is inside, none of it is, it crosses an edge, or it
  cannot be told. Only `NONE` is a no.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAY = timedelta(days=1)
_LEAP_DAY = (2, 29)


class Inside(StrEnum):
    """How much of a span lies inside some windows."""

    ALL = "all"
    NONE = "none"
    PART = "part"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """From a first to a last day, both included; None where the day is not known."""

    first: date | None
    last: date | None

    def __str__(self) -> str:
        """The span for a reader: one day once, an unknown end as a question mark."""
        if self.first == self.last and self.first is not None:
            return self.first.isoformat()
        return f"{self.first or '?'} to {self.last or '?'}"


@dataclass(frozen=True, slots=True)
class Window:
    """From a first to a last day, both included; `last` None while it is open."""

    first: date
    last: date | None

    def __str__(self) -> str:
        """The window for a reader."""
        return f"from {self.first} to {self.last}" if self.last else f"since {self.first}"


def inside(span: Span, windows: Iterable[Window]) -> Inside:
    """Tell how much of the span lies inside the windows taken together."""
    joined = _joined(windows)
    if not joined:
        return Inside.NONE
    if span.first is None or span.last is None:
        return _half_known(span, joined)
    touching = [one for one in joined if _touches(one, span.first, span.last)]
    if not touching:
        return Inside.NONE
    holds = any(
        one.first <= span.first and (one.last is None or span.last <= one.last) for one in touching
    )
    return Inside.ALL if holds else Inside.PART


def in_words(windows: Iterable[Window]) -> str:
    """Return windows for a reader, one after the other."""
    return " and ".join(str(window) for window in windows)


def before(day: date) -> Window:
    """Return the window of everything before a day."""
    return Window(date.min, day - _DAY)


def years_from(day: date, years: int) -> Window:
    """Return the window of some whole years that begin on a day."""
    leap = (day.month, day.day) == _LEAP_DAY
    end = date(day.year + years, 3, 1) if leap else day.replace(year=day.year + years)
    return Window(day, end - _DAY)


def _half_known(span: Span, joined: list[Window]) -> Inside:
    """Decide with one end unknown: only an edge that the unknown end cannot cross decides."""
    if span.first is not None:
        if any(one.last is None and one.first <= span.first for one in joined):
            return Inside.ALL
        if all(one.last is not None and one.last < span.first for one in joined):
            return Inside.NONE
    if span.last is not None and all(one.first > span.last for one in joined):
        return Inside.NONE
    return Inside.UNKNOWN


def _joined(windows: Iterable[Window]) -> list[Window]:
    """Join windows that overlap or follow each other without a gap."""
    joined: list[Window] = []
    for one in sorted(windows, key=lambda window: window.first):
        last = joined[-1] if joined else None
        if last is None or (last.last is not None and last.last + _DAY < one.first):
            joined.append(one)
        elif last.last is not None:
            end = None if one.last is None else max(last.last, one.last)
            joined[-1] = Window(last.first, end)
    return joined


def _touches(window: Window, first: date, last: date) -> bool:
    return window.first <= last and (window.last is None or window.last >= first)
