"""Whoever asks for an act, or decides on one, sees which record it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.oversight.models import ApprovalRequest


@pytest.mark.parametrize("page", ["ask", "approve", "refuse"])
def test_a_form_names_the_item(
    page: str,
    browser: Callable[..., Client],
    item: Item,
    asker: Actor,
    requested: Callable[..., ApprovalRequest],
) -> None:
    found = requested(asker, item)
    place = {
        "ask": f"/items/{item.number}/taking-out/shred/",
        "approve": f"/requests/{found.pk.hex}/approve/",
        "refuse": f"/requests/{found.pk.hex}/refuse/",
    }[page]
    answer = browser("lawyer").get(place)
    assert answer.status_code == 200
    assert f">{item.number} · {item.title}<" in answer.content.decode()
