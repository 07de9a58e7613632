"""The arithmetic of a timeline, against counting by hand and for all intervals."""

from __future__ import annotations

import datetime
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment_server.pictures.spans import (
    MOST_BARS,
    Bar,
    Span,
    Unit,
    ceil,
    floor,
    spread,
    widened,
)

DAY = datetime.timedelta(days=1)
days = st.dates()
units: st.SearchStrategy[Unit] = st.sampled_from(["day", "month", "year"])


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Intervals of every width, with open ends."""
    first, last = sorted((draw(days), draw(days)))
    return Span(draw(st.sampled_from([first, None])), draw(st.sampled_from([last, None])))


counted = st.lists(st.tuples(spans(), st.integers(0, 3)), max_size=8)


@pytest.mark.parametrize(
    ("unit", "step", "first", "last"),
    [
        ("day", 1, date(2032, 2, 10), date(2032, 2, 10)),
        ("month", 1, date(2032, 2, 1), date(2032, 2, 29)),
        ("year", 1, date(2032, 1, 1), date(2032, 12, 31)),
        ("year", 10, date(2030, 1, 1), date(2039, 12, 31)),
        ("year", 1000, date(2000, 1, 1), date(2999, 12, 31)),
    ],
)
def test_a_day_lies_in_its_month_its_year_and_its_decade(
    unit: Unit, step: int, first: date, last: date
) -> None:
    day = date(2032, 2, 10)
    assert (floor(day, unit, step), ceil(day, unit, step)) == (first, last)


@given(days, units, st.sampled_from([1, 10, 100, 1000]))
def test_stretches_hold_their_day_and_follow_each_other(day: date, unit: Unit, step: int) -> None:
    first, last = floor(day, unit, step), ceil(day, unit, step)
    assert first <= day <= last
    assert (floor(last, unit, step), ceil(first, unit, step)) == (first, last)
    if last < date.max:
        assert floor(last + DAY, unit, step) == last + DAY


def test_a_month_is_never_one_of_its_days() -> None:
    may = widened(date(2031, 5, 14), date(2031, 5, 14), "month")
    exact = Span(date(2031, 5, 20), date(2031, 5, 22))
    found = spread([(may, 2), (exact, 1)], Span())
    assert found.unit == "day"
    assert len(found.bars) == 31
    assert {(bar.certain, bar.possible) for bar in found.bars} == {(0, 2), (0, 3)}
    assert [bar.first.day for bar in found.bars if bar.possible == 3] == [20, 21, 22]


def test_what_lies_whole_in_a_bar_is_certain_and_what_reaches_out_of_it_is_not() -> None:
    found = spread(
        [
            (Span(date(2030, 1, 5), date(2030, 1, 9)), 3),
            (Span(date(2030, 1, 31), date(2030, 2, 1)), 1),
            (Span(date(2030, 3, 1), None), 1),
            (Span(date(2030, 6, 30), date(2030, 6, 30)), 1),
            (Span(), 4),
        ],
        Span(),
    )
    assert (found.unit, found.undated) == ("month", 4)
    assert [(bar.certain, bar.possible) for bar in found.bars] == [
        (3, 1),
        (0, 1),
        (0, 1),
        (0, 1),
        (0, 1),
        (1, 1),
    ]


def test_bars_end_where_the_window_ends() -> None:
    year = widened(date(2031, 1, 1), date(2031, 1, 1), "year")
    window = Span(date(2031, 2, 10), date(2031, 7, 2))
    found = spread([(year, 1)], window)
    assert found.bars[0] == Bar(date(2031, 2, 10), date(2031, 2, 28), 0, 1)
    assert found.bars[-1].last == date(2031, 7, 2)


def test_nothing_dated_has_no_bars() -> None:
    assert spread([(Span(), 2)], Span()).bars == ()
    assert spread([], Span(date(2031, 1, 1), None)).bars == ()


@given(counted, spans())
def test_bars_count_what_a_list_narrowed_to_them_shows(
    found: list[tuple[Span, int]], window: Span
) -> None:
    drawn = spread(found, window)
    assert len(drawn.bars) <= MOST_BARS
    assert drawn.undated == sum(count for span, count in found if not span)
    for before, after in zip(drawn.bars, drawn.bars[1:], strict=False):
        assert after.first == before.last + DAY
    for bar in drawn.bars:
        meeting = [
            count
            for span, count in found
            if span
            and (span.last is None or bar.first <= span.last)
            and (span.first is None or span.first <= bar.last)
        ]
        assert bar.total == sum(meeting)
        assert window.first is None or window.first <= bar.first
        assert window.last is None or bar.last <= window.last


@given(counted)
def test_everything_dated_stands_somewhere_and_is_certain_at_most_once(
    found: list[tuple[Span, int]],
) -> None:
    drawn = spread(found, Span())
    dated = [(span, count) for span, count in found if span and count]
    assert sum(bar.certain for bar in drawn.bars) <= sum(count for _span, count in dated)
    assert bool(drawn.bars) == bool(dated)
    for span, _count in dated:
        assert any(span.within(Span(bar.first, bar.last)) for bar in drawn.bars)
