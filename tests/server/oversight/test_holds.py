"""A legal hold: nothing of an item is destroyed while it stands, by no act and by no SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from muniment.errors import Conflict, MunimentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.oversight.models import Hold


@pytest.fixture
def hold(asker: Actor, item: Item) -> Hold:
    """A hold that stands on the item."""
    from muniment_server.oversight.services import set_hold

    return set_hold(asker, item=item, authority="the court", reason="a trial")


@pytest.mark.parametrize("act", ["item.shredded", "item.destroyed"])
def test_nothing_is_even_asked_for(
    hold: Hold, asker: Actor, item: Item, requested: Callable[..., Any], act: str
) -> None:
    with pytest.raises(Conflict) as raised:
        requested(asker, item, act)
    assert raised.value.code == "hold.stands"


@pytest.mark.parametrize("act", ["item.shredded", "item.destroyed"])
def test_a_hold_stops_what_was_asked_for_before(
    asker: Actor, giver: Actor, item: Item, requested: Callable[..., Any], act: str
) -> None:
    from muniment_server.oversight.services import give, set_hold

    request = requested(asker, item, act)
    set_hold(giver, item=item, authority="the court", reason="a trial")
    with pytest.raises(MunimentError) as raised:
        give(giver, request)
    assert raised.value.code == "hold.stands"


_INTO = 'INSERT INTO oversight_withdrawn ("index", item) '
_SHRED = (
    _INTO + 'SELECT "index", obj FROM custody_leaf WHERE obj = %s',
    _INTO + 'SELECT "index", eid FROM custody_leaf WHERE obj = %s',
    "UPDATE custody_leaf SET disclosures = 'x' WHERE obj = %s",
    "UPDATE catalogue_item SET ended = CURRENT_TIMESTAMP WHERE id = %s",
    "UPDATE catalogue_part SET sha256 = '' WHERE item_id = %s",
    "DELETE FROM oversight_hold WHERE item_id = %s",
)


@pytest.mark.parametrize("statement", _SHRED)
def test_the_database_refuses_it_too(hold: Hold, item: Item, statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"legal hold stands|append-only"):
        _sql(statement, item)


def test_two_people_release_it(
    hold: Hold, asker: Actor, giver: Actor, item: Item, requested: Callable[..., Any]
) -> None:
    from muniment_server.oversight import queries
    from muniment_server.oversight.services import give

    give(giver, requested(asker, item, "hold.released", hold=hold))
    assert queries.holds_on(item) == []
    give(giver, requested(asker, item, "item.shredded"))


def test_leaves_lose_nothing_that_no_act_withdrew(item: Item) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        _sql("UPDATE custody_leaf SET disclosures = 'x' WHERE obj = %s", item)


@pytest.mark.parametrize("column", ["kind = 'x'", "n = 9", "disclosures = disclosures || 'x'"])
def test_withdrawn_leaves_lose_and_never_change(item: Item, column: str) -> None:
    _sql(_SHRED[0], item)
    with pytest.raises(DatabaseError, match="append-only"):
        _sql(f"UPDATE custody_leaf SET {column} WHERE obj = %s", item)


def _sql(statement: str, item: Item) -> None:
    key = item.pk.hex if connection.vendor == "sqlite" else item.pk
    with connection.cursor() as cursor:
        cursor.execute(statement, [key])
