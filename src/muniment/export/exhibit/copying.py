"""Copies a payload file into place and checks what arrived, in one go.

- The kernel copies from file to file where it can (copy_file_range); otherwise bytes pass through
  here. Either way the digest is taken of what is read back from the destination.
- A source that has other bytes, more or fewer of them, is an alarm: evidence is not what the log
  says it is.
"""

from __future__ import annotations

import errno
import io
import os
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO
from zlib import crc32

from muniment.errors import TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from muniment.export.api import PayloadFile

_PIECE = 1 << 20
# What a system says when it cannot copy between these two files; any other error is an error.
_NOT_BETWEEN = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM})


def copy_into(
    descriptor: int,
    at: int,
    file: PayloadFile,
    beside: Callable[[bytes], object] | None = None,
) -> int:
    """Copy a payload file to an offset; return the CRC-32 of what stands there.

    `beside` is given what stands there too, piece by piece. Raises TamperSuspected unless that has
    the file's size and SHA-256.
    """
    digest, crc = sha256(), 0
    with _opened(file) as source:
        kernel = _descriptor_of(source)
        done = 0
        while done < file.size:
            wanted = min(_PIECE, file.size - done)
            copied, kernel = _copy(source, kernel, descriptor, at + done, wanted)
            if copied == 0:
                raise _alarm(file, "is shorter than")
            for piece in pieces_of(descriptor, at + done, at + done + copied):
                digest.update(piece)
                crc = crc32(piece, crc)
                if beside is not None:
                    beside(piece)
            done += copied
        longer = os.read(kernel, 1) if kernel is not None else source.read(1)
    if longer:
        raise _alarm(file, "is longer than")
    if digest.hexdigest() != file.sha256:
        raise _alarm(file, "is not")
    return crc


def pieces_of(descriptor: int, start: int, end: int) -> Iterator[bytes]:
    """Yield the bytes of a file between two offsets, a piece at a time."""
    while start < end:
        piece = os.pread(descriptor, min(_PIECE, end - start), start)
        if not piece:
            raise OSError(errno.EIO, "the file became shorter while it was written")
        yield piece
        start += len(piece)


def _opened(file: PayloadFile) -> BinaryIO:
    try:
        return file.open()
    except FileNotFoundError as error:
        raise _alarm(file, "is missing, which should be") from error


def _descriptor_of(source: BinaryIO) -> int | None:
    """The descriptor of a source that is a plain file, read from its beginning; else None."""
    try:
        descriptor = source.fileno()
        if source.tell() == 0 and os.lseek(descriptor, 0, os.SEEK_CUR) == 0:
            return descriptor
    except (OSError, io.UnsupportedOperation):
        pass
    return None


def _copy(
    source: BinaryIO, kernel: int | None, to: int, at: int, wanted: int
) -> tuple[int, int | None]:
    """Copy up to `wanted` bytes; return how many, and the source's descriptor if it still serves.

    The source's own offset moves on in both ways, so that one can take over from the other.
    """
    if kernel is not None:
        try:
            copied = os.copy_file_range(kernel, to, wanted, offset_dst=at)
        except OSError as error:
            if error.errno not in _NOT_BETWEEN:
                raise
            copied = 0
        if copied:
            return copied, kernel
        # The end of the file, or a file system that cannot: reading tells which.
        source.seek(os.lseek(kernel, 0, os.SEEK_CUR))
    data = source.read(wanted)
    written = 0
    while written < len(data):
        written += os.pwrite(to, data[written:], at + written)
    return len(data), None


def _alarm(file: PayloadFile, how: str) -> TamperSuspected:
    return TamperSuspected(
        f"What is kept for {file.path} {how} the file that the log recorded ({file.sha256}).",
        code="exhibit.payload",
        hint="Run `muniment check`, and restore the object from a replica.",
    )
