"""Four eyes: whatever is not two people who may, about what they saw, is refused and recorded."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import MunimentError
from tests.server.refusals import denials, entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.oversight.models import ApprovalRequest

ACTS = ("item.shredded", "item.destroyed", "item.redacted", "hold.released")


@dataclass(slots=True)
class Case:
    """One request between two people, and the machine that manages them."""

    machine: Actor
    asker: Actor
    giver: Actor
    other: Actor
    item: Item
    request: ApprovalRequest


@pytest.fixture
def case(
    machine: Actor,
    asker: Actor,
    giver: Actor,
    person: Callable[..., Actor],
    item: Item,
    requested: Callable[..., ApprovalRequest],
    act: str,
) -> Case:
    """A request for one of the acts."""
    from muniment_server.oversight.services import Redaction, set_hold

    more: dict[str, Any] = {}
    if act == "hold.released":
        more["hold"] = set_hold(machine, item=item, authority="the court", reason="a trial")
    if act == "item.redacted":
        part = item.parts.get().pk
        more["redaction"] = Redaction(part, [b"SPECIMEN ***"], "text/plain", "a name")
    request = requested(asker, item, act, **more)
    return Case(machine, asker, giver, person("lawyer", "other"), item, request)


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest) -> str:
    """Each act that two people do."""
    return str(request.param)


def _own(case: Case) -> Actor:
    """The one who asked is a lawyer by now and approves their own request."""
    from muniment_server.accounts import queries, services

    asked_by = queries.person("asker")
    assert asked_by is not None
    services.grant_role(case.machine, asked_by, role=services.Role.LAWYER)
    return queries.actor_of(asked_by, case.asker.via)


def _program(case: Case) -> Actor:
    return case.machine


def _investigator(case: Case) -> Actor:
    from muniment_server.accounts import queries, services

    made = services.add_person(
        case.machine, name="SPECIMEN", handle="third", role=services.Role.INVESTIGATOR
    )
    return queries.actor_of(made, case.giver.via)


def _replayed(case: Case) -> Actor:
    from muniment_server.oversight.services import give

    give(case.giver, case.request)
    return case.other


def _refused_before(case: Case) -> Actor:
    from muniment_server.oversight.services import refuse

    refuse(case.other, case.request, answer="not without the order")
    return case.giver


def _giver_without_role(case: Case) -> Actor:
    _take_role(case.machine, "giver", "lawyer")
    return case.giver


def _giver_without_clearance(case: Case) -> Actor:
    _take_clearance(case.machine, case.giver)
    return case.giver


def _giver_gone(case: Case) -> Actor:
    _end(case.machine, "giver")
    return case.giver


def _asker_without_role(case: Case) -> Actor:
    _take_role(case.machine, "asker", "investigator")
    return case.giver


def _asker_without_clearance(case: Case) -> Actor:
    _take_clearance(case.machine, case.asker)
    return case.giver


def _asker_gone(case: Case) -> Actor:
    _end(case.machine, "asker")
    return case.giver


def _changed(case: Case) -> Actor:
    from muniment_server.catalogue import queries, services

    found = queries.item(case.machine, case.item.number)
    services.describe_item(case.machine, found, title="Another title")
    return case.giver


def _edited_behind_the_back(case: Case) -> Actor:
    """Somebody who owns the database changes which bytes the row names; no act says so."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER hold_part" + _of("catalogue_part"))
        cursor.execute("UPDATE catalogue_part SET sha256 = %s", ["0" * 64])
    return case.giver


def _of(table: str) -> str:
    from django.db import connection

    return f" ON {table}" if connection.vendor == "postgresql" else ""


def _take_role(machine: Actor, handle: str, role: str) -> None:
    from muniment_server.accounts import queries, services

    person = queries.person(handle)
    assert person is not None
    services.revoke_role(machine, person, role=role, reason="left the team")


def _take_clearance(machine: Actor, of: Actor) -> None:
    from muniment_server.custody import services
    from muniment_server.custody.models import Agent, Compartment

    agent = Agent.objects.get(pk=of.agent)
    home = Compartment.objects.get(name="open")
    services.revoke_clearance(machine, agent, home, reason="no need to know")


def _end(machine: Actor, handle: str) -> None:
    from muniment_server.accounts import queries, services

    person = queries.person(handle)
    assert person is not None
    services.end_person(machine, person, reason="left")


CIRCUMSTANCES: dict[str, tuple[Callable[[Case], Actor], str]] = {
    "whoever asked approves": (_own, "approval.own"),
    "a program approves": (_program, "approval.program"),
    "somebody without the role": (_investigator, "approval.not_permitted"),
    "approved a second time": (_replayed, "approval.answered"),
    "refused before": (_refused_before, "approval.answered"),
    "the second person lost the role": (_giver_without_role, "approval.not_permitted"),
    "the second person lost the clearance": (_giver_without_clearance, "record.not_found"),
    "the second person left": (_giver_gone, "person.ended"),
    "the first person lost the role": (_asker_without_role, "approval.asker"),
    "the first person lost the clearance": (_asker_without_clearance, "approval.asker"),
    "the first person left": (_asker_gone, "approval.asker"),
    "the record changed": (_changed, "approval.changed"),
    "its bytes were exchanged": (_edited_behind_the_back, "approval.changed"),
}


@pytest.mark.parametrize("name", CIRCUMSTANCES)
def test_it_is_refused_and_recorded(case: Case, act: str, name: str) -> None:
    from muniment_server.oversight.services import give

    happens, code = CIRCUMSTANCES[name]
    by = happens(case)
    before, noted = entries(), denials()
    with pytest.raises(MunimentError) as raised:
        give(by, case.request)
    assert (raised.value.code, raised.value.exit_code) == (code, 2)
    assert raised.value.hint
    assert raised.value.message.count(". ") == 0  # one sentence
    assert entries() == before
    assert denials() == noted + 1


def test_two_who_approve_at_once_do_it_once(case: Case, act: str) -> None:
    from django.db import connections

    from muniment_server.custody import queries
    from muniment_server.oversight.services import give

    start = threading.Barrier(2)
    told: list[str] = []

    def approve(by: Actor) -> None:
        start.wait()
        try:
            give(by, case.request)
            told.append("done")
        except MunimentError as error:
            told.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=approve, args=[by]) for by in (case.giver, case.other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["approval.answered", "done"]
    kinds = [leaf.kind for leaf in queries.leaves()]
    assert (kinds.count("approval.given"), kinds.count(act)) == (1, 1)


def test_without_any_of_this_it_is_done(case: Case, act: str) -> None:
    from muniment_server.custody import queries
    from muniment_server.oversight.services import give

    given = give(case.giver, case.request, answer="seen and agreed")
    assert given.get_stage_display() == "approved and done"
    assert [leaf.kind for leaf in queries.leaves()][-2:] == ["approval.given", act]


@pytest.mark.parametrize("missing", ["authority", "reason"])
def test_nothing_is_asked_for_without_grounds(asker: Actor, item: Item, missing: str) -> None:
    from muniment_server.oversight.services import Decided, Wish, ask

    said = {"authority": "Order 4/2026", "reason": "no lawful basis"} | {missing: " "}
    with pytest.raises(MunimentError) as raised:
        ask(asker, item, Wish(Decided.SHREDDED, said["authority"], said["reason"]))
    assert raised.value.code == "approval.grounds"


@pytest.mark.parametrize("role", ["reader", "auditor", "administrator"])
def test_who_does_not_work_on_evidence_does_not_ask(
    person: Callable[..., Actor], item: Item, requested: Callable[..., Any], role: str
) -> None:
    noted = denials()
    with pytest.raises(MunimentError) as raised:
        requested(person(role), item)
    assert raised.value.code == "approval.not_permitted"
    assert denials() == noted + 1


def test_whoever_asked_can_take_it_back(case: Case, act: str) -> None:
    from muniment_server.oversight.services import refuse

    assert refuse(case.asker, case.request, answer="asked in error").stage == "refused"
