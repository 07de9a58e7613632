from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import SigningKey
from muniment.custody.note import sign_note
from muniment.errors import Conflict, InvalidInput, TamperSuspected, Unavailable
from muniment.seal.key_file import create_key, read_key
from muniment.seal.memory import create_memory
from muniment.seal.signer import FileSigner
from tests.library.seal.history import LEAVES, ORIGIN, READER, growth, head

if TYPE_CHECKING:
    from pathlib import Path


@settings(max_examples=60)
@given(data=st.data())
def test_a_crash_at_any_byte_of_the_last_line_forgets_that_line_alone(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("signer")
    key, memory = folder / "key", folder / "memory"
    signer = FileSigner.create(key, memory, ORIGIN)
    signer.sign(head(10))
    before = len(memory.read_bytes())
    signer.sign(head(20), growth(10, 20))
    whole = memory.read_bytes()
    cut = data.draw(st.integers(before, len(whole) - 1))
    filling = data.draw(st.sampled_from([b"", b"\0" * 5, b"\xff", b"\n"]))
    memory.write_bytes((whole[:cut] + filling) if cut > before else whole[:cut])
    again = FileSigner(key, memory)
    if cut == len(whole) - 1 and filling == b"\n":  # that is the line, whole
        assert again.last() == head(20)
    else:
        assert again.last() == head(10)
        again.sign(head(15), growth(10, 15))
        assert FileSigner(key, memory).last() == head(15)
        assert memory.read_bytes().count(b"\n") == 2


def test_a_crash_in_the_first_line_forgets_it(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    signer.sign(head(10))
    whole = memory_path.read_bytes()
    for cut in (1, 5, len(whole) - 1):
        memory_path.write_bytes(whole[:cut])
        assert FileSigner(key_path, memory_path).last() is None
    FileSigner(key_path, memory_path).sign(head(3))
    assert memory_path.read_bytes().count(b"\n") == 1


def test_what_a_crash_left_behind_does_not_stay(signer: FileSigner, memory_path: Path) -> None:
    signer.sign(head(10))
    with memory_path.open("ab") as file:
        file.write(b"\0" * 500)
    signer.sign(head(20), growth(10, 20))
    assert memory_path.read_bytes().count(b"\0") == 0


def test_damage_before_the_last_line_is_an_alarm(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    for old, new in [(0, 10), (10, 20), (20, 30)]:
        signer.sign(head(new), growth(old, new) if old else ())
    lines = memory_path.read_bytes().splitlines(keepends=True)
    spoiled = b"\0" * (len(lines[1]) - 1) + b"\n"
    memory_path.write_bytes(lines[0] + spoiled + b"3")
    with pytest.raises(TamperSuspected) as caught:
        FileSigner(key_path, memory_path)
    assert caught.value.code == "signer.damaged"
    memory_path.write_bytes(lines[0] + spoiled + spoiled)
    with pytest.raises(TamperSuspected):
        FileSigner(key_path, memory_path)
    memory_path.write_bytes(b"x" * 10_000)
    with pytest.raises(TamperSuspected):
        FileSigner(key_path, memory_path)


def test_the_memory_of_another_log_is_not_taken(tmp_path: Path, memory_path: Path) -> None:
    other = FileSigner.create(tmp_path / "other", memory_path, "specimen.muniment.invalid/other")
    root = READER.root(5)
    other.sign(Checkpoint("specimen.muniment.invalid/other", 5, root))
    other.sign(Checkpoint("specimen.muniment.invalid/other", 6, READER.root(6)), growth(5, 6))
    create_key(tmp_path / "mine", ORIGIN)
    with pytest.raises(TamperSuspected) as caught:
        FileSigner(tmp_path / "mine", memory_path)
    assert caught.value.code == "signer.damaged"


def test_a_long_memory_is_read_from_its_end(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    signer.sign(head(1))
    for size in range(2, 200):
        signer.sign(head(size), growth(size - 1, size))
    assert memory_path.stat().st_size > 10_000
    assert FileSigner(key_path, memory_path).last() == head(199)
    with memory_path.open("ab") as file:
        file.write(b"200 torn")
    assert FileSigner(key_path, memory_path).last() == head(199)


def test_a_key_that_lost_its_memory_signs_nothing(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    signer.sign(head(10))
    memory_path.unlink()
    for use in (lambda: signer.sign(head(11)), lambda: FileSigner(key_path, memory_path)):
        with pytest.raises(TamperSuspected) as caught:
            use()
        assert caught.value.code == "signer.no_memory"
        assert caught.value.hint


def test_a_lost_memory_is_restored_from_a_published_head(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    published = signer.sign(head(10))
    memory_path.unlink()
    again = FileSigner.restore(key_path, memory_path, published)
    assert again.last() == head(10)
    again.sign(head(12), growth(10, 12))
    with pytest.raises(Conflict):
        FileSigner.restore(key_path, memory_path, published)


def test_a_memory_is_not_restored_from_a_head_of_another_key(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    memory_path.unlink()
    stranger = sign_note(head(10).text, SigningKey.generate(ORIGIN))
    renamed = Checkpoint("another.example", 3, LEAVES[0])
    for note in (stranger, sign_note(renamed.text, read_key(key_path))):
        with pytest.raises(InvalidInput) as caught:
            FileSigner.restore(key_path, memory_path, note)
        assert caught.value.code == "signer.restore"
    assert not memory_path.exists()


def test_a_memory_that_cannot_be_opened_or_made_is_unavailable(
    key_path: Path, tmp_path: Path
) -> None:
    create_key(key_path, ORIGIN)
    with pytest.raises(Unavailable):
        FileSigner(key_path, tmp_path)  # a folder
    with pytest.raises(Unavailable):
        create_memory(tmp_path / "absent" / "memory")
