"""Puts a finished file at its destination whole, durably and without overwriting anything.

- Written beside the destination under a name of its own, made durable, then linked into place and
  the folder made durable: at every moment there is the whole file or nothing.
- Whatever goes wrong, the file under construction is removed.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from muniment.errors import Conflict, InvalidInput, MunimentError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_UNUSABLE = (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError)


@contextmanager
def durable_file(to: Path) -> Generator[int]:
    """Yield a descriptor to write to; what was written stands at `to` when the block ends well.

    Raises Conflict if something is there, InvalidInput if nothing can be, Unavailable if the
    system cannot take it now.
    """
    building = to.with_name(f".{uuid4().hex}.part")
    try:
        if os.path.lexists(to):
            raise FileExistsError(errno.EEXIST, "exists", str(to))
        descriptor = os.open(building, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            yield descriptor
            os.fsync(descriptor)
            _place(building, to)
        finally:
            os.close(descriptor)
            building.unlink(missing_ok=True)
        _sync_folder(to.parent)
    except OSError as error:
        raise _explained(error, to) from error


def _place(building: Path, to: Path) -> None:
    """Give the finished file its name; raises FileExistsError if another came first."""
    try:
        os.link(building, to)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A memory stick has no links. Taking the name first keeps what another writer put there.
        os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644))
        building.replace(to)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(error: OSError, to: Path) -> MunimentError:
    if isinstance(error, FileExistsError):
        return Conflict(
            f"There is already something at {to}.",
            code="export.exists",
            hint="Choose another name: an export overwrites nothing.",
        )
    if isinstance(error, _UNUSABLE):
        return InvalidInput(f"Nothing can be written at {to}: {error.strerror}.", code="export.to")
    return Unavailable(
        f"The export could not be written to {to}: {error.strerror}.",
        code="export.write",
        hint="Nothing was left behind. Make room or choose another place, and export again.",
    )
