"""The access log: a log like the other, whole, contiguous, private, and never switched off."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections

from muniment.archive import log_text
from muniment.archive.details import read_details
from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.note import check_note, parse_note
from muniment.custody.proof import verify_consistency
from muniment.errors import TamperSuspected, Unavailable
from muniment.evidence.disclosure import open_disclosure
from muniment.seal.key_file import read_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor


def as_the_owner(*statements: str) -> None:
    """Act as somebody who owns the access database would."""
    connection = connections["access"]
    of = " ON custody_access" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for trigger in ("refuse_update_custody_access", "refuse_delete_custody_access"):
            cursor.execute(f"DROP TRIGGER {trigger}{of}")
        for statement in statements:
            cursor.execute(statement)


def problems() -> list[tuple[str, str]]:
    from muniment_server.custody.ledger.readings import check_readings

    return [(one.code, one.subject) for one in check_readings(lambda _: None)]


def told(name: str, real: Callable[[str], object], made: list[str]) -> Callable[[str], object]:
    """Do what it does, and remember that it was done."""

    def spy(using: str) -> object:
        made.append(name)
        return real(using)

    return spy


@pytest.fixture
def read(machine: Actor, items: Callable[..., list[Item]]) -> list[Item]:
    """Three items that were each looked at, once in a list and once alone."""
    from muniment_server.catalogue import queries

    found = items("a", "b", "c")
    queries.items(machine, queries.ItemFilter("hospital"))
    for item in found:
        queries.item(machine, item.number)
    return found


def test_a_reading_is_a_leaf_of_a_log_of_its_own(
    workspace: Workspace, machine: Actor, read: list[Item]
) -> None:
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.models import Access

    publishing.publish_readings()
    note = parse_note(log_text.checkpoint(workspace.access_archive))
    head = parse_checkpoint(note.text)
    assert head.origin == f"{workspace.origin}/access"
    assert check_note(note, read_key(workspace.access_key).verifier)
    assert head.size == Access.objects.count() == 4
    assert problems() == []
    (line,) = read_details(workspace.access_archive, 3, 4)
    told = {one.name: one.value for one in map(open_disclosure, line.disclosures)}
    chain: Any = told["chain"]
    assert (chain["act"], chain["obj"]) == ("reading.viewed", read[2].pk.hex)
    assert chain["by"] == machine.agent.hex


def test_each_subject_has_a_chain(machine: Actor, read: list[Item]) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.custody.models import Access

    queries.item(machine, read[0].number)
    first, second = Access.objects.filter(subject=read[0].pk).order_by("index")
    assert (first.n, second.n) == (0, 1)
    (chain, *_) = map(open_disclosure, second.disclosures.split("\n"))
    value: Any = chain.value
    assert value["prev"] == bytes(first.hash).hex()


def test_heads_extend_each_other(workspace: Workspace, machine: Actor, read: list[Item]) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.custody.ledger import publishing

    publishing.publish_readings()
    old = parse_checkpoint(parse_note(log_text.checkpoint(workspace.access_archive)).text)
    for _ in range(300):
        queries.item(machine, read[0].number)
    publishing.keep_readings()  # more than 256 wait: due
    new = parse_checkpoint(parse_note(log_text.checkpoint(workspace.access_archive)).text)
    assert (old.size, new.size) == (4, 304)
    import base64

    lines = log_text.consistency(workspace.access_archive, old.size, new.size).split()
    proof = [base64.b64decode(one) for one in lines]
    verify_consistency(old.size, old.root, new.size, new.root, proof)


def test_what_is_published_says_nothing(
    workspace: Workspace, machine: Actor, read: list[Item]
) -> None:
    from muniment_server.custody.ledger import publishing

    publishing.publish_readings()
    told = {read[0].number, read[0].pk.hex, machine.agent.hex, "hospital", "viewed", machine.name}
    for path in (workspace.access_archive / "log").rglob("*"):
        if path.is_file() and path.name != "checkpoint" and "checkpoints" not in path.parts:
            assert not any(word.encode() in path.read_bytes() for word in told), path
    from muniment_server.custody.models import Access

    leaf = bytes(Access.objects.get(index=3).data)
    assert not any(word.encode() in leaf for word in told)


def test_few_readings_are_signed_and_not_yet_published(
    workspace: Workspace, machine: Actor, read: list[Item]
) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.custody import queries as custody
    from muniment_server.custody.ledger import publishing, sealing

    publishing.publish_readings()
    queries.item(machine, read[0].number)
    publishing.keep_readings()
    signed = sealing.sealer(custody.access_log()).signer.last()
    assert signed is not None
    assert signed.size == 5
    head = parse_checkpoint(parse_note(log_text.checkpoint(workspace.access_archive)).text)
    assert head.size == 4


def test_open_material_does_not_wait_for_the_disk_and_closed_does(
    machine: Actor,
    read: list[Item],
    close: Callable[[Root], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dataclasses import replace

    from muniment_server.catalogue import queries
    from muniment_server.custody.queries import recording
    from muniment_server.database import durability

    recording.make_durable()
    made: list[str] = []
    for name in ("waiting", "without_waiting"):
        real = getattr(durability, name)
        monkeypatch.setattr(durability, name, told(name, real, made))
    queries.item(machine, read[0].number)
    assert made == ["without_waiting"]
    close(read[1])
    insider = replace(machine, compartments=machine.compartments | {read[1].compartment_id})
    queries.item(insider, read[1].number)
    queries.items(insider, queries.ItemFilter())  # the list may show it
    assert made == ["without_waiting", "waiting", "waiting"]


def test_readings_that_nobody_made_durable_make_the_next_one_wait(
    machine: Actor, read: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.custody.queries import recording
    from muniment_server.database import durability

    monkeypatch.setattr(recording, "_PATIENCE", -1.0)
    made: list[str] = []
    monkeypatch.setattr(durability, "waiting", told("waiting", durability.waiting, made))
    queries.item(machine, read[0].number)
    assert made == ["waiting"]


@pytest.mark.parametrize(
    ("statement", "code", "subject"),
    [
        ("UPDATE custody_access SET detail = 'x' WHERE \"index\" = 1", "columns", "reading #1"),
        ('UPDATE custody_access SET "by" = NULL WHERE "index" = 2', "columns", "reading #2"),
        ("UPDATE custody_access SET disclosures = '' WHERE \"index\" = 2", "removed", "reading #2"),
        (
            "UPDATE custody_access SET disclosures = 'x' WHERE \"index\" = 2",
            "details",
            "reading #2",
        ),
        ('UPDATE custody_access SET hash = data WHERE "index" = 0', "leaf", "reading #0"),
        ('DELETE FROM custody_access WHERE "index" = 1', "missing", "reading #1"),
    ],
)
def test_a_changed_reading_is_found_and_named(
    statement: str, code: str, subject: str, read: list[Item]
) -> None:
    as_the_owner(statement)
    assert (f"access.{code}", subject) in problems()


def checked(workspace: Workspace) -> set[tuple[str, str]]:
    """What `muniment check` finds, run as by a new process."""
    from muniment_server.commands.check import examine_workspace
    from muniment_server.custody.ledger import sealing

    sealing._sealers.clear()
    found = examine_workspace(workspace)["problems"]
    return {(one["code"], one["subject"]) for one in found}


def test_check_names_a_changed_reading(workspace: Workspace, read: list[Item]) -> None:
    assert checked(workspace) == set()
    as_the_owner("UPDATE custody_access SET via = 'api' WHERE \"index\" = 1")
    assert checked(workspace) == {("access.columns", "reading #1")}


@pytest.mark.parametrize("name", ["details/recent/*.jsonl", "log/tile/0/000.p/*", "log/checkpoint"])
def test_check_names_damaged_files_of_the_access_log(
    name: str, workspace: Workspace, read: list[Item]
) -> None:
    from muniment_server.custody.ledger import publishing

    publishing.publish_readings()
    assert checked(workspace) == set()
    (path,) = workspace.access_archive.glob(name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    assert any(subject.startswith("access/") for _code, subject in checked(workspace))


def test_the_database_refuses_changes(read: list[Item]) -> None:
    from django.db.utils import DatabaseError

    for statement in (
        "DELETE FROM custody_access",
        "UPDATE custody_access SET detail = 'x' WHERE \"index\" = 1",
        "UPDATE custody_access SET disclosures = '', hash = data WHERE \"index\" = 1",
        "UPDATE custody_accesshead SET size = 1",
    ):
        with pytest.raises(DatabaseError), connections["access"].cursor() as cursor:
            cursor.execute(statement)


def test_an_access_log_that_was_cut_keeps_the_workspace_shut(read: list[Item]) -> None:
    from muniment_server.custody.ledger import sealing, startup

    sealing.seal_readings()
    connection = connections["access"]
    of = " ON custody_accesshead" if connection.vendor == "postgresql" else ""
    as_the_owner(
        f"DROP TRIGGER refuse_update_custody_accesshead{of}",
        'DELETE FROM custody_access WHERE "index" = 3',
        "UPDATE custody_accesshead SET size = 3",
    )
    sealing._sealers.clear()
    with pytest.raises(TamperSuspected, match="the access log") as raised:
        startup.check()
    assert raised.value.code == "workspace.refused"


def test_what_a_crash_left_unsigned_is_signed(read: list[Item]) -> None:
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import sealing, startup

    startup.check()
    signed = sealing.sealer(queries.access_log()).signer.last()
    assert signed is not None
    assert signed.size == 4


def test_what_cannot_be_recorded_is_not_shown(
    workspace: Workspace,
    machine: Actor,
    read: list[Item],
    browser: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.db.utils import OperationalError

    from muniment_server.catalogue import queries
    from muniment_server.custody.queries import recording

    def fail(_reading: object) -> None:
        raise OperationalError("database or disk is full")

    reader = browser("analyst")
    monkeypatch.setattr(recording, "_append", fail)
    with pytest.raises(Unavailable) as raised:
        queries.item(machine, read[0].number)
    assert raised.value.code == "access.not_recorded"
    for path in (f"/items/{read[0].number}/", "/items/", f"/api/items/{read[0].number}"):
        answer = reader.get(path)
        assert answer.status_code == 503, path
        assert b"cannot be recorded" in answer.content
        assert read[0].number.encode() not in answer.content.replace(path.encode(), b"")


def test_a_session_cannot_be_taken_over_from_the_log(
    read: list[Item], browser: Callable[..., Client]
) -> None:
    from muniment_server.custody.models import Access

    reader = browser("analyst")
    reader.get("/items/")
    last = Access.objects.order_by("-index")[0]
    assert last.session
    assert str(reader.session.session_key) not in last.session + last.disclosures


def test_many_processes_record_without_a_gap(
    workspace: Workspace, machine: Actor, read: list[Item]
) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.custody.models import Access

    connections.close_all()
    children = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                for _ in range(25):
                    queries.item(machine, read[0].number)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 6
    indexes = list(Access.objects.order_by("index").values_list("index", flat=True))
    assert indexes == list(range(4 + 150))
    assert problems() == []


def test_what_was_recorded_survives_kill_9(
    workspace: Workspace, machine: Actor, read: list[Item]
) -> None:
    import signal

    from muniment_server.catalogue import queries
    from muniment_server.custody.ledger import sealing, startup
    from muniment_server.custody.models import Access

    connections.close_all()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        while True:
            queries.item(machine, read[0].number)
            os.write(writer, b".")
    os.close(writer)
    served = b""
    while len(served) < 40:
        served += os.read(reader, 64)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reader, 4096):
        served += more
    os.close(reader)
    assert Access.objects.count() - 4 >= len(served)
    sealing._sealers.clear()
    startup.check()
    assert problems() == []
