"""When storage fails: only what is durable is acknowledged, and nothing is left half-done."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from muniment.archive import durability
from muniment.archive.durability import (
    Durability,
    EachFile,
    WholeFileSystem,
    cannot_write,
    for_groups,
    not_durable,
)
from muniment.archive.object_folder import ObjectFolder, Temporary
from muniment.archive.objects import FolderStore
from muniment.archive.pipeline import Held, Pipeline, Request, Unheld
from muniment.errors import Unavailable

Acknowledged = list[list[Held | Unheld]]


def batches(folder: Path, *sizes: int) -> list[list[Request]]:
    """Batches of files that are all different."""
    made = []
    for number, size in enumerate(sizes):
        batch = []
        for place in range(size):
            path = folder / f"{number}-{place}"
            path.write_bytes(b"%d of batch %d" % (place, number))
            facts = path.stat()
            batch.append(Request(os.fsencode(path), facts.st_dev, facts.st_ino))
        made.append(batch)
    return made


def run(
    store: FolderStore,
    durability: Durability,
    made: Iterable[list[Request]],
    folder_type: type[ObjectFolder] = ObjectFolder,
) -> tuple[Acknowledged, str]:
    """What was acknowledged, and the code of the failure, if there was one."""
    acknowledged: Acknowledged = []
    code = ""
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    with folder_type(store.layout, "test") as folder:
        try:
            Pipeline(folder, durability, acknowledged.append).run(made)
        except Unavailable as error:
            code = error.code
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before
    assert list(Path(store.layout.temporaries).iterdir()) == []
    return acknowledged, code


class FailsAt(EachFile):
    """Storage that settles so many times and then fails."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.asked_after_failing = 0

    def settle(self, folders: Iterable[str]) -> None:
        if self.left < 0:
            self.asked_after_failing += 1
        self.left -= 1
        if self.left < 0:
            raise not_durable(OSError(errno.EIO, os.strerror(errno.EIO)))
        super().settle(folders)


def digests(acknowledged: Acknowledged) -> set[str]:
    return {one.sha256 for batch in acknowledged for one in batch if isinstance(one, Held)}


@pytest.mark.parametrize("times", range(5))
def test_names_that_are_not_durable_are_taken_back(
    store: FolderStore, tmp_path: Path, times: int
) -> None:
    """Each round settles the data of one batch and the names of the one before it."""
    durability = FailsAt(times)
    acknowledged, code = run(store, durability, batches(tmp_path, 3, 3, 3))
    assert code == ("storage.not_durable" if times < 4 else "")
    assert len(acknowledged) == max(times - 1, 0)
    assert set(store.digests()) == digests(acknowledged)
    assert durability.asked_after_failing == 0


def test_an_object_that_was_there_before_is_not_taken_back(
    store: FolderStore, tmp_path: Path
) -> None:
    before = store.put_bytes(b"0 of batch 0").sha256
    acknowledged, code = run(store, FailsAt(1), batches(tmp_path, 3))
    assert (acknowledged, code) == ([], "storage.not_durable")
    assert list(store.digests()) == [before]


@pytest.mark.parametrize("fits", range(7))
def test_what_was_whole_before_the_disk_was_full_is_acknowledged(
    store: FolderStore, tmp_path: Path, fits: int
) -> None:
    class FillsUp(ObjectFolder):
        def create(self) -> Temporary:
            temporary = super().create()
            if int(temporary.name.rpartition("-")[2]) > fits:
                full = os.open("/dev/full", os.O_RDWR)
                os.dup2(full, temporary.descriptor)
                os.close(full)
            return temporary

    acknowledged, code = run(store, EachFile(), batches(tmp_path, 2, 2, 2), FillsUp)
    assert code == ("storage.full" if fits < 6 else "")
    assert [len(batch) for batch in acknowledged] == [2] * (fits // 2)
    assert set(store.digests()) == digests(acknowledged)


def test_no_place_for_a_new_file_ends_the_deposit(store: FolderStore, tmp_path: Path) -> None:
    class NoInodes(ObjectFolder):
        def create(self) -> Temporary:
            raise cannot_write(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    assert run(store, EachFile(), batches(tmp_path, 2), NoInodes) == ([], "storage.full")


def test_a_copy_that_cannot_be_read_back_is_not_stored(store: FolderStore, tmp_path: Path) -> None:
    class Forgets(ObjectFolder):
        def create(self) -> Temporary:
            temporary = super().create()
            os.close(temporary.descriptor)
            write_only = os.open(
                Path(store.layout.temporaries, temporary.name), os.O_WRONLY | os.O_CLOEXEC
            )
            return Temporary(temporary.name, write_only)

    acknowledged, code = run(store, EachFile(), batches(tmp_path, 1), Forgets)
    assert (acknowledged, code) == ([], "storage.failed")
    assert list(store.digests()) == []


def test_a_batch_of_nothing_but_refusals_is_acknowledged(
    store: FolderStore, tmp_path: Path
) -> None:
    missing = Request(os.fsencode(tmp_path / "never"), 0, 0)
    acknowledged, code = run(store, EachFile(), [[missing], [missing, missing]])
    assert (acknowledged, code) == (
        [[Unheld("file.missing", "")], [Unheld("file.missing", "")] * 2],
        "",
    )


def test_a_large_file_in_a_group_is_durable_before_the_group_is(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure to write it is found by the round of its group; what was written can be read."""
    path = tmp_path / "film"
    path.write_bytes(os.urandom(9 << 20))
    facts = path.stat()
    made = [[Request(os.fsencode(path), facts.st_dev, facts.st_ino)]]
    root = os.open(store.layout.root, os.O_RDONLY)

    def failing(_: int) -> int:
        ctypes.set_errno(errno.EIO)
        return -1

    with monkeypatch.context() as patched:
        patched.setattr(durability, "_syncfs", failing)
        assert run(store, WholeFileSystem(root), made) == ([], "storage.not_durable")
    ((held,),), code = run(store, WholeFileSystem(root), made)
    os.close(root)
    assert code == ""
    assert isinstance(held, Held)
    with store.open(held.sha256) as handle:
        assert handle.read() == path.read_bytes()


def test_this_system_makes_a_group_durable_in_one_round(store: FolderStore) -> None:
    with ObjectFolder(store.layout, "test") as folder:
        for_groups(folder.objects).settle([])


def test_one_round_for_a_group_fails_for_good_where_the_system_says_so() -> None:
    with pytest.raises(Unavailable) as caught:
        for_groups(-1).settle([])
    assert caught.value.code == "storage.not_durable"
