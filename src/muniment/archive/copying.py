"""Copying one file into the archive, and being sure of what was copied.

- What is opened must be the regular file that was found, by device and number, and must be the
  same after the copy as before it: size, time of change, time of modification. Anything else is a
  refusal and leaves nothing.
- The kernel copies (copy_file_range), which shares the blocks where the file system can; whatever
  it cannot do is read and written here. Blocks of zeros of a sparse file are left out by looking at
  the bytes, never by believing where the file system says the holes are.
- Reading leaves the time of last access alone where the system allows it.

Not its job: the digest, which is taken of the copy; durability.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Final, Self

from muniment.archive.durability import begin_writing_back, cannot_write
from muniment.archive.hashing import drop_behind, is_sparse

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK: Final = 8 << 20

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_UNTOUCHED = getattr(os, "O_NOATIME", 0)
_BLOCK = 1 << 18
_ZEROS = bytearray(_BLOCK)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_in_kernel = getattr(os, "copy_file_range", None)


class Refusal(Exception):
    """A file cannot be taken; `code` is one of those in `outcome`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class FoundFile:
    """A regular file that was found, open for one copy; a context manager."""

    def __init__(self, path: bytes, device: int, inode: int) -> None:
        """Open it without waiting for anything; raises Refusal, or Unavailable."""
        self._descriptor = _open(path)
        self._facts = os.fstat(self._descriptor)
        refusal = None
        if not stat.S_ISREG(self._facts.st_mode):
            refusal = not_regular(self._facts.st_mode)
        elif (self._facts.st_dev, self._facts.st_ino) != (device, inode):
            refusal = Refusal("file.changed")
        if refusal is not None:
            os.close(self._descriptor)
            raise refusal

    def __enter__(self) -> Self:
        """Hold it for the length of a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        os.close(self._descriptor)

    def copy_to(
        self, target: int, chunk_done: Callable[[int, int, int], None] = begin_writing_back
    ) -> int:
        """Copy into the empty file `target`; return how many bytes.

        Of a large file `chunk_done` is told each part that is copied: the descriptor of the target,
        where the part starts, its length. Raises Refusal where the file cannot be read to its end
        or does not stay as it was, and Unavailable where the archive takes no more.
        """
        try:
            copied = _copy(self._descriptor, target, self._facts, chunk_done)
            after = os.fstat(self._descriptor)
        except OSError as error:
            raise Refusal("file.unreadable", os.strerror(error.errno or 0)) from error
        if copied != self._facts.st_size or _state(self._facts) != _state(after):
            raise Refusal("file.changed")
        return copied

    def seal_to(
        self,
        target: int,
        recipient: str,
        chunk_done: Callable[[int, int, int], None] = begin_writing_back,
    ) -> tuple[int, str]:
        """Seal into the empty file `target`; return size and SHA-256 of the content.

        `recipient` is an age key (`age1…`). Otherwise as `copy_to`: what is written is larger than
        the content, and no byte of the content reaches the disk.
        """
        # Imported here: the process that copies starts without these packages, and mostly does.
        from muniment.archive.age_format import Recipient  # noqa: PLC0415 - see above
        from muniment.archive.sealed import seal_descriptor  # noqa: PLC0415 - see above

        key = Recipient.parse(recipient)
        try:
            if not self._facts.st_size and os.read(self._descriptor, 1):
                raise Refusal("file.special", "a view into the running system")
            done, digest = seal_descriptor(
                self._descriptor, target, self._facts.st_size, key, chunk_done
            )
            after = os.fstat(self._descriptor)
        except OSError as error:
            raise _cannot_seal(error) from error
        if done != self._facts.st_size or _state(self._facts) != _state(after):
            raise Refusal("file.changed")
        return done, digest


def _cannot_seal(error: OSError) -> Exception:
    """Tell what could not be written from what could not be read, by what the system said."""
    if error.errno in _NO_ROOM or error.errno == errno.EFBIG:
        return _cannot_hold(error)
    return Refusal("file.unreadable", os.strerror(error.errno or 0))


def _open(path: bytes) -> int:
    try:
        try:
            return os.open(path, _READ | _UNTOUCHED)
        except PermissionError:
            if not _UNTOUCHED:  # which only the owner of a file may ask for
                raise
            return os.open(path, _READ)
    except OSError as error:
        if error.errno in _OUT_OF_FILES:
            raise cannot_write(error) from error
        raise cannot_open(error) from error


def cannot_open(error: OSError) -> Refusal:
    """Return the refusal of a file that the system does not open."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return Refusal("file.missing")
    if error.errno == errno.ELOOP:
        return Refusal("file.link_loop")
    if error.errno == errno.ENXIO:
        return Refusal("file.special", "a socket or a device")
    return Refusal("file.unreadable", os.strerror(error.errno or 0))


def not_regular(mode: int) -> Refusal:
    """Return the refusal of what is no regular file."""
    if stat.S_ISDIR(mode):
        return Refusal("file.folder")
    kinds = {
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFBLK: "a device",
        stat.S_IFCHR: "a device",
    }
    return Refusal("file.special", kinds.get(stat.S_IFMT(mode), "something else"))


def _state(facts: os.stat_result) -> tuple[int, int, int]:
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def _copy(
    source: int,
    target: int,
    facts: os.stat_result,
    chunk_done: Callable[[int, int, int], None],
) -> int:
    size = facts.st_size
    if not size and os.read(source, 1):  # such as those below /proc
        raise Refusal("file.special", "a view into the running system")
    done = 0
    while done < size and _in_kernel is not None and not is_sparse(facts):
        try:
            count = _in_kernel(source, target, min(CHUNK, size - done), done, done)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise cannot_write(error) from error
            break  # not between these file systems, or one of the two failed: reading tells which
        if not count:
            break
        if size > CHUNK:
            chunk_done(target, done, count)
        done += count
    if done < size:
        done = _copy_by_reading(source, target, done, facts, chunk_done)
    return done


def _copy_by_reading(
    source: int,
    target: int,
    done: int,
    facts: os.stat_result,
    chunk_done: Callable[[int, int, int], None],
) -> int:
    """Copy from `done` on by reading and writing, and leave blocks of zeros unwritten."""
    buffer = bytearray(_BLOCK)
    view = memoryview(buffer)
    sparse = is_sparse(facts)
    os.lseek(source, done, os.SEEK_SET)
    told = dropped = done
    while done < facts.st_size:
        count = os.readv(source, (buffer,))
        if not count:
            break
        if count < _BLOCK or buffer != _ZEROS:
            _write(target, view[:count], done)
        done += count
        if sparse:
            dropped = drop_behind(source, done, dropped)
        if done - told >= CHUNK:
            chunk_done(target, told, done - told)
            told = done
    try:
        os.ftruncate(target, done)
    except OSError as error:
        raise _cannot_hold(error) from error
    return done


def _write(target: int, data: memoryview, start: int) -> None:
    try:
        while data:
            count = os.pwrite(target, data, start)
            data = data[count:]
            start += count
    except OSError as error:
        raise _cannot_hold(error) from error


def _cannot_hold(error: OSError) -> Exception:
    if error.errno == errno.EFBIG:
        return Refusal("storage.too_large")
    return cannot_write(error)
