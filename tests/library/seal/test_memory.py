from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from base64 import b64encode
from itertools import pairwise
from pathlib import Path

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

SECOND = 4096  # where the second slot begins
SECTOR = 512


@settings(max_examples=25)
@given(data=st.data())
def test_a_write_cut_at_any_byte_leaves_the_head_before_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Over every prefix and every suffix of a write that reached the disk, at every turn."""
    folder = tmp_path_factory.mktemp("signer")
    key, memory = folder / "key", folder / "memory"
    signer = FileSigner.create(key, memory, ORIGIN)
    sizes = sorted(data.draw(st.sets(st.integers(1, 390), min_size=1, max_size=5)))
    for old, new in pairwise([0, *sizes]):
        before, known = memory.read_bytes(), signer.last()
        signer.sign(head(new), growth(old, new) if old else ())
        after = memory.read_bytes()
        written = [at for at in range(len(after)) if before[at] != after[at]]
        cut = data.draw(st.integers(written[0], written[-1]), label="cut")
        for torn in (
            after[:cut] + before[cut:],
            before[: cut + 1] + after[cut + 1 :],
            after[:cut] + bytes(SECTOR) + before[cut + SECTOR :],
        ):
            assert len(torn) == len(after)
            memory.write_bytes(torn)
            assert FileSigner(key, memory).last() == known
        again = FileSigner(key, memory)  # the torn slot is written again
        again.sign(head(new), growth(old, new) if old else ())
        assert memory.read_bytes() == after


def test_every_prefix_of_a_write_leaves_the_head_before_it(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    signer.sign(head(10))
    before = memory_path.read_bytes()
    signer.sign(head(20), growth(10, 20))
    after = memory_path.read_bytes()
    lasting = []
    for cut in range(SECTOR + 1):
        memory_path.write_bytes(after[:cut] + before[cut:])
        lasting.append(FileSigner(key_path, memory_path).last())
    whole = lasting.index(head(20))
    assert lasting == [head(10)] * whole + [head(20)] * (SECTOR + 1 - whole)
    assert after[whole - 1 : whole + 1] == b"\n\0"  # nothing less than the whole line


def test_a_head_is_remembered_in_place(signer: FileSigner, memory_path: Path) -> None:
    file = memory_path.stat()
    for old, new in pairwise([0, 1, 9, 10, 99, 100, 399]):
        before = memory_path.read_bytes()
        signer.sign(head(new), growth(old, new) if old else ())
        after = memory_path.read_bytes()
        changed = {at // SECOND for at in range(len(after)) if before[at] != after[at]}
        assert len(changed) == 1  # the other slot was not touched
    assert (memory_path.stat().st_ino, memory_path.stat().st_size) == (file.st_ino, file.st_size)
    assert memory_path.stat().st_blocks * 512 >= file.st_size  # no block is found only later


def test_two_slots_that_say_nothing_are_an_alarm(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    for old, new in [(0, 10), (10, 20), (20, 30)]:
        signer.sign(head(new), growth(old, new) if old else ())
    whole = memory_path.read_bytes()
    first, second = whole[:SECOND], whole[SECOND:]
    for damaged in (
        b"",
        bytes(len(whole)),
        b"x" * 10_000,
        second + first,
        b"x" + first[1:] + b"x" + second[1:],
    ):
        memory_path.write_bytes(damaged)
        with pytest.raises(TamperSuspected) as caught:
            FileSigner(key_path, memory_path)
        assert caught.value.code == "signer.damaged"
        assert caught.value.hint


def test_slots_that_do_not_follow_each_other_are_an_alarm(
    signer: FileSigner, key_path: Path, memory_path: Path
) -> None:
    old = memory_path.read_bytes()[:SECOND]
    for before, new in [(0, 10), (10, 20), (20, 30)]:
        signer.sign(head(new), growth(before, new) if before else ())
    memory_path.write_bytes(old + memory_path.read_bytes()[SECOND:])
    with pytest.raises(TamperSuspected) as caught:
        FileSigner(key_path, memory_path)
    assert caught.value.code == "signer.damaged"


def old_line(head: Checkpoint) -> bytes:
    """A line of the first format, as it was written."""
    content = f"{head.size} {b64encode(head.root).decode()}"
    check = hashlib.sha256(f"{head.origin} {content}".encode()).hexdigest()[:16]
    return f"{content} {check}\n".encode()


@pytest.mark.parametrize("torn", [b"", b"30 torn", b"\0" * 500, b"\0\0\n", b"\n"])
@pytest.mark.parametrize("count", [1, 2, 200])
def test_a_memory_of_the_first_format_is_read_and_written_again(
    signer: FileSigner, key_path: Path, memory_path: Path, torn: bytes, count: int
) -> None:
    size = memory_path.stat().st_size
    memory_path.write_bytes(b"".join(old_line(head(10 + n)) for n in range(count)) + torn)
    newest = 9 + count
    assert FileSigner(key_path, memory_path).last() == head(newest)
    assert memory_path.stat().st_size == size
    assert memory_path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TamperSuspected):
        signer.sign(head(newest - 1))
    signer.sign(head(390), growth(newest, 390))
    assert FileSigner(key_path, memory_path).last() == head(390)
    assert sorted(path.name for path in memory_path.parent.iterdir()) == ["log.key", "log.memory"]


def test_damage_in_a_memory_of_the_first_format_is_an_alarm(
    key_path: Path, signer: FileSigner, memory_path: Path
) -> None:
    lines = [old_line(head(size)) for size in (10, 20, 30)]
    spoiled = b"\0" * (len(lines[1]) - 1) + b"\n"
    other = old_line(Checkpoint("specimen.muniment.invalid/other", 5, READER.root(5)))
    for content in (lines[0] + spoiled + b"3", lines[0] + spoiled + spoiled, other + other):
        memory_path.write_bytes(content)
        with pytest.raises(TamperSuspected) as caught:
            FileSigner(key_path, memory_path)
        assert caught.value.code == "signer.damaged"
        assert memory_path.read_bytes() == content


def test_who_waited_for_a_memory_of_the_first_format_reads_the_one_put_there(
    key_path: Path, signer: FileSigner, memory_path: Path
) -> None:
    memory_path.write_bytes(old_line(head(10)))
    seen: list[Checkpoint | None] = []
    with memory_path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = threading.Thread(target=lambda: seen.append(signer.last()))
        waiting.start()
        while not is_waiting(held.fileno()):
            waiting.join(0.01)
        fresh = memory_path.with_name("fresh")
        create_memory(fresh, ORIGIN, head(20))
        fresh.replace(memory_path)
    waiting.join(30)
    assert seen == [head(20)]


def is_waiting(file: int) -> bool:
    """Say whether someone waits for the lock of a file, as the kernel lists it."""
    inode = f":{os.fstat(file).st_ino} "
    locks = Path("/proc/locks").read_text().splitlines()
    return any("->" in line and inode in line for line in locks)


def test_the_memory_of_another_log_is_not_taken(tmp_path: Path, memory_path: Path) -> None:
    other = FileSigner.create(tmp_path / "other", memory_path, "specimen.muniment.invalid/other")
    root = READER.root(5)
    other.sign(Checkpoint("specimen.muniment.invalid/other", 5, root))
    other.sign(Checkpoint("specimen.muniment.invalid/other", 6, READER.root(6)), growth(5, 6))
    create_key(tmp_path / "mine", ORIGIN)
    with pytest.raises(TamperSuspected) as caught:
        FileSigner(tmp_path / "mine", memory_path)
    assert caught.value.code == "signer.damaged"


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
        create_memory(tmp_path / "absent" / "memory", ORIGIN)
