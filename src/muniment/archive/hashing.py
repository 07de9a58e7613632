"""Digests of stored bytes, at the rate of the processor.

- A digest is always taken of what is stored, read back through its own descriptor.
- A `Hasher` keeps one buffer; threads have one each. Reading and hashing leave other threads free.
- The zeros of a sparse file are read like any bytes, and dropped from memory behind the reader: a
  file of holes must not drive out everything else.

Not its job: comparing a digest with anything.
"""

from __future__ import annotations

import errno
import os
from hashlib import sha256

# Half of a core's second-level cache: small files need one read, large ones are hashed while warm.
_BUFFER = 1 << 18
_MISSING = 1 << 20  # bytes without blocks of their own that make a file sparse
_BEHIND = 8 << 20

_fadvise = getattr(os, "posix_fadvise", None)


def is_sparse(facts: os.stat_result) -> bool:
    """Say whether a good part of a file is holes."""
    return facts.st_size - facts.st_blocks * 512 >= _MISSING


def drop_behind(descriptor: int, done: int, dropped: int) -> int:
    """Let go of what was read up to `done` and not dropped yet; return what is dropped by now."""
    if _fadvise is None or done - dropped < _BEHIND:
        return dropped
    _fadvise(descriptor, dropped, done - dropped, os.POSIX_FADV_DONTNEED)
    return done


class Hasher:
    """SHA-256 over open files, through one buffer that is used again and again."""

    def __init__(self) -> None:
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)

    def digest(self, descriptor: int, size: int) -> str:
        """Return the SHA-256 of a file's first `size` bytes in hex.

        Raises OSError where it cannot be read, or has fewer.
        """
        os.lseek(descriptor, 0, os.SEEK_SET)
        sparse = size >= _BEHIND and is_sparse(os.fstat(descriptor))
        into = (self._buffer,)
        hashed = sha256()
        done = dropped = 0
        while done < size:
            count = min(os.readv(descriptor, into), size - done)
            if not count:
                raise OSError(errno.EIO, "the file ends too early")
            hashed.update(self._view[:count])
            done += count
            if sparse:
                dropped = drop_behind(descriptor, done, dropped)
        return hashed.hexdigest()
