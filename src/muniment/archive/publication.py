"""Putting files where readers look for them: whole, durable, and never twice with other bytes.

- A file appears under its name complete or not at all; on return it survives a power cut.
- Publishing the same bytes again is no act. Other bytes under a name that readers may have seen are
  an alarm, and nothing is changed.
- Few files are synced one by one, many in one round. A sync that failed is final: from then on
  this process publishes nothing in that archive.

Not its job: which files belong together, and in which order they may appear.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from muniment.archive.durability import (
    EachFile,
    cannot_write,
    final,
    for_groups,
    rename_without_overwrite,
    sync_folder,
)
from muniment.errors import TamperSuspected, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.archive.durability import Durability
    from muniment.archive.layout import Layout

_FEW = 8
_HERE = -100  # AT_FDCWD: names are paths
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_MODE = 0o444
_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR})


def publish_files(layout: Layout, files: Mapping[str, bytes]) -> None:
    """Publish files by path below the archive, durably; those already there must be the same.

    Raises TamperSuspected where another file stands under a name, Unavailable where they cannot be
    written.
    """
    new: dict[str, bytes] = {}
    for path, data in files.items():
        place = os.path.join(layout.root, path)
        if not _is_there(place, path, data):
            new[place] = data
    # What is there may have been named by a process that did not live to settle it.
    settled = {os.path.dirname(os.path.join(layout.root, path)) for path in files}
    made: dict[str, str] = {}
    descriptor = os.open(layout.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with final(str(layout.root)):
            durability = for_groups(descriptor) if len(new) > _FEW else EachFile()
            for place, data in new.items():
                settled |= make_folders(os.path.dirname(place))
                made[place] = _write(layout, data, durability)
            durability.settle(())
            for place, temporary in made.items():
                rename_without_overwrite(_HERE, temporary, _HERE, place)
            durability.settle(settled)
    except FileExistsError as error:
        raise differs(str(error.filename)) from error
    except OSError as error:
        raise cannot_write(error) from error
    finally:
        os.close(descriptor)
        for temporary in made.values():
            with suppress(FileNotFoundError):
                os.unlink(temporary)


def publish_folder(layout: Layout, path: str, files: Mapping[str, bytes]) -> None:
    """Publish a new folder of files by its path below the archive: all of it or nothing, durably.

    Raises TamperSuspected where something stands there already, Unavailable.
    """
    place = os.path.join(layout.root, path)
    draft = os.path.join(layout.temporaries, uuid4().hex)
    try:
        with final(str(layout.root)):
            changed = make_folders(os.path.dirname(place)) | {os.path.dirname(place)}
            os.mkdir(draft)
            for name, data in files.items():
                os.rename(_write(layout, data, EachFile()), os.path.join(draft, name))
            sync_folder(draft)
            os.rename(draft, place)  # a folder never takes the place of one that holds something
            for folder in changed:
                sync_folder(folder)
    except OSError as error:
        raise differs(path) if error.errno in _TAKEN else cannot_write(error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def replace_file(layout: Layout, path: str, data: bytes) -> None:
    """Put a file in the place of another, durably; raises Unavailable."""
    place = os.path.join(layout.root, path)
    folder = os.path.dirname(place)
    try:
        with final(str(layout.root)):
            for changed in make_folders(folder):
                sync_folder(changed)
            os.replace(_write(layout, data, EachFile()), place)
            sync_folder(folder)
    except OSError as error:
        raise cannot_write(error) from error


def make_folders(folder: str) -> set[str]:
    """Make a folder and what is missing above it; return the folders that got new names."""
    changed: set[str] = set()
    missing: list[str] = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for one in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(one)
        changed.add(os.path.dirname(one))
    return changed


def differs(path: str) -> TamperSuspected:
    """Return the alarm for a published file that is not what the log says."""
    return TamperSuspected(
        f"{path} was published with other bytes",
        code="archive.differs",
        hint="Stop working here, run `muniment check`, and keep a copy of the archive as it is.",
    )


def _is_there(place: str, path: str, data: bytes) -> bool:
    try:
        with open(place, "rb") as handle:
            same = handle.read(len(data) + 1) == data
    except FileNotFoundError:
        return False
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be read: {error.strerror}",
            code="archive.unreadable",
            hint="Check who owns the archive, and its disk.",
        ) from error
    if not same:
        raise differs(path)
    return True


def _write(layout: Layout, data: bytes, durability: Durability) -> str:
    """Write a temporary and return its path."""
    path = os.path.join(layout.temporaries, uuid4().hex)
    descriptor = os.open(path, _NEW, _MODE)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        durability.file_written(descriptor, len(data))
    except (OSError, Unavailable):
        os.unlink(path)
        raise
    finally:
        os.close(descriptor)
    return path
