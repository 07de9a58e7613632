"""The end of old readings: who and what goes by rule, the leaves stay, a hold keeps everything."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections

from muniment.archive.access_rules import AccessRules
from muniment.archive.details import read_details
from muniment.archive.workspace import read_settings, write_settings
from muniment.errors import Conflict, NotPermitted
from tests.server.conftest import enter
from tests.server.custody.made_up import read_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

OLD = datetime.datetime(2021, 3, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture
def ruled(workspace: Workspace) -> Workspace:
    """A workspace that keeps who read what for a year."""
    made = replace(workspace, access_rules=AccessRules(keep_days=365))
    write_settings(made)
    enter(made)
    return made


@pytest.fixture
def history(ruled: Workspace, machine: Actor, items: Callable[..., list[Item]]) -> list[Item]:
    """Two items read in 2021, 300 times and twice, and once now."""
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.models import Access

    one, two = items("one", "two")
    read_at(machine, OLD, 300, Access.Kind.VIEWED, one)
    read_at(machine, OLD + datetime.timedelta(days=1), 2, Access.Kind.VIEWED, two)
    queries.note(machine, Access.Kind.VIEWED, one)
    publishing.publish_readings()
    return [one, two]


def problems() -> list[tuple[str, str]]:
    from muniment.archive.check import check_archive
    from muniment_server.custody import queries
    from muniment_server.custody.ledger.readings import archive_problems, check_readings

    rows = check_readings(lambda _: None)
    files = archive_problems(check_archive(queries.access_log().archive).problems)
    return [(one.code, one.subject) for one in (*rows, *files)]


def telling() -> list[int]:
    from muniment_server.custody.models import Access

    rows = Access.objects.exclude(disclosures="").order_by("index")
    return list(rows.values_list("index", flat=True))


def test_who_and_what_goes_and_the_leaves_stay(
    ruled: Workspace, machine: Actor, history: list[Item]
) -> None:
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import sealing, startup
    from muniment_server.custody.models import Access, Expiry
    from muniment_server.custody.services.retention import expire_readings

    before = [bytes(one) for one in Access.objects.order_by("index").values_list("hash", flat=True)]
    done = expire_readings(machine)
    assert (done.removed, done.held) == (302, 0)
    rows = list(Access.objects.order_by("index"))
    assert [bytes(row.hash) for row in rows] == before
    assert telling() == [302]
    gone = rows[5]
    assert (gone.at, gone.by, gone.obj, gone.subject, gone.kind, gone.via) == (
        *(None, None, None, None),
        *("", ""),
    )
    assert Expiry.objects.get().ranges == [[0, 301]]
    (last,) = queries.latest_acts(machine, 1).acts
    assert last.kind == "access.expired"
    lines = list(read_details(ruled.access_archive, 0, 303))
    assert [line.index for line in lines if line.disclosures] == [302]
    assert problems() == []
    sealing._sealers.clear()
    startup.check()
    assert [one.index for one in queries.readings(machine, 10).readings] == [303, 302]


def test_nothing_of_it_is_left_in_the_files(
    ruled: Workspace, machine: Actor, history: list[Item], engine: str
) -> None:
    from muniment_server.custody.models import Access
    from muniment_server.custody.services.retention import expire_readings

    known = str(Access.objects.get(index=7).disclosures).split("\n")[0].encode()
    files = [path for path in ruled.access_archive.rglob("*") if path.is_file()]
    assert any(known in path.read_bytes() for path in files)
    expire_readings(machine)
    connections.close_all()
    files = [path for path in ruled.root.rglob("*") if path.is_file()]
    assert not [path for path in files if known in path.read_bytes()]


def test_a_hold_keeps_what_it_covers_until_it_ends(
    machine: Actor, person: Callable[..., Actor], history: list[Item]
) -> None:
    from muniment_server.custody.services.retention import expire_readings
    from muniment_server.oversight.models import Hold
    from muniment_server.oversight.services.holding import set_hold

    _one, two = history
    made = set_hold(person("lawyer"), item=two, authority="SPECIMEN court", reason="an appeal")
    done = expire_readings(machine)
    assert (done.removed, done.held) == (300, 2)
    assert telling()[:2] == [300, 301]
    # as two people's release leaves it; how they do that is their tests' matter
    Hold.objects.filter(pk=made.pk).update(ended=OLD)
    assert expire_readings(machine).removed == 2
    assert problems() == []


def test_a_hold_on_a_reader_keeps_what_they_read(
    machine: Actor, history: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.custody import queries
    from muniment_server.custody.services.retention import expire_readings

    monkeypatch.setattr(queries, "held", lambda ids: frozenset(ids) & {machine.agent})
    assert expire_readings(machine).held == 302


def test_who_was_interrupted_goes_on(
    ruled: Workspace, machine: Actor, history: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.custody.ledger import expiring
    from muniment_server.custody.models import Expiry
    from muniment_server.custody.services.retention import expire_readings

    def die(_indexes: list[int]) -> None:
        if _indexes:
            raise KeyboardInterrupt

    monkeypatch.setattr(expiring, "remove_details", die)
    with pytest.raises(KeyboardInterrupt):
        expire_readings(machine)
    assert ("access.not_removed", "reading #0") in problems()
    monkeypatch.undo()
    assert expire_readings(machine).removed == 302
    assert Expiry.objects.count() == 1
    assert problems() == []


def test_nothing_goes_without_a_rule_or_by_anybody(
    workspace: Workspace, machine: Actor, person: Callable[..., Actor], history: list[Item]
) -> None:
    from muniment_server.custody.services.retention import expire_readings

    with pytest.raises(NotPermitted):
        expire_readings(person("auditor"))
    enter(replace(workspace, access_rules=AccessRules()))
    with pytest.raises(Conflict) as raised:
        expire_readings(machine)
    assert raised.value.code == "access.no_rule"
    assert len(telling()) >= 303


def test_what_goes_stays_gone_after_a_rebuild(
    ruled: Workspace, machine: Actor, history: list[Item], tmp_path: Path
) -> None:
    from muniment_server.commands.rebuild import rebuild
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.services.retention import expire_readings

    expire_readings(machine)
    publishing.publish()
    publishing.publish_readings()
    before = rows()
    rebuild(ruled.archive, ruled.keys, tmp_path / "again")
    enter(read_settings(tmp_path / "again"))
    assert rows() == before
    assert problems() == []


def rows() -> list[dict[str, Any]]:
    from muniment_server.custody.models import Access

    return [
        {**one, "hash": bytes(one["hash"]), "data": bytes(one["data"])}
        for one in Access.objects.order_by("index").values()
    ]
