"""Who reads unusually much: against a limit, against their own past, and as the reader may know."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from muniment.archive.access_rules import AccessRules
from tests.server.conftest import enter
from tests.server.custody.made_up import NOW, read_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
LIMITS = {"views": 50, "downloads": 10, "searches": 20, "denials": 5}


@pytest.fixture(autouse=True)
def low_limits(workspace: Workspace) -> Iterator[None]:
    """Limits that a test reaches soon, and a day on which it is."""
    rules = AccessRules(per_hour=LIMITS, per_day={**LIMITS, "views": 60})
    enter(replace(workspace, access_rules=rules))
    with mock.patch("muniment_server.custody.queries.volumes.now", return_value=NOW):
        yield


def found(by: Actor) -> list[tuple[str, str, str, int, bool]]:
    from muniment_server.custody import queries

    return [
        (one.name, one.kind, one.per, one.count, one.above_limit) for one in queries.volumes(by)
    ]


def test_a_limit_is_passed_by_more_and_not_by_as_many(
    machine: Actor, person: Callable[..., Actor]
) -> None:
    from muniment_server.custody.models import Access

    analyst, other = person("analyst"), person("reader")
    read_at(analyst, NOW - 2 * HOUR, 50, Access.Kind.VIEWED)
    read_at(other, NOW - HOUR, 51, Access.Kind.VIEWED)
    assert found(machine) == [("SPECIMEN reader", "views", "hour", 51, True)]


@pytest.mark.parametrize(
    ("kind", "named"),
    [("downloaded", "downloads"), ("searched", "searches"), ("denied", "denials")],
)
def test_each_kind_has_its_limit(
    kind: str, named: str, machine: Actor, person: Callable[..., Actor]
) -> None:
    from muniment_server.custody.models import Access

    read_at(person("analyst"), NOW - HOUR, LIMITS[named] + 1, Access.Kind(kind))
    assert {(one[1], one[2]) for one in found(machine)} == {(named, "hour"), (named, "day")}


def test_a_slow_day_adds_up(machine: Actor, person: Callable[..., Actor]) -> None:
    from muniment_server.custody.models import Access

    analyst = person("analyst")
    for hour in range(7, 0, -1):
        read_at(analyst, NOW - hour * HOUR, 10, Access.Kind.VIEWED)
    assert found(machine) == [("SPECIMEN analyst", "views", "day", 70, True)]


def test_who_reads_more_than_ever_is_shown_below_the_limit(
    machine: Actor, person: Callable[..., Actor]
) -> None:
    from muniment_server.custody.models import Access

    analyst = person("analyst")
    for day in range(6, 0, -1):
        read_at(analyst, NOW - day * DAY, 4, Access.Kind.VIEWED)
    read_at(analyst, NOW, 12, Access.Kind.VIEWED)
    assert found(machine) == [], "three times as many is not more than that"
    read_at(analyst, NOW, 1, Access.Kind.VIEWED)
    assert set(found(machine)) == {
        ("SPECIMEN analyst", "views", "hour", 13, False),
        ("SPECIMEN analyst", "views", "day", 13, False),
    }


def test_a_short_past_and_a_small_number_say_nothing(
    machine: Actor, person: Callable[..., Actor]
) -> None:
    from muniment_server.custody.models import Access

    new, calm = person("analyst"), person("reader")
    for day in range(4, 0, -1):  # four days of work
        read_at(new, NOW - day * DAY, 1, Access.Kind.VIEWED)
    read_at(new, NOW, 40, Access.Kind.VIEWED)
    for day in range(9, 3, -1):
        read_at(calm, NOW + (10 - day) * HOUR / 100, 1, Access.Kind.VIEWED)
    assert found(machine) == []


def test_what_is_older_than_a_week_is_past(machine: Actor, person: Callable[..., Actor]) -> None:
    from muniment_server.custody.models import Access

    read_at(person("analyst"), NOW - 9 * DAY, 55, Access.Kind.VIEWED)
    assert found(machine) == []


def test_readings_of_hidden_records_count_only_for_those_cleared(
    machine: Actor,
    items: Callable[..., list[Item]],
    close: Callable[[Root], None],
    person: Callable[..., Actor],
) -> None:
    from muniment_server.custody.models import Access

    (item,) = items("unseen")
    close(item)
    insider = replace(person("analyst"), compartments=frozenset({item.compartment_id}))
    read_at(insider, NOW - HOUR, 51, Access.Kind.VIEWED, item)
    assert found(machine) == []
    cleared = replace(machine, compartments=machine.compartments | {item.compartment_id})
    assert [one[3] for one in found(cleared)] == [51]


def test_it_is_recorded_once_and_shown_with_its_rule(
    machine: Actor, person: Callable[..., Actor], browser: Callable[..., Client]
) -> None:
    from muniment_server.custody.models import Access
    from muniment_server.custody.services import retention

    analyst = person("analyst")
    read_at(analyst, NOW - HOUR, 51, Access.Kind.VIEWED)
    assert retention.flag_volumes(machine) == 1
    read_at(analyst, NOW - HOUR, 3, Access.Kind.VIEWED)
    assert retention.flag_volumes(machine) == 0
    flag = Access.objects.get(kind=Access.Kind.FLAGGED)
    assert (flag.obj, flag.detail) == (analyst.agent, "views hour 2030-06-14T14:00:00Z 51")
    auditor = browser("auditor", "auditor2")
    page = auditor.get("/log/access/")
    lines: list[dict[str, Any]] = page.context["accesses"]
    (told,) = [one for one in lines if one["kind"] == "flagged"]
    assert (told["by_name"], told["subject_number"]) == (machine.name, "SPECIMEN analyst")
    assert told["detail"] == "51 views in the hour from 2030-06-14 14:00"
    assert "By which rule" in page.content.decode()
    answer = auditor.get("/api/log/access/volumes").json()
    assert answer["rule"]["per_hour"]["views"] == 50
    assert [(one["by"], one["count"], one["because"]) for one in answer["records"]] == [
        ("SPECIMEN analyst", 54, "limit")
    ]


def test_a_flag_on_somebody_who_knows_more_is_not_shown(
    machine: Actor, person: Callable[..., Actor], browser: Callable[..., Client]
) -> None:
    from muniment_server.custody import services
    from muniment_server.custody.models import Access, Agent
    from muniment_server.custody.services import retention

    insider = person("analyst")
    closed = services.create_compartment(machine, name="team-b", title="Team B")
    services.grant_clearance(machine, Agent.objects.get(pk=insider.agent), closed)
    read_at(insider, NOW - HOUR, 51, Access.Kind.VIEWED)
    assert retention.flag_volumes(machine) == 1
    lines = browser("auditor").get("/log/access/").context["accesses"]
    assert [one for one in lines if one["kind"] == "flagged"] == []
