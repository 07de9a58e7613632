"""The one form of ZIP an exhibit has (custody-log §7): same members, same bytes.

- Members are STORED, in ASCII order, dated 1980-01-01, ordinary files of mode 0644; no extra field
  but ZIP64's, which stands exactly where a size or offset reaches 2³² - 1 (APPNOTE 6.3.10 4.3-4.5).
- A member's bytes go into the file first and are hashed from there: what is checked is what was
  written. The CRC-32 is then put into the header that was left before them.
- The whole file's SHA-256 is taken member by member behind the writing, on a thread of its own.

Not its job: what the members are; making the file durable.
"""

from __future__ import annotations

import os
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self
from zlib import crc32

from muniment.export.exhibit.copying import copy_into, pieces_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from muniment.export.api import PayloadFile

# What a narrow field holds when the number stands in a ZIP64 field instead; and from where it does.
_SEE_WIDE16, _SEE_WIDE32 = 0xFFFF, 0xFFFFFFFF
WIDE_COUNT_FROM, WIDE_FROM = 0xFFFF, 0xFFFFFFFF

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")

_UNIX = 3 << 8
_PLAIN, _WIDE = 20, 45
_MIDNIGHT, _FIRST_DAY = 0, 0x21
_FILE_MODE = 0o100644 << 16
_CRC_AT = 14


@dataclass(frozen=True, slots=True)
class Member:
    """What the headers say of one member."""

    name: bytes
    crc: int
    size: int
    start: int

    @property
    def local(self) -> bytes:
        """The header before the member's bytes."""
        wide = self.size >= WIDE_FROM
        extra = struct.pack("<2H2Q", 1, 16, self.size, self.size) if wide else b""
        shown = _SEE_WIDE32 if wide else self.size
        head = _LOCAL.pack(
            b"PK\3\4", _WIDE if wide else _PLAIN, 0, 0, _MIDNIGHT, _FIRST_DAY,
            self.crc, shown, shown, len(self.name), len(extra),
        )  # fmt: skip
        return head + self.name + extra

    @property
    def central(self) -> bytes:
        """The member's line in the central directory."""
        wide, far = self.size >= WIDE_FROM, self.start >= WIDE_FROM
        values = [self.size, self.size] * wide + [self.start] * far
        form = f"<2H{len(values)}Q"
        extra = struct.pack(form, 1, 8 * len(values), *values) if values else b""
        version = _WIDE if values else _PLAIN
        shown = _SEE_WIDE32 if wide else self.size
        head = _CENTRAL.pack(
            b"PK\1\2", _UNIX | version, version, 0, 0, _MIDNIGHT, _FIRST_DAY,
            self.crc, shown, shown, len(self.name), len(extra), 0, 0, 0,
            _FILE_MODE, _SEE_WIDE32 if far else self.start,
        )  # fmt: skip
        return head + self.name + extra


def end_records(count: int, size: int, start: int) -> bytes:
    """Return what closes a ZIP whose directory of `size` bytes begins at `start`."""
    wide = count >= WIDE_COUNT_FROM or max(size, start) >= WIDE_FROM
    files = _SEE_WIDE16 if count >= WIDE_COUNT_FROM else count
    length = _SEE_WIDE32 if size >= WIDE_FROM else size
    begin = _SEE_WIDE32 if start >= WIDE_FROM else start
    end = _END.pack(b"PK\5\6", 0, 0, files, files, length, begin, 0)
    if not wide:
        return end
    record = _END64.pack(b"PK\6\6", 44, _UNIX | _WIDE, _WIDE, 0, 0, count, count, size, start)
    return record + _LOCATOR.pack(b"PK\6\7", 0, start + size, 1) + end


class ZipWriter:
    """Writes members, in the order they are given, into an empty file open for both ways."""

    def __init__(self, descriptor: int) -> None:
        self._file = descriptor
        self._members: list[Member] = []
        self._size = 0
        self._whole = sha256()
        self._behind = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._behind.shutdown(cancel_futures=True)

    def add(
        self, name: str, file: PayloadFile, beside: Callable[[bytes], object] | None = None
    ) -> None:
        """Write one member; raises TamperSuspected unless its bytes are those of the digest.

        `beside` is given its bytes as `copy_into` gives them.
        """
        unknown = Member(name.encode("ascii"), 0, file.size, self._size)
        start = self._size + len(unknown.local)
        _put(self._file, unknown.local, self._size)
        crc = copy_into(self._file, start, file, beside)
        os.pwrite(self._file, struct.pack("<I", crc), self._size + _CRC_AT)
        self._members.append(Member(unknown.name, crc, file.size, unknown.start))
        self._advance(start + file.size)

    def add_bytes(self, name: str, data: bytes) -> None:
        """Write one member from bytes at hand."""
        member = Member(name.encode("ascii"), crc32(data), len(data), self._size)
        _put(self._file, member.local + data, self._size)
        self._members.append(member)
        self._advance(self._size + len(member.local) + member.size)

    def finish(self) -> tuple[str, int]:
        """Write the directory and the end; return SHA-256 and size of the whole file."""
        directory = b"".join([member.central for member in self._members])
        closing = directory + end_records(len(self._members), len(directory), self._size)
        _put(self._file, closing, self._size)
        self._advance(self._size + len(closing))
        return self._behind.submit(self._whole.hexdigest).result(), self._size

    def _advance(self, to: int) -> None:
        self._behind.submit(self._digest, self._size, to)
        self._size = to

    def _digest(self, start: int, end: int) -> None:
        for piece in pieces_of(self._file, start, end):
            self._whole.update(piece)


def _put(descriptor: int, data: bytes, at: int) -> None:
    """Write all of `data` at an offset: a system may take less at once."""
    view = memoryview(data)
    while view:
        taken = os.pwrite(descriptor, view, at)
        view, at = view[taken:], at + taken
