from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from muniment.custody.keys import ED25519, ML_DSA_44, SigningKey
from muniment.errors import Conflict, InvalidInput, MunimentError, NotFound, Unavailable
from muniment.seal.key_file import create_key, read_key, read_keys
from muniment.seal.signer import FileSigner
from tests.library.seal.history import ORIGIN, head

if TYPE_CHECKING:
    from pathlib import Path


def test_key_and_memory_are_for_their_owner_alone(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    for path in (key_path, memory_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ed25519, ml_dsa = read_keys(key_path)
    assert read_key(key_path) == ed25519
    assert key_path.read_text() == f"{ed25519.text}\n{ml_dsa.text}\n"
    assert signer.verifiers == (ed25519.verifier, ml_dsa.verifier)
    assert [one.type for one in signer.verifiers] == [ED25519, ML_DSA_44]
    assert sorted(path.name for path in key_path.parent.iterdir()) == ["log.key", "log.memory"]


def test_a_key_is_never_overwritten(signer: FileSigner, key_path: Path, memory_path: Path) -> None:
    kept = key_path.read_bytes()
    with pytest.raises(Conflict) as caught:
        FileSigner.create(key_path, memory_path, ORIGIN)
    assert caught.value.code == "key.exists"
    signer.sign(head(3))
    with pytest.raises(Conflict) as caught:
        FileSigner.create(key_path.with_name("new"), memory_path, ORIGIN)
    assert caught.value.code == "signer.memory_exists"
    assert key_path.read_bytes() == kept
    assert not key_path.with_name("new").exists()


def test_a_creation_that_was_cut_short_can_be_done_again(key_path: Path, memory_path: Path) -> None:
    memory_path.touch(mode=0o600)
    draft = key_path.with_name(f".{key_path.name}.{os.getpid()}")
    draft.write_text("half a ke")
    signer = FileSigner.create(key_path, memory_path, ORIGIN)
    signer.sign(head(3))
    assert not draft.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o700 | 0o010])
def test_a_key_that_others_may_read_is_not_used(
    signer: FileSigner, key_path: Path, mode: int
) -> None:
    key_path.chmod(mode)
    with pytest.raises(InvalidInput, match="other users") as caught:
        read_key(key_path)
    assert caught.value.hint == f"chmod 600 {key_path}"


def refusal(path: Path) -> MunimentError:
    with pytest.raises(MunimentError) as caught:
        read_key(path)
    return caught.value


def test_a_file_that_is_no_key_is_refused(key_path: Path, tmp_path: Path) -> None:
    assert isinstance(refusal(key_path), NotFound)
    assert isinstance(refusal(tmp_path), Unavailable)
    for content in (b"", b"\xff\xfe", b"some text\n", b"x" * 10_000):
        key_path.write_bytes(content)
        key_path.chmod(0o600)
        assert isinstance(refusal(key_path), InvalidInput)
        assert refusal(key_path).code == "key.form"


def test_a_key_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        create_key(tmp_path / "absent" / "log.key", ORIGIN)
    with pytest.raises(InvalidInput):
        create_key(tmp_path / "log.key", "not a name")
    assert list(tmp_path.iterdir()) == []


def test_keys_that_do_not_belong_together_are_no_keys_of_a_log(key_path: Path) -> None:
    first, second = SigningKey.generate(ORIGIN), SigningKey.generate(ORIGIN, ML_DSA_44)
    stranger = SigningKey.generate("another.example/log", ML_DSA_44)
    for keys in (
        [second],
        [second, first],
        [first, first],
        [first, stranger],
        [first, second, first],
    ):
        key_path.write_text("".join(f"{key.text}\n" for key in keys))
        key_path.chmod(0o600)
        assert refusal(key_path).code == "key.form"
    for keys in ([first], [first, second]):
        key_path.write_text("".join(f"{key.text}\n" for key in keys))
        assert list(read_keys(key_path)) == keys
