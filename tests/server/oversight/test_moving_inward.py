"""Restricted, sealed, unsealed: what a move inward takes away, and what the escrow alone opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import Conflict, MunimentError, NotFound, Unavailable
from tests.server.oversight.traces import Known, found

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Compartment
    from muniment_server.custody.policies import Actor


@dataclass(frozen=True, slots=True)
class Circle:
    """A compartment, two who are cleared for it, and its escrow key."""

    home: Compartment
    asker: Actor
    giver: Actor
    escrow: str


@pytest.fixture
def circle(workspace: Workspace, machine: Actor, asker: Actor, giver: Actor) -> Circle:
    """A compartment for the two people of a request, in a workspace whose escrow key we hold."""
    from muniment.archive.age_format import Identity
    from muniment_server.accounts import queries
    from muniment_server.custody import services

    home = services.create_compartment(machine, name="witnesses", title="Witnesses")
    people = []
    for handle in ("asker", "giver"):
        person = queries.person(handle)
        assert person is not None
        services.grant_clearance(machine, person.agent, home)
        people.append(queries.actor_of(person, asker.via))
    escrow = Identity.generate()
    (workspace.keys / "escrow.pub").write_text(f"{escrow.recipient.text}\n")
    return Circle(home, people[0], people[1], escrow.text)


def restricted(circle: Circle, item: Item, requested: Callable[..., Any]) -> Item:
    """Have the item restricted, and the plain bytes erased by a worker."""
    from muniment_server.custody.ledger import publishing
    from muniment_server.oversight import queries
    from muniment_server.oversight.services import finish, give

    publishing.publish()
    request = requested(circle.asker, item, "item.restricted", compartment=circle.home)
    give(circle.giver, request)
    publishing.publish()
    finish(item.pk)
    return queries.item_of(circle.giver, item.number)


def test_a_move_inward_leaves_nothing_in_clear(
    circle: Circle, item: Item, workspace: Workspace, requested: Callable[..., Any]
) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.commands.check import examine_workspace
    from muniment_server.custody import queries as custody
    from muniment_server.custody.ledger import publishing

    publishing.publish()
    known = Known().texts("SPECIMEN courtyard.txt").leaves(custody.chain_of(item.pk))
    before = found(known, workspace.root)
    assert any(name.startswith("salt of object") for name in before)
    moved = restricted(circle, item, requested)
    assert found(known, workspace.root) == {}
    _part, stream = queries.open_part(circle.giver, item.number, "1")
    with stream:
        assert stream.read() == b"SPECIMEN courtyard.txt"
    assert queries.bytes_checked(moved)[0] == "proved"
    assert examine_workspace(workspace)["problems"] == []


def test_who_is_not_cleared_knows_of_it_no_longer(
    circle: Circle, item: Item, person: Callable[..., Actor], requested: Callable[..., Any]
) -> None:
    from muniment_server.catalogue import queries

    outsider = person("lawyer", "outsider")
    assert queries.item(outsider, item.number).pk == item.pk
    restricted(circle, item, requested)
    with pytest.raises(NotFound):
        queries.item(outsider, item.number)


def test_nothing_moves_outward_or_to_where_it_is(
    circle: Circle, item: Item, machine: Actor, requested: Callable[..., Any]
) -> None:
    from muniment_server.custody.models import Compartment

    moved = restricted(circle, item, requested)
    for home in (circle.home, Compartment.objects.get(name="open")):
        with pytest.raises(Conflict) as raised:
            requested(circle.asker, moved, "item.restricted", compartment=home)
        assert raised.value.code == "item.not_narrower"


def test_sealed_opens_for_nobody_until_two_bring_the_escrow_key(
    circle: Circle, item: Item, workspace: Workspace, requested: Callable[..., Any]
) -> None:
    from muniment.archive.age_format import Identity
    from muniment_server.catalogue import queries
    from muniment_server.commands.check import examine_workspace
    from muniment_server.oversight.services import give

    moved = restricted(circle, item, requested)
    give(circle.giver, requested(circle.asker, moved, "item.sealed"))
    with pytest.raises(Unavailable) as raised:
        queries.open_part(circle.giver, item.number, "1")
    assert raised.value.code == "key.in_escrow"
    assert examine_workspace(workspace)["problems"] == []

    sealed = queries.item(circle.asker, item.number)
    request = requested(circle.asker, sealed, "item.unsealed")
    for wrong in ("", "AGE-SECRET-KEY-1", Identity.generate().text):
        with pytest.raises(MunimentError):
            give(circle.giver, request, escrow=wrong)
    give(circle.giver, request, escrow=circle.escrow)
    _part, stream = queries.open_part(circle.giver, item.number, "1")
    with stream:
        assert stream.read() == b"SPECIMEN courtyard.txt"
    assert queries.item(circle.asker, item.number).title == "courtyard.txt"
    assert examine_workspace(workspace)["problems"] == []


def test_a_legal_hold_keeps_an_item_and_lets_it_move_inward(
    circle: Circle, item: Item, requested: Callable[..., Any]
) -> None:
    from muniment_server.oversight.services import set_hold

    set_hold(circle.asker, item=item, authority="the court", reason="a trial")
    moved = restricted(circle, item, requested)
    assert moved.compartment_id == circle.home.pk


def test_an_open_item_cannot_be_sealed(
    asker: Actor, item: Item, requested: Callable[..., Any]
) -> None:
    with pytest.raises(Conflict) as raised:
        requested(asker, item, "item.sealed")
    assert raised.value.code == "item.no_key"


def test_what_was_closed_is_shredded_with_its_key(
    circle: Circle, item: Item, workspace: Workspace, requested: Callable[..., Any]
) -> None:
    from muniment.archive.keyring import DESTROYED
    from muniment_server.commands.check import examine_workspace
    from muniment_server.custody.ledger import publishing
    from muniment_server.database.closed import keyring
    from muniment_server.oversight.services import finish, give

    moved = restricted(circle, item, requested)
    give(circle.giver, requested(circle.asker, moved))
    publishing.publish()
    finish(item.pk)
    assert keyring().home_of(item.pk.hex) == DESTROYED
    assert examine_workspace(workspace)["problems"] == []


@pytest.mark.parametrize("act", ["item.shredded", "item.destroyed", "item.sealed"])
def test_what_lies_in_escrow_is_unsealed_before_anything_else(
    circle: Circle, item: Item, requested: Callable[..., Any], act: str
) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.oversight.services import give

    moved = restricted(circle, item, requested)
    give(circle.giver, requested(circle.asker, moved, "item.sealed"))
    with pytest.raises(Conflict) as raised:
        requested(circle.asker, queries.item(circle.asker, item.number), act)
    assert raised.value.code == "item.sealing"


def test_the_archive_gives_a_restricted_item_again(
    circle: Circle,
    item: Item,
    workspace: Workspace,
    requested: Callable[..., Any],
    tmp_path: Any,  # noqa: ANN401 - a path
) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.commands.check import examine_workspace
    from muniment_server.commands.rebuild import rebuild
    from muniment_server.custody import queries as custody

    restricted(circle, item, requested)
    rebuild(workspace.archive, workspace.keys, tmp_path / "again")
    assert queries.item(circle.giver, item.number).title == "courtyard.txt"
    assert examine_workspace(custody.workspace())["problems"] == []
