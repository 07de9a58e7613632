"""The timeline of a list: of the same records, in the same words, and of nothing hidden."""

from __future__ import annotations

import datetime
import re
from datetime import UTC, date
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident

#: title, not before, not after, precision
KNOWN = [
    ("to the minute", (2031, 5, 14, 23, 59), (2031, 5, 14, 23, 59), "minute"),
    ("to the month", (2031, 5, 14), (2031, 5, 14), "month"),
    ("to the year", (2031, 1, 1), (2031, 1, 1), "year"),
    ("not before June", (2031, 6, 1), None, "day"),
    ("not after April", None, (2031, 4, 30), "unknown"),
    ("no date", None, None, "unknown"),
]


@pytest.fixture
def told(machine: Actor) -> dict[str, Incident]:
    """Incidents with dates of every sort, by title."""
    from muniment_server.incidents import services

    return {
        title: services.open_incident(
            machine,
            title=title,
            described=services.Description(
                occurred_from=_at(start),
                occurred_to=_at(end),
                precision=services.Precision(precision),
            ),
        )
        for title, start, end, precision in KNOWN
    }


def _at(given: tuple[int, ...] | None) -> datetime.datetime | None:
    return datetime.datetime(*given, tzinfo=UTC) if given else None  # type: ignore[misc,arg-type]  # year, month, day first


@pytest.mark.parametrize(
    ("first", "last", "titles"),
    [
        (None, None, {title for title, *_rest in KNOWN}),
        (date(2031, 5, 14), date(2031, 5, 14), {"to the minute", "to the month", "to the year"}),
        (date(2031, 5, 15), date(2031, 5, 31), {"to the month", "to the year"}),
        (date(2031, 4, 30), date(2031, 4, 30), {"to the year", "not after April"}),
        (date(2031, 7, 1), None, {"to the year", "not before June"}),
        (date(2032, 1, 1), None, {"not before June"}),
        (None, date(2030, 12, 31), {"not after April"}),
        (date.max, None, {"not before June"}),
        (None, date.max, {title for title, *_rest in KNOWN} - {"no date"}),
        (date(2031, 5, 20), date(2031, 5, 10), set()),
    ],
)
def test_a_coarse_date_is_found_wherever_it_may_lie(
    machine: Actor,
    told: dict[str, Incident],
    first: date | None,
    last: date | None,
    titles: set[str],
) -> None:
    from muniment_server.incidents import queries
    from muniment_server.pictures.spans import Span

    wanted = queries.IncidentFilter(within=Span(first, last))
    assert {one.title for one in queries.incidents(machine, wanted).rows} == titles


def test_every_bar_leads_to_as_many_records_as_it_counts(
    browser: Callable[..., Client], told: dict[str, Incident]
) -> None:
    client = browser("reader")
    page = client.get("/incidents/?show=timeline&happened=open")
    drawn = page.context["timeline"]
    assert drawn["undated"] == 1
    assert len(drawn["bars"]) == 12
    assert [bar["certain"] for bar in drawn["bars"]] == [0, 0, 0, 0, 2] + 7 * [0]
    for bar in drawn["bars"]:
        assert "happened=open" in bar["url"]
        narrowed = client.get(bar["url"])
        assert narrowed.context["pages"]["total"] == bar["total"], bar["told"]
    content = page.content.decode()
    assert "1 record has no date" in content
    assert "May 2031: 3 records, 2 certainly" in content
    assert "<script" not in re.sub(r"<script src=[^>]*></script>", "", content)


def test_a_narrowed_list_says_so_and_can_be_widened_again(
    browser: Callable[..., Client], told: dict[str, Incident]
) -> None:
    page = browser("reader").get("/incidents/?show=timeline&from=2031-05-10&to=2031-05-20")
    assert len(page.context["timeline"]["bars"]) == 11
    chosen = {one["text"]: one["without_url"] for one in page.context["chosen"]}
    assert chosen == {
        "Happened, from: 10 May 2031": "/incidents/?show=timeline&to=2031-05-20",
        "Happened, until: 20 May 2031": "/incidents/?show=timeline&from=2031-05-10",
    }
    assert '<input type="hidden" name="show" value="timeline">' in page.content.decode()


@pytest.mark.parametrize("asked", ["from=2031", "to=tomorrow", "from=", "from=2031-02-30"])
def test_what_is_no_date_narrows_nothing(
    browser: Callable[..., Client], told: dict[str, Incident], asked: str
) -> None:
    page = browser("reader").get(f"/incidents/?{asked}")
    assert page.context["pages"]["total"] == len(KNOWN)
    assert page.context["chosen"] == []


def test_hidden_records_leave_no_trace_in_a_timeline(
    browser: Callable[..., Client], told: dict[str, Incident], close: Callable[[Root], None]
) -> None:
    client = browser("reader")
    close(told["to the minute"])
    close(told["no date"])
    drawn = client.get("/incidents/?show=timeline").context["timeline"]
    assert drawn["undated"] == 0
    assert sum(bar["certain"] for bar in drawn["bars"]) == 1


def test_claims_and_items_have_timelines_too(
    machine: Actor, browser: Callable[..., Client], items: Callable[..., list[Item]]
) -> None:
    from muniment_server.incidents import services

    source = services.record_source(machine, name="Town", kind=services.SourceKind.OFFICIAL)
    for text, said_at in (("It happened.", _at((2031, 5, 14))), ("It did not.", None)):
        services.record_claim(
            machine,
            source=source,
            kind=services.ClaimKind.EVENT,
            said=services.Said(text, said_at=said_at),
        )
    items("a.txt", "b.txt")
    client = browser("reader")
    claims = client.get("/claims/?show=timeline").context["timeline"]
    assert ([bar["text"] for bar in claims["bars"]], claims["undated"]) == (["14 May 2031"], 1)
    assert client.get(claims["bars"][0]["url"]).context["pages"]["total"] == 1
    drawn = client.get("/items/?show=timeline").context["timeline"]
    assert ([bar["certain"] for bar in drawn["bars"]], drawn["undated"]) == ([2], 0)
    assert client.get(drawn["bars"][0]["url"]).context["pages"]["total"] == 2
    assert client.get("/items/?to=2000-01-01").context["pages"]["total"] == 0


def test_the_api_narrows_by_date_as_the_pages_do(
    browser: Callable[..., Client], told: dict[str, Incident]
) -> None:
    client = browser("reader")
    answer = client.get("/api/incidents?from=2031-05-14&to=2031-05-14").json()
    assert {one["title"] for one in answer["records"]} == {
        "to the minute",
        "to the month",
        "to the year",
    }
    assert len(client.get("/api/incidents").json()["records"]) == len(KNOWN)
    for path in ("claims", "items"):
        assert client.get(f"/api/{path}?from=2031-05-14").json()["records"] == []


@pytest.mark.parametrize(
    ("days", "rooms", "width"),
    [
        (1, [15], 40),
        (2, [10, 20], 40),
        (3, [5, 15, 25], 40),
        (4, [0, 10, 20, 30], 40),
        (5, [0, 10, 20, 30, 40], 50),
    ],
)
@pytest.mark.usefixtures("template")
def test_few_bars_are_as_wide_as_many(days: int, rooms: list[int], width: int) -> None:
    from django.http import QueryDict

    from muniment_server.pictures.shown import timeline_shown
    from muniment_server.pictures.spans import Span

    whole = Span(date(2031, 5, 1), date(2031, 5, days))
    drawn = timeline_shown([(whole, 1)], QueryDict(), "/incidents/")
    assert [bar["room"] for bar in drawn["bars"]] == rooms
    assert {bar["width"] for bar in drawn["bars"]} == {8}
    assert drawn["width"] == width
    assert drawn["wide"] == 4 * width
