"""The seam: one act, one leaf, in one transaction with its rows, for those who may."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import pytest

from muniment.errors import NotFound, NotPermitted
from muniment.evidence.act_kind import ActKind
from muniment.evidence.acts import ACTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment.archive.workspace import Workspace
    from muniment_server.custody.policies import Actor


def test_an_act_is_a_row_and_a_leaf(machine: Actor) -> None:
    from muniment_server.catalogue import services
    from muniment_server.custody import queries

    before = queries.custody_head().size
    made = services.make_collection(machine, title="Letters", reason="to keep them together")

    (act,) = queries.acts_of(machine, made.pk)
    assert (act.index, act.kind, act.by) == (before, "collection.made", machine.agent)
    assert act.reason == "to keep them together"
    assert made.seq == before
    assert made.number == "COL-00001"
    assert queries.custody_head().size == before + 1


def test_each_act_of_a_subject_names_the_one_before(machine: Actor) -> None:
    from muniment_server.custody import queries, services
    from muniment_server.custody.models import AgentKind

    agent = services.create_agent(machine, name="A", kind=AgentKind.PROGRAM)
    home = queries.all_compartments().get()
    services.grant_clearance(machine, agent, home)
    services.revoke_clearance(machine, agent, home, reason="over")

    chain = queries.chain_of(agent.pk)
    assert [leaf.n for leaf in chain] == [0, 1, 2]
    disclosed = [_chain_group(leaf.disclosures) for leaf in chain]
    assert [one["prev"] for one in disclosed] == [
        "",
        bytes(chain[0].hash).hex(),
        bytes(chain[1].hash).hex(),
    ]


def _chain_group(disclosures: str) -> dict[str, object]:
    from muniment.evidence.disclosure import open_disclosure

    opened = [open_disclosure(text) for text in disclosures.split("\n")]
    (chain,) = [one.value for one in opened if one.name == "chain"]
    assert isinstance(chain, dict)
    return chain


def test_a_failing_body_leaves_neither_row_nor_leaf(
    machine: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.catalogue import services
    from muniment_server.catalogue.models import Collection
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import appending

    before = queries.custody_head().size

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(appending, "_insert", broken)
    with pytest.raises(RuntimeError):
        services.make_collection(machine, title="Never")
    monkeypatch.undo()

    assert not Collection.objects.exists()
    assert queries.custody_head().size == before
    assert services.make_collection(machine, title="Next").number == "COL-00001"


def test_whoever_may_not_is_refused_and_the_refusal_recorded(
    person: Callable[..., Actor],
) -> None:
    from muniment_server.catalogue import services
    from muniment_server.custody import queries

    reader = person("reader")
    before = queries.custody_head().size
    with pytest.raises(NotPermitted):
        services.make_collection(reader, title="No")
    assert queries.custody_head().size == before
    denied = queries.accesses().filter(kind="denied", by=reader.agent).get()
    assert denied.detail == "collection.made"


def test_a_record_outside_the_readers_compartments_is_not_there(
    machine: Actor, person: Callable[..., Actor]
) -> None:
    from muniment_server.accounts import queries as accounts
    from muniment_server.catalogue import services
    from muniment_server.catalogue.models import Collection, Item
    from muniment_server.custody import policies, queries
    from muniment_server.custody import services as custody
    from muniment_server.custody.acting import act, keep
    from muniment_server.custody.models import Agent

    closed = custody.create_compartment(machine, name="team-b", title="Team B")
    custody.grant_clearance(machine, Agent.objects.get(pk=machine.agent), closed)
    cleared = accounts.machine_actor(machine.agent.hex)
    assert closed.pk in cleared.compartments

    @act("collection.made", may=policies.may_record_agent)
    def hide(by: Actor) -> Collection:
        return keep(Collection(title="Secret", compartment=closed))

    hidden = hide(cleared)
    analyst = person("analyst")
    with pytest.raises(NotFound):
        services.add_to_collection(analyst, hidden, Item())
    assert queries.accesses(hidden.pk).get().kind == "denied"


def test_rows_are_kept_inside_acts_only(workspace: Workspace) -> None:
    from muniment_server.catalogue.models import Collection
    from muniment_server.custody.acting import keep

    with pytest.raises(RuntimeError, match="inside an act"):
        keep(Collection(title="Loose"))


def test_nul_is_escaped_at_entry(machine: Actor) -> None:
    from muniment_server.catalogue import services

    made = services.make_collection(machine, title="a\x00b")
    made.refresh_from_db()
    assert made.title == "a\\x00b"


def test_an_act_is_never_part_of_somebody_elses_transaction(machine: Actor) -> None:
    from django.db import transaction

    from muniment_server.catalogue import services

    with transaction.atomic(), pytest.raises(RuntimeError):
        services.make_collection(machine, title="Nested")


@pytest.mark.usefixtures("template")
def test_every_act_has_a_service_or_waits_for_one() -> None:
    """Services carry the acts they write, and no act that is not in the closed list."""
    known: set[str] = set()
    for app in ("custody", "accounts", "catalogue", "entities", "incidents", "cases", "disclosure"):
        module = importlib.import_module(f"muniment_server.{app}.services")
        modules = [module]
        if hasattr(module, "__path__"):
            modules += [
                importlib.import_module(f"{module.__name__}.{found.name}")
                for found in pkgutil.iter_modules(module.__path__)
            ]
        for one in modules:
            acts = [getattr(value, "act", None) for value in vars(one).values()]
            known |= {act.name for act in acts if isinstance(act, ActKind)}
    assert known <= set(ACTS)
    assert {"item.received", "incident.opened", "case.opened", "item.exported"} <= known
