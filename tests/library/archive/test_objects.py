"""Objects in a folder: the contract of every store, and what only a folder can do wrong."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from muniment.archive import durability
from muniment.archive.durability import EachFile, not_durable
from muniment.archive.objects import FolderStore
from muniment.errors import TamperSuspected, Unavailable
from muniment.testing.object_store import ObjectStoreContract


class TestFolderStore(ObjectStoreContract):
    """The contract, over a new folder for each test."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "archive"
        self.folder.mkdir()

    def store(self) -> FolderStore:
        made = FolderStore(self.folder)
        made.prepare()
        return made


class TestWithoutExclusiveRename(TestFolderStore):
    """The contract, where the file system knows no rename that spares what is there."""

    @pytest.fixture(autouse=True)
    def _no_rename(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(durability, "_renameat2", None)


def path_of(store: FolderStore, digest: str) -> Path:
    return Path(store.layout.objects, digest[:2], digest[2:])


def temporaries(store: FolderStore) -> list[str]:
    return sorted([path.name for path in Path(store.layout.temporaries).iterdir()])


def test_an_object_is_a_read_only_file_named_by_its_digest(store: FolderStore) -> None:
    stored = store.put_bytes(b"footage")
    path = path_of(store, sha256(b"footage").hexdigest())
    assert path.read_bytes() == b"footage"
    assert path.stat().st_mode & 0o777 == 0o444
    assert path.stat().st_nlink == 1
    assert stored.sha256 == path.parent.name + path.name
    assert temporaries(store) == []


def test_preparing_again_changes_nothing(store: FolderStore) -> None:
    digest = store.put_bytes(b"kept").sha256
    store.prepare()
    assert list(store.digests()) == [digest]
    assert len(list(Path(store.layout.objects).iterdir())) == 256


def test_a_copy_of_an_archive_may_lack_its_empty_folders(store: FolderStore) -> None:
    digest = sha256(b"late").hexdigest()
    path_of(store, digest).parent.rmdir()
    assert list(store.digests()) == []
    store.put_bytes(b"late")
    assert list(store.digests()) == [digest]


@pytest.mark.parametrize("rot", [b"", b"footagE", b"footage and more"])
def test_a_damaged_object_is_never_taken_for_the_bytes_that_are_put(
    store: FolderStore, rot: bytes
) -> None:
    path = path_of(store, store.put_bytes(b"footage").sha256)
    path.unlink()
    path.write_bytes(rot)
    with pytest.raises(TamperSuspected) as caught:
        store.put_bytes(b"footage")
    assert caught.value.code == "object.damaged"
    assert path.read_bytes() == rot
    assert temporaries(store) == []


def test_a_link_in_place_of_an_object_is_damage(store: FolderStore, tmp_path: Path) -> None:
    path = path_of(store, store.put_bytes(b"footage").sha256)
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    with pytest.raises(TamperSuspected):
        store.put_bytes(b"footage")


def test_no_room_is_said_and_leaves_nothing(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)

    def write(_: int, data: memoryview) -> int:
        return os.pwrite(full, data, 0)  # the kernel's own ENOSPC

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(Unavailable) as caught:
        store.put_bytes(b"too much")
    os.close(full)
    assert caught.value.code == "storage.full"
    assert temporaries(store) == []
    assert list(store.digests()) == []


def test_what_cannot_be_made_durable_is_taken_back_and_ends_the_store(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settle(self: EachFile, folders: object) -> None:
        raise not_durable(OSError(errno.EIO, os.strerror(errno.EIO)))

    with monkeypatch.context() as patched:
        patched.setattr(EachFile, "settle", settle)
        with pytest.raises(Unavailable) as caught:
            store.put_bytes(b"lost")
    assert caught.value.code == "storage.not_durable"
    assert list(store.digests()) == []
    for same in (store, FolderStore(store.layout.root)):
        with pytest.raises(Unavailable) as again:
            same.put_bytes(b"anything")
        assert again.value.code == "storage.not_durable"
    assert temporaries(store) == []


def test_an_fsync_that_fails_is_never_tried_again(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fsync(descriptor: int) -> None:
        asked.append(descriptor)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(Unavailable) as caught:
        store.put_bytes(b"lost")
    assert caught.value.code == "storage.not_durable"
    assert len(asked) == 1
    assert list(store.digests()) == []


def test_a_missing_archive_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        FolderStore(tmp_path / "nowhere").put_bytes(b"x")
    assert caught.value.code == "storage.missing"


def test_only_old_temporaries_are_removed(store: FolderStore) -> None:
    folder = Path(store.layout.temporaries)
    for name, age in (("old", 90_000), ("young", 60)):
        (folder / name).write_bytes(b"left by a crash")
        then = (folder / name).stat().st_mtime - age
        os.utime(folder / name, (then, then))
    assert store.remove_stale_temporaries(timedelta(days=1)) == 1
    assert temporaries(store) == ["young"]
