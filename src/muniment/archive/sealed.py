"""Files sealed to one subject's key: written while they are copied, read from any place in them.

- The digest of the content is taken of what was read, in the same pass; the digest of what is
  stored is taken by whoever stores it.
- A reader opens a chunk before it gives a byte of it: nothing that was changed ever comes out.

Not its job: keys (`keyring`), where sealed bytes are stored.
"""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, Final

from muniment.archive.age_format import (
    CHUNK,
    LONGEST_HEADER,
    TAG,
    Identity,
    Recipient,
    new_header,
    plain_size,
    read_header,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from muniment.archive.age_format import Payload

_BLOCK: Final = 32 * CHUNK
_STEP: Final = CHUNK + TAG


def seal_descriptor(
    source: int,
    target: int,
    size: int,
    recipient: Recipient,
    written: Callable[[int, int, int], None],
) -> tuple[int, str]:
    """Seal `size` bytes of an open file into an empty one; return how many there were, and digest.

    The digest is the SHA-256 of the content. `written` is told each part that was written: target,
    where it starts, its length. Raises OSError as reading and writing do; fewer bytes than `size`
    mean that the source was cut meanwhile, and what was written is no sealed file.
    """
    header, payload = new_header([recipient])
    place = os.pwrite(target, header, 0)
    hashed = sha256()
    done = 0
    with ThreadPoolExecutor(1) as beside:
        while True:
            block = _read(source, min(_BLOCK, size - done), done)
            hashing = beside.submit(hashed.update, block)
            sealed = _sealed(payload, block, done, size)
            _write(target, sealed, place)
            if size > _BLOCK:
                written(target, place, len(sealed))
            hashing.result()
            place += len(sealed)
            done += len(block)
            if done >= size or not block:
                return done, hashed.hexdigest()


def seal_chunks(data: bytes, recipient: Recipient) -> Generator[bytes]:
    """Give the parts of what is sealed, to be stored one after the other."""
    header, payload = new_header([recipient])
    yield header
    for start in range(0, max(len(data), 1), _BLOCK):
        yield _sealed(payload, data[start : start + _BLOCK], start, len(data))


def seal_stream(source: BinaryIO, size: int, recipient: Recipient) -> Generator[bytes]:
    """Give the parts of what is sealed of a stream that holds `size` bytes, as they are read.

    Fewer bytes than `size` make no sealed file; whoever stores it compares the content's digest.
    """
    header, payload = new_header([recipient])
    yield header
    done = 0
    while True:
        block = source.read(min(_BLOCK, size - done))
        yield _sealed(payload, block, done, size)
        done += len(block)
        if done >= size or not block:
            return


def open_sealed(stream: BinaryIO, identity: Identity) -> BinaryIO:
    """Return what a sealed file holds, as a stream in which one can seek; closes both together.

    Raises TamperSuspected where it was not sealed to this key, here or while it is read.
    """
    try:
        return io.BufferedReader(_Opened(stream, identity), CHUNK)
    except BaseException:
        stream.close()
        raise


class _Opened(io.RawIOBase):
    """The content of a sealed file."""

    def __init__(self, stream: BinaryIO, identity: Identity) -> None:
        super().__init__()
        self._stream = stream
        self._start, self._payload = read_header(stream.read(LONGEST_HEADER), [identity])
        self._size = plain_size(stream.seek(0, os.SEEK_END), self._start)
        self._place = 0
        self._held = -1  # the number of the chunk that is open
        self._chunk = memoryview(b"")
        self._open_chunk(max(self._size - 1, 0) // CHUNK)  # the end first: was it cut?

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(origin + offset, 0)
        return self._place

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        if self._place >= self._size:
            return 0
        number, start = divmod(self._place, CHUNK)
        if number != self._held:
            self._open_chunk(number)
        piece = self._chunk[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._chunk = memoryview(b"")
        super().close()

    def _open_chunk(self, number: int) -> None:
        self._stream.seek(self._start + number * _STEP)
        last = (number + 1) * CHUNK >= self._size
        sealed = self._stream.read(_STEP)
        self._chunk = memoryview(self._payload.open(number, sealed, last=last))
        self._held = number


def _sealed(payload: Payload, block: bytes, done: int, size: int) -> bytes:
    """Return the sealed chunks of a block that begins at `done` of a content of `size`."""
    view = memoryview(block)
    first = done // CHUNK
    return b"".join(
        [
            payload.seal(
                first + number,
                view[start : start + CHUNK],
                last=done + start + CHUNK >= size,
            )
            for number, start in enumerate(range(0, max(len(block), 1), CHUNK))
        ]
    )


def _read(source: int, count: int, place: int) -> bytes:
    data = os.pread(source, count, place)
    while 0 < len(data) < count:
        more = os.pread(source, count - len(data), place + len(data))
        if not more:
            break
        data += more
    return data


def _write(target: int, data: bytes, place: int) -> None:
    left = memoryview(data)
    while left:
        count = os.pwrite(target, left, place)
        left = left[count:]
        place += count
