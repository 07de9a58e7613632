"""Two lawyers, an investigator, and requests between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.oversight.models import ApprovalRequest


@pytest.fixture
def asker(person: Callable[..., Actor]) -> Actor:
    """An investigator, who may ask."""
    return person("investigator", "asker")


@pytest.fixture
def giver(person: Callable[..., Actor]) -> Actor:
    """A lawyer, who may approve."""
    return person("lawyer", "giver")


@pytest.fixture
def item(items: Callable[..., list[Item]]) -> Item:
    """One item of one file."""
    [found] = items("courtyard.txt")
    return found


@pytest.fixture
def requested() -> Callable[..., ApprovalRequest]:
    """Ask for an act on an item."""
    from muniment_server.oversight.services import Decided, Wish, ask

    def make(by: Actor, item: Item, act: str = "item.shredded", **more: Any) -> ApprovalRequest:  # noqa: ANN401 - the members of a wish
        return ask(by, item, Wish(Decided(act), "Order 4/2026", "no lawful basis", **more))

    return make
