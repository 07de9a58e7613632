"""The record of readings: what was looked at, by number, and only what its reader may know of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor


@pytest.fixture
def cleared(machine: Actor, close: Callable[[Root], None]) -> Callable[[Root], Actor]:
    """Hide a record and return somebody who is cleared for it."""
    from muniment_server.custody import services
    from muniment_server.custody.models import Agent, Compartment

    def hide(record: Root) -> Actor:
        close(record)
        closed = Compartment.objects.get(name="team-b")
        agent = Agent.objects.get(pk=machine.agent)
        services.grant_clearance(machine, agent, closed)
        return replace(machine, compartments=machine.compartments | {closed.pk})

    return hide


def rows(reader: Client) -> list[dict[str, str]]:
    found: list[dict[str, str]] = reader.get("/log/access/").context["accesses"]
    return found


def test_what_was_looked_at_is_named_and_led_to(
    machine: Actor, items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    from muniment_server.catalogue import queries

    (item,) = items("film")
    queries.item(machine, item.number)
    queries.items(machine, queries.ItemFilter())
    auditor = browser("auditor")
    _own, listed, viewed = rows(auditor)
    assert (viewed["subject_number"], viewed["kind"]) == (item.number, "viewed")
    assert viewed["subject_url"] == f"/items/{item.number}/"
    assert (listed["subject_number"], listed["subject_url"]) == ("items", "/items/")
    page = auditor.get("/log/access/").content.decode()
    assert f'<a class="num" href="/items/{item.number}/">{item.number}</a>' in page


def test_a_reading_of_a_hidden_record_is_no_line(
    items: Callable[..., list[Item]],
    cleared: Callable[[Root], Actor],
    browser: Callable[..., Client],
) -> None:
    from muniment_server.catalogue import queries

    seen, unseen = items("seen", "unseen")
    insider = cleared(unseen)
    for item in (seen, unseen):
        queries.item(insider, item.number)
    auditor = browser("auditor")
    assert [one["subject_number"] for one in rows(auditor)] == ["accesses", seen.number]
    assert unseen.number not in auditor.get("/log/access/").content.decode()


def test_a_reading_of_what_names_a_hidden_record_is_no_line(
    machine: Actor,
    items: Callable[..., list[Item]],
    cleared: Callable[[Root], Actor],
    browser: Callable[..., Client],
) -> None:
    from muniment_server.incidents import queries, services

    (unseen,) = items("unseen")
    claim = services.record_claim(
        machine,
        source=services.record_source(machine, name="SPECIMEN", kind=services.SourceKind.OFFICIAL),
        kind=services.ClaimKind.EVENT,
        said=services.Said("Something was said."),
        item=unseen,
    )
    queries.claim(cleared(unseen), claim.number)
    assert [one["subject_number"] for one in rows(browser("auditor"))] == ["accesses"]


def test_words_of_somebody_who_knows_more_are_not_shown(
    machine: Actor,
    person: Callable[..., Actor],
    items: Callable[..., list[Item]],
    cleared: Callable[[Root], Actor],
    browser: Callable[..., Client],
) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.custody import services
    from muniment_server.custody.models import Agent, Compartment

    analyst = person("analyst")
    insider = cleared(items("unseen")[0])
    queries.items(analyst, queries.ItemFilter("hospital"))
    queries.items(insider, queries.ItemFilter("Colonel Dorn"))
    auditor = browser("auditor")
    assert [one["detail"] for one in rows(auditor)] == ["", "", "hospital"]
    agent = Agent.objects.get(pk=machine.agent)
    closed = Compartment.objects.get(name="team-b")
    services.revoke_clearance(machine, agent, closed, reason="another task")
    assert [one["detail"] for one in rows(auditor)][-2:] == ["", "hospital"]
    assert "Dorn" not in auditor.get("/log/access/").content.decode()


def test_words_are_for_readers_of_records(
    person: Callable[..., Actor], browser: Callable[..., Client]
) -> None:
    from muniment_server.catalogue import queries

    queries.items(person("analyst"), queries.ItemFilter("hospital"))
    assert rows(browser("administrator"))[-1]["detail"] == ""
    assert rows(browser("auditor"))[-1]["detail"] == "hospital"


def test_older_readings_are_led_to(
    machine: Actor, items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    from muniment_server.catalogue import queries

    (item,) = items("film")
    for _ in range(230):
        queries.item(machine, item.number)
    auditor = browser("auditor")
    seen: list[int] = []
    url = "/log/access/"
    while url:
        context = auditor.get(url).context
        seen += [one["index"] for one in context["accesses"]]
        url = context["pages"]["next_url"]
    # each page leaves its own reading, which a page after it does not show
    assert [index for index in seen if index < 230] == list(range(229, -1, -1))


def test_a_page_of_hidden_readings_does_not_hide_the_older_ones(
    machine: Actor,
    items: Callable[..., list[Item]],
    cleared: Callable[[Root], Actor],
    browser: Callable[..., Client],
) -> None:
    from muniment_server.catalogue import queries

    seen, unseen = items("seen", "unseen")
    queries.item(machine, seen.number)
    insider = cleared(unseen)
    for _ in range(120):
        queries.item(insider, unseen.number)
    assert seen.number in [one["subject_number"] for one in rows(browser("auditor"))]


def test_every_kind_of_record_has_its_page() -> None:
    from django.apps import apps

    from muniment_server.custody.models import Root
    from muniment_server.custody.schemas import RECORD_PAGES
    from muniment_server.custody.schemas.readings import LIST_PAGES

    kinds = {one._meta.label_lower for one in apps.get_models() if issubclass(one, Root)}
    # an assessment is shown on the page of its item
    assert kinds == {*RECORD_PAGES, "incidents.assessment"}
    for page in RECORD_PAGES.values():
        assert reverse(page, args=["X-1"])
    for page in LIST_PAGES.values():
        assert reverse(page)


def test_who_is_refused_at_a_door_leaves_a_trace(browser: Callable[..., Client]) -> None:
    from muniment_server.custody.models import Access

    reader = browser("reader")
    assert reader.get("/log/").status_code == 403
    assert reader.get("/api/log").status_code == 403
    found = Access.objects.filter(kind=Access.Kind.DENIED).order_by("index")
    assert [(one.detail, one.via) for one in found] == [
        ("GET /log/", "web"),
        ("GET /api/log", "web"),
    ]


def test_a_refusal_that_cannot_be_recorded_says_so(
    browser: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment.errors import Unavailable
    from muniment_server.custody.queries import recording

    def fail(*_given: object, **_more: object) -> None:
        raise Unavailable("no room", code="access.not_recorded")

    reader = browser("reader")
    monkeypatch.setattr(recording, "note", fail)
    assert reader.get("/log/").status_code == 503


def test_reading_the_log_of_acts_is_recorded(browser: Callable[..., Client]) -> None:
    auditor = browser("auditor")
    auditor.get("/log/")
    auditor.get("/log/0/")
    auditor.get("/api/log/0/proof")
    found = [
        (one["kind"], one["subject_number"], one["subject_url"], one["detail"])
        for one in rows(auditor)
        if one["subject_number"] == "acts of the log"
    ]
    assert found == [
        ("viewed", "acts of the log", "/log/", "#0"),
        ("viewed", "acts of the log", "/log/", "#0"),
        ("listed", "acts of the log", "/log/", ""),
    ]
