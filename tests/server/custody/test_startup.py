"""The check before work: an old copy or a changed one is refused, a crash is made good."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from muniment.archive.objects import FolderStore
from muniment.errors import TamperSuspected, Unavailable

if TYPE_CHECKING:
    from datetime import timedelta

    from muniment.archive.workspace import Workspace
    from muniment_server.custody.policies import Actor


def _without_triggers(*statements: str) -> None:
    """Act as somebody who owns the database would."""
    with connection.cursor() as cursor:
        for trigger in ("refuse_update_custody_leaf", "refuse_delete_custody_leaf"):
            of = " ON custody_leaf" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {trigger}{of}")
        of = " ON custody_head" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER refuse_update_custody_head{of}")
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def three_acts(machine: Actor) -> int:
    """A workspace with some acts in it; the size of its log."""
    from muniment_server.catalogue import services
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import publishing

    for title in ("a", "b", "c"):
        services.make_collection(machine, title=title)
    publishing.publish()
    return queries.custody_head().size


def test_a_sound_workspace_starts(three_acts: int) -> None:
    from muniment_server.custody.ledger import startup

    startup.check()


@pytest.mark.parametrize(
    "statement",
    [
        'DELETE FROM custody_leaf WHERE "index" = (SELECT max("index") FROM custody_leaf)',
        'UPDATE custody_leaf SET data = hash WHERE "index" = 4',
        "UPDATE custody_head SET size = size - 1",
        "UPDATE custody_leaf SET hash = data WHERE n = 1",
    ],
)
def test_a_changed_log_is_refused(statement: str, three_acts: int) -> None:
    from muniment_server.custody.ledger import sealing, startup

    _without_triggers(statement)
    sealing.sealer().forget()
    with pytest.raises(TamperSuspected):
        startup.check()


def test_an_old_copy_of_the_database_is_refused(
    workspace: Workspace, machine: Actor, engine: str
) -> None:
    import shutil

    from muniment_server.catalogue import services
    from muniment_server.custody.ledger import publishing, startup
    from tests.server.conftest import enter

    if engine == "postgresql":
        _without_triggers()
    publishing.publish()
    connection.close()
    copy = workspace.root / "old.sqlite3"
    if engine == "sqlite":
        shutil.copy(workspace.database_file, copy)
    services.make_collection(machine, title="newer")
    publishing.publish()
    if engine == "sqlite":
        connection.close()
        for suffix in ("", "-wal", "-shm"):
            workspace.database_file.with_name(f"database.sqlite3{suffix}").unlink(missing_ok=True)
        shutil.copy(copy, workspace.database_file)
    else:
        with connection.cursor() as cursor:
            cursor.execute('DELETE FROM custody_leaf WHERE "index" = 3')
            cursor.execute("UPDATE custody_head SET size = 3")
    enter(workspace)
    with pytest.raises(TamperSuspected) as raised:
        startup.check()
    assert raised.value.code == "workspace.refused"


def test_what_a_crash_left_unsigned_is_signed(
    machine: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.catalogue import services
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import sealing, startup

    def crash() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sealing, "seal", crash)
    with pytest.raises(KeyboardInterrupt):
        services.make_collection(machine, title="committed, not signed")
    monkeypatch.undo()
    head = queries.custody_head()
    last = sealing.sealer().signer.last()
    assert last is not None
    assert last.size < head.size

    startup.check()
    last = sealing.sealer().signer.last()
    assert last is not None
    assert last.size == head.size


def test_a_key_without_its_memory_signs_nothing(workspace: Workspace, three_acts: int) -> None:
    from muniment_server.custody.ledger import sealing, startup

    workspace.signed_heads.unlink()
    sealing._sealers.clear()
    with pytest.raises(TamperSuspected):
        startup.check()


def test_what_a_crash_left_goes_after_a_day(workspace: Workspace) -> None:
    from muniment_server.custody.ledger import startup

    store = FolderStore(workspace.archive)
    store.prepare()
    temporaries = Path(store.layout.temporaries)
    old, fresh = temporaries / "old", temporaries / "fresh"
    for path in (old, fresh):
        path.write_bytes(b"half a fi")
    yesterday = time.time() - 25 * 60 * 60
    os.utime(old, (yesterday, yesterday))
    startup.check()
    assert (old.exists(), fresh.exists()) == (False, True)


def test_what_cannot_be_tidied_keeps_nobody_from_working(
    workspace: Workspace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.custody.ledger import startup

    def fail(_store: FolderStore, _older_than: timedelta) -> int:
        raise Unavailable("read-only file system", code="archive.unwritable", hint="Mount it.")

    FolderStore(workspace.archive).prepare()
    monkeypatch.setattr(FolderStore, "remove_stale_temporaries", fail)
    startup.check()
    assert "read-only file system" in caplog.text
