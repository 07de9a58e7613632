# SPDX-License-Identifier: 0BSD
"""Opens a bundle, ZIP or folder, and reads each of its files once.

- The ZIP is read from its front, one local header after another; then its directory and end are
  made again from what was found, and must be all that is left of the file. So no other program can
  find other files in it. Files in it are stored, never compressed.
- A folder holds plain files and folders only: no links, no devices, nothing empty.
- Nothing is unpacked or written. Large files are hashed as they are read and not kept.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from muniment.export.verifier.fault import Fault, Malformed, Unusable, as_given, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

_BLOCK = 1 << 20
_LARGEST_KEPT = 1 << 29
_MOST_FILES = 1_000_000
_LONGEST_PATH = 200
_STEP = r"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|$))[a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?"
_SAFE_PATH = re.compile(f"{_STEP}(?:/{_STEP})*", re.ASCII | re.IGNORECASE)
_BAG_FOLDER = re.compile(r"[a-z0-9-]{1,100}", re.ASCII)
_HINT = "Give the bundle's ZIP file, or the folder it was extracted to."


class File(NamedTuple):
    """A file of the bundle: size, digests in hex, and its bytes unless it is a part."""

    size: int
    sha256: str
    sha512: str
    kept: bytes | None


class Bundle(NamedTuple):
    """All files of a bundle by path, its name where a ZIP gives one, the first fault in reading."""

    name: str | None
    files: dict[str, File]
    fault: str | None

    def text(self, path: str) -> bytes:
        """The bytes of a file that is read as text."""
        if path not in self.files:
            raise Fault(f"{path} is missing")
        kept = self.files[path].kept
        if kept is None:
            raise Fault(f"{path} is larger than a bundle needs")
        return kept


def read_bundle(path: Path) -> Bundle:
    """Read everything at the path; `Malformed` if it is no bundle, `Unusable` if it cannot be."""
    try:
        if path.is_dir():
            return _read_folder(path)
        if path.exists() and not path.is_file():
            raise Unusable(f"'{as_given(str(path))}' is not a file.", _HINT, "verify.unreadable")
        with path.open("rb") as file:
            return _read_zip(file)
    except FileNotFoundError as error:
        message = f"There is nothing at '{as_given(str(path))}'."
        raise Unusable(message, _HINT, "verify.not_found") from error
    except (OSError, ValueError) as error:
        message = f"'{as_given(str(path))}' cannot be read."
        raise Unusable(message, _HINT, "verify.unreadable") from error


def _demand_form(holds: bool, reason: str) -> None:  # noqa: FBT001  # as `demand`
    if not holds:
        raise Malformed(reason)


def _demand_safe(paths: list[str]) -> None:
    """No path may mean something else to another program or on another system."""
    _demand_form(len(paths) <= _MOST_FILES, "there are too many files")
    for path in paths:
        safe = _SAFE_PATH.fullmatch(path) and len(path) <= _LONGEST_PATH
        _demand_form(bool(safe), f"the path {shown(path)} is not allowed in a bundle")
    lowered = {path.lower() for path in paths}
    _demand_form(len(lowered) == len(paths), "two paths differ in capital letters only")
    folders = {path[:at] for path in lowered for at, sign in enumerate(path) if sign == "/"}
    _demand_form(not lowered & folders, "a path is both a file and a folder")


def _hashed(blocks: Iterator[bytes], *, keep: bool, twice: bool) -> tuple[File, str | None]:
    """A file made of these blocks, and the fault that ended them, if one did."""
    sha256, sha512, size, kept = hashlib.sha256(), hashlib.sha512(), 0, bytearray()
    fault = None
    try:
        for block in blocks:
            size += len(block)
            sha256.update(block)
            if twice:
                sha512.update(block)
            if keep:
                kept += block
    except Fault as error:
        fault = str(error)
    longer = sha512.hexdigest() if twice else ""
    return File(size, sha256.hexdigest(), longer, bytes(kept) if keep else None), fault


def _is_kept(path: str, size: int) -> bool:
    """Parts are evidence, which is only hashed; everything else is read."""
    part = path.startswith(("data/original/", "data/renditions/"))
    return size <= _LARGEST_KEPT and not part


# Folders


def _read_folder(root: Path) -> Bundle:
    sizes = dict(_plain_files(root, ""))
    _demand_safe(list(sizes))
    files: dict[str, File] = {}
    first = None
    for path, size in sorted(sizes.items()):
        blocks = _file_blocks(root / path, size, path)
        twice = "manifest-sha512.txt" in sizes
        files[path], fault = _hashed(blocks, keep=_is_kept(path, size), twice=twice)
        first = first or fault
    return Bundle(None, files, first)


def _plain_files(folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
    names = sorted(os.listdir(folder))  # noqa: PTH208  # names as they are, not as paths
    _demand_form(bool(names), f"the folder {shown(prefix)} is empty")
    for name in names:
        status = (folder / name).lstat()
        if stat.S_ISDIR(status.st_mode):
            yield from _plain_files(folder / name, f"{prefix}{name}/")
        else:
            plain = stat.S_ISREG(status.st_mode)
            _demand_form(plain, f"{shown(prefix + name)} is neither a file nor a folder")
            yield prefix + name, status.st_size


def _file_blocks(place: Path, size: int, path: str) -> Iterator[bytes]:
    with place.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            if not block:
                break
            size -= len(block)
            yield block
    if size:
        raise Fault(f"{path} changed while it was read")


# ZIP files: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.14 to 4.3.16

_LOCAL_HEADER = struct.Struct("<IHHHHHIIIHH")
_CENTRAL_HEADER = struct.Struct("<IHHHHHHIIIHHHHHII")
_WIDE_END = struct.Struct("<IQHHIIQQQQ")
_WIDE_END_LOCATOR = struct.Struct("<IIQI")
_END = struct.Struct("<IHHHHIIH")
_LOCAL_SIGN, _CENTRAL_SIGN = 0x04034B50, 0x02014B50
_WIDE_END_SIGN, _LOCATOR_SIGN, _END_SIGN = 0x06064B50, 0x07064B50, 0x06054B50
_UNIX, _VERSION, _WIDE_VERSION = 0x300, 20, 45
_JANUARY_1980 = 0x21
_READABLE_FILE = 0o100644 << 16
_ALL_16, _ALL_32 = 0xFFFF, 0xFFFFFFFF
_WIDE_SIZES = struct.Struct("<HHQQ")


class _Member(NamedTuple):
    path: str
    crc: int
    size: int
    start: int


def _read_zip(file: BinaryIO) -> Bundle:
    members = _members_of(file)
    folders = {member.path.split("/")[0] for member in members}
    name = min(folders) if folders else ""
    one = len(folders) == 1 and all("/" in member.path for member in members)
    _demand_form(one and bool(_BAG_FOLDER.fullmatch(name)), "it is not one folder in a ZIP")
    inside = {member.path[len(name) + 1 :]: member for member in members}
    _demand_safe(list(inside))
    files: dict[str, File] = {}
    first = None
    for path, member in inside.items():
        keep, twice = _is_kept(path, member.size), "manifest-sha512.txt" in inside
        files[path], fault = _hashed(_member_blocks(file, member), keep=keep, twice=twice)
        first = first or fault
    return Bundle(name, files, first)


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    data = file.read(length)
    _demand_form(len(data) == length, "the ZIP ends too early")
    return data


def _members_of(file: BinaryIO) -> list[_Member]:
    """The members, if what follows them is the one directory and end that they may have."""
    length = file.seek(0, os.SEEK_END)
    members, end = _walk(file, length)
    _demand_form(end <= length, "the ZIP ends too early")
    directory = b"".join(_central_header(member) for member in members)
    closing = directory + _end_of_zip(len(members), len(directory), end)
    _demand_form(length - end == len(closing), "the ZIP's directory is not as it must be")
    _demand_form(_at(file, end, len(closing)) == closing, "the ZIP's directory differs")
    return members


def _walk(file: BinaryIO, length: int) -> tuple[list[_Member], int]:
    """The members from the front of the file, and where they end."""
    members: list[_Member] = []
    offset = 0
    while offset + _LOCAL_HEADER.size <= length and len(members) <= _MOST_FILES:
        fields = _LOCAL_HEADER.unpack(_at(file, offset, _LOCAL_HEADER.size))
        if fields[0] != _LOCAL_SIGN:
            break
        crc, size, name_length, extra_length = fields[6], fields[8], fields[9], fields[10]
        header = _at(file, offset, _LOCAL_HEADER.size + name_length + extra_length)
        name = header[_LOCAL_HEADER.size :][:name_length].decode("latin-1")
        if size == _ALL_32 and extra_length == _WIDE_SIZES.size:
            size = _WIDE_SIZES.unpack(header[-extra_length:])[2]
        member = _Member(name, crc, size, offset)
        _demand_form(name.isascii(), f"the path {shown(name)} is not allowed in a bundle")
        _demand_form(header == _local_header(member), f"the ZIP's header of {shown(name)} differs")
        in_order = not members or members[-1].path < name
        _demand_form(in_order, f"the ZIP's member {shown(name)} is repeated or out of order")
        members.append(member)
        offset += len(header) + size
    return members, offset


def _member_blocks(file: BinaryIO, member: _Member) -> Iterator[bytes]:
    offset, left, crc = member.start + len(_local_header(member)), member.size, 0
    while left:
        block = _at(file, offset, min(left, _BLOCK))
        offset, left, crc = offset + len(block), left - len(block), zlib.crc32(block, crc)
        yield block
    if crc != member.crc:
        raise Fault(f"{member.path} differs from the checksum in the ZIP")


def _local_header(member: _Member) -> bytes:
    """The one local header that this member may have."""
    wide = member.size >= _ALL_32
    extra = _WIDE_SIZES.pack(1, 16, member.size, member.size) if wide else b""
    version, size = (_WIDE_VERSION, _ALL_32) if wide else (_VERSION, member.size)
    name = member.path.encode("latin-1")
    fixed = (_LOCAL_SIGN, version, 0, 0, 0, _JANUARY_1980, member.crc, size, size)
    return _LOCAL_HEADER.pack(*fixed, len(name), len(extra)) + name + extra


def _central_header(member: _Member) -> bytes:
    """The one entry in the directory that this member may have."""
    values = [member.size] * 2 if member.size >= _ALL_32 else []
    values += [member.start] if member.start >= _ALL_32 else []
    extra = struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values) if values else b""
    version = _WIDE_VERSION if values else _VERSION
    size, start = min(member.size, _ALL_32), min(member.start, _ALL_32)
    name = member.path.encode("latin-1")
    fixed = (_CENTRAL_SIGN, _UNIX | version, version, 0, 0, 0, _JANUARY_1980, member.crc, size)
    rest = (size, len(name), len(extra), 0, 0, 0, _READABLE_FILE, start)
    return _CENTRAL_HEADER.pack(*fixed, *rest) + name + extra


def _end_of_zip(count: int, size: int, start: int) -> bytes:
    """The one end that a ZIP with this directory may have."""
    few, short, near = min(count, _ALL_16), min(size, _ALL_32), min(start, _ALL_32)
    end = _END.pack(_END_SIGN, 0, 0, few, few, short, near, 0)
    if few == _ALL_16 or _ALL_32 in (short, near):
        fixed = (_WIDE_END_SIGN, 44, _UNIX | _WIDE_VERSION, _WIDE_VERSION, 0, 0)
        wide = _WIDE_END.pack(*fixed, count, count, size, start)
        end = wide + _WIDE_END_LOCATOR.pack(_LOCATOR_SIGN, 0, start + size, 1) + end
    return end
