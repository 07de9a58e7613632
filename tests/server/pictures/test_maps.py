"""The map of a list: of its records, of nothing hidden, and no invention on the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident


@pytest.fixture
def told(machine: Actor) -> list[Incident]:
    """Two incidents with a point, and one without."""
    from muniment_server.incidents import services

    points = [(500_000_000, 300_000_000, 5000), (480_000_000, 380_000_000, 40), (None, None, None)]
    return [
        services.open_incident(
            machine,
            title=f"Place {place}",
            described=services.Description(latitude_e7=north, longitude_e7=east, error_m=error),
        )
        for place, (north, east, error) in enumerate(points)
    ]


def test_a_map_draws_what_the_list_shows_and_leads_to_it(
    browser: Callable[..., Client], told: list[Incident]
) -> None:
    client = browser("reader")
    page = client.get("/incidents/?show=map&happened=open")
    drawn = page.context["map"]
    assert [one["url"] for one in drawn["places"]] == [
        "/incidents/INC-00001/",
        "/incidents/INC-00002/",
    ]
    assert drawn["places"][0]["radius"] > drawn["places"][1]["radius"] >= 0
    assert drawn["unplaced"] == 1
    content = page.content.decode()
    assert "INC-00001 Place 0, within 5000 m of 50.00000, 30.00000" in content
    assert "1 record has no point" in content
    one = client.get("/incidents/?show=map&q=INC-00002").context["map"]
    assert ([place["number"] for place in one["places"]], one["unplaced"]) == (["INC-00002"], 0)


def test_invented_places_are_not_drawn_on_the_world(
    browser: Callable[..., Client], told: list[Incident]
) -> None:
    page = browser("reader").get("/incidents/?show=map")
    assert page.context["map"]["land"] == ""
    assert ">SPECIMEN</text>" in page.content.decode()
    assert 'class="land"' not in page.content.decode()


def test_places_of_an_archive_lie_on_coasts_without_borders(
    browser: Callable[..., Client], told: list[Incident], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muniment.archive.workspace.Workspace.specimen", False)
    content = browser("reader").get("/incidents/?show=map").content.decode()
    assert 'class="land"' in content
    assert "No border is drawn" in content
    assert "SPECIMEN</text>" not in content


def test_hidden_records_leave_no_trace_on_a_map(
    browser: Callable[..., Client], told: list[Incident], close: Callable[[Root], None]
) -> None:
    client = browser("reader")
    close(told[0])
    close(told[2])
    drawn = client.get("/incidents/?show=map").context["map"]
    assert [one["number"] for one in drawn["places"]] == ["INC-00002"]
    assert drawn["unplaced"] == 0


def test_a_map_of_many_says_how_many_it_draws(
    browser: Callable[..., Client], told: list[Incident], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muniment_server.pictures.shown.MOST_PLACES", 1)
    page = browser("reader").get("/incidents/?show=map")
    assert len(page.context["map"]["places"]) == 1
    assert "Only the first 1 places are drawn" in page.content.decode()


def test_a_list_without_any_point_says_that(browser: Callable[..., Client], machine: Actor) -> None:
    from muniment_server.incidents import services

    services.open_incident(machine, title="Nowhere")
    page = browser("reader").get("/incidents/?show=map").content.decode()
    assert "1 record has no point" in page
