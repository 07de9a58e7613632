"""The signer as another user's process: who reads its key, who may ask, what kill -9 leaves."""

from __future__ import annotations

import os
import random
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.note import check_note
from muniment.errors import TamperSuspected, Unavailable
from muniment.seal.signer_client import SocketSigner
from tests.library.seal.history import LEAVES, ORIGIN, READER, growth, head
from tests.library.seal.signing_process import (
    APPLICATION,
    SIGNER,
    SignerProcess,
    needs_other_users,
    new_signer,
    place_for_others,
    python_of_others,
    run_as,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS = 6

ASK = """
import pathlib, sys
from muniment.seal.signer_client import SocketSigner
print(SocketSigner(pathlib.Path(sys.argv[1]), sys.argv[2]).verifier.text)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with place_for_others() as folder:
        yield folder


@pytest.fixture
def apart(folder: Path) -> Iterator[SignerProcess]:
    """A signer that runs as another user, for root and the application's user."""
    process = SignerProcess(folder, ["root", APPLICATION], SIGNER)
    new_signer(process.keys, ORIGIN)
    process.own()
    assert process.start() == [ORIGIN]
    yield process
    process.kill()


@needs_other_users
def test_the_user_of_the_application_has_signatures_and_not_the_key(
    apart: SignerProcess, folder: Path
) -> None:
    verifier = apart.client(ORIGIN).verifier
    asked = run_as(
        APPLICATION, str(python_of_others()), "-c", ASK, str(apart.socket), ORIGIN, cwd=folder
    )
    assert asked.stdout == f"{verifier.text}\n"
    for secret in ("log.key", "signed-heads"):
        reading = run_as(APPLICATION, "cat", str(apart.keys / secret), cwd=folder)
        assert reading.returncode != 0
        assert "Permission denied" in reading.stderr
        assert reading.stdout == ""
    own = run_as(SIGNER, "cat", str(apart.keys / "log.key"), cwd=folder)
    assert own.stdout.startswith("PRIVATE+KEY+")  # or the lines above show nothing


@needs_other_users
def test_another_user_gets_nothing(apart: SignerProcess, folder: Path) -> None:
    asked = run_as("bin", str(python_of_others()), "-c", ASK, str(apart.socket), ORIGIN, cwd=folder)
    assert asked.returncode != 0
    assert asked.stdout == ""
    assert "signer.silent" in asked.stderr or "does not answer" in asked.stderr
    assert apart.client(ORIGIN).last() is None  # and whoever may ask goes on


def test_a_killed_signer_starts_again_and_remembers(folder: Path) -> None:
    """Killed while it signs, again and again: what left it is one history that it knows."""
    process = SignerProcess(folder, [str(os.geteuid())])
    new_signer(process.keys, ORIGIN)
    chance = random.Random(20261121)
    seen: list[Checkpoint] = []
    for _ in range(KILLS):
        process.start()
        enough = len(seen) + chance.randint(1, 20)
        killer = threading.Thread(target=kill_after, args=(process, seen, enough))
        killer.start()
        with suppress(Unavailable):
            grow(process.client(ORIGIN), chance, seen)
        killer.join()
        assert len(seen) >= enough
    process.start()
    client = process.client(ORIGIN)
    last = client.last()
    newest = max((one.size for one in seen), default=0)
    assert last is not None
    assert last.size >= newest > 0
    assert all(one.root == READER.root(one.size) for one in seen)
    size = last.size
    assert client.sign(head(size)).text == head(size).text
    with pytest.raises(TamperSuspected):
        client.sign(Checkpoint(ORIGIN, size, LEAVES[0]))
    assert process.stop() == 0


def kill_after(process: SignerProcess, seen: list[Checkpoint], enough: int) -> None:
    """Kill the signer in whatever it does, once so many heads have left it."""
    while len(seen) < enough:
        time.sleep(0.0005)
    process.kill()


def grow(client: SocketSigner, chance: random.Random, seen: list[Checkpoint]) -> None:
    """Have heads of one history signed until the signer dies; keep those that left it."""
    while True:
        last = client.last()
        old = 0 if last is None else last.size
        new = min(old + chance.randint(0, 2), len(LEAVES))
        note = client.sign(head(new or 1), growth(old, new) if 0 < old < new else ())
        assert check_note(note, client.verifier)
        seen.append(head(new or 1))


def test_a_second_signer_of_the_same_keys_ends_at_once(folder: Path) -> None:
    process = SignerProcess(folder, [str(os.geteuid())])
    new_signer(process.keys, ORIGIN)
    process.start()
    second = process.spawn()
    said, complaint = second.communicate(timeout=60)
    assert second.returncode == 2
    assert said == ""
    assert "runs already" in complaint
    assert process.client(ORIGIN).last() is None
    assert process.stop() == 0


@pytest.mark.parametrize("user", ["nobody-of-this-name", "nobody/../root", "1e3"])
def test_a_user_whom_nobody_knows_is_refused(folder: Path, user: str) -> None:
    process = SignerProcess(folder, [user])
    new_signer(process.keys, ORIGIN)
    refused = process.spawn()
    _, complaint = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert user in complaint
