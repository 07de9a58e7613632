"""kill -9 in the middle of an ingest: what was acknowledged is there, and nothing is half there.

The writer is forked from this process, ingests into a real workspace, and says on a pipe which
items were acknowledged; it is killed at a random moment, and the workspace is opened again, 50
times on each database; in the long form in the life of each of 20 workspaces.
"""

from __future__ import annotations

import os
import random
import select
import signal
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.faults.counts import cases, tell

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.archive.workspace import Workspace

KILLS = 50  # in the life of one workspace
LIVES = cases(1, 20)  # on each database
FILES = 60


@pytest.mark.slow
@pytest.mark.parametrize("life", range(LIVES))
def test_no_acknowledged_item_is_lost(
    workspace: Workspace, tmp_path: Path, life: int, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.server.conftest import enter

    _preload()
    chance = random.Random(20311 + life)
    acknowledged: dict[str, str] = {}
    for run in range(KILLS):
        folder = _files(tmp_path / f"run{run}", run, chance)
        acknowledged |= _killed(workspace, folder, chance)
        enter(workspace)
        _assert_whole(workspace, acknowledged)
    tell(capsys, f"{KILLS} kills, {len(acknowledged)} items acknowledged, none lost")
    assert acknowledged


def _files(folder: Path, run: int, chance: random.Random) -> Path:
    folder.mkdir()
    for number in range(FILES):
        content = b"run %d file %d " % (run, number) * chance.randrange(1, 400)
        (folder / f"f{number:03d}.txt").write_bytes(content)
    return folder


def _preload() -> None:
    """Import here what the children run, so that they are killed at work and not at importing."""
    import muniment_server.accounts.queries
    import muniment_server.catalogue.services
    import muniment_server.custody.ledger.publishing  # noqa: F401 - imported for the children


def _killed(workspace: Workspace, folder: Path, chance: random.Random) -> dict[str, str]:
    """Fork a writer, kill it, and return what it had acknowledged: number -> digest.

    It dies a random moment after a random number of acknowledgements, from none on.
    """
    from django.db import connections

    connections.close_all()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - runs in the child, which never returns
        os.close(reader)
        try:
            _ingest(workspace, folder, writer)
        finally:
            os._exit(1)
    os.close(writer)
    told = b""
    wanted = chance.choice((0, 0, 1, 5, 19, 20, 21, 35, 40, 55))
    while told.count(b"\n") < wanted:
        told += os.read(reader, 4096)
    select.select([], [], [], chance.uniform(0, 0.06))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while chunk := os.read(reader, 65536):
        told += chunk
    os.close(reader)
    lines = told.decode().split("\n")[:-1]  # a torn last line was not acknowledged whole
    return dict(line.split(" ") for line in lines)


def _ingest(workspace: Workspace, folder: Path, writer: int) -> None:  # pragma: no cover - child
    from muniment.archive.outcome import Refused
    from muniment.capture.folder import FolderCapturer
    from muniment_server.accounts import queries
    from muniment_server.catalogue.services import Provenance, receive_files
    from muniment_server.custody.ledger import publishing
    from tests.server.conftest import enter

    enter(workspace)
    by = queries.machine_actor(workspace.agent)
    while True:
        found = list(FolderCapturer().captures(str(folder)))
        for start in range(0, len(found), 20):  # small groups: more moments between two steps
            some = found[start : start + 20]
            with closing(receive_files(by, some, Provenance("faults"))) as groups:
                for group in groups:
                    for one in group:
                        if not isinstance(one, Refused):
                            os.write(writer, f"{one.item.number} {one.sha256}\n".encode())
            publishing.publish()


def _assert_whole(workspace: Workspace, acknowledged: dict[str, str]) -> None:
    from muniment.archive.objects import FolderStore
    from muniment_server.catalogue.models import Item, Part
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import checking, publishing, startup

    startup.check()
    publishing.publish()
    store = FolderStore(workspace.archive)
    held = dict(Item.objects.values_list("number", "parts__sha256"))
    assert {number: held.get(number) for number in acknowledged} == acknowledged
    assert [
        sha for sha in Part.objects.values_list("sha256", flat=True) if not store.has(sha)
    ] == []
    leaves = [leaf.index for leaf in queries.leaves()]
    assert leaves == list(range(queries.custody_head().size))
    assert checking.check_rows(lambda _done: None) == []
