"""One search over every kind of record: what it finds, for whom, and what it leaves behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor

WORD = "сапфір"
NAME = "Ivanna Sapphirenko"
KINDS = ("item", "incident", "claim", "source", "person", "unit", "victim", "case", "situation")


@pytest.fixture
def records(machine: Actor, items: Callable[..., list[Item]]) -> dict[str, Root]:
    """One record of every kind that people search for by the same word, and a victim by name."""
    from muniment_server.cases import services as cases
    from muniment_server.casualties import services as casualties
    from muniment_server.entities import services as entities
    from muniment_server.incidents import services as register

    (item,) = items(f"{WORD}.txt")
    incident = register.open_incident(machine, title=f"The {WORD.upper()} incident")
    source = register.record_source(
        machine, name=f"{WORD} agency", kind=register.SourceKind.OFFICIAL
    )
    claim = register.record_claim(
        machine,
        source=source,
        kind=register.ClaimKind.EVENT,
        said=register.Said(f"It burned in {WORD.title()} street."),
        incident=incident,
    )
    victim = casualties.record_victim(
        machine,
        incident=incident,
        known=casualties.Known(harm=casualties.Harm.KILLED, name=f"{NAME} {WORD}"),
    )
    situation = cases.open_situation(machine, title=f"{WORD} valley")
    return {
        "item": item,
        "incident": incident,
        "claim": claim,
        "source": source,
        "person": entities.record_person(machine, name=f"{WORD} Dorn"),
        "unit": entities.record_unit(
            machine, name=f"{WORD} brigade", kind=entities.UnitKind.MILITARY
        ),
        "victim": victim,
        "case": cases.open_case(machine, situation=situation, title=f"Case of {WORD}"),
        "situation": situation,
    }


def found(client: Client, words: str) -> set[str]:
    """Return the numbers that the search page leads to, and the same through the API."""
    groups = client.get("/search/", {"q": words}).context["groups"]
    page = {one["number"] for group in groups for one in group["records"]}
    answer = json.loads(client.get("/api/search", {"q": words}).content)
    api = {one["number"] for group in answer["groups"] for one in group["records"]}
    assert page == api
    return page


def test_every_kind_is_found_by_a_word_in_any_case(
    records: dict[str, Root], browser: Callable[..., Client]
) -> None:
    analyst = browser("analyst")
    assert set(records) == set(KINDS)
    assert found(analyst, f"  {WORD.upper()} ") == {one.number for one in records.values()}
    claim = records["claim"].number
    assert found(analyst, claim.lower()) == {claim}
    assert found(analyst, f"{WORD} nothing") == set()
    page = analyst.get("/search/", {"q": WORD}).content.decode()
    for record in records.values():
        assert f'<span class="num">{record.number}</span>' in page


def test_the_api_gives_the_records_that_lists_give(
    records: dict[str, Root], browser: Callable[..., Client]
) -> None:
    analyst = browser("analyst")
    answer = json.loads(analyst.get("/api/search", {"q": WORD}).content)
    assert [group["kind"] for group in answer["groups"]] == list(KINDS)
    for group in answer["groups"]:
        listed = json.loads(analyst.get(f"/api/{group['kind']}s", {"q": WORD}).content)
        assert group["records"] == listed["records"]


def test_who_a_victim_is_is_not_found_by_whoever_may_not_read_it(
    records: dict[str, Root], browser: Callable[..., Client]
) -> None:
    victim = records["victim"]
    for role in ("reader", "investigator", "auditor"):
        client = browser(role)
        assert victim.number not in found(client, WORD)
        assert found(client, NAME) == set()
        assert victim.number in found(client, victim.number)
        for path in ("/search/", "/api/search"):
            assert NAME not in client.get(path, {"q": victim.number}).content.decode()
    assert NAME in browser("lawyer").get("/search/", {"q": victim.number}).content.decode()


def test_hidden_records_are_not_found_and_not_counted(
    records: dict[str, Root],
    close: Callable[[Root], None],
    browser: Callable[..., Client],
) -> None:
    analyst = browser("analyst")
    left = dict(records)
    # a claim goes with its source, a victim with the incident, a case with the situation
    for kind, with_it in (
        *(("item", ()), ("person", ()), ("unit", ()), ("incident", ("claim", "victim"))),
        *(("source", ()), ("situation", ("case",))),
    ):
        hidden = left.pop(kind)
        close(hidden)
        for one in with_it:
            del left[one]
        assert found(analyst, WORD) == {one.number for one in left.values()}, kind
        assert hidden.number not in found(analyst, hidden.number)
        page = analyst.get("/search/", {"q": WORD}).content.decode()
        assert f">{hidden.number}<" not in page
        groups = sum(page.count(f'aria-labelledby="found-{n}"') for n in range(1, 10))
        assert groups == len(left)
    assert left == {}


def test_a_search_is_recorded_for_every_kind(
    records: dict[str, Root], browser: Callable[..., Client]
) -> None:
    from muniment_server.custody.models import Access

    client = browser("reader")
    before = Access.objects.using("access").count()
    client.get("/search/", {"q": WORD})
    rows = Access.objects.using("access").order_by("pk")[before:]
    assert {(row.model.split(".")[1], row.kind, row.detail) for row in rows} == {
        (kind, "searched", WORD) for kind in KINDS
    }


def test_words_lead_on_to_the_whole_list(machine: Actor, browser: Callable[..., Client]) -> None:
    from muniment_server.incidents import services

    for n in range(9):
        services.open_incident(machine, title=f"blue & green {n}")
    groups: list[dict[str, Any]] = (
        browser("reader").get("/search/", {"q": "blue & green"}).context["groups"]
    )
    (group,) = groups
    assert len(group["records"]) == 8
    assert group["more_url"] == "/incidents/?q=blue+%26+green"


def test_an_administrator_searches_nothing(browser: Callable[..., Client]) -> None:
    client = browser("administrator")
    assert client.get("/search/", {"q": WORD}).status_code == 403
    assert client.get("/api/search", {"q": WORD}).status_code == 403


def test_a_word_of_a_claim_finds_it_in_its_list(
    records: dict[str, Root], browser: Callable[..., Client], machine: Actor
) -> None:
    from muniment_server.api import KINDS as READ

    client = browser("reader")
    number = records["claim"].number
    assert number in client.get("/claims/", {"q": f"{WORD} STREET"}).content.decode()
    assert number not in client.get("/claims/", {"q": "elsewhere"}).content.decode()
    assert [one["number"] for one in READ["claim"].listed(machine, WORD, -1)[0]] == [number]
    assert READ["situation"].listed(machine, "elsewhere", -1) == ([], None)
