"""Spans and windows, held to days counted one by one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.law.reading import parse_day
from muniment.law.spans import Inside, Span, Window, inside, years_from

START = date(2020, 1, 1)
LENGTH = 12


def day(number: int) -> date:
    """A day by its number."""
    return START + timedelta(days=number)


NUMBERS = st.integers(0, LENGTH - 1)
WINDOWS = st.lists(
    st.tuples(NUMBERS, st.none() | NUMBERS)
    .filter(lambda pair: pair[1] is None or pair[0] <= pair[1])
    .map(lambda pair: Window(day(pair[0]), None if pair[1] is None else day(pair[1]))),
    max_size=4,
)


def days_of(windows: list[Window]) -> set[date]:
    """The days in the windows; an open one reaches beyond every span that is drawn."""
    return {
        day(number)
        for one in windows
        for number in range(2 * LENGTH)
        if one.first <= day(number) and (one.last is None or day(number) <= one.last)
    }


def counted(first: int, last: int, windows: list[Window]) -> Inside:
    """The answer for a known span, day by day."""
    own = {day(number) for number in range(first, last + 1)}
    covered = days_of(windows)
    if own <= covered:
        return Inside.ALL
    return Inside.PART if own & covered else Inside.NONE


@given(NUMBERS, NUMBERS, WINDOWS)
def test_a_known_span_is_counted_day_by_day(one: int, two: int, windows: list[Window]) -> None:
    first, last = sorted((one, two))
    assert inside(Span(day(first), day(last)), windows) is counted(first, last, windows)


@given(NUMBERS, WINDOWS)
def test_an_unknown_end_is_told_only_if_every_end_says_the_same(
    first: int, windows: list[Window]
) -> None:
    possible = {counted(first, last, windows) for last in range(first, 2 * LENGTH)}
    found = inside(Span(day(first), None), windows)
    assert found is (possible.pop() if len(possible) == 1 else Inside.UNKNOWN)


@given(NUMBERS, WINDOWS)
def test_an_unknown_beginning_is_never_told_wrongly(last: int, windows: list[Window]) -> None:
    possible = {counted(first, last, windows) for first in range(last + 1)}
    found = inside(Span(None, day(last)), windows)
    # Days before the first that can be drawn lie in no window either.
    if found is not Inside.UNKNOWN:
        assert possible == {found}
        assert found is Inside.NONE


def test_nothing_known_tells_nothing_unless_there_is_no_window() -> None:
    assert inside(Span(None, None), [Window(day(0), None)]) is Inside.UNKNOWN
    assert inside(Span(None, None), []) is Inside.NONE


def test_whole_years_end_the_day_before() -> None:
    assert years_from(date(2025, 1, 1), 7) == Window(date(2025, 1, 1), date(2031, 12, 31))
    assert years_from(date(2024, 2, 29), 1) == Window(date(2024, 2, 29), date(2025, 2, 28))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022-03-09", date(2022, 3, 9), date(2022, 3, 9)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2022", date(2022, 1, 1), date(2022, 12, 31)),
    ],
)
def test_a_date_means_every_day_it_can_mean(text: str, first: date, last: date) -> None:
    read = parse_day(text)
    assert read is not None
    assert (read.first, read.last) == (first, last)


@pytest.mark.parametrize("text", ["", "2022-3", "2022-13", "2022-02-30", "22", "9 March", "0000"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_day(text) is None
