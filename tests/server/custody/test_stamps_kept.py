"""Time tokens that go away are missed, and two machines do not ask for them at once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.custody.test_stamping import authority, export, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment.testing.simulated_authority import SimulatedAuthority
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

__all__ = ["authority"]


def found(workspace: Workspace) -> list[tuple[str, str]]:
    from muniment_server.commands.check import examine_workspace

    problems = examine_workspace(workspace)["problems"]
    return [(one["code"], one["subject"]) for one in problems if one["code"].startswith("time.")]


@pytest.mark.parametrize("lost", ["the head's folder", "one token", "all of them"])
def test_check_misses_tokens_that_were_removed_whole(
    authority: SimulatedAuthority,
    items: Callable[..., list[Item]],
    workspace: Workspace,
    lost: str,
) -> None:
    items("a")
    size = stamp()
    place = workspace.archive / "log" / "tsa"
    assert found(workspace) == []
    removed = {
        "the head's folder": place / str(size),
        "one token": place / str(size) / "1",
        "all of them": place,
    }
    shutil.rmtree(removed[lost])
    assert ("time.lost", f"log/tsa/{size}/1") in found(workspace)


def test_check_sees_a_token_exchanged_for_another_that_holds(
    authority: SimulatedAuthority, items: Callable[..., list[Item]], workspace: Workspace
) -> None:
    items("a")
    first = stamp()
    items("b")
    second = stamp()
    place = workspace.archive / "log" / "tsa"
    for size in (first, second):
        assert (place / str(size) / "1" / "token.tsr").is_file()
    reply = (place / str(second) / "1" / "token.tsr").read_bytes()
    other = place / str(first) / "1" / "token.tsr"
    other.unlink()
    other.write_bytes(reply)
    assert ("time.changed", f"log/tsa/{first}/1") in found(workspace)


def test_a_rebuilt_database_misses_what_exports_named(
    authority: SimulatedAuthority,
    machine: Actor,
    items: Callable[..., list[Item]],
    workspace: Workspace,
    tmp_path: Path,
) -> None:
    from muniment_server.custody.ledger import stamps
    from muniment_server.custody.models import Stamp

    film = items("film")
    size = stamp()
    export(machine, film, tmp_path / "bundle.zip")
    Stamp.objects.all().delete()  # local rows: a rebuilt database has none but those it finds
    stamps.remember_kept()
    assert Stamp.objects.count() == 1
    Stamp.objects.all().delete()
    shutil.rmtree(workspace.archive / "log" / "tsa" / str(size))
    assert found(workspace) == [("time.lost", f"log/tsa/{size}")]


@pytest.fixture
def elsewhere(workspace: Workspace) -> Iterator[Any]:
    """A connection to the same database, as another machine has it."""
    from django.db import connections

    other = connections["default"].copy()
    yield other
    other.close()


def test_of_two_machines_one_asks(engine: str, elsewhere: Any) -> None:  # noqa: ANN401 - a connection
    from muniment_server.custody.ledger.turns import STAMPING, WITNESSING, only_one_machine

    if engine != "postgresql":
        with only_one_machine(STAMPING) as ours:
            assert ours  # one machine: the lock of a file does it
        return
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [0x6D756E69, STAMPING])
        with only_one_machine(STAMPING) as ours, only_one_machine(WITNESSING) as other:
            assert (ours, other) == (False, True)
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [0x6D756E69, STAMPING])
    with only_one_machine(STAMPING) as ours:
        assert ours
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [0x6D756E69, STAMPING])
            assert cursor.fetchone() == (False,)
