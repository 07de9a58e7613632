"""Making the published log again from the database: tiles, details, heads that were lost or differ.

- The database is believed only where its leaves give the head that was signed (custody-log §5);
  otherwise nothing is touched.
- What differs is set aside, never overwritten. What a reader may have seen is written again with
  the same bytes: a tile from its leaves, a line of details from its row.
- An older kept head cannot be signed again, because the signer only goes forward: it comes from a
  replica, its signature and root checked, or stays as it is.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from muniment.archive.details import DetailsFolder, DetailsLine
from muniment.archive.layout import BUNDLE, Layout, bundle_name, kept_checkpoint, recent_name
from muniment.archive.log_files import LogFiles, kept_sizes
from muniment.archive.mending import set_aside
from muniment.archive.publication import publish_files
from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.custody.leaf import leaf_hash
from muniment.custody.merkle import HASH_BYTES
from muniment.custody.note import check_note, parse_note
from muniment.custody.tiles import WIDTH, TileEdge, TileReader, row_widths, tile_path
from muniment.errors import MunimentError, NotFound, TamperSuspected
from muniment_server.custody import queries
from muniment_server.custody.ledger import closing, sealing
from muniment_server.custody.ledger.reading import WITHDRAWING, Withdrawals, read_act
from muniment_server.database.closed import split_stored, stored_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from muniment.archive.problem import Problem
    from muniment.custody.note import Note
    from muniment_server.custody.ledger.sealing import Sealer

_OF_THE_LOG = ("tile.", "details.", "checkpoint.", "archive.")


def mend_log(problems: Sequence[Problem], replicas: Sequence[Path]) -> list[str]:
    """Make again what a check found wrong with the published log; return the paths that were made.

    `replicas` are archives; heads that one keeps and this log lost are put back too. Raises
    `TamperSuspected` where the database is not what was signed.
    """
    wrong = [one for one in problems if one.code.startswith(_OF_THE_LOG)]
    held = set(kept_sizes(queries.workspace().archive))
    if not wrong and all(held.issuperset(kept_sizes(one)) for one in replicas):
        return []
    with sealing.alone():
        mending = _Mending(sealing.sealer(), replicas)
        return mending.mend(wrong)


class _Mending:
    """One repair of one log, under the lock of the workspace."""

    def __init__(self, sealer: Sealer, replicas: Sequence[Path]) -> None:
        """Build the whole tree from the database; raises `TamperSuspected` where it is another."""
        self._sealer = sealer
        self._replicas = replicas
        self._layout = Layout(sealer.archive)
        self._head = queries.custody_head()
        self._made: list[str] = []
        grown = TileEdge().grown(list(self._leaf_hashes()))
        self._tiles = grown.files
        self._widest = {path.partition(".p/")[0]: data for path, data in self._tiles.items()}
        if grown.edge.frontier != queries.frontier_of(self._head):
            raise _refused("the head in the database is not the root of its leaves")
        self._tree = TileReader(self._tile, self._head.size)
        signed = sealer.signer.last()
        if signed is not None and (
            signed.size > self._head.size or self._tree.root(signed.size) != signed.root
        ):
            raise _refused("the acts in the database are not the ones that were signed")

    def mend(self, wrong: Sequence[Problem]) -> list[str]:
        """Make again what is wrong, in the order in which it is published."""
        self._refuse_another_history()
        files = LogFiles(self._layout.root)
        if any(one.code.startswith(("details.", "archive.")) for one in wrong):
            self._mend_details(files)
        self._put_back_heads([one.subject for one in wrong])
        self._mend_tiles([one.subject.removeprefix("log/") for one in wrong])
        self._mend_heads(files, [one.subject for one in wrong])
        self._sealer.forget()
        return self._made

    def _leaf_hashes(self) -> Iterator[bytes]:
        for index, data, digest in queries.hashed_leaves(0, self._head.size):
            if leaf_hash(data) != digest:
                raise _refused(f"act #{index} in the database is not the one that was recorded")
            yield digest

    def _tile(self, path: str) -> bytes:
        try:
            return self._tiles[path]
        except KeyError:
            raise NotFound(f"the log has no {path}", code="tile.missing") from None

    def _refuse_another_history(self) -> None:
        """Raise where the log's own key signed a head that these leaves do not give."""
        names = ["checkpoint", *map(kept_checkpoint, kept_sizes(self._layout.root))]
        for name in names:
            with suppress(MunimentError, OSError):
                found = self._signed(self._layout.root, name)
                head = parse_checkpoint(found.text)
                if head.size > self._head.size or head.root != self._tree.root(head.size):
                    break
        else:
            return
        raise _refused(f"log/{name} is signed, and the acts in the database do not give it")

    def _signed(self, archive: Path, name: str) -> Note:
        """Return a head that the log's key signed; raises for anything else."""
        note = parse_note((archive / "log" / name).read_bytes())
        if not check_note(note, self._sealer.signer.verifier):
            raise TamperSuspected("the log's key did not sign this", code="checkpoint.signature")
        return note

    def _mend_details(self, files: LogFiles) -> None:
        """Compare every line of details with its row, 256 entries at a time."""
        for number in range(-(-self._head.size // BUNDLE)):
            first = number * BUNDLE
            try:
                lines = list(_trusted(first, min(first + BUNDLE, self._head.size)))
            except MunimentError:
                continue  # the row itself is wrong, and `check` names it
            folder = DetailsFolder(self._layout)
            try:
                found = folder.lines(number)
            except MunimentError:
                found = {}
            if any(found.get(one.index) != one.to_bytes() for one in lines):
                self._set_aside_details(folder, number)
                files.publish_details(lines)
                self._made.append(f"details of #{first} to #{lines[-1].index}")

    def _set_aside_details(self, folder: DetailsFolder, number: int) -> None:
        first, last = number * BUNDLE, number * BUNDLE + BUNDLE - 1
        set_aside(self._layout, f"details/{bundle_name(number)}")
        for low, high in folder.recent():
            if low <= last and high >= first:
                set_aside(self._layout, f"details/{recent_name(low, high)}")

    def _mend_tiles(self, named: Sequence[str]) -> None:
        """Write tiles that are lost, and put others in the place of those that differ."""
        wanted = self._tiles | dict(self._edges())
        for path in named:
            if path.startswith("tile/") and path not in wanted:
                data = self._narrow(path)
                if data:
                    wanted[path] = data
                elif set_aside(self._layout, f"log/{path}"):
                    self._made.append(f"log/{path}")
        new: dict[str, bytes] = {}
        for path, data in wanted.items():
            if self._read(path) != data and not self._has_full(path, data):
                set_aside(self._layout, f"log/{path}")
                new[f"log/{path}"] = data
        publish_files(self._layout, new)
        self._made.extend(new)

    def _edges(self) -> Iterator[tuple[str, bytes]]:
        """Give the partial tiles that readers of an older kept head ask for."""
        for size in kept_sizes(self._layout.root):
            for level, hashes in enumerate(row_widths(min(size, self._head.size))):
                full, width = divmod(hashes, WIDTH)
                if width and tile_path(level, full) not in self._tiles:
                    path = tile_path(level, full, width)
                    yield path, self._narrow(path)

    def _narrow(self, path: str) -> bytes:
        """Return a partial tile, or nothing where the log has no tile of this name and width."""
        tile, _, width = path.partition(".p/")
        data = self._widest.get(tile, b"")[: HASH_BYTES * int(width or 0)]
        return data if width and len(data) == HASH_BYTES * int(width) else b""

    def _has_full(self, path: str, data: bytes) -> bool:
        """Say whether the full tile stands that a lost partial one has become."""
        tile, _, width = path.partition(".p/")
        full = self._read(tile) if width else None
        return full is not None and full[: len(data)] == data

    def _read(self, path: str) -> bytes | None:
        try:
            return (self._layout.root / "log" / path).read_bytes()
        except OSError:
            return None

    def _mend_heads(self, files: LogFiles, named: Sequence[str]) -> None:
        """Sign the newest head again where it is lost or damaged, keep it, and publish it."""
        size = self._head.size
        if _kept(size) in named and _kept(size) not in self._made:
            set_aside(self._layout, _kept(size))
        if "log/checkpoint" in named and set_aside(self._layout, "log/checkpoint"):
            self._made.append("log/checkpoint")
        self._sealer.forget()
        note = self._sealer.seal()
        if size not in kept_sizes(self._layout.root):
            publish_files(self._layout, {_kept(size): note.to_bytes()})
            self._made.append(_kept(size))
        files.publish_checkpoint(note)

    def _put_back_heads(self, named: Sequence[str]) -> None:
        """Take kept heads that are lost or damaged from the first replica that has them right."""
        held = set(kept_sizes(self._layout.root))
        for replica in self._replicas:
            for size in kept_sizes(replica):
                damaged = _kept(size) in named and _kept(size) not in self._made
                if size <= self._head.size and (damaged or size not in held):
                    self._put_back_head(replica, size)

    def _put_back_head(self, replica: Path, size: int) -> None:
        name = kept_checkpoint(size)
        with suppress(MunimentError, OSError):
            note = self._signed(replica, name)
            wanted = Checkpoint(self._head.origin, size, self._tree.root(size)).text
            if note.text == wanted:
                set_aside(self._layout, f"log/{name}")
                publish_files(self._layout, {f"log/{name}": note.to_bytes()})
                self._made.append(f"log/{name}")


def _kept(size: int) -> str:
    return f"log/{kept_checkpoint(size)}"


def _trusted(start: int, end: int) -> Iterator[DetailsLine]:
    """Give the lines of entries whose leaf and disclosures fit each other in the database."""
    withdrawn = _withdrawn()
    for index, data, disclosures in queries.details(start, end):
        whole = index not in withdrawn and not closing.is_shut(disclosures)
        read_act(index, data, disclosures.split("\n"), whole=whole)
        yield DetailsLine(index, data, *split_stored(stored_of(disclosures)))


def _withdrawn() -> frozenset[int]:
    """Return the entries whose disclosures an act of the log withdrew."""
    withdrawals = Withdrawals()
    for leaf in queries.leaves_of(WITHDRAWING):
        act = read_act(leaf.index, bytes(leaf.data), leaf.disclosures.split("\n"), whole=False)
        withdrawals.take(leaf.index, act)
    return frozenset(withdrawals.withdrawn)


def _refused(what: str) -> TamperSuspected:
    return TamperSuspected(
        f"{what}: nothing was repaired",
        code="repair.refused",
        hint="This is an old copy, or tampering. Rebuild from an archive whose root was signed.",
    )
