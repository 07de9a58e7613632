"""The arithmetic of a timeline: intervals of days, spread over years, months or days.

- A record's time is an interval with a first and a last day (in UTC), each of which may be open;
  a coarse date covers its whole month or year. No interval is ever drawn as one day inside it.
- A bar counts who certainly lies in it (the whole interval does) apart from who may (a part does).
  A record with an open end may lie in every bar on that side.
- A record of which neither day is known stands in no bar and is counted beside them.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Unit = Literal["day", "month", "year"]

#: more bars than these do not fit on a page
MOST_BARS: Final = 62
_DAY: Final = datetime.timedelta(days=1)
_LAST_MONTH: Final = datetime.date(datetime.MAXYEAR, 12, 1)
#: what a bar may cover, from the finest: how many of which unit
_STEPS: Final[tuple[tuple[Unit, int], ...]] = (
    ("day", 1),
    ("month", 1),
    ("year", 1),
    ("year", 10),
    ("year", 100),
    ("year", 1000),
)


@dataclass(frozen=True, slots=True)
class Span:
    """From a first day to a last one, both in it; None where an end is open."""

    first: datetime.date | None = None
    last: datetime.date | None = None

    def __bool__(self) -> bool:
        """Say whether anything is known of it."""
        return self.first is not None or self.last is not None

    @property
    def backwards(self) -> bool:
        """Whether it ends before it begins, and so holds nothing."""
        return self.first is not None and self.last is not None and self.last < self.first

    def within(self, other: Span) -> Span | None:
        """Return what both have in common; None where that is nothing."""
        firsts = [one for one in (self.first, other.first) if one is not None]
        lasts = [one for one in (self.last, other.last) if one is not None]
        common = Span(max(firsts, default=None), min(lasts, default=None))
        return None if common.backwards else common

    def meets(self, other: Span) -> bool:
        """Say whether it may have a day in common with another that is not backwards."""
        return bool(self) and not other.backwards and self.within(other) is not None

    def around(self, other: Span) -> Span:
        """Return the stretch from the first day of either to the last."""
        firsts, lasts = (self.first, other.first), (self.last, other.last)
        return Span(
            None if None in firsts else min(filter(None, firsts)),
            None if None in lasts else max(filter(None, lasts)),
        )


EVER: Final = Span()
"""All the time there is."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time, how many records certainly lie in it, and how many others may."""

    first: datetime.date
    last: datetime.date
    certain: int
    possible: int

    @property
    def total(self) -> int:
        """How many records a list narrowed to this stretch shows."""
        return self.certain + self.possible


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars without a gap between them, what each covers, and how many records have no date."""

    bars: tuple[Bar, ...]
    unit: Unit
    step: int
    undated: int


def floor(day: datetime.date, unit: Unit, step: int = 1) -> datetime.date:
    """Return the first day of the day's month or year, or of its ten, hundred, thousand years."""
    if unit == "day":
        return day
    if unit == "month":
        return day.replace(day=1)
    return datetime.date(max(day.year // step * step, 1), 1, 1)


def ceil(day: datetime.date, unit: Unit, step: int = 1) -> datetime.date:
    """Return the last day of the day's month or year, or of its ten, hundred, thousand years."""
    if unit == "day":
        return day
    if unit == "month":
        return (
            (day.replace(day=1) + 31 * _DAY).replace(day=1) - _DAY
            if day < _LAST_MONTH
            else datetime.date.max
        )
    year = day.year // step * step + step
    return datetime.date(year, 1, 1) - _DAY if year <= datetime.MAXYEAR else datetime.date.max


def widened(first: datetime.date | None, last: datetime.date | None, unit: Unit) -> Span:
    """Return the interval that a date of this precision covers."""
    return Span(first and floor(first, unit), last and ceil(last, unit))


def spread(spans: Iterable[tuple[Span, int]], window: Span) -> Timeline:
    """Return how records spread over the time that they and the window share.

    `spans` are intervals, and how many records have each. A bar ends where the window does, so that
    a list narrowed to the bar shows what the bar counts.
    """
    found = [(span, count) for span, count in spans if count]
    undated = sum(count for span, count in found if not span)
    dated = [(span, count) for span, count in found if span and span.within(window) is not None]
    shared = [span.within(window) or span for span, _count in dated]
    ends = [end for span in shared for end in (span.first, span.last) if end is not None]
    if not ends:
        return Timeline((), "day", 1, undated)
    unit, step, stretches = _stretches(min(ends), max(ends))
    bars = [
        _bar(part.first, part.last, dated)
        for one in stretches
        if (part := one.within(window)) and part.first and part.last
    ]
    return Timeline(tuple(bars), unit, step, undated)


def _stretches(first: datetime.date, last: datetime.date) -> tuple[Unit, int, list[Span]]:
    for unit, step in _STEPS:
        some: list[Span] = []
        for one in _every(first, last, unit, step):
            some.append(one)
            if len(some) > MOST_BARS:
                break
        else:
            return unit, step, some
    raise AssertionError  # ten stretches of a thousand years hold every date there is


def _every(first: datetime.date, last: datetime.date, unit: Unit, step: int) -> Iterator[Span]:
    start = floor(first, unit, step)
    while True:
        end = ceil(start, unit, step)
        yield Span(start, end)
        if end >= last:
            return
        start = end + _DAY


def _bar(first: datetime.date, last: datetime.date, dated: list[tuple[Span, int]]) -> Bar:
    certain = possible = 0
    bounds = Span(first, last)
    for span, count in dated:
        common = span.within(bounds)
        if common == span:
            certain += count
        elif common is not None:
            possible += count
    return Bar(first, last, certain, possible)
