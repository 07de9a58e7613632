from __future__ import annotations

import fcntl
import os
import threading
from typing import TYPE_CHECKING

import pytest

from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.custody.head_signature import check_head, sign_head
from muniment.custody.merkle import EMPTY_ROOT
from muniment.custody.proof import consistency_proof
from muniment.custody.tiles import TileEdge, TileReader
from muniment.errors import InvalidInput, TamperSuspected, Unavailable
from muniment.seal.signer import FileSigner
from tests.library.seal.history import LEAVES, ORIGIN, growth, head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.seal.signer import Signer


def test_heads_that_extend_each_other_are_signed(signer: FileSigner) -> None:
    as_any_signer: Signer = signer  # what the type says, mypy checks
    assert signer.last() is None
    for old, new in [(0, 3), (3, 4), (4, 100), (100, 101), (101, 400)]:
        note = as_any_signer.sign(head(new), growth(old, new) if old else ())
        assert [check_head(note, key) for key in signer.verifiers] == [True, True]
        assert parse_checkpoint(note.text) == head(new)
        assert signer.last() == head(new)


def test_the_same_head_is_signed_again_alike(signer: FileSigner, memory_path: Path) -> None:
    first = signer.sign(head(7))
    kept = memory_path.read_bytes()
    again = signer.sign(head(7))
    assert (again.text, again.signatures[0]) == (first.text, first.signatures[0])
    assert memory_path.read_bytes() == kept


def test_an_empty_log_may_be_signed_first(signer: FileSigner) -> None:
    signer.sign(Checkpoint(ORIGIN, 0, EMPTY_ROOT))
    signer.sign(head(5))
    with pytest.raises(TamperSuspected):
        signer.sign(Checkpoint(ORIGIN, 0, EMPTY_ROOT))


@pytest.mark.parametrize(
    ("asked", "proof", "code"),
    [
        (head(99), [], "signer.fork"),
        (head(99), growth(99, 100), "signer.fork"),
        (Checkpoint(ORIGIN, 0, EMPTY_ROOT), [], "signer.fork"),
        (Checkpoint(ORIGIN, 100, LEAVES[0]), [], "signer.fork"),
        (head(101), [], "proof.consistency"),
        (head(101), growth(99, 101), "proof.consistency"),
        (head(101), growth(100, 102), "proof.consistency"),
        (head(101), [*growth(100, 101), LEAVES[0]], "proof.consistency"),
        (Checkpoint(ORIGIN, 101, LEAVES[0]), growth(100, 101), "proof.consistency"),
    ],
)
def test_a_head_that_does_not_extend_the_last_is_refused(
    signer: FileSigner, asked: Checkpoint, proof: list[bytes], code: str
) -> None:
    signer.sign(head(100))
    with pytest.raises(TamperSuspected) as caught:
        signer.sign(asked, proof)
    assert caught.value.code == code
    assert signer.last() == head(100)
    signer.sign(head(101), growth(100, 101))  # the truth is still signed


def test_a_history_with_one_changed_leaf_is_refused(signer: FileSigner) -> None:
    signer.sign(head(200))
    changed = [*LEAVES[:57], LEAVES[399], *LEAVES[58:300]]
    reader = TileReader(TileEdge().grown(changed).files.__getitem__, 300)
    with pytest.raises(TamperSuspected):
        signer.sign(Checkpoint(ORIGIN, 300, reader.root()), consistency_proof(reader, 200, 300))


def test_a_head_of_another_log_is_refused(signer: FileSigner) -> None:
    with pytest.raises(InvalidInput) as caught:
        signer.sign(Checkpoint("another.example", 3, LEAVES[0]))
    assert caught.value.code == "signer.origin"
    assert signer.last() is None


def test_a_signer_remembers_after_it_is_opened_again(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    signer.sign(head(300))
    again = FileSigner(key_path, memory_path)
    assert again.verifier == signer.verifier
    assert again.last() == head(300)
    with pytest.raises(TamperSuspected):
        again.sign(head(299))


def test_two_signers_of_one_key_share_one_memory(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    other = FileSigner(key_path, memory_path)
    signer.sign(head(10))
    assert other.last() == head(10)
    other.sign(head(20), growth(10, 20))
    with pytest.raises(TamperSuspected):
        signer.sign(head(15), growth(10, 15))


def test_signers_at_the_same_moment_never_sign_two_histories(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    signer.sign(head(10))
    barrier = threading.Barrier(8)
    signed: list[int] = []

    def race(size: int) -> None:
        rival = FileSigner(key_path, memory_path)
        barrier.wait(timeout=30)
        try:
            rival.sign(head(size), growth(10, size))
        except TamperSuspected:
            return
        signed.append(size)

    threads = [threading.Thread(target=race, args=(20 + number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(signed) == 1
    assert signer.last() == head(signed[0])


def test_the_memory_is_locked_while_a_head_is_remembered(
    signer: FileSigner, memory_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_file: int) -> None:
        with memory_path.open("rb") as rival, pytest.raises(BlockingIOError):
            fcntl.flock(rival, fcntl.LOCK_SH | fcntl.LOCK_NB)
        seen.append(True)

    seen: list[bool] = []
    monkeypatch.setattr(os, "fdatasync", locked)
    signer.sign(head(5))
    assert seen == [True]


def test_the_head_is_durable_before_its_signature_is_made(
    signer: FileSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    pwrite, fdatasync, sign = os.pwrite, os.fdatasync, sign_head

    def noting(name: str, call: Callable[..., object]) -> Callable[..., object]:
        def noted(*args: object) -> object:
            steps.append(name)
            return call(*args)

        return noted

    monkeypatch.setattr(os, "pwrite", noting("write", pwrite))
    monkeypatch.setattr(os, "fdatasync", noting("sync", fdatasync))
    monkeypatch.setattr("muniment.seal.signer.sign_head", noting("sign", sign))
    signer.sign(head(5))
    assert steps == ["write", "sync", "sign"]


def test_a_head_whose_writer_may_have_died_is_made_durable_before_it_is_signed_again(
    signer: FileSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer.sign(head(5))

    def broken(_file: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(Unavailable, match="Input/output error"):
        signer.sign(head(5))


def test_a_head_that_could_not_be_made_durable_is_forgotten(
    signer: FileSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_file: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", broken)
        with pytest.raises(Unavailable):
            signer.sign(head(5))
    assert signer.last() is None


def test_no_signature_leaves_when_the_memory_cannot_be_made_durable(
    signer: FileSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", full)
        with pytest.raises(Unavailable, match="No space left"):
            signer.sign(head(5))
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", lambda _file, data, _at: len(data) // 2)
        with pytest.raises(Unavailable, match="no room"):
            signer.sign(head(6), growth(5, 6))
    signer.sign(head(6), growth(5, 6))
