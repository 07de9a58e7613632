"""What a witness keeps, and what it does when some of it is gone, damaged, or from another time."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from muniment.custody.cosignature import check_cosignature
from muniment.custody.keys import COSIGNATURE_V1, ED25519, SigningKey
from muniment.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    TamperSuspected,
    Unavailable,
)
from muniment.seal.key_file import create_key
from muniment.seal.memory import create_memory
from muniment.seal.witness import Cosigned, Witness
from muniment.seal.witness_request import parse_submission
from muniment.seal.witness_state import WitnessState, origin_id
from tests.library.seal.history import ORIGIN, head
from tests.library.seal.witnessing import LOG, OTHER_LOG, TIME, body, new_witness, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path


def cosigned(witness: Witness, old: int, new: int) -> datetime:
    """When the witness says it cosigned."""
    found = witness.add_checkpoint(parse_submission(body(old, new)))
    assert isinstance(found, Cosigned)
    checked = check_cosignature(found.note, witness.verifier)
    assert checked is not None
    return checked.time


def test_a_witness_is_made_once(tmp_path: Path) -> None:
    key = WitnessState.create(tmp_path / "a" / "b", "w.example")
    assert key.type == COSIGNATURE_V1
    assert WitnessState(tmp_path / "a" / "b").key.verifier == key
    with pytest.raises(Conflict):
        WitnessState.create(tmp_path / "a" / "b", "w.example")
    assert WitnessState(tmp_path / "a" / "b").key.verifier == key


def test_there_is_no_witness_without_its_own_kind_of_key(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        WitnessState(tmp_path)
    create_key(tmp_path / "witness.key", "w.example", ED25519)
    with pytest.raises(InvalidInput) as caught:
        WitnessState(tmp_path)
    assert caught.value.code == "witness.key"


def test_a_log_is_not_watched_by_the_key_of_a_witness(tmp_path: Path) -> None:
    WitnessState.create(tmp_path, "w.example")
    key = SigningKey.generate("log.example", COSIGNATURE_V1)
    with pytest.raises(InvalidInput) as caught:
        Witness(WitnessState(tmp_path), [key.verifier])
    assert caught.value.code == "witness.log_key"


def lose_the_memory(folder: Path) -> None:
    (folder / "heads" / origin_id(ORIGIN)).unlink()


def lose_all_memories(folder: Path) -> None:
    shutil.rmtree(folder / "heads")
    (folder / "heads").mkdir()


def lose_the_memory_and_the_answer(folder: Path) -> None:
    (folder / "heads" / origin_id(ORIGIN)).unlink()
    (folder / "latest" / origin_id(ORIGIN)).unlink()


def lose_the_list(folder: Path) -> None:
    (folder / "logs").unlink()


def damage_the_memory(folder: Path) -> None:
    path = folder / "heads" / origin_id(ORIGIN)
    path.write_bytes(path.read_bytes()[::-1])


def damage_the_last_head(folder: Path) -> None:
    path = folder / "heads" / origin_id(ORIGIN)
    path.write_bytes(b"x" + path.read_bytes()[1:])


def empty_the_memory(folder: Path) -> None:
    (folder / "heads" / origin_id(ORIGIN)).write_bytes(b"")


def put_an_old_memory_back(folder: Path) -> None:
    path = folder / "heads" / origin_id(ORIGIN)
    path.unlink()
    create_memory(path, ORIGIN, head(7))


LOSSES = [
    lose_the_memory,
    lose_all_memories,
    lose_the_memory_and_the_answer,
    lose_the_list,
    damage_the_memory,
    damage_the_last_head,
    empty_the_memory,
    put_an_old_memory_back,
]


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("old", [0, 7, 8])
def test_a_witness_that_forgot_cosigns_nothing(
    tmp_path: Path, lose: Callable[[Path], None], old: int
) -> None:
    witness = new_witness(tmp_path)
    cosigned(witness, 0, 7)
    cosigned(witness, 7, 8)
    lose(tmp_path)
    with pytest.raises(TamperSuspected):
        opened(tmp_path).add_checkpoint(parse_submission(body(old, 9)))


def test_the_memory_of_one_log_is_not_that_of_another(tmp_path: Path) -> None:
    witness = new_witness(tmp_path)
    cosigned(witness, 0, 7)
    cosigned(witness, 7, 8)
    memory = tmp_path / "heads" / origin_id(ORIGIN)
    other = SigningKey("other.example/log", ED25519, b"?" * 32)
    shutil.copy(memory, memory.with_name(origin_id(other.name)))
    with (tmp_path / "logs").open("a") as logs:
        logs.write(other.name + "\n")
    watching = Witness(WitnessState(tmp_path), [LOG.verifier, other.verifier])
    with pytest.raises(TamperSuspected):
        watching.last(other.name)


def test_a_log_whose_line_was_torn_is_watched_on(tmp_path: Path) -> None:
    witness = new_witness(tmp_path)
    cosigned(witness, 0, 7)
    logs = tmp_path / "logs"
    logs.write_bytes(logs.read_bytes()[:-5])
    for _ in range(2):
        last = opened(tmp_path).last(ORIGIN)
        assert last is not None
        assert last.size == 7
    assert logs.read_bytes().split(b"\n").count(OTHER_LOG.name.encode()) == 1


def test_times_never_go_backwards(tmp_path: Path) -> None:
    new_witness(tmp_path)
    assert cosigned(opened(tmp_path, TIME), 0, 7) == TIME
    assert cosigned(opened(tmp_path, TIME - timedelta(seconds=40)), 7, 8) == TIME
    assert cosigned(opened(tmp_path, TIME + timedelta(seconds=1)), 8, 9) == TIME + timedelta(
        seconds=1
    )


def test_a_clock_far_behind_stops_the_witness_before_anything_is_kept(tmp_path: Path) -> None:
    new_witness(tmp_path)
    cosigned(opened(tmp_path), 0, 7)
    behind = opened(tmp_path, TIME - timedelta(days=1))
    with pytest.raises(Unavailable) as caught:
        behind.add_checkpoint(parse_submission(body(7, 8)))
    assert caught.value.code == "witness.clock"
    last = behind.last(ORIGIN)
    assert last is not None
    assert last.size == 7
    assert cosigned(opened(tmp_path), 7, 8) == TIME


def test_a_damaged_last_checkpoint_stops_the_witness(tmp_path: Path) -> None:
    witness = new_witness(tmp_path)
    cosigned(witness, 0, 7)
    path = tmp_path / "latest" / origin_id(ORIGIN)
    for data in (b"", path.read_bytes()[:-20] + b"AAAAAAAAAAAAAAAAAA==\n"):
        path.write_bytes(data)
        with pytest.raises(TamperSuspected):
            witness.add_checkpoint(parse_submission(body(7, 8)))
