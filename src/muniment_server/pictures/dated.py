"""Dated rows: which lie in a stretch of time, and how many have which interval.

- Columns hold instants; days are days in UTC. What may lie in a stretch is kept, what certainly
  does not is left out, and so is what has no date at all once a stretch is asked for.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from muniment_server.pictures.spans import Span, Unit, ceil, floor, widened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

#: what a date of each precision covers; what is not named is as exact as it is written
COARSE: Final[dict[str, Unit]] = {"month": "month", "year": "year"}


def window_of(asked: Mapping[str, Any]) -> Span:
    """Return the stretch that an address asks for; what is no date is no bound."""
    return Span(_day(str(asked.get("from", ""))), _day(str(asked.get("to", ""))))


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text.isascii() and len(text) == 10 else None  # noqa: PLR2004 - YYYY-MM-DD
    except ValueError:
        return None


def at_instants(rows: QuerySet[Any], column: str, window: Span) -> QuerySet[Any]:
    """Keep the rows whose instant lies in the window."""
    if window.backwards:
        return rows.none()
    return rows.filter(_between(column, column, window, "day")) if window else rows


def in_intervals(
    rows: QuerySet[Any], start: str, end: str, precision: str, window: Span
) -> QuerySet[Any]:
    """Keep the rows whose interval may lie in the window, a coarse date as wide as it is."""
    if not window:
        return rows
    if window.backwards:
        return rows.none()
    exact = ~Q(**{f"{precision}__in": list(COARSE)}) & _between(start, end, window, "day")
    wanted = exact
    for name, unit in COARSE.items():
        wanted |= Q(**{precision: name}) & _between(start, end, window, unit)
    return rows.filter(wanted)


def _between(start: str, end: str, window: Span, unit: Unit) -> Q:
    """Return the condition that a widened interval and the window meet.

    A month meets the window exactly if its days meet the window widened to whole months.
    """
    wanted = Q(**{f"{start}__isnull": False}) | Q(**{f"{end}__isnull": False})
    if window.first:
        not_before = _midnight(floor(window.first, unit))
        wanted &= Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": not_before})
    if window.last and (last := ceil(window.last, unit)) < datetime.date.max:
        before = _midnight(last + datetime.timedelta(days=1))
        wanted &= Q(**{f"{start}__isnull": True}) | Q(**{f"{start}__lt": before})
    return wanted


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)


def instants(rows: QuerySet[Any], column: str) -> list[tuple[Span, int]]:
    """Return on which days these rows lie, and how many on each."""
    day = TruncDate(column, tzinfo=datetime.UTC)
    found = rows.order_by().annotate(day_=day).values_list("day_")
    counted = found.annotate(n=Count("pk", distinct=True))
    return [(Span(day, day), count) for day, count in counted]


def intervals(rows: QuerySet[Any], start: str, end: str, precision: str) -> list[tuple[Span, int]]:
    """Return which intervals these rows have, a coarse date as wide as it is, and how many each."""
    found = rows.order_by().values_list(start, end, precision)
    return [
        (interval(first, last, exactly), count)
        for first, last, exactly, count in found.annotate(n=Count("pk", distinct=True))
    ]


def interval(
    first: datetime.datetime | None, last: datetime.datetime | None, precision: str
) -> Span:
    """Return the days between two instants, a coarse date as wide as it is."""
    return widened(_date(first), _date(last), COARSE.get(precision, "day"))


def _date(at: datetime.datetime | None) -> datetime.date | None:
    return at and at.astimezone(datetime.UTC).date()
