"""Uncovering what may be graphic: counted for each person, in sight of whoever may know of it."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor


@pytest.fixture
def film(items: Callable[..., list[Item]]) -> Item:
    """An item that may be graphic."""
    return items("film.mp4")[0]


def test_uncovering_is_counted_and_recorded_as_that(
    film: Item, browser: Callable[..., Client]
) -> None:
    from muniment_server.custody.queries import accesses

    client = browser("reader")
    assert "You have uncovered" not in client.get("/").content.decode()
    for _time in range(2):
        answer = client.post(f"/items/{film.number}/uncover/", headers={"HX-Request": "true"})
        assert answer.status_code == 204
    counted = accesses(film.pk).filter(kind="uncovered")
    assert counted.count() == 2
    assert "2 today, 2 this week" in client.get("/").content.decode()
    assert "You have uncovered" not in browser("analyst").get("/").content.decode()


def test_without_scripts_the_picture_is_shown_once_it_is_counted(
    film: Item, browser: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser("reader")
    monkeypatch.setattr(
        "muniment_server.catalogue.queries.thumbnails_of",
        lambda found: {one.pk: one.pk for one in found},
    )
    page = f"/items/{film.number}/"
    assert f'action="{page}uncover/"' in client.get(page).content.decode()
    answer = client.post(f"{page}uncover/", follow=True)
    assert '<details class="veil" open>' in answer.content.decode()
    assert '<details class="veil" open>' not in client.get(page).content.decode()


def test_days_and_weeks_end(
    film: Item, machine: Actor, browser: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment.evidence.instant import now
    from muniment_server.catalogue import queries as catalogue
    from muniment_server.custody import queries

    catalogue.uncovered(machine, film.number)
    noon = now().replace(hour=12)
    for days, today, week in ((0, 1, 1), (1, 0, 1), (6, 0, 1), (7, 0, 0)):
        later = noon + datetime.timedelta(days=days)
        monkeypatch.setattr("muniment_server.custody.queries.exposure.now", lambda at=later: at)
        own = queries.own_exposure(machine)
        assert (own.today, own.week) == (today, week), days


def test_a_lead_sees_counts_and_nothing_of_what_they_may_not_know_of(
    film: Item,
    items: Callable[..., list[Item]],
    machine: Actor,
    browser: Callable[..., Client],
    person: Callable[..., Actor],
    close: Callable[[Root], None],
) -> None:
    from muniment_server.catalogue import queries as catalogue
    from muniment_server.custody import queries

    (secret,) = items("secret.mp4")
    close(secret)
    lead = person("auditor")
    cleared = replace(machine, compartments=machine.compartments | {secret.compartment_id})
    catalogue.uncovered(cleared, secret.number)
    assert queries.exposures(lead) == []
    assert "Who uncovered" not in browser("auditor", "u2").get("/log/access/").content.decode()
    catalogue.uncovered(cleared, film.number)
    assert [(one.name, one.today, one.week) for one in queries.exposures(lead)] == [
        (machine.name, 1, 1)
    ]
    assert queries.own_exposure(cleared).week == 2
    page = browser("auditor", "u3").get("/log/access/").content.decode()
    assert "Who uncovered what may be graphic" in page


def test_what_is_not_there_and_what_is_hidden_cannot_be_uncovered(
    film: Item, browser: Callable[..., Client], close: Callable[[Root], None]
) -> None:
    client = browser("reader")
    close(film)
    assert client.post(f"/items/{film.number}/uncover/").status_code == 404
    assert client.post("/items/M-99999/uncover/").status_code == 404
