"""One file, copied: exactly, or not at all, whatever kind of file it is and whatever it does."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.archive import copying
from muniment.archive.copying import CHUNK, FoundFile, Refusal
from muniment.archive.hashing import Hasher
from muniment.errors import Unavailable
from tests.library.archive.processes import as_nobody


def found(path: Path) -> FoundFile:
    facts = path.stat()
    return FoundFile(os.fsencode(path), facts.st_dev, facts.st_ino)


def copied(path: Path, chunk_done: Callable[[int, int, int], None] = lambda *_: None) -> bytes:
    """The copy of a file, read back."""
    target = path.with_name("copy")
    with found(path) as source, target.open("x+b") as handle:
        size = source.copy_to(handle.fileno(), chunk_done)
        assert Hasher().digest(handle.fileno(), size) == sha256(target.read_bytes()).hexdigest()
    data = target.read_bytes()
    assert len(data) == size
    target.unlink()
    return data


def refusal(path: Path) -> str:
    with pytest.raises(Refusal) as caught:
        copied(path)
    return caught.value.code


SPOTS = st.lists(
    st.tuples(st.integers(0, 3 << 20), st.binary(min_size=1, max_size=300)), max_size=6
)


@pytest.mark.parametrize("kernel", ["copies", "does not", "does not between these", "gives up"])
@given(spots=SPOTS, size=st.integers(0, 4 << 20))
def test_every_byte_is_copied_whoever_copies_it(
    tmp_path_factory: pytest.TempPathFactory, kernel: str, spots: list[tuple[int, bytes]], size: int
) -> None:
    """Sparse files too: bytes here and there, and holes between them."""

    def no(*_: int) -> int:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    path = tmp_path_factory.mktemp("copy") / "source"
    with path.open("wb") as handle:
        for place, data in spots:
            handle.seek(place)
            handle.write(data)
        handle.truncate(max(size, handle.seek(0, os.SEEK_END)))
    with pytest.MonkeyPatch.context() as patched:
        if kernel != "copies":
            stand_in = {"does not": None, "does not between these": no, "gives up": lambda *_: 0}
            patched.setattr(copying, "_in_kernel", stand_in[kernel])
        assert copied(path) == path.read_bytes()


def test_a_kernel_that_stops_half_way_is_helped_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def some(source: int, target: int, count: int, start: int, to: int) -> int:
        if start >= 100_000:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return os.copy_file_range(source, target, min(count, 50_000), start, to)

    path = tmp_path / "source"
    path.write_bytes(os.urandom(300_000))
    monkeypatch.setattr(copying, "_in_kernel", some)
    assert copied(path) == path.read_bytes()


def test_blocks_of_zeros_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "disk image"
    with path.open("wb") as handle:
        handle.write(b"first sector")
        handle.truncate(64 << 20)
    with found(path) as source, (tmp_path / "copy").open("x+b") as target:
        assert source.copy_to(target.fileno()) == 64 << 20
        assert os.fstat(target.fileno()).st_blocks * 512 < 1 << 20


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert copied(tmp_path / "empty") == b""


@pytest.mark.parametrize("kernel", ["copies", "does not"])
@pytest.mark.parametrize("change", ["grows", "shrinks", "is rewritten", "is touched"])
def test_a_file_that_changes_while_it_is_copied_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, kernel: str
) -> None:
    if kernel == "does not":
        monkeypatch.setattr(copying, "_in_kernel", None)
    path = tmp_path / "live"
    path.write_bytes(bytes(CHUNK * 2))
    seen = []

    def meanwhile(_: int, start: int, length: int) -> None:
        seen.append((start, length))
        with path.open("r+b") as handle:
            if change == "grows":
                handle.seek(0, os.SEEK_END)
                handle.write(b"more")
            elif change == "shrinks":
                handle.truncate(CHUNK)
            elif change == "is rewritten":
                handle.write(b"other")
            else:
                os.utime(path)

    with pytest.raises(Refusal) as caught:
        copied(path, meanwhile)
    assert caught.value.code == "file.changed"
    assert seen


def test_another_file_under_the_same_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "found"
    path.write_bytes(b"what was found")
    facts = path.stat()
    (tmp_path / "secret").write_bytes(b"what was not")
    path.rename(tmp_path / "kept so that its number is not used again")
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(Refusal) as caught:
        FoundFile(os.fsencode(path), facts.st_dev, facts.st_ino)
    assert caught.value.code == "file.changed"


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    assert refusal(tmp_path / "pipe") == "file.special"
    assert refusal(tmp_path / "socket") == "file.special"
    assert refusal(tmp_path) == "file.folder"
    with pytest.raises(Refusal) as caught:
        FoundFile(b"/dev/zero", 0, 0)
    assert (caught.value.code, caught.value.detail) == ("file.special", "a device")


def test_a_vanished_file_and_a_loop_of_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    for name, code in (("never", "file.missing"), ("one", "file.link_loop")):
        with pytest.raises(Refusal) as caught:
            FoundFile(os.fsencode(tmp_path / name), 0, 0)
        assert caught.value.code == code


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    path.write_bytes(b"not for everyone")
    path.chmod(0)
    facts = path.stat()

    def attempt() -> str:
        try:
            FoundFile(b"sealed", facts.st_dev, facts.st_ino)
        except Refusal as error:
            return f"{error.code}: {error.detail}"
        return "opened"

    tmp_path.chmod(0o755)
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert as_nobody(attempt) == "file.unreadable: Permission denied"
    finally:
        os.chdir(here)


def test_a_file_of_someone_else_is_read_without_privilege(tmp_path: Path) -> None:
    """Only its owner may read a file without leaving a trace; everyone else may read it."""
    path = tmp_path / "public"
    path.write_bytes(b"for everyone")
    path.chmod(0o644)
    tmp_path.chmod(0o755)
    facts = path.stat()

    def attempt() -> str:
        with FoundFile(b"public", facts.st_dev, facts.st_ino):
            return "read"

    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert as_nobody(attempt) == "read"
    finally:
        os.chdir(here)


def test_a_system_file_that_only_claims_to_be_empty_is_refused() -> None:
    assert Path("/proc/self/status").stat().st_size == 0
    facts = Path("/proc/self/status").stat()
    with (
        FoundFile(b"/proc/self/status", facts.st_dev, facts.st_ino) as source,
        pytest.raises(Refusal) as caught,
    ):
        source.copy_to(-1)
    assert caught.value.code == "file.special"


def test_no_room_is_no_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(b"evidence")
    with (
        found(path) as source,
        Path("/dev/full").open("wb") as full,
        pytest.raises(Unavailable) as caught,
    ):
        source.copy_to(full.fileno())
    assert caught.value.code == "storage.full"
