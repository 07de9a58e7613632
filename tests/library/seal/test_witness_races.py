"""Two histories at one moment: a witness cosigns one of them, whatever the order of its steps."""

from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.custody.cosignature import check_cosignature
from muniment.errors import TamperSuspected
from muniment.seal.witness import Cosigned, OtherSize, Witness
from muniment.seal.witness_request import parse_submission
from tests.faults.counts import tell
from tests.library.seal.history import ORIGIN, READER
from tests.library.seal.witnessing import FORK, FORKED_AT, body, new_witness, opened

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.custody.tiles import TileReader

RACES = int(os.environ.get("MUNIMENT_RACES", "100"))  # `make faults` runs a thousand
CALLERS = 4


def submitted(witness: Witness, data: bytes) -> Checkpoint | None:
    """The head that the witness cosigned, or None where it refused."""
    try:
        found = witness.add_checkpoint(parse_submission(data))
    except TamperSuspected:
        return None
    if isinstance(found, OtherSize):
        return None
    assert check_cosignature(found.note, witness.verifier) is not None
    return parse_checkpoint(found.note.text)


def insistent(
    witness: Witness, reader: TileReader, sizes: list[int], barrier: threading.Barrier
) -> list[Checkpoint]:
    """Bring heads of one history until the witness took them or never will; what it cosigned."""
    cosigned: list[Checkpoint] = []
    old = 0
    barrier.wait(timeout=60)
    for size in sizes:
        for _ in range(10):
            try:
                found = witness.add_checkpoint(parse_submission(body(min(old, size), size, reader)))
            except TamperSuspected:
                return cosigned
            if isinstance(found, Cosigned):
                cosigned.append(parse_checkpoint(found.note.text))
                old = size
                break
            old = found.size
            if old > size:
                break
    return cosigned


def is_one_history(heads: set[Checkpoint]) -> bool:
    return any(
        all(head.root == reader.root(head.size) for head in heads) for reader in (READER, FORK)
    )


@pytest.mark.parametrize("seed", range(RACES))
def test_rivals_never_get_two_histories_cosigned(tmp_path: Path, seed: int) -> None:
    """Four callers, half of them with the fork; each through a witness process of its own."""
    chance = random.Random(seed)
    new_witness(tmp_path)
    barrier = threading.Barrier(CALLERS)
    with ThreadPoolExecutor(CALLERS) as pool:
        brought = [
            pool.submit(
                insistent,
                opened(tmp_path),
                READER if number % 2 else FORK,
                sorted(chance.sample(range(FORKED_AT + 1, 400), 4)),
                barrier,
            )
            for number in range(CALLERS)
        ]
        cosigned = [one.result(timeout=60) for one in brought]
    assert is_one_history({head for heads in cosigned for head in heads})
    for heads in cosigned:
        assert [head.size for head in heads] == sorted({head.size for head in heads})
    last = opened(tmp_path).last(ORIGIN)
    assert last == max((head for heads in cosigned for head in heads), key=lambda one: one.size)


def test_a_hundred_races_or_a_thousand(capsys: pytest.CaptureFixture[str]) -> None:
    assert RACES >= 100
    tell(capsys, f"{RACES} races of four callers for two histories of one witness")


def test_of_two_heads_at_once_the_older_never_comes_last(tmp_path: Path) -> None:
    """The race that the specification describes: N and N+K, both from the same old size."""
    witness = new_witness(tmp_path)
    assert submitted(witness, body(0, 10)) is not None
    for old in range(10, 60, 2):
        barrier = threading.Barrier(2)

        def bring(size: int, old: int = old, barrier: threading.Barrier = barrier) -> object:
            barrier.wait(timeout=60)
            return submitted(witness, body(old, size))

        with ThreadPoolExecutor(2) as pool:
            got = list(pool.map(bring, [old + 1, old + 2]))
        assert got.count(None) == 1
        last = witness.last(ORIGIN)
        assert last in got
        if last is not None and last.size == old + 1:
            assert submitted(witness, body(old + 1, old + 2)) is not None
