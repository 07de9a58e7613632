"""Digests of stored bytes, at the rate of the processor.

- A digest is always taken of what is stored, read back through its own descriptor.
- A `Hasher` keeps one buffer; threads have one each. Reading and hashing leave other threads free.

Not its job: comparing a digest with anything.
"""

from __future__ import annotations

import errno
import os
from hashlib import sha256

# Half of a core's second-level cache: small files need one read, large ones are hashed while warm.
_BUFFER = 1 << 18


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
        into = (self._buffer,)
        hashed = sha256()
        left = size
        while left:
            count = os.readv(descriptor, into)
            if not count:
                raise OSError(errno.EIO, "the file ends too early")
            hashed.update(self._view[: min(count, left)])
            left -= min(count, left)
        return hashed.hexdigest()
