"""What lets written bytes survive a power cut, in the system calls themselves.

- Nothing is acknowledged before it is durable: first the bytes of files, then the names given to
  them in their folders (custody-log §4).
- A failed fsync or syncfs is final. The kernel may have dropped the bytes and marked them clean, so
  trying again would answer yes without having written them.
- One syncfs serves a group of files far better than an fsync each; only from Linux 5.8 on does it
  report that writing failed, so elsewhere every file has its own.
- What a group wrote leaves memory as soon as it is durable: a deposit of terabytes must not drive
  out everything else, and memory in use is faster than memory that is new.

Not its job: what is written, and under which name.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from muniment.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

NOT_DURABLE = "storage.not_durable"

_SYNC_FILE_RANGE_WRITE = 2
_RENAME_NOREPLACE = 1
_REPORTS_ERRORS = (5, 8)  # the first Linux whose syncfs does
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_FOR_US = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})

_failures: dict[str, Unavailable] = {}  # by the folder below which a sync failed in this process

_libc = ctypes.CDLL(None, use_errno=True)
_syncfs = getattr(_libc, "syncfs", None)
_sync_file_range = getattr(_libc, "sync_file_range", None)
_renameat2 = getattr(_libc, "renameat2", None)


class Durability(Protocol):
    """When and how the files of a group and their names become durable."""

    def file_written(self, descriptor: int, size: int) -> None:
        """Take note that a file has all its bytes. Raises Unavailable."""
        ...

    def settle(self, folders: Iterable[str]) -> None:
        """Return when all files written so far, and the names in these folders, are durable.

        Raises Unavailable, and is then not called again.
        """
        ...

    def release(self, descriptor: int) -> None:
        """Close a file that is durable. Raises OSError."""
        ...


class EachFile:
    """An fsync for every file and every folder: best for a few files, and right everywhere."""

    def file_written(self, descriptor: int, size: int) -> None:  # noqa: ARG002 - all alike
        """Make the file durable now."""
        try:
            os.fsync(descriptor)
        except OSError as error:
            raise not_durable(error) from error

    def release(self, descriptor: int) -> None:
        """Close the file; somebody is likely to look at it soon."""
        os.close(descriptor)

    def settle(self, folders: Iterable[str]) -> None:
        """Make the names durable; the files are."""
        for folder in folders:
            sync_folder(folder)


class WholeFileSystem:
    """One syncfs for a group. Make it before the first write: it sees errors from then on."""

    def __init__(self, root: int) -> None:
        """`root` is a descriptor of any folder on the file system, held open for as long."""
        self._root = root

    def file_written(self, descriptor: int, size: int) -> None:
        """Leave it to `settle`: whoever waits for one file does not hash the next."""

    def release(self, descriptor: int) -> None:
        """Drop the bytes of the file from memory and close it."""
        _forget(descriptor)
        os.close(descriptor)

    def settle(self, folders: Iterable[str]) -> None:  # noqa: ARG002 - syncfs covers them
        """Make everything on the file system durable."""
        if _syncfs is None or _syncfs(self._root):
            number = ctypes.get_errno() or errno.ENOSYS
            error = OSError(number, os.strerror(number))
            raise not_durable(error) from error


@contextmanager
def final(root: str) -> Generator[None]:
    """Let a failure to make something durable below a folder be final for this process.

    What the system says afterwards is not to be believed. Raises Unavailable, from then on always.
    """
    failure = _failures.get(root)
    if failure is not None:
        raise failure
    try:
        yield
    except Unavailable as error:
        if error.code == NOT_DURABLE:
            _failures[root] = error
        raise


def for_groups(root: int) -> Durability:
    """Return the way that serves large groups best where its errors are reported."""
    release = re.match(r"(\d+)\.(\d+)", os.uname().release)
    reported = release is not None and tuple(map(int, release.groups())) >= _REPORTS_ERRORS
    if _syncfs is not None and os.uname().sysname == "Linux" and reported:
        return WholeFileSystem(root)
    return EachFile()


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable. Raises Unavailable."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise not_durable(error) from error


def begin_writing_back(descriptor: int, start: int, length: int) -> None:
    """Let the device begin with these bytes of a file; promises nothing, and waits for nothing."""
    if _sync_file_range is not None:
        _sync_file_range(
            descriptor, ctypes.c_int64(start), ctypes.c_int64(length), _SYNC_FILE_RANGE_WRITE
        )


def _forget(descriptor: int) -> None:
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def rename_without_overwrite(old_folder: int, old: str, new_folder: int, new: str) -> None:
    """Give a file another name, atomically; raises FileExistsError where the name is taken.

    Names are relative to the descriptors of folders.
    """
    if _renameat2 is not None:
        if not _renameat2(
            old_folder, os.fsencode(old), new_folder, os.fsencode(new), _RENAME_NOREPLACE
        ):
            return
        number = ctypes.get_errno()
        if number not in {errno.EINVAL, errno.ENOSYS}:
            raise OSError(number, os.strerror(number), new)
    # A file system without RENAME_NOREPLACE: a hard link does not overwrite either.
    os.link(old, new, src_dir_fd=old_folder, dst_dir_fd=new_folder, follow_symlinks=False)
    os.unlink(old, dir_fd=old_folder)


def not_durable(error: OSError) -> Unavailable:
    """Return the error for bytes or names that the system could not make durable."""
    return Unavailable(
        f"the archive could not be made durable: {error.strerror}",
        code=NOT_DURABLE,
        hint="Nothing of this was acknowledged. Check the disk and its log before you go on.",
    )


def cannot_write(error: OSError) -> Unavailable:
    """Return the error for an archive that took no bytes or no name."""
    if error.errno in _NO_ROOM:
        return Unavailable(
            "the archive has no room left",
            code="storage.full",
            hint="Free some space and run it again; what was acknowledged is kept.",
        )
    if error.errno in _NOT_FOR_US:
        return Unavailable(
            f"the archive cannot be written: {error.strerror}",
            code="storage.read_only",
            hint="Check who owns the archive and how its file system is mounted.",
        )
    return Unavailable(
        f"the archive cannot be written: {error.strerror}",
        code="storage.failed",
        hint="Check the disk and its log; what was acknowledged is kept.",
    )
