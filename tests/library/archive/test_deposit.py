"""Many files at once: in order, each group durable, every bad file an outcome of its own."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.archive import deposit as deposit_module
from muniment.archive.deposit import GROUP_FILES, deposit
from muniment.archive.objects import FolderStore
from muniment.archive.outcome import Refused, Stored, refused
from muniment.capture.api import Capture
from muniment.capture.file import capture_file
from muniment.errors import Unavailable
from tests.library.archive.processes import naming, wait_until_gone

MANY = GROUP_FILES * 2 + 40
SPARSE = "edd20ee61049b3cdc04f625640551d6c80a8bccfe7e3562a7a9c95a40cc8275a"  # by openssl dgst


def sources(paths: list[Path]) -> list[Capture | Refused]:
    return [capture_file(os.fsencode(path)) for path in paths]


def files(folder: Path, number: int) -> list[Path]:
    """Small files, every third with the bytes of the one before."""
    folder.mkdir()
    paths = [folder / f"{n:05}" for n in range(number)]
    for n, path in enumerate(paths):
        path.write_bytes(b"%d" % (n - (n % 3 == 2)) * (n % 700))
    return paths


def read(store: FolderStore, digest: str) -> bytes:
    with store.open(digest) as handle:
        return handle.read()


def temporaries(store: FolderStore) -> list[Path]:
    return list(Path(store.layout.temporaries).iterdir())


@pytest.mark.parametrize("number", [0, 1, 16, 17, MANY])
def test_every_file_is_stored_in_its_place(store: FolderStore, tmp_path: Path, number: int) -> None:
    paths = files(tmp_path / "in", number)
    groups = list(deposit(store, sources(paths)))
    assert [len(group) for group in groups[:-1]] == [GROUP_FILES] * (len(groups) - 1)
    outcomes = [outcome for group in groups for outcome in group]
    assert len(outcomes) == number
    seen: set[str] = set()
    for path, outcome in zip(paths, outcomes, strict=True):
        assert isinstance(outcome, Stored)
        assert outcome.source.path == os.fsencode(path)
        assert outcome.sha256 == sha256(path.read_bytes()).hexdigest()
        assert outcome.size == path.stat().st_size
        assert outcome.already_present == (outcome.sha256 in seen)
        assert read(store, outcome.sha256) == path.read_bytes()
        seen.add(outcome.sha256)
    assert set(store.digests()) == seen
    assert temporaries(store) == []


@settings(max_examples=30)
@given(contents=st.lists(st.binary(max_size=40), max_size=12))
def test_what_comes_back_is_what_went_in(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("deposit")
    store = FolderStore(folder / "archive")
    store.layout.root.mkdir()
    store.prepare()
    paths = [folder / str(n) for n in range(len(contents))]
    for path, data in zip(paths, contents, strict=True):
        path.write_bytes(data)
    stored = [one for group in deposit(store, sources(paths)) for one in group]
    assert [read(store, one.sha256) for one in stored if isinstance(one, Stored)] == contents


@pytest.mark.parametrize("number", [6, 300])
def test_bad_files_are_outcomes_among_the_good(
    store: FolderStore, tmp_path: Path, number: int
) -> None:
    """Each in its place, whoever refuses it: the one who found it, or the deposit."""
    good = files(tmp_path / "in", number)
    found = sources(good)
    (tmp_path / b"\xff\xfe".decode("utf-8", "surrogateescape")).write_bytes(b"no UTF-8")
    found.insert(1, refused(b"pipe", "file.special", "a named pipe"))
    found.insert(3, capture_file(os.fsencode(tmp_path) + b"/\xff\xfe"))
    good[4].unlink()
    outcomes = [one for group in deposit(store, found) for one in group]
    assert len(outcomes) == number + 2
    assert outcomes[1] == found[1]
    odd = outcomes[3]
    assert isinstance(odd, Stored)
    assert odd.source.name == b"\xff\xfe"
    assert read(store, odd.sha256) == b"no UTF-8"
    gone = outcomes[6]
    assert isinstance(gone, Refused)
    assert (gone.path, gone.code) == (os.fsencode(good[4]), "file.missing")
    assert gone.message == f"{good[4]} does not exist"
    assert sum(isinstance(one, Stored) for one in outcomes) == number


@pytest.mark.parametrize("number", [3, 40])
def test_a_damaged_object_is_no_reason_to_drop_a_good_copy_silently(
    store: FolderStore, tmp_path: Path, number: int
) -> None:
    paths = files(tmp_path / "in", number)
    digest = sha256(paths[1].read_bytes()).hexdigest()
    Path(store.layout.objects, digest[:2], digest[2:]).write_bytes(b"rotten")
    outcomes = [one for group in deposit(store, sources(paths)) for one in group]
    assert isinstance(outcomes[1], Refused)
    assert (outcomes[1].code, outcomes[1].exit_code) == ("object.damaged", 1)
    assert read(store, digest) == b"rotten"
    assert isinstance(outcomes[0], Stored)
    assert temporaries(store) == []


def test_files_are_taken_only_a_few_groups_ahead(store: FolderStore, tmp_path: Path) -> None:
    """So a source may be endless, and whoever stops early leaves nothing behind."""
    paths = files(tmp_path / "in", 30)
    taken = 0

    def endless() -> Iterator[Capture | Refused]:
        nonlocal taken
        while True:
            taken += 1
            yield capture_file(os.fsencode(paths[taken % 30]))

    with closing(deposit(store, endless())) as groups:
        first = next(groups)
        assert naming(str(store.layout.root))
    assert len(first) == GROUP_FILES
    assert taken <= 5 * GROUP_FILES
    wait_until_gone(str(store.layout.root))
    assert temporaries(store) == []


def test_groups_are_bounded_by_bytes(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = files(tmp_path / "in", 40)
    monkeypatch.setattr(deposit_module, "GROUP_BYTES", 50)
    groups = list(deposit(store, sources(paths)))
    sizes = [[one.source.size for one in group if isinstance(one, Stored)] for group in groups]
    assert len(groups) > 10
    assert all(sum(group[:-1]) < 50 for group in sizes)
    assert [size for group in sizes for size in group] == [path.stat().st_size for path in paths]


def test_a_process_that_is_killed_is_said_and_leaves_nothing(
    store: FolderStore, tmp_path: Path
) -> None:
    def endless() -> Iterator[Capture | Refused]:
        path = tmp_path / "film"
        path.write_bytes(bytes(100_000))
        while True:
            yield capture_file(os.fsencode(path))

    with closing(deposit(store, endless())) as groups:
        next(groups)
        (process,) = naming(str(store.layout.root))
        os.kill(process, signal.SIGKILL)
        with pytest.raises(Unavailable) as caught:
            list(groups)
    assert caught.value.code == "storage.interrupted"
    assert temporaries(store) == []


def test_a_low_limit_of_open_files_is_enough(store: FolderStore, tmp_path: Path) -> None:
    paths = files(tmp_path / "in", MANY)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        outcomes = [one for group in deposit(store, sources(paths)) for one in group]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert all(isinstance(one, Stored) for one in outcomes)
    assert len(outcomes) == MANY


@pytest.mark.slow
def test_a_large_sparse_file_is_stored_as_it_is(store: FolderStore, tmp_path: Path) -> None:
    path = tmp_path / "disk image"
    with path.open("wb") as handle:
        handle.write(b"begin")
        handle.seek(5_000_000_000 - 3)
        handle.write(b"end")
    ((outcome,),) = deposit(store, sources([path]))
    assert isinstance(outcome, Stored)
    assert (outcome.sha256, outcome.size) == (SPARSE, 5_000_000_000)
    kept = Path(store.layout.objects, SPARSE[:2], SPARSE[2:])
    assert kept.stat().st_blocks * 512 < 2 << 20


def test_an_archive_that_is_not_there_is_said_before_anything_is_read(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", 40)
    with pytest.raises(Unavailable) as caught:
        list(deposit(FolderStore(tmp_path / "nowhere"), sources(paths)))
    assert caught.value.code == "storage.missing"
