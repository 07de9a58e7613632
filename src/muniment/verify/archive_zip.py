"""Reads a ZIP in the one form a bundle may have (custody-log §7), and no other.

- The file is read from its end: end record, central directory, then each local header. Every byte
  outside the files' content is compared with the only bytes that could stand there, so a tool that
  reads from the front, or trusts local headers, or looks for another end record, sees the same.
- Files are stored, never compressed: no bomb, no second length.
- Each file's CRC-32 is compared when it is read.

Nothing is extracted. Encrypted, split and streamed archives have no place here.
"""

from __future__ import annotations

import os
import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from muniment.verify.fault import Fault, Malformed, shown
from muniment.verify.layout import check_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

# APPNOTE.TXT 6.3.10: 4.3.7 local header, 4.3.12 central header, 4.3.14-16 the end records.
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")

_UNIX = 3 << 8
_PLAIN, _ZIP64 = 20, 45
_MIDNIGHT, _FIRST_DAY = 0, 0x21  # 1980-01-01 00:00
_FILE_MODE = 0o100644 << 16
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_LARGEST_DIRECTORY = 1 << 28
_BAG_NAME = re.compile(r"[a-z0-9-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Member:
    path: bytes
    crc: int
    size: int
    start: int

    @property
    def local(self) -> bytes:
        """The local header that must stand at `start`."""
        large = self.size >= _MAX32
        extra = struct.pack("<2H2Q", 1, 16, self.size, self.size) if large else b""
        size = _MAX32 if large else self.size
        head = _LOCAL.pack(
            b"PK\x03\x04", _ZIP64 if large else _PLAIN, 0, 0, _MIDNIGHT, _FIRST_DAY,
            self.crc, size, size, len(self.path), len(extra),
        )  # fmt: skip
        return head + self.path + extra

    @property
    def central(self) -> bytes:
        """The central header that must name this member."""
        large, far = self.size >= _MAX32, self.start >= _MAX32
        wide = [self.size, self.size] * large + [self.start] * far
        extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        version = _ZIP64 if wide else _PLAIN
        size = _MAX32 if large else self.size
        head = _CENTRAL.pack(
            b"PK\x01\x02", _UNIX | version, version, 0, 0, _MIDNIGHT, _FIRST_DAY,
            self.crc, size, size, len(self.path), len(extra), 0, 0, 0,
            _FILE_MODE, _MAX32 if far else self.start,
        )  # fmt: skip
        return head + self.path + extra


class ZipArchive:
    """A bundle in a ZIP; `name` is its single top folder."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        members = _directory(file)
        offset = 0
        for member in members:
            if member.start != offset or _read(file, offset, len(member.local)) != member.local:
                raise Malformed(f"the ZIP's header of {shown(member.path)} is not as it must be")
            offset += len(member.local) + member.size
        if _directory_start(file) != offset:
            raise Malformed("the ZIP holds bytes that belong to no file")
        self.name: str | None = _top_folder(members)
        self._members = {member.path.decode("ascii").split("/", 1)[1]: member for member in members}
        self.sizes = {path: member.size for path, member in self._members.items()}
        check_paths(self.sizes)

    def chunks(self, path: str, buffer: bytearray) -> Iterator[memoryview]:
        """The member's bytes; `Fault` if their CRC-32 is not the one that the ZIP gives."""
        member, view = self._members[path], memoryview(buffer)
        offset, left, crc = member.start + len(member.local), member.size, 0
        while left:
            length = os.preadv(self._file.fileno(), [view[:left]], offset)
            if not length:
                raise Malformed("the ZIP ends too early")
            chunk = view[:length]
            offset, left = offset + length, left - length
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if crc != member.crc:
            raise Fault(f"{path} differs from the checksum in the ZIP")


def _read(file: BinaryIO, offset: int, length: int) -> bytes:
    if offset < 0:
        raise Malformed("it is not a ZIP as bundles are")
    file.seek(offset)
    data = file.read(length)
    if len(data) != length:
        raise Malformed("the ZIP ends too early")
    return data


def _end(file: BinaryIO) -> tuple[int, int, int, int]:
    """Members, size and start of the central directory, and where the end records begin."""
    position = file.seek(0, 2) - _END.size
    _, _, _, _, count, size, start, _ = _END.unpack(_read(file, position, _END.size))
    if count == _MAX16 or _MAX32 in (size, start):
        position -= _LOCATOR.size + _END64.size
        record = _read(file, position, _END64.size)
        _, _, _, _, _, _, _, count, size, start = _END64.unpack(record)
    if size > _LARGEST_DIRECTORY:
        raise Malformed("the ZIP holds too many files")
    if start + size != position:
        raise Malformed("the ZIP holds bytes that belong to no file")
    expected = _end_records(count, size, start)
    if _read(file, position, len(expected)) != expected:
        raise Malformed("the end of the ZIP is not as it must be")
    return count, size, start, position


def _end_records(count: int, size: int, start: int) -> bytes:
    short = min(count, _MAX16)
    end = _END.pack(b"PK\x05\x06", 0, 0, short, short, min(size, _MAX32), min(start, _MAX32), 0)
    if count < _MAX16 and size < _MAX32 and start < _MAX32:
        return end
    wide = _END64.pack(b"PK\x06\x06", 44, _UNIX | _ZIP64, _ZIP64, 0, 0, count, count, size, start)
    return wide + _LOCATOR.pack(b"PK\x06\x07", 0, start + size, 1) + end


def _directory_start(file: BinaryIO) -> int:
    return _end(file)[2]


def _directory(file: BinaryIO) -> list[_Member]:
    count, size, start, _ = _end(file)
    directory = _read(file, start, size)
    members: list[_Member] = []
    offset = 0
    while offset < size:
        member = _central_member(directory, offset)
        if directory[offset : offset + len(member.central)] != member.central:
            raise Malformed(f"the ZIP's entry of {shown(member.path)} is not as it must be")
        if members and member.path <= members[-1].path:
            raise Malformed(f"the ZIP's member {shown(member.path)} is repeated or out of order")
        members.append(member)
        offset += len(member.central)
    if len(members) != count or not members:
        raise Malformed("the ZIP's end gives another number of members")
    return members


def _central_member(directory: bytes, offset: int) -> _Member:
    """What a central header says; whether it says so in the one allowed form is checked after."""
    try:
        fields = _CENTRAL.unpack_from(directory, offset)
        crc, size, name_length, extra_length, start = (fields[n] for n in (7, 9, 10, 11, 16))
        name_start = offset + _CENTRAL.size
        extra_start = name_start + name_length
        wide = 2 * (size == _MAX32) + (start == _MAX32)
        if extra_length != (4 + 8 * wide if wide else 0):
            raise Malformed("the ZIP has an extra field")
        values = list(struct.unpack_from(f"<{wide}Q", directory, extra_start + 4 * bool(wide)))
    except struct.error as error:
        raise Malformed("the ZIP's directory is cut short") from error
    if size == _MAX32:
        size = values[0]
    if start == _MAX32:
        start = values[-1]
    path = directory[name_start:extra_start]
    if not path.isascii():
        raise Malformed(f"the path {shown(path)} is not allowed in a bundle")
    return _Member(path, crc, size, start)


def _top_folder(members: list[_Member]) -> str:
    """The one folder that holds everything; each member lies in it."""
    tops = {member.path.decode("ascii").partition("/")[0] for member in members}
    top = min(tops)
    inside = all(b"/" in member.path for member in members)
    if len(tops) != 1 or not inside or not _BAG_NAME.fullmatch(top):
        raise Malformed("the ZIP's members do not lie in one folder named [a-z0-9-]")
    return top
