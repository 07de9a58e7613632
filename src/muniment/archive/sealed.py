"""Files sealed to one subject's key: written while they are copied, read from any place in them.

- The digest of the content is taken of what was read, in the same pass; the digest of what is
  stored is taken by whoever stores it.
- A reader opens a chunk before it gives a byte of it: nothing that was changed ever comes out.

Not its job: keys (`keyring`), where sealed bytes are stored.
"""

from __future__ import annotations

import io
import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
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
_STORED: Final = 32 * _STEP  # a whole block, sealed


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
    if size <= _BLOCK:
        block = _read(source, size, 0)
        _write(target, _sealed(payload, block, 0, size), place)
        return len(block), sha256(block).hexdigest()
    return _seal_blocks(source, target, size, place, payload, written)


def _seal_blocks(
    source: int,
    target: int,
    size: int,
    place: int,
    payload: Payload,
    written: Callable[[int, int, int], None],
) -> tuple[int, str]:
    hashed = sha256()
    done = 0
    # None of the three steps holds the interpreter: one block is hashed and the one before it is
    # written while the next is read and sealed.
    with ThreadPoolExecutor(1) as hasher, ThreadPoolExecutor(1) as writer:
        ahead: list[Future[None]] = []
        while True:
            block = _read(source, min(_BLOCK, size - done), done)
            sealed = _sealed(payload, block, done, size)
            for one in ahead:
                one.result()
            ahead = [
                hasher.submit(hashed.update, block),
                writer.submit(_write, target, sealed, place),
            ]
            if done:
                written(target, place - _STORED, _STORED)
            place += sum(map(len, sealed))
            done += len(block)
            if done >= size or not block:
                break
        for one in ahead:
            one.result()
    return done, hashed.hexdigest()


def seal_chunks(data: bytes, recipient: Recipient) -> Generator[bytes]:
    """Give the parts of what is sealed, to be stored one after the other."""
    header, payload = new_header([recipient])
    yield header
    for start in range(0, max(len(data), 1), _BLOCK):
        yield from _sealed(payload, data[start : start + _BLOCK], start, len(data))


def seal_stream(source: BinaryIO, size: int, recipient: Recipient) -> Generator[bytes]:
    """Give the parts of what is sealed of a stream that holds `size` bytes, as they are read.

    Fewer bytes than `size` make no sealed file; whoever stores it compares the content's digest.
    """
    header, payload = new_header([recipient])
    yield header
    done = 0
    while True:
        block = source.read(min(_BLOCK, size - done))
        yield from _sealed(payload, block, done, size)
        done += len(block)
        if done >= size or not block:
            return


def open_sealed(stream: BinaryIO, identity: Identity) -> BinaryIO:
    """Return what a sealed file holds, as a stream in which one can seek; closes both together.

    Raises TamperSuspected where it was not sealed to this key, here or while it is read.
    """
    with ExitStack() as unless_opened:
        unless_opened.callback(stream.close)
        opened = io.BufferedReader(_Opened(stream, identity), CHUNK)
        unless_opened.pop_all()
    return opened


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


def _sealed(payload: Payload, block: bytes, done: int, size: int) -> list[bytes]:
    """Return the sealed chunks of a block that begins at `done` of a content of `size`."""
    view = memoryview(block)
    first = done // CHUNK
    return [
        payload.seal(first + number, view[start : start + CHUNK], last=done + start + CHUNK >= size)
        for number, start in enumerate(range(0, max(len(block), 1), CHUNK))
    ]


def _read(source: int, count: int, place: int) -> bytes:
    data = os.pread(source, count, place)
    while 0 < len(data) < count:
        more = os.pread(source, count - len(data), place + len(data))
        if not more:
            break
        data += more
    return data


def _write(target: int, chunks: list[bytes], place: int) -> None:
    count = os.pwritev(target, chunks, place)
    left = memoryview(b"".join(chunks) if count < sum(map(len, chunks)) else b"")[count:]
    while left:
        count += (written := os.pwrite(target, left, place + count))
        left = left[written:]
