"""Visible, known to exist, or hidden: a state of one record, told by a person with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident

SENTENCE = "One record exists here that you may not see."


@pytest.fixture
def pair(items: Callable[..., list[Item]]) -> list[Item]:
    """Two items."""
    return items("open.txt", "closed.txt")


@pytest.fixture
def incident(machine: Actor, pair: list[Item]) -> Incident:
    """An incident that both items are evidence for."""
    from muniment_server.incidents import services

    made = services.open_incident(machine, title="SPECIMEN incident")
    for item in pair:
        services.link_evidence(machine, incident=made, item=item, stance=services.Stance.SUPPORTS)
    return made


@pytest.fixture
def hidden(pair: list[Item], close: Callable[[Root], None], incident: Incident) -> Item:
    """The second item, in a compartment for which nobody in the test is cleared."""
    close(pair[1])
    return pair[1]


@pytest.fixture
def insider(person: Callable[..., Actor], machine: Actor, hidden: Item) -> Actor:
    """A lawyer who is cleared for the compartment of the hidden item."""
    from muniment_server.accounts import queries
    from muniment_server.custody import services
    from muniment_server.custody.models import Agent, Compartment

    made = person("lawyer", "insider")
    home = Compartment.objects.get(pk=hidden.compartment_id)
    services.grant_clearance(machine, Agent.objects.get(pk=made.agent), home)
    found = queries.person("insider")
    assert found is not None
    return queries.actor_of(found, made.via)


def told(insider: Actor, hidden: Item) -> Any:  # noqa: ANN401 - the row of the act
    from muniment_server.oversight.services import tell_existence

    return tell_existence(insider, item=hidden, reason="the other side asked")


def test_hidden_is_as_if_it_were_not(
    hidden: Item, incident: Incident, browser: Callable[..., Client]
) -> None:
    page = browser("lawyer", "outsider").get(f"/incidents/{incident.number}/").content.decode()
    assert SENTENCE not in page


def test_known_to_exist_says_that_and_nothing_more(
    hidden: Item, insider: Actor, incident: Incident, browser: Callable[..., Client]
) -> None:
    told(insider, hidden)
    outsider = browser("lawyer", "outsider")
    page = outsider.get(f"/incidents/{incident.number}/").content.decode()
    assert SENTENCE in page
    for said in (hidden.number, hidden.title, "the other side asked", hidden.pk.hex):
        assert said not in page
    for address in (f"/items/{hidden.number}/", f"/items/{hidden.number}/taking-out/"):
        assert outsider.get(address).status_code == 404


def test_whoever_is_cleared_sees_the_record_and_no_such_sentence(
    hidden: Item, insider: Actor
) -> None:
    from muniment_server.oversight import queries

    told(insider, hidden)
    assert queries.known_to_exist(insider) == 0


def test_it_can_be_hidden_again(hidden: Item, insider: Actor, person: Callable[..., Actor]) -> None:
    from muniment_server.oversight import queries
    from muniment_server.oversight.services import hide_existence

    made = told(insider, hidden)
    outsider = person("reader", "outsider")
    assert queries.known_to_exist(outsider, [hidden.pk]) == 1
    hide_existence(insider, made, item=hidden, reason="asked in error")
    assert queries.known_to_exist(outsider) == 0


def test_only_who_may_know_it_tells(hidden: Item, person: Callable[..., Actor]) -> None:
    from muniment_server.oversight.services import tell_existence

    with pytest.raises(NotFound):
        tell_existence(person("lawyer", "outsider"), item=hidden, reason="curious")


@pytest.mark.parametrize("times", [1, 2])
def test_an_open_item_needs_no_telling_and_none_is_told_twice(
    pair: list[Item], hidden: Item, insider: Actor, times: int
) -> None:
    from muniment_server.oversight.services import tell_existence

    asked = pair[0] if times == 1 else told(insider, hidden).item
    with pytest.raises(Conflict) as raised:
        tell_existence(insider, item=asked, reason="again")
    assert raised.value.code == {1: "existence.open", 2: "existence.told"}[times]


def test_no_bundle_is_given_out_on_a_partial_view(
    pair: list[Item], hidden: Item, insider: Actor, person: Callable[..., Actor], tmp_path: Path
) -> None:
    from muniment.plugins import exporters
    from muniment_server.custody.ledger import publishing
    from muniment_server.disclosure.services import Order, export

    publishing.publish()
    outsider = person("lawyer", "outsider")
    exporter = exporters()["exhibit"]
    export(outsider, [pair[0]], Order("the court"), exporter, tmp_path / "1.zip")
    told(insider, hidden)
    with pytest.raises(Conflict) as raised:
        export(outsider, [pair[0]], Order("the court"), exporter, tmp_path / "2.zip")
    assert raised.value.code == "view.partial"
    assert not (tmp_path / "2.zip").exists()
    export(insider, [pair[0]], Order("the court"), exporter, tmp_path / "3.zip")
