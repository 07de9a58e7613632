"""A witness killed at each step of its work: after it starts again it cosigns one history only."""

from __future__ import annotations

import os
import signal
import traceback
from typing import TYPE_CHECKING

import pytest

from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.cosignature import cosign
from muniment.errors import TamperSuspected, Unavailable
from muniment.seal.witness import Cosigned, OtherSize
from muniment.seal.witness_request import parse_submission
from tests.library.seal.history import ORIGIN, READER
from tests.library.seal.witnessing import FORK, body, new_witness, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BEFORE, SIZE = 120, 200

# Where the process dies: before or after the named call does its work, the n-th time.
STEPS = [
    ("os.pwrite", 1, "before"),
    ("os.pwrite", 1, "after"),
    ("os.fdatasync", 1, "before"),
    ("os.fdatasync", 1, "after"),
    ("muniment.seal.witness.cosign", 1, "before"),
    ("muniment.seal.witness.cosign", 1, "after"),
    ("os.write", 1, "before"),
    ("os.write", 1, "after"),
    ("os.fsync", 1, "before"),
    ("os.fsync", 1, "after"),
    ("pathlib.Path.replace", 1, "before"),
    ("pathlib.Path.replace", 1, "after"),
    ("os.fsync", 2, "before"),
    ("os.fsync", 2, "after"),
]


def dying(call: Callable[..., object], time: int, when: str) -> Callable[..., object]:
    calls = 0

    def killed(*args: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == time and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = call(*args, **named)
        if calls == time:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return killed


def die_at(folder: Path, step: tuple[str, int, str], data: bytes) -> None:
    """Answer a request in a child that is killed at a step."""
    child = os.fork()
    if not child:
        try:
            name, time, when = step
            patch = pytest.MonkeyPatch()
            owner, _, attribute = name.rpartition(".")
            found = __import__("importlib").import_module(owner.removesuffix(".Path"))
            target = getattr(found, "Path") if owner.endswith(".Path") else found  # noqa: B009 - one module's class
            patch.setattr(target, attribute, dying(getattr(target, attribute), time, when))
            opened(folder).add_checkpoint(parse_submission(data))
        except BaseException:  # noqa: BLE001 - a child of a test must never return
            traceback.print_exc()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the step was never reached"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[2]} {step[0]} {step[1]}")
def test_a_killed_witness_never_cosigns_another_history(
    tmp_path: Path, step: tuple[str, int, str]
) -> None:
    witness = new_witness(tmp_path)
    assert isinstance(witness.add_checkpoint(parse_submission(body(0, BEFORE))), Cosigned)
    die_at(tmp_path, step, body(BEFORE, SIZE))

    again = opened(tmp_path)
    last = again.last(ORIGIN)
    assert last is not None
    assert last.root == READER.root(last.size)
    fork = again.add_checkpoint(parse_submission(body(0, SIZE, FORK)))
    assert fork == OtherSize(last.size)
    with pytest.raises(TamperSuspected):  # whatever the fork claims to extend, it does not
        again.add_checkpoint(parse_submission(body(last.size, SIZE, FORK)))
    assert last.size == SIZE or step in STEPS[:2]
    found = again.add_checkpoint(parse_submission(body(last.size, SIZE)))
    assert isinstance(found, Cosigned)
    assert parse_checkpoint(found.note.text).root == READER.root(SIZE)


def test_a_head_is_durable_before_it_is_signed_and_kept_before_it_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = new_witness(tmp_path)
    steps: list[str] = []

    def noting(name: str, call: Callable[..., object]) -> Callable[..., object]:
        def noted(*args: object) -> object:
            steps.append(name)
            return call(*args)

        return noted

    for name in ("pwrite", "fdatasync", "write", "fsync"):
        monkeypatch.setattr(os, name, noting(name, getattr(os, name)))
    monkeypatch.setattr("muniment.seal.witness.cosign", noting("cosign", cosign))
    witness.add_checkpoint(parse_submission(body(0, 7)))
    assert steps == ["pwrite", "fdatasync", "cosign", "write", "fsync", "fsync"]
    steps.clear()
    witness.add_checkpoint(parse_submission(body(7, 7)))
    assert steps == ["pwrite", "fdatasync", "cosign", "write", "fsync", "fsync"]


def test_a_head_that_could_not_be_made_durable_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel would answer yes when asked again, without having written."""
    witness = new_witness(tmp_path)
    witness.add_checkpoint(parse_submission(body(0, BEFORE)))

    def broken(_file: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", broken)
        with pytest.raises(Unavailable, match="Input/output error"):
            witness.add_checkpoint(parse_submission(body(BEFORE, SIZE)))
    last = opened(tmp_path).last(ORIGIN)
    assert last is not None
    assert last.size == BEFORE
