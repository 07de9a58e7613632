"""Witnesses killed at random moments, several on one folder, offered two histories of one log.

Whatever left any of them before it died is one history; nothing that left is unknown afterwards.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import traceback
from typing import TYPE_CHECKING

import pytest

from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.errors import TamperSuspected
from muniment.seal.witness import Cosigned, OtherSize
from muniment.seal.witness_request import parse_submission
from tests.library.seal.history import ORIGIN, READER
from tests.library.seal.witnessing import FORK, FORKED_AT, body, new_witness, opened

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.custody.tiles import TileReader

LIVES = 40
ROUNDS = 5  # of kills in the life of one folder
WITNESSES = 3
LONGEST = 0.03  # seconds until all are killed


def offer(folder: Path, history: TileReader, chance: random.Random, said: int) -> None:
    """Bring one history to a witness on the folder until it is killed; say what it cosigned."""
    witness = opened(folder)
    while True:
        last = witness.last(ORIGIN)
        old = 0 if last is None else last.size
        size = min(old + chance.randint(0, 9), 400) if old else chance.randint(1, FORKED_AT * 2)
        try:
            found = witness.add_checkpoint(parse_submission(body(old, size, history)))
        except TamperSuspected:
            continue
        if isinstance(found, Cosigned):
            os.write(said, (json.dumps(found.note.text) + "\n").encode())


def forked(folder: Path, history: TileReader, seed: int, said: int) -> int:
    child = os.fork()
    if not child:
        try:
            offer(folder, history, random.Random(seed), said)
        except BaseException:  # noqa: BLE001 - a child of a test must never return
            traceback.print_exc()
        os._exit(1)
    return child


def killed_round(folder: Path, chance: random.Random, first: int) -> set[str]:
    """What left the witnesses of one round before they were killed."""
    reader, writer = os.pipe()
    children = [
        forked(folder, (READER, FORK)[(number + first) % 2], chance.getrandbits(32), writer)
        for number in range(WITNESSES)
    ]
    os.close(writer)
    select.select([], [], [], chance.uniform(0.0, LONGEST))
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "a witness ended by itself"
    with os.fdopen(reader, "rb") as left:
        return set(left.read().decode().split("\n")) - {""}


@pytest.mark.slow
def test_witnesses_killed_at_random_cosign_one_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261121)
    cosigned = on_the_fork = 0
    for life in range(LIVES):
        folder = tmp_path / str(life)
        new_witness(folder)
        seen: set[str] = set()
        for _ in range(ROUNDS):
            seen |= killed_round(folder, chance, life)
        heads = {parse_checkpoint(json.loads(line)) for line in seen}
        forks = [head for head in heads if head.root != READER.root(head.size)]
        trues = [head for head in heads if head.root != FORK.root(head.size)]
        assert not (forks and trues), "two histories were cosigned"
        last = opened(folder).last(ORIGIN) or Checkpoint(ORIGIN, 0, READER.root(0))
        assert max((head.size for head in heads), default=0) <= last.size
        other = READER if forks else FORK
        if (forks or trues) and last.size < 400:
            assert opened(folder).add_checkpoint(parse_submission(body(0, 400, other))) == (
                OtherSize(last.size)
            )
            with pytest.raises(TamperSuspected):
                opened(folder).add_checkpoint(parse_submission(body(last.size, 400, other)))
        cosigned += len(heads)
        on_the_fork += bool(forks)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{LIVES * ROUNDS * WITNESSES} kills, {cosigned} heads cosigned, "
            f"{on_the_fork} of {LIVES} witnesses saw the fork first\n"
        )
    assert cosigned > LIVES  # they were not all killed before they began
    assert 0 < on_the_fork < LIVES
