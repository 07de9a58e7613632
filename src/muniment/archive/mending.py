"""Mending objects: what is wrong is set aside, and what was recorded is put back from a copy.

- Nothing is deleted: damaged bytes go to `quarantine`, where people can look at them.
- A copy is believed only where its bytes have the digest that was recorded; which copy it is does
  not matter. What was set aside is looked through too: two objects that were swapped heal each
  other.
- An object is durable under its name before it counts as put back.

Not its job: finding what is wrong (`check`), saying so in the log.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from muniment.archive.durability import cannot_write, rename_without_overwrite, sync_folder
from muniment.archive.hashing import Hasher
from muniment.archive.layout import Layout, is_digest, object_name
from muniment.archive.objects import FolderStore
from muniment.archive.publication import make_folders
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from muniment.archive.problem import Problem

MENDABLE = frozenset({"object.damaged", "object.missing", "object.size", "object.unreadable"})

QUARANTINE = "quarantine"  # where bytes came from that were set aside under another name

_HERE = -100  # AT_FDCWD: names are paths
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of one object that was not as it should be."""

    sha256: str
    aside: str  # where its bytes are kept now, below the archive; empty where there were none
    source: str  # the copy it was put back from; empty where no copy has it

    @property
    def whole(self) -> bool:
        """Whether the object is there again, with its digest."""
        return bool(self.source)


def replica_of(folder: Path) -> Path:
    """Return the archive in a folder: the folder itself, or that of the workspace in it.

    Raises InvalidInput where it holds none.
    """
    for one in (folder, folder / "archive"):
        if (one / "objects").is_dir():
            return one
    raise InvalidInput(
        f"{folder} is no copy of an archive",
        code="replica.none",
        hint="Name a folder that holds `objects`, or a workspace.",
    )


def mend_objects(
    archive: Path, problems: Iterable[Problem], replicas: Sequence[Path]
) -> list[Mended]:
    """Set aside what is damaged and put back what a replica has; leave alone what is right.

    `replicas` are archives (see `replica_of`). Raises Unavailable where nothing can be written.
    """
    store = FolderStore(archive)
    store.prepare()
    wrong = sorted({one.subject for one in problems if one.code in MENDABLE})
    digests = [one for one in wrong if is_digest(one) and _digest(_place(archive, one)) != one]
    aside = {one: set_aside(store.layout, f"objects/{object_name(one)}") for one in digests}
    kept = _quarantined(store.layout)
    mended: list[Mended] = []
    for sha256 in digests:
        places = [(str(root), _place(root, sha256)) for root in replicas]
        if sha256 in kept:
            places.append((QUARANTINE, kept[sha256]))
        source = next((name for name, path in places if _put_back(store, sha256, path)), "")
        mended.append(Mended(sha256, aside[sha256], source))
    return mended


def set_aside_strays(archive: Path, problems: Iterable[Problem]) -> list[str]:
    """Move what lies among the objects and is none into the quarantine; return its paths there."""
    layout = Layout(archive)
    strays = sorted({one.subject for one in problems if one.code == "object.stray"})
    return [path for path in (set_aside(layout, one) for one in strays) if path]


def set_aside(layout: Layout, path: str) -> str:
    """Move a file of the archive into the quarantine, durably, and return its path there.

    Returns nothing where there is no such file. Raises Unavailable.
    """
    old = os.path.join(layout.root, path)
    if not os.path.lexists(old):
        return ""
    name = path.removeprefix("objects/").replace("/", "" if path.startswith("objects/") else "_")
    try:
        for changed in make_folders(layout.quarantine):
            sync_folder(changed)
        for number in count():
            try:
                new = os.path.join(layout.quarantine, f"{name}.{number}")
                rename_without_overwrite(_HERE, old, _HERE, new)
            except FileExistsError:
                continue
            sync_folder(layout.quarantine)
            sync_folder(os.path.dirname(old))
            return os.path.relpath(new, layout.root)
    except OSError as error:
        raise cannot_write(error) from error
    return ""


def _place(archive: Path, sha256: str) -> str:
    return os.path.join(Layout(archive).objects, object_name(sha256))


def _quarantined(layout: Layout) -> dict[str, str]:
    """Return what was set aside, by the digest that it has."""
    try:
        names = sorted(os.listdir(layout.quarantine))
    except FileNotFoundError:
        return {}
    paths = [os.path.join(layout.quarantine, name) for name in names]
    return {digest: path for path in paths if (digest := _digest(path))}


def _digest(path: str) -> str:
    """Return the SHA-256 of a regular file, or nothing where there is none that can be read."""
    try:
        descriptor = os.open(path, _READ)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                return ""
            return Hasher().digest(descriptor, facts.st_size)
        finally:
            os.close(descriptor)
    except OSError:
        return ""


def _put_back(store: FolderStore, sha256: str, path: str) -> bool:
    """Store the bytes at a path where they have this digest; say whether the object is there."""
    if _digest(path) != sha256:
        return False
    try:
        return store.put_stream(_chunks(path)).sha256 == sha256
    except _Unread:
        return False


class _Unread(Exception):
    """A copy that could be read a moment ago cannot any more."""


def _chunks(path: str) -> Iterator[bytes]:
    try:
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise _Unread from error
