"""An incident's page: words for people, in place of codes and silence."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.custody.policies import Actor

NOON = datetime.datetime(2031, 5, 14, 12, tzinfo=datetime.UTC)


def shown(client: Client, path: str) -> str:
    """Return a page as words, its markup left out."""
    page = client.get(path).content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_kinds_of_conflict_are_words(machine: Actor, browser: Callable[..., Client]) -> None:
    from muniment_server.incidents import services

    found = services.open_incident(machine, title="Attack", described=services.Description())
    services.classify(machine, found, crime="rs_8_2_b_ix", reason="to see its words")
    page = shown(browser("reader"), f"/incidents/{found.number}/")
    assert "8(2)(b)(ix) · international" in page
    assert "IAC" not in page


def test_a_time_of_unknown_precision_says_that_its_precision_is_unknown(
    machine: Actor, browser: Callable[..., Client]
) -> None:
    from muniment_server.incidents import services

    described = services.Description(occurred_from=NOON)
    found = services.open_incident(machine, title="Attack", described=described)
    page = shown(browser("reader"), f"/incidents/{found.number}/")
    assert "14 May 2031 how exactly is not known" in page
    assert "2031 not known" not in page


def test_an_incident_without_victims_says_so(
    machine: Actor, browser: Callable[..., Client]
) -> None:
    from muniment_server.incidents import services

    found = services.open_incident(machine, title="Attack", described=services.Description())
    assert "Nobody is recorded as a victim yet." in shown(
        browser("reader"), f"/incidents/{found.number}/"
    )


def test_an_empty_list_says_that_it_is_empty_and_what_to_do(
    browser: Callable[..., Client],
) -> None:
    reader = browser("reader")
    page = shown(reader, "/victims/")
    assert "Nothing is recorded here yet" in page
    assert "A victim is added on the page of the incident." in page
    filtered = shown(reader, "/victims/?harm=killed")
    assert "Nothing matches" in filtered
    assert "Nothing is recorded here yet" not in filtered


def test_only_who_may_read_the_log_is_led_to_an_act(
    machine: Actor, browser: Callable[..., Client]
) -> None:
    from muniment_server.incidents import services

    found = services.open_incident(machine, title="Attack", described=services.Description())
    path = f"/incidents/{found.number}/"
    assert f'href="/log/{found.seq}/"' in browser("auditor").get(path).content.decode()
    page = browser("reader").get(path).content.decode()
    assert "/log/" not in page
    assert f"#{found.seq}</span>" in page
