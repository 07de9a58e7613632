"""The published log: tiles that others can read, heads that never go back."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from muniment.archive import publication
from muniment.archive.durability import EachFile, not_durable
from muniment.archive.layout import Layout
from muniment.archive.log_files import (
    kept_sizes,
    published_size,
    read_kept,
    read_published,
)
from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.custody.keys import SigningKey
from muniment.custody.merkle import root_of
from muniment.custody.note import NoteSignature, sign_note
from muniment.custody.tiles import TileReader
from muniment.errors import InvalidInput, NotFound, TamperSuspected, Unavailable
from tests.library.archive.ledger import ORIGIN, Ledger


def below_log(ledger: Ledger) -> set[str]:
    log = ledger.archive / "log"
    return {str(path.relative_to(log)) for path in log.rglob("*") if path.is_file()}


def published_root(ledger: Ledger) -> bytes:
    note = read_published(ledger.archive)
    assert note is not None
    size = parse_checkpoint(note.text).size
    return TileReader(lambda path: (ledger.archive / "log" / path).read_bytes(), size).root()


def test_nothing_is_published_at_first(ledger: Ledger) -> None:
    assert published_size(ledger.archive) == 0
    assert ledger.files.details_size() == 0
    assert read_published(ledger.archive) is None
    assert kept_sizes(ledger.archive) == []
    with pytest.raises(NotFound) as caught:
        read_kept(ledger.archive, 1)
    assert caught.value.code == "checkpoint.missing"


def test_a_reader_finds_the_tree_and_every_head(ledger: Ledger) -> None:
    for number in (1, 4, 251, 1, 43, 300):
        ledger.append(number)
        ledger.publish()
        assert published_root(ledger) == root_of(ledger.hashes)
    assert published_size(ledger.archive) == 600
    assert kept_sizes(ledger.archive) == [1, 5, 256, 257, 300, 600]
    for size in kept_sizes(ledger.archive):
        data = read_kept(ledger.archive, size)
        head = parse_checkpoint(data.decode().partition("\n\n")[0] + "\n")
        assert (head.size, head.root) == (size, root_of(ledger.hashes[:size]))
    assert not list((ledger.archive / "tmp").iterdir())


def test_partial_tiles_go_once_the_full_tile_stands(ledger: Ledger) -> None:
    ledger.append(5)
    ledger.publish()
    assert "tile/0/000.p/5" in below_log(ledger)
    ledger.append(255)
    ledger.publish()
    assert below_log(ledger) == {
        "checkpoint",
        "checkpoints/5",
        "checkpoints/260",
        "tile/0/000",
        "tile/0/001.p/4",
        "tile/1/000.p/1",
    }


def test_publishing_again_changes_nothing(ledger: Ledger) -> None:
    ledger.append(300)
    tiles = dict(ledger.tiles)
    ledger.publish()
    before = {name: (ledger.archive / "log" / name).stat() for name in below_log(ledger)}
    ledger.tiles = tiles
    ledger.publish()
    after = {name: (ledger.archive / "log" / name).stat() for name in below_log(ledger)}
    assert {name: facts.st_ino for name, facts in before.items()} == {
        name: facts.st_ino for name, facts in after.items()
    }


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"])
def test_another_tile_under_a_published_name_is_an_alarm(ledger: Ledger, path: str) -> None:
    ledger.append(300)
    ledger.publish()
    other = bytearray((ledger.archive / "log" / path).read_bytes())
    other[5] ^= 1
    with pytest.raises(TamperSuspected) as caught:
        ledger.files.publish_tiles({path: bytes(other)})
    assert caught.value.code == "archive.differs"
    assert (ledger.archive / "log" / path).read_bytes() != other


def test_a_head_never_goes_back(ledger: Ledger) -> None:
    ledger.append(5)
    old = ledger.note()
    ledger.append(5)
    ledger.publish()
    with pytest.raises(TamperSuspected) as caught:
        ledger.files.publish_checkpoint(old)
    assert caught.value.code == "log.backwards"
    assert published_size(ledger.archive) == 10


def test_two_heads_of_one_size_are_an_alarm(ledger: Ledger) -> None:
    ledger.append(5)
    ledger.publish()
    fork = sign_note(Checkpoint(ORIGIN, 5, bytes(32)).text, ledger.key)
    with pytest.raises(TamperSuspected) as caught:
        ledger.files.publish_checkpoint(fork)
    assert caught.value.code == "archive.differs"
    (ledger.archive / "log" / "checkpoint").unlink()
    with pytest.raises(TamperSuspected) as caught:
        ledger.files.publish_checkpoint(fork)
    assert caught.value.code == "archive.differs"
    assert published_size(ledger.archive) == 0


def test_the_head_of_another_log_is_an_alarm(ledger: Ledger) -> None:
    ledger.append(5)
    ledger.publish()
    other = SigningKey.generate("muniment.invalid/other")
    with pytest.raises(TamperSuspected):
        ledger.files.publish_checkpoint(sign_note(Checkpoint(other.name, 9, bytes(32)).text, other))


def test_signatures_may_be_added_to_a_head(ledger: Ledger) -> None:
    ledger.append(5)
    ledger.publish()
    note = ledger.note().with_signature(NoteSignature("witness", b"1234", b"x" * 40))
    ledger.files.publish_checkpoint(note)
    assert read_published(ledger.archive) == note


def test_a_lost_head_is_published_again(ledger: Ledger) -> None:
    ledger.append(5)
    ledger.publish()
    (ledger.archive / "log" / "checkpoint").unlink()
    ledger.publish()
    assert published_size(ledger.archive) == 5


def test_what_is_no_head_is_said(ledger: Ledger) -> None:
    with pytest.raises(InvalidInput):
        ledger.files.publish_checkpoint(sign_note("no head\n", ledger.key))
    (ledger.archive / "log" / "checkpoint").write_bytes(b"no head")
    with pytest.raises(TamperSuspected) as caught:
        published_size(ledger.archive)
    assert caught.value.code == "checkpoint.damaged"


@pytest.mark.parametrize("number", [1, 5000])
def test_no_file_appears_where_storage_fails(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def settle(*_: object) -> None:
        raise not_durable(OSError(errno.EIO, os.strerror(errno.EIO)))

    monkeypatch.setattr(EachFile, "settle", settle)
    monkeypatch.setattr(publication, "for_groups", lambda _: EachFile())
    tiles = {f"tile/0/{n:03}": bytes(32) for n in range(number // 100 + 1)}
    with pytest.raises(Unavailable) as caught:
        ledger.files.publish_tiles(tiles)
    assert caught.value.code == "storage.not_durable"
    assert below_log(ledger) == set()
    assert not list((ledger.archive / "tmp").iterdir())


def test_a_sync_that_failed_is_never_tried_again_by_this_process(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        with pytest.raises(Unavailable) as caught:
            ledger.files.publish_tiles({"tile/0/000": bytes(32 * 256)})
    assert caught.value.code == "storage.not_durable"
    calls: list[int] = []
    monkeypatch.setattr(os, "fsync", calls.append)  # the system says yes now, and is not asked
    layout = Layout(ledger.archive)
    again_and_again: list[Callable[[], object]] = [
        lambda: ledger.files.publish_tiles({"tile/0/000": bytes(32 * 256)}),
        lambda: publication.publish_folder(layout, "log/tsa/1/1", {"note": b"x"}),
        lambda: publication.replace_file(layout, "log/checkpoint", b"x"),
    ]
    for again in again_and_again:
        with pytest.raises(Unavailable) as repeated:
            again()
        assert repeated.value.code == "storage.not_durable"
    assert calls == []


def test_a_full_disk_is_said_and_leaves_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda _, data: os.pwrite(full.fileno(), data, 0))
        with pytest.raises(Unavailable) as caught:
            ledger.files.publish_tiles({"tile/0/000": bytes(32 * 256)})
    assert caught.value.code == "storage.full"
    assert below_log(ledger) == set()
    assert not list((ledger.archive / "tmp").iterdir())
