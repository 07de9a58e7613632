from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import InvalidInput
from muniment.evidence.instant import now, parse, to_micros, to_seconds

KYIV = timezone(timedelta(hours=2))
MOMENT = datetime(2026, 11, 21, 8, 40, 12, 5, tzinfo=UTC)
zones = st.sampled_from([UTC, KYIV, timezone(timedelta(hours=-11, minutes=-30))])
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones)  # noqa: DTZ001 - bounds of a strategy


def test_an_instant_has_the_texts_of_the_specification() -> None:
    assert to_seconds(MOMENT) == "2026-11-21T08:40:12Z"
    assert to_micros(MOMENT) == "2026-11-21T08:40:12.000005Z"
    assert to_seconds(MOMENT.astimezone(KYIV)) == "2026-11-21T08:40:12Z"
    assert to_micros(MOMENT.replace(microsecond=0)) == "2026-11-21T08:40:12.000000Z"


@given(moments)
def test_microseconds_read_back_and_seconds_lose_their_fraction(moment: datetime) -> None:
    assert parse(to_micros(moment)) == moment
    assert parse(to_micros(moment)).tzinfo is UTC
    assert parse(to_seconds(moment)) == moment.replace(microsecond=0)


@given(moments, moments)
def test_texts_sort_as_instants_do(one: datetime, other: datetime) -> None:
    assert (to_micros(one) < to_micros(other)) is (one < other)


def test_now_is_aware_and_in_utc() -> None:
    assert now().tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    for write in (to_seconds, to_micros):
        with pytest.raises(InvalidInput) as caught:
            write(MOMENT.replace(tzinfo=None))
        assert caught.value.code == "instant.zone"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-21",
        "2026-11-21T08:40:12",
        "2026-11-21 08:40:12Z",
        "2026-11-21t08:40:12z",
        "2026-11-21T08:40Z",
        "2026-11-21T08:40:12+00:00",
        "2026-11-21T08:40:12.5Z",
        "2026-11-21T08:40:12.0000000Z",
        "2026-11-21T08:40:12,000000Z",
        "2026-11-21T08:40:60Z",
        "2026-11-21T24:00:00Z",
        "2026-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-21T08:40:12Z\n",
        "２０２６-11-21T08:40:12Z",
        "20261121T084012Z",
    ],
)
def test_a_text_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    assert caught.value.code == "instant.form"
