"""What may be graphic: assumed of all that shows something, until a person says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


@pytest.mark.parametrize("name", ["statement.txt", "list.csv", "places.geojson"])
def test_text_and_data_show_nothing(items: Callable[..., list[Item]], name: str) -> None:
    (item,) = items(name)
    assert not item.graphic


@pytest.mark.parametrize(
    "name", ["film.mp4", "scene.jpg", "call.mp3", "page.html", "report.pdf", "nameless"]
)
def test_everything_else_may_be_graphic(items: Callable[..., list[Item]], name: str) -> None:
    (item,) = items(name)
    assert item.graphic


def test_a_description_leaves_it_as_it_is_unless_it_says_so(
    machine: Actor, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.catalogue import services

    (film,) = items("film.mp4")
    services.describe_item(machine, film, title="The ward")
    assert film.graphic
    services.describe_item(machine, film, title="The ward", graphic=False)
    services.describe_item(machine, film, title="The ward at noon")
    film.refresh_from_db()
    assert not film.graphic


def test_a_picture_under_the_name_of_a_text_stays_veiled(
    items: Callable[..., list[Item]],
) -> None:
    from muniment_server.catalogue.views import dress

    shown = {}
    for item in items("scene.txt", "scene.jpg"):
        item.graphic = False
        dress(item, uuid4())
        shown[item.title] = item.shown  # type: ignore[attr-defined]  # dressed for a page
    assert shown == {"scene.txt": False, "scene.jpg": True}
