"""Checking the published log against itself: leaves, tiles, heads.

- The leaf hashes are those of the lowest tiles; everything above is computed from them again and
  compared with what is published, also tiles of which readers may still ask an older width.
- The published head must have the root of exactly these leaves, and every kept head the root of
  the first of them: then each head is an earlier state of the same log.
- Tiles may be ahead of the head: a crash between the two is mended by publishing again. What they
  hold of the log up to the head must agree all the same.

Not its job: what the leaves say (`details_check`).
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from muniment.archive.log_files import kept_sizes, read_cosigned, read_kept, read_published
from muniment.archive.problem import Problem
from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.cosignature import check_cosignature
from muniment.custody.head_signature import check_head
from muniment.custody.keys import ML_DSA_44
from muniment.custody.merkle import HASH_BYTES
from muniment.custody.note import names, parse_note
from muniment.custody.rows import LeafHashes, TreeRows
from muniment.custody.tiles import WIDTH, parse_tile_path, read_tile, row_widths, tile_path
from muniment.errors import InvalidInput, MunimentError, TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from muniment.archive.layout import Layout
    from muniment.custody.checkpoint import Checkpoint
    from muniment.custody.keys import VerifierKey
    from muniment.custody.note import Note
    from muniment.custody.policy import Policy


class LogCheck:
    """One check of one log; what it found stands in its attributes."""

    def __init__(
        self,
        layout: Layout,
        key: VerifierKey | None,
        policy: Policy | None = None,
        later: Sequence[VerifierKey] = (),
    ) -> None:
        """Check everything; signatures only where a key, cosignatures where a policy is given.

        `later` are further keys of the log, which older heads were not signed by.
        """
        self.hashes: Sequence[bytes] = ()  # of the leaves up to the head, as far as they are there
        self.problems: list[Problem] = []
        self.ahead = False  # tiles go on beyond the head
        self.unknown_lines = False  # kept heads bear lines of keys that were not given
        self._layout = layout
        self._key = key
        self._later = later
        self._policy = policy
        self.head = self._find_head()
        if self.head is not None:
            self._tree = self._read_leaves(self.head.size)
            self._compare_tiles(self._tree)
            self._compare_heads(self.head)

    @property
    def whole(self) -> bool:
        """Whether the hashes of all leaves up to the head are there."""
        return self.head is not None and len(self.hashes) == self.head.size

    def _report(self, code: str, subject: str, message: str) -> None:
        self.problems.append(Problem(code, subject, message))

    def _find_head(self) -> Checkpoint | None:
        """Return the published head, or the newest kept one where that is damaged."""
        root = self._layout.root
        path = "log/checkpoint"
        try:
            note = read_published(root)
            return None if note is None else self._checked_head(path, note.to_bytes())
        except MunimentError as error:
            self._report(error.code, path, error.message)
        for size in reversed(kept_sizes(root)):
            with suppress(MunimentError):  # what is damaged is reported with the kept heads
                return parse_checkpoint(parse_note(read_kept(root, size)).text)
        return None

    def _checked_head(self, path: str, data: bytes) -> Checkpoint:
        """Return the head in a signed note, its signature checked; raises InvalidInput."""
        note = parse_note(data)
        head = parse_checkpoint(note.text)
        for key in (self._key, *self._later):
            if key is not None and not _signed(note, key):
                kind = "ML-DSA-44" if key.type == ML_DSA_44 else "Ed25519"
                text = f"{key.name} did not sign this with its {kind} key"
                self._report("checkpoint.signature", path, text)
        return head

    def _read_leaves(self, size: int) -> TreeRows:
        """Read the leaf hashes up to a missing tile; return the tree over them."""
        joined = bytearray()
        for index in range(-(-size // WIDTH)):
            width = min(size - index * WIDTH, WIDTH)
            path = f"log/{tile_path(0, index, width)}"
            try:
                joined += read_tile(self._bytes, 0, index, width)
            except MunimentError as error:
                self._report(error.code, path, error.message)
                break
            except OSError as error:
                self._report("tile.unreadable", path, _cannot_read(error))
                break
        self.hashes = LeafHashes(joined)
        return TreeRows(joined)

    def _compare_tiles(self, tree: TreeRows) -> None:
        """Compare every tile that is there with what it must hold, and miss those that are not."""
        present: set[tuple[int, int, int]] = set()
        read = tree.size // WIDTH  # the whole tiles of leaves: the tree was computed from them
        for name in self._tile_files():
            try:
                tile = parse_tile_path(name)
            except InvalidInput:
                self._report("tile.stray", f"log/{name}", "this is no tile")
                continue
            level, index, width = tile
            present.add(tile)
            if (level, width) == (0, WIDTH) and index < read:
                continue
            try:
                data = self._bytes(name)
            except OSError as error:
                self._report("tile.unreadable", f"log/{name}", _cannot_read(error))
                continue
            known = tree.tile(level, index)
            common = min(len(known), len(data))
            if len(data) != width * HASH_BYTES or data[:common] != known[:common]:
                self._report("tile.differs", f"log/{name}", "it does not follow from the leaves")
            self.ahead = self.ahead or len(data) > len(known)
        for tile in _above_lowest(tree.size):
            if tile not in present and (*tile[:2], WIDTH) not in present:
                self._report(
                    "tile.missing", f"log/{tile_path(*tile)}", "readers of the log need this tile"
                )

    def _compare_heads(self, head: Checkpoint) -> None:
        """Compare the root of each head with that of as many leaves."""
        tree = self._tree
        kept = kept_sizes(self._layout.root)
        for size in kept:
            path = f"log/checkpoints/{size}"
            try:
                one = self._checked_head(path, read_kept(self._layout.root, size))
                self._check_cosignatures(path, size)
            except MunimentError as error:
                self._report("checkpoint.damaged", path, error.message)
                continue
            if one.size != size or one.origin != head.origin:
                self._report("checkpoint.damaged", path, "it is the head of another log or size")
            elif size > head.size:
                self._report("checkpoint.ahead", path, "it covers more than the published head")
            elif size <= tree.size and tree.root(size) != one.root:
                self._report("checkpoint.root", path, "it is no earlier state of this log")
        if self.whole and tree.root(head.size) != head.root:
            self._report("checkpoint.root", "log/checkpoint", "its root is not that of the leaves")
        if head.size not in kept:
            self._report("checkpoint.missing", f"log/checkpoints/{head.size}", "it was not kept")

    def _check_cosignatures(self, path: str, size: int) -> None:
        """Report a line of a witness of the policy that is not its cosignature."""
        note = read_cosigned(self._layout.root, size)
        named = [one.key for one in self._policy.witnesses.values()] if self._policy else []
        own = note.text.partition("\n")[0]
        self.unknown_lines = self.unknown_lines or not all(
            line.name == own or any(names(line, key) for key in named) for line in note.signatures
        )
        try:
            for key in named:
                check_cosignature(note, key)
        except TamperSuspected as error:
            self._report("checkpoint.cosignature", path, error.message)

    def _tile_files(self) -> Iterator[str]:
        """Give every file below `tile`, by its path below the log, in order."""
        cut = len(self._layout.log) + 1
        for folder, folders, files in os.walk(os.path.join(self._layout.log, "tile")):
            folders.sort()
            for name in sorted(files):
                yield f"{folder[cut:]}/{name}"

    def _bytes(self, name: str) -> bytes:
        with open(os.path.join(self._layout.log, name), "rb", buffering=0) as handle:
            return handle.read()


def _above_lowest(size: int) -> Iterator[tuple[int, int, int]]:
    """Give the tiles of a log of this size, but for the lowest, which are read in any case."""
    for level, hashes in enumerate(row_widths(size)):
        full, width = divmod(hashes, WIDTH)
        if level:
            yield from ((level, index, WIDTH) for index in range(full))
            if width:
                yield level, full, width


def _signed(note: Note, key: VerifierKey) -> bool:
    try:
        return check_head(note, key)
    except TamperSuspected:
        return False


def _cannot_read(error: OSError) -> str:
    return f"it cannot be read: {os.strerror(error.errno or 0)}"
