"""The map of a list: of its records, of nothing hidden, and no invention on the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.catalogue.models import Item
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


@pytest.fixture
def state(machine: Actor) -> Callable[..., None]:
    """Record what an examination read from an item's file."""
    from muniment.evidence.instant import now
    from muniment_server.catalogue.models import Finding
    from muniment_server.custody.acting.work import working

    def record(item: Item, **facts: str) -> None:
        told = [{"name": name.replace("_", " "), "value": value} for name, value in facts.items()]
        with working():
            Finding.objects.create(
                part=item.parts.get(),
                examination="image_metadata",
                tool="ExifTool",
                version="12.57",
                outcome="inconclusive",
                summary="By its metadata: …",
                facts=told,
                made=now(),
            )

    return record


def test_items_lie_where_their_files_say(
    browser: Callable[..., Client],
    items: Callable[..., list[Item]],
    state: Callable[..., None],
    close: Callable[[Root], None],
) -> None:
    photo, film, text, hidden = items("photo.jpg", "film.mp4", "text.txt", "hidden.jpg")
    state(photo, Position="+10.000000, +20.000000")
    state(photo, Position="+48.500000, -3.250000", Error_of_position_in_metres="4.7 m")
    state(film, Position_by_the_device="-48.5000+003.2500+120.123/")
    state(text, Position="somewhere")
    state(hidden, Position="+48.500000, -3.250000")
    close(hidden)
    page = browser("reader").get("/items/?show=map")
    drawn = page.context["map"]
    assert [(one["number"], one["point"], one["error_m"]) for one in drawn["places"]] == [
        (photo.number, "48.50000, -3.25000", 5),
        (film.number, "-48.50000, 3.25000", 0),
    ]
    assert drawn["places"][0]["url"] == f"/items/{photo.number}/"
    assert drawn["unplaced"] == 1
    content = page.content.decode()
    assert "Anyone can write metadata" in content
    assert f"{film.number} film.mp4, at -48.50000, 3.25000; nobody says how exactly" in content
    assert "within 0 m" not in content


def test_an_item_put_aside_lies_nowhere(
    browser: Callable[..., Client], items: Callable[..., list[Item]], state: Callable[..., None]
) -> None:
    from muniment.evidence.instant import now
    from muniment_server.catalogue.models import Item

    (photo,) = items("photo.jpg")
    state(photo, Position="+48.500000, -3.250000")
    Item.objects.filter(pk=photo.pk).update(barred=now())
    assert browser("reader").get("/items/?show=map").context["map"]["places"] == []
