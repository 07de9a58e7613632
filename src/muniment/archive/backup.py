"""Copying a workspace into a folder of encrypted copies: what belongs to it, and in which order.

- Objects, full tiles and complete files of details never change, so they are copied without holding
  anybody up. What may change meanwhile is small and is read at once, under the lock of the
  workspace, with the head that it belongs to.
- Keys of the log are in the copy, sealed like everything else; the key that opens the copy is not.
- An object that the workspace lost, and an earlier set has, stays in the new set.
- A copy of what is damaged is worth nothing: then there is no new set, and what was copied earlier
  stays as it was.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from muniment.archive.age import UNREADABLE
from muniment.archive.backup_folder import BackupFolder, BackupSet, Entry
from muniment.archive.check import check_archive
from muniment.archive.fixity import Sample
from muniment.archive.hashing import Hasher
from muniment.archive.keyring import Keyring
from muniment.archive.log_files import read_published
from muniment.archive.mending import MENDABLE
from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.custody.tiles import TileReader
from muniment.errors import InvalidInput, TamperSuspected, Unavailable
from muniment.evidence.instant import now, to_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from muniment.archive.age import AgeKey
    from muniment.archive.workspace import Workspace

BACKUP_KEY = "backup.key"
_NEVER = frozenset(
    {BACKUP_KEY, "web.key"}
)  # of the keys: the copy's own, and one that is made anew
_LEFT_OUT = frozenset({"tmp", "quarantine", "nodes"})
_MADE_AGAIN = ("sqlite3", ".state", ".lock")
_OBJECTS = "archive/objects/"
_DATA_KEYS = "keys/subjects.keys"
_DETAILS = ("archive/details/", "archive/access/details/")
_TILES = ("archive/log/tile/", "archive/access/log/tile/")


@dataclass(frozen=True, slots=True)
class Gathered:
    """The files of a workspace at one head: those read at once, and those that cannot change."""

    head: Checkpoint
    read: Mapping[str, bytes]
    lasting: Sequence[str]


def belongs(name: str) -> bool:
    """Say whether a file that stands beside archive and keys belongs to a copy.

    Settings, policies and certificates do; the databases are rebuilt, and how far something has
    come is found out again.
    """
    return not name.startswith(".") and not any(word in name for word in _MADE_AGAIN)


def gather(workspace: Workspace) -> Gathered:
    """Name and read what belongs to a copy; the caller holds the lock, and has published.

    Raises Unavailable where no head is published or a file cannot be read.
    """
    note = read_published(workspace.archive)
    if note is None:
        raise Unavailable("no head of the log is published", code="backup.no_head")
    read: dict[str, bytes] = {}
    lasting: list[str] = []
    for path in _paths(workspace):
        if _lasts(path):
            lasting.append(path)
        else:
            read[path] = _bytes(workspace, path)
    return Gathered(parse_checkpoint(note.text), read, lasting)


def check_follows(folder: BackupFolder, gathered: Gathered, archive: Path) -> BackupSet | None:
    """Return the newest set, None where there is none, if this workspace is a later state of it.

    Raises InvalidInput where the folder holds copies of another workspace, TamperSuspected where
    this one is older than its copy, or another history.
    """
    names = folder.sets()
    if not names:
        return None
    try:
        newest = folder.read_set(names[-1])
    except TamperSuspected as error:
        raise InvalidInput(
            f"{folder.root} holds copies made with another key",
            code="backup.other",
            hint="Name another folder, or put keys/backup.key back.",
        ) from error
    head = gathered.head
    if newest.origin != head.origin:
        raise InvalidInput(
            f"{folder.root} holds copies of {newest.origin}",
            code="backup.other",
            hint="Each workspace needs a folder of its own.",
        )
    tree = TileReader(lambda path: (archive / "log" / path).read_bytes(), head.size)
    if newest.size > head.size or tree.root(newest.size).hex() != newest.root:
        raise TamperSuspected(
            f"the copy of {newest.size} acts is no earlier state of this workspace",
            code="backup.older",
            hint="This workspace is an old copy, or was tampered with. Keep the backup as it is.",
        )
    return newest


def check_whole(archive: Path, folder: BackupFolder, newest: BackupSet | None) -> None:
    """Raise TamperSuspected where the archive lacks anything that the folder does not have either.

    Leaves, tiles, heads and details are compared with each other; objects are hashed while they are
    copied.
    """
    held = {one.sha256 for one in newest.entries} if newest else set[str]()
    for one in check_archive(archive, sample=Sample(0, "")).problems:
        if not (one.code in MENDABLE and one.subject in held and folder.holds(one.subject)):
            raise TamperSuspected(
                f"the archive is damaged and was not copied: {one.subject}: {one.message}",
                code="backup.damaged",
                hint="Run `muniment check --repair`; the earlier copies are as they were.",
            )


def recipients_of(key: AgeKey, newest: BackupSet | None, named: Sequence[str]) -> list[str]:
    """Return the keys to seal to: those named and the copies' own, or those of the newest set.

    Raises InvalidInput where others are named than the copies that are there were sealed to: a new
    reader could not open them.
    """
    wanted = sorted({key.recipient, *named})
    if newest is None:
        return wanted
    if named and wanted != sorted(newest.recipients):
        raise InvalidInput(
            "what was copied here before is sealed to other keys",
            code="backup.recipients",
            hint="Name a new folder to seal everything to these keys.",
        )
    return list(newest.recipients)


class Copying:
    """One backup: copies what is new, opens every copy again, and ends with a set."""

    def __init__(
        self,
        workspace: Workspace,
        folder: BackupFolder,
        recipients: Sequence[str],
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`recipients` can open the copy; `progress` is told how many more files are done."""
        self.copied = 0  # files that were not there before
        self._root = workspace.root
        self._folder = folder
        self._recipients = recipients
        self._progress = progress
        self._fresh: set[str] = set()

    def copy(self, gathered: Gathered, newest: BackupSet | None, *, verify: bool = True) -> str:
        """Copy everything and return the name of the new set.

        `verify` opens the copies that were there before, too; one that does not open is made again.
        Raises TamperSuspected where a file of the workspace is damaged and no copy has it,
        Unavailable.
        """
        known = {one.sha256: one for one in newest.entries} if newest else {}
        wrong: list[str] = []
        entries = _lost(known.values(), set(gathered.lasting))
        for path in (*gathered.lasting, *gathered.read):
            try:
                entries.append(self._copied(path, gathered.read.get(path), known))
            except TamperSuspected:
                wrong.append(path)
            self._progress(1)
        if verify:
            wrong += self._verified(entries, gathered.read)
        if wrong:
            raise TamperSuspected(
                f"{len(wrong)} files are damaged and were not copied, {wrong[0]} first",
                code="backup.damaged",
                hint="Run `muniment check --repair`; the earlier copies are as they were.",
            )
        head = gathered.head
        made = to_seconds(now())
        to = tuple(self._recipients)
        one = BackupSet(head.origin, head.size, head.root.hex(), made, to, tuple(entries))
        return self._folder.add_set(one, self._recipients)

    def _copied(self, path: str, data: bytes | None, known: Mapping[str, Entry]) -> Entry:
        digest = self._digest(path, data)
        name = self._folder.name_of(digest)
        if self._folder.holds(digest) and digest in known:
            return replace(known[digest], path=path)
        if not self._folder.holds(digest):
            self._put(path, data, digest)
        size = (self._root / path).stat().st_size if data is None else len(data)
        return Entry(path, digest, size, name)

    def _put(self, path: str, data: bytes | None, digest: str) -> None:
        try:
            if data is not None:
                self._folder.put(BytesIO(data), digest, self._recipients)
            else:
                with (self._root / path).open("rb", buffering=0) as file:
                    self._folder.put(file, digest, self._recipients)
        except FileNotFoundError:
            raise TamperSuspected(f"{path} is gone", code="backup.damaged") from None
        except Unavailable as error:
            if error.code != UNREADABLE:
                raise
            raise TamperSuspected(f"{path} cannot be read", code="backup.damaged") from error
        self._fresh.add(digest)
        self.copied += 1

    def _verified(self, entries: Sequence[Entry], read: Mapping[str, bytes]) -> list[str]:
        """Open what was copied earlier, make again what does not open; return what cannot be."""
        earlier = {one.sha256: one for one in entries if one.sha256 not in self._fresh}
        bad = set(self._folder.verify(earlier.values(), self._progress))
        lost: list[str] = []
        for one in earlier.values():
            if one.path in bad:
                try:
                    self._put(one.path, read.get(one.path), one.sha256)
                except TamperSuspected:
                    lost.append(one.path)
        return lost

    def _digest(self, path: str, data: bytes | None) -> str:
        """Return the digest a file must have: that of its name, or of what it is."""
        if data is not None:
            return sha256(data).hexdigest()
        if path.startswith(_OBJECTS):
            return path.removeprefix(_OBJECTS).replace("/", "")
        descriptor = os.open(self._root / path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return Hasher().digest(descriptor, os.fstat(descriptor).st_size)
        finally:
            os.close(descriptor)


def _lost(known: Iterable[Entry], present: Container[str]) -> list[Entry]:
    """Return the objects of the newest set that the workspace does not have any more."""
    objects = (one for one in known if one.path.startswith(_OBJECTS))
    return [one for one in objects if one.path not in present]


def _paths(workspace: Workspace) -> Iterator[str]:
    """Give the files that belong to a copy, by path below the workspace."""
    for folder, folders, files in os.walk(workspace.archive):
        if folder in {str(workspace.archive), str(workspace.access_archive)}:
            folders[:] = [name for name in folders if name not in _LEFT_OUT]
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode):  # an object that is none counts as lost
                yield os.path.relpath(path, workspace.root)
    for key in sorted(workspace.keys.iterdir()):
        if key.is_file() and key.name not in _NEVER and not key.name.endswith("-journal"):
            yield f"keys/{key.name}"
    for one in sorted(workspace.root.iterdir()):
        if one.is_file() and belongs(one.name):
            yield one.name


def _lasts(path: str) -> bool:
    """Say whether what stands under this path never changes and never goes.

    Details of readings go when their time is over, by a rule that waits for a backup under way.
    """
    return (
        path.startswith(_OBJECTS)
        or (path.startswith(_DETAILS) and "/recent/" not in path)
        or (path.startswith(_TILES) and ".p/" not in path)
    )


def _bytes(workspace: Workspace, path: str) -> bytes:
    if path == _DATA_KEYS:
        return Keyring(workspace.keys).snapshot()
    try:
        return (workspace.root / path).read_bytes()
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be read: {error.strerror}",
            code="backup.unreadable",
            hint="Check who owns the workspace, and its disk.",
        ) from error
