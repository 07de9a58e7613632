"""Putting the files of a backup back into an empty folder: all of them, whole and durable.

- Every file must have the digest and size that its set names; otherwise nothing is left behind.
- A set is believed only as far as its paths stay inside the folder.

Not its job: the database, which is rebuilt from the archive; checking what the log says.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from muniment.archive.backup import belongs
from muniment.archive.durability import cannot_write, not_durable, sync_folder
from muniment.errors import InvalidInput, TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.archive.backup_folder import BackupFolder, BackupSet, Entry

_FOLDERS = frozenset({"archive", "keys"})


def put_back(
    folder: BackupFolder,
    one: BackupSet,
    target: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Write the files of a set below `target`, which is empty or not there.

    Raises InvalidInput where it is not, TamperSuspected where a copy is damaged, Unavailable;
    `target` is then as it was.
    """
    require_empty(target)
    was_there = target.exists()
    done = False
    try:
        for entry in one.entries:
            _put_back(folder, entry, target)
            progress(1)
        for path, _, _ in os.walk(target):
            sync_folder(path)
        sync_folder(str(target.resolve().parent))
        done = True
    except OSError as error:
        raise cannot_write(error) from error
    finally:
        if not done:
            empty(target, keep=was_there)


def require_empty(target: Path) -> None:
    """Raise InvalidInput unless a folder is empty or not there."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InvalidInput(
            f"{target} is not empty",
            code="workspace.not_empty",
            hint="Name a new folder; nothing was changed.",
        )


def empty(target: Path, *, keep: bool) -> None:
    """Take away what was begun and not finished; `keep` leaves the folder itself."""
    if target.is_dir():
        for one in target.iterdir():
            if one.is_dir():
                shutil.rmtree(one)
            else:
                one.unlink()
        if not keep:
            target.rmdir()


def _put_back(folder: BackupFolder, entry: Entry, target: Path) -> None:
    """Write one file, durably but for its name."""
    if not _belongs(entry.path):
        raise TamperSuspected(
            f"the set names {entry.path!r}, which belongs to no workspace",
            code="backup.path",
            hint="This is no set that `muniment backup` made.",
        )
    place = target / entry.path
    place.parent.mkdir(parents=True, exist_ok=True)
    private = not entry.path.startswith("archive/")
    mode = 0o600 if private else 0o444
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        folder.open_to(entry, file)
        file.flush()
        try:
            os.fsync(file.fileno())
        except OSError as error:
            raise not_durable(error) from error


def _belongs(path: str) -> bool:
    """Say whether a path is one of a workspace, and leads nowhere else."""
    first, *rest = path.split("/")
    if "\0" in path or {"", ".", ".."} & {first, *rest}:
        return False
    return first in _FOLDERS if rest else belongs(first)
