"""Publishing the log: details, tiles, signed heads, in this order, and durably.

- All of it is made from the database and can be made again: publishing what is published changes
  nothing, and other bytes under a published name are an alarm (custody-log §4, step 5).
- A head never goes backwards, and two heads of one size are the same head.
- Every published head may have been seen, so every one is kept.
- Entries that complete their 256 go into one file; the others stand in a file of their group until
  then. Partial tiles go once the full tile stands.

Whoever publishes holds the lock of the workspace. Not its job: signing, reading tiles (`custody`).
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from muniment.archive.details import DetailsFolder
from muniment.archive.durability import cannot_write, sync_folder
from muniment.archive.layout import (
    BUNDLE,
    KEPT,
    Layout,
    bundle_name,
    kept_checkpoint,
    recent_name,
)
from muniment.archive.publication import differs, make_folders, publish_files, replace_file
from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.note import Note, parse_note
from muniment.errors import InvalidInput, NotFound, TamperSuspected, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from muniment.archive.details import DetailsLine
    from muniment.custody.checkpoint import Checkpoint

_FILES_AT_ONCE = 32
_SIZE = re.compile(r"0|[1-9][0-9]*")
_PARTIAL = ".p/"


class LogFiles:
    """The published side of one archive's log, for its only publisher."""

    def __init__(self, archive: Path) -> None:
        """Make the folders that are not there yet; raises Unavailable."""
        self._layout = Layout(archive)
        layout = self._layout
        try:
            for folder in (layout.log, layout.details, layout.temporaries):
                for changed in make_folders(folder):
                    sync_folder(changed)
        except OSError as error:
            raise cannot_write(error) from error

    def published_size(self) -> int:
        """Return how many leaves the published head covers; 0 where there is none."""
        return published_size(self._layout.root)

    def details_size(self) -> int:
        """Return the first entry whose details are not published yet, so as to go on there.

        Looks at the end only: what is missing in the middle is for `check`.
        """
        folder = DetailsFolder(self._layout)
        number = self.published_size() // BUNDLE
        while number and not folder.has_bundle(number - 1):
            number -= 1
        while folder.has_bundle(number):
            number += 1
        size = number * BUNDLE
        for first, last in folder.recent():
            if first <= size <= last:
                size = last + 1
        return size

    def publish_details(self, lines: Iterable[DetailsLine]) -> None:
        """Publish lines in index order; those that were published before must be the same.

        Raises TamperSuspected where they differ, Unavailable.
        """
        folder = DetailsFolder(self._layout)
        files: dict[str, bytes] = {}
        for number, group in groupby(lines, _bundle_of):
            files |= _details_files(folder, number, {one.index: one.to_bytes() for one in group})
            if len(files) >= _FILES_AT_ONCE:
                publish_files(self._layout, files)
                files = {}
        publish_files(self._layout, files)
        self._remove_completed()

    def publish_tiles(self, tiles: Mapping[str, bytes]) -> None:
        """Publish tiles by path below the log; of a partial tile only the widest is needed.

        Raises TamperSuspected where another tile stands under a name, Unavailable.
        """
        widest: dict[str, str] = {}
        for path in tiles:
            tile = path.partition(_PARTIAL)[0]
            if len(tiles[path]) >= len(tiles.get(widest.get(tile, ""), b"")):
                widest[tile] = path
        publish_files(self._layout, {f"log/{path}": tiles[path] for path in widest.values()})
        for tile, path in widest.items():
            if tile == path:
                shutil.rmtree(os.path.join(self._layout.log, f"{tile}.p"), ignore_errors=True)

    def publish_checkpoint(self, note: Note) -> None:
        """Publish a signed head and keep it; call it when its details and tiles are published.

        Cosignatures are added to the kept head later (`witnessing`). Raises TamperSuspected for a
        head that is smaller than the published one or another of the same size, InvalidInput for a
        note that is no head, Unavailable.
        """
        head = parse_checkpoint(note.text)
        published = read_published(self._layout.root)
        if published is not None:
            if published == note:
                return
            _check_follows(parse_checkpoint(published.text), head)
        kept = f"log/{kept_checkpoint(head.size)}"
        if head.size in kept_sizes(self._layout.root):
            if parse_note(read_kept(self._layout.root, head.size)).text != note.text:
                raise differs(kept)
        else:
            publish_files(self._layout, {kept: note.to_bytes()})
        replace_file(self._layout, "log/checkpoint", note.to_bytes())

    def _remove_completed(self) -> None:
        """Remove the files of groups whose entries all stand in complete files."""
        folder = DetailsFolder(self._layout)
        for first, last in folder.recent():
            if all(map(folder.has_bundle, range(first // BUNDLE, last // BUNDLE + 1))):
                with suppress(FileNotFoundError):
                    os.unlink(os.path.join(self._layout.details, recent_name(first, last)))


def published_size(archive: Path) -> int:
    """Return how many leaves the published head covers; 0 where none is published yet.

    Raises TamperSuspected where what is published is no head.
    """
    note = read_published(archive)
    return 0 if note is None else parse_checkpoint(note.text).size


def read_published(archive: Path) -> Note | None:
    """Return the published head, or None; raises TamperSuspected where it is none, Unavailable."""
    try:
        data = _read(Layout(archive), "checkpoint")
    except NotFound:
        return None
    try:
        note = parse_note(data)
        parse_checkpoint(note.text)
    except InvalidInput as error:
        raise TamperSuspected(
            "what is published as the head of the log is no signed head",
            code="checkpoint.damaged",
            hint="Run `muniment check`; the kept heads are in log/checkpoints.",
        ) from error
    return note


def kept_sizes(archive: Path) -> list[int]:
    """Return the sizes of which a head is kept, in order."""
    try:
        names = os.listdir(os.path.join(Layout(archive).log, KEPT))
    except FileNotFoundError:
        return []
    return sorted([int(name) for name in names if _SIZE.fullmatch(name)])


def read_kept(archive: Path, size: int) -> bytes:
    """Return a kept head as the log itself signed it, without what others added to it.

    Raises NotFound, InvalidInput where it is no signed note, Unavailable.
    """
    note = read_cosigned(archive, size)
    origin = note.text.partition("\n")[0]
    own = tuple([one for one in note.signatures if one.name == origin])
    return Note(note.text, own or note.signatures).to_bytes()


def read_cosigned(archive: Path, size: int) -> Note:
    """Return a kept head with the cosignatures that witnesses gave; raises as `read_kept`."""
    return parse_note(_read(Layout(archive), kept_checkpoint(size)))


def _read(layout: Layout, name: str) -> bytes:
    try:
        with open(os.path.join(layout.log, name), "rb") as handle:
            return handle.read()
    except FileNotFoundError:
        raise NotFound(
            f"the archive has no log/{name}",
            code="checkpoint.missing",
            hint="Publish the log from its database, or name a size of which a head is kept.",
        ) from None
    except OSError as error:
        raise Unavailable(
            f"log/{name} cannot be read: {error.strerror}",
            code="archive.unreadable",
            hint="Check who owns the archive, and its disk.",
        ) from error


def _check_follows(published: Checkpoint, head: Checkpoint) -> None:
    if head.origin != published.origin or head.size < published.size:
        raise TamperSuspected(
            f"the head of {published.origin} covers {published.size} entries already; "
            f"one of {head.origin} with {head.size} cannot follow it",
            code="log.backwards",
            hint="This is an old backup or tampering. Stop, and restore from the newest copy.",
        )
    if head.size == published.size and head != published:
        raise differs("log/checkpoint")


def _bundle_of(line: DetailsLine) -> int:
    return line.index // BUNDLE


def _details_files(folder: DetailsFolder, number: int, lines: dict[int, bytes]) -> dict[str, bytes]:
    """Return the files that publish lines of one bundle, without those that are published."""
    present = folder.lines(number)
    for index, line in lines.items():
        if present.get(index, line) != line:
            raise differs(f"the details of entry {index}")
    new = [index for index in lines if index not in present]
    if new and len(new) + len(present) == BUNDLE:
        whole = present | lines
        return {f"details/{bundle_name(number)}": b"".join([whole[at] for at in sorted(whole)])}
    return {
        f"details/{recent_name(run[0], run[-1])}": b"".join([lines[at] for at in run])
        for run in _runs(new)
    }


def _runs(indices: list[int]) -> list[list[int]]:
    """Cut ascending numbers into runs without gaps."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs
