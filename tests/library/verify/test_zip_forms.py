"""The ZIP has one form: nothing in it may show another program other files.

Edits are made on the bytes, not through a ZIP library, which would put them right again.
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from typing import TYPE_CHECKING

import pytest

from muniment.export.verifier import opening
from muniment.export.verifier.fault import Malformed as AloneMalformed
from muniment.verify.archive_zip import ZipArchive
from muniment.verify.fault import Malformed
from tests.library.verify.exhibits import NAME, exhibit
from tests.library.verify.readers import read
from tests.library.verify.second_writer import zip_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = exhibit()
ZIP = GOOD.zipped()
MEMBERS = {f"{NAME}/{path}": data for path, data in GOOD.files.items()}
FIRST = min(MEMBERS).encode()
DIRECTORY = struct.unpack("<I", ZIP[-6:-2])[0]
LOCAL, CENTRAL, END = 0, DIRECTORY, len(ZIP) - 22


def put(at: int, form: str, value: int) -> bytes:
    data = bytearray(ZIP)
    struct.pack_into(form, data, at, value)
    assert bytes(data) != ZIP
    return bytes(data)


def rezipped(change: Callable[[zipfile.ZipInfo], None]) -> bytes:
    """Every member written by the standard library, with its header changed first."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(MEMBERS):
            info = zipfile.ZipInfo(path)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            change(info)
            archive.writestr(info, MEMBERS[path])
    return buffer.getvalue()


def renamed(old: str, new: str) -> dict[str, bytes]:
    return {new if path == old else path: data for path, data in MEMBERS.items()}


def deflated(info: zipfile.ZipInfo) -> None:
    info.compress_type = zipfile.ZIP_DEFLATED


def dated(info: zipfile.ZipInfo) -> None:
    info.date_time = (2026, 11, 21, 8, 0, 0)


def remarked(info: zipfile.ZipInfo) -> None:
    info.comment = b"seen"


def extended(info: zipfile.ZipInfo) -> None:
    info.extra = struct.pack("<2H", 0x7075, 0)


def linked(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o120777 << 16


def from_dos(info: zipfile.ZipInfo) -> None:
    info.create_system = 0


def unordered() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(MEMBERS, reverse=True):
            info = zipfile.ZipInfo(path)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, MEMBERS[path])
    return buffer.getvalue()


def twice() -> bytes:
    """The first member once more at the end: which one do you see?"""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library says so, and writes it all the same
        for path in [*sorted(MEMBERS), min(MEMBERS)]:
            info = zipfile.ZipInfo(path)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, MEMBERS[path])
    return buffer.getvalue()


def with_folder() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.mkdir(NAME)
        for path in sorted(MEMBERS):
            archive.writestr(path, MEMBERS[path])
    return buffer.getvalue()


def shifted(data: bytes) -> bytes:
    """Bytes in front, with every offset put right, as self-extracting archives have them."""
    front = b"#!/bin/sh\nexit 0\n"
    moved = bytearray(front + data)
    position = len(front) + DIRECTORY
    while moved[position : position + 4] == b"PK\x01\x02":
        names = struct.unpack_from("<3H", moved, position + 28)
        start = struct.unpack_from("<I", moved, position + 42)[0]
        struct.pack_into("<I", moved, position + 42, start + len(front))
        position += 46 + sum(names)
    struct.pack_into("<I", moved, len(moved) - 6, DIRECTORY + len(front))
    return bytes(moved)


def padded() -> bytes:
    """Bytes that belong to no file, in front of a directory that is found all the same."""
    data = bytearray(ZIP[:DIRECTORY] + b"\0" + ZIP[DIRECTORY:])
    struct.pack_into("<I", data, len(data) - 6, DIRECTORY + 1)
    return bytes(data)


def beyond() -> bytes:
    """The last file but one is so long that the last one begins beyond the end."""
    starts, position = [], DIRECTORY
    while ZIP[position : position + 4] == b"PK\x01\x02":
        starts.append(position)
        position += 46 + sum(struct.unpack_from("<3H", ZIP, position + 28))
    data = bytearray(ZIP)
    for at, entry in ((20, starts[-2]), (24, starts[-2]), (42, starts[-1])):
        value = struct.unpack_from("<I", data, entry + at)[0]
        struct.pack_into("<I", data, entry + at, value + 1_000_000)
    local = struct.unpack_from("<I", data, starts[-2] + 42)[0]
    data[local + 18 : local + 26] = data[starts[-2] + 20 : starts[-2] + 28]
    return bytes(data)


ZIPS: dict[str, bytes] = {
    "nothing": b"",
    "a text": b"This is no ZIP at all, though it is long enough to be looked at as one.\n",
    "an empty ZIP": zip_of({}),
    "an end that counts members which are not there": ZIP[-22:-12] + bytes(10),
    "one file without a folder": zip_of({"exhibit-1": b""}),
    "a letter beyond ASCII": ZIP.replace(FIRST, FIRST[:-1] + b"\xe9"),
    "a letter of eight bits in front": ZIP.replace(NAME.encode(), b"\xe9" + NAME.encode()[1:]),
    "the end alone": ZIP[-22:],
    "cut short": ZIP[:-1],
    "cut in half": ZIP[: len(ZIP) // 2],
    "cut at the directory": ZIP[:DIRECTORY],
    "bytes in front": b"\0" + ZIP,
    "bytes in front, offsets put right": shifted(ZIP),
    "bytes behind": ZIP + b"\0",
    "a remark on the archive": put(END + 20, "<H", 4) + b"seen",
    "another end behind": ZIP + ZIP[-22:],
    "bytes before the directory": ZIP[:DIRECTORY] + b"\0" + ZIP[DIRECTORY:],
    "two ZIPs": ZIP + ZIP,
    "compressed": rezipped(deflated),
    "dated": rezipped(dated),
    "a remark on a member": rezipped(remarked),
    "an extra field": rezipped(extended),
    "links": rezipped(linked),
    "made on another system": rezipped(from_dos),
    "another order": unordered(),
    "a member twice": twice(),
    "a folder of its own": with_folder(),
    "no top folder": zip_of(dict(GOOD.files)),
    "two top folders": zip_of({**MEMBERS, "other/README": b""}),
    "a file beside the folder": zip_of({**MEMBERS, "README": b""}),
    "a top folder in capitals": zip_of(
        {path.replace(NAME, "Exhibit"): data for path, data in MEMBERS.items()}
    ),
    "a top folder with a dot": zip_of(
        {path.replace(NAME, "exhibit.1"): data for path, data in MEMBERS.items()}
    ),
    "a step up": zip_of({**MEMBERS, f"{NAME}/../evil": b""}),
    "a step nowhere": zip_of({**MEMBERS, f"{NAME}/./x": b""}),
    "an absolute path": zip_of({**MEMBERS, f"/{NAME}/x": b""}),
    "a double slash": zip_of({**MEMBERS, f"{NAME}//x": b""}),
    "a backslash": zip_of({**MEMBERS, f"{NAME}/data\\x": b""}),
    "a drive": zip_of({**MEMBERS, f"{NAME}/c:x": b""}),
    "an option": zip_of({**MEMBERS, f"{NAME}/-rf": b""}),
    "a hidden file": zip_of({**MEMBERS, f"{NAME}/.profile": b""}),
    "a device": zip_of({**MEMBERS, f"{NAME}/data/nul.txt": b""}),
    "another device": zip_of({**MEMBERS, f"{NAME}/data/COM1": b""}),
    "a dot at the end": zip_of({**MEMBERS, f"{NAME}/VERIFY.md.": b""}),
    "a space": zip_of({**MEMBERS, f"{NAME}/VERIFY .md": b""}),
    "another letter for a": zip_of({**MEMBERS, f"{NAME}/dаta": b""}),
    "a difference in case": zip_of({**MEMBERS, f"{NAME}/verify.MD": b""}),
    "a file that is a folder": zip_of({**MEMBERS, f"{NAME}/verify.py/x": b""}),
    "a path too long": zip_of({**MEMBERS, f"{NAME}/{'x' * 201}": b""}),
    "local: signature": put(LOCAL + 3, "<B", 5),
    "local: version": put(LOCAL + 4, "<H", 45),
    "local: flags": put(LOCAL + 6, "<H", 8),
    "local: encrypted": put(LOCAL + 6, "<H", 1),
    "local: UTF-8": put(LOCAL + 6, "<H", 0x800),
    "local: method": put(LOCAL + 8, "<H", 8),
    "local: time": put(LOCAL + 10, "<H", 1),
    "local: date": put(LOCAL + 12, "<H", 0x22),
    "local: crc": put(LOCAL + 14, "<I", 1),
    "local: stored size": put(LOCAL + 18, "<I", 1),
    "local: size": put(LOCAL + 22, "<I", 1),
    "local: both sizes": put(LOCAL + 18, "<Q", 0),
    "local: length of name": put(LOCAL + 26, "<H", len(FIRST) - 1),
    "local: length of extra": put(LOCAL + 28, "<H", 4),
    "local: name": put(LOCAL + 30, "<B", ord("f")),
    "central: signature": put(CENTRAL + 3, "<B", 3),
    "central: made by": put(CENTRAL + 4, "<H", 20),
    "central: version": put(CENTRAL + 6, "<H", 10),
    "central: flags": put(CENTRAL + 8, "<H", 0x800),
    "central: method": put(CENTRAL + 10, "<H", 8),
    "central: time": put(CENTRAL + 12, "<H", 1),
    "central: date": put(CENTRAL + 14, "<H", 0),
    "central: crc": put(CENTRAL + 16, "<I", 1),
    "central: stored size": put(CENTRAL + 20, "<I", 1),
    "central: size": put(CENTRAL + 24, "<I", 1),
    "central: size in ZIP64": put(CENTRAL + 24, "<I", 0xFFFFFFFF),
    "central: length of name": put(CENTRAL + 28, "<H", len(FIRST) + 1),
    "central: length of extra": put(CENTRAL + 30, "<H", 28),
    "central: length of remark": put(CENTRAL + 32, "<H", 1),
    "central: disk": put(CENTRAL + 34, "<H", 1),
    "central: internal attributes": put(CENTRAL + 36, "<H", 1),
    "central: mode": put(CENTRAL + 38, "<I", 0o100755 << 16),
    "central: mode without a kind": put(CENTRAL + 38, "<I", 0o644 << 16),
    "central: hidden on DOS": put(CENTRAL + 38, "<I", 0o100644 << 16 | 2),
    "central: start": put(CENTRAL + 42, "<I", 1),
    "central: start in ZIP64": put(CENTRAL + 42, "<I", 0xFFFFFFFF),
    "central: name": put(CENTRAL + 46, "<B", ord("f")),
    "end: signature": put(END + 3, "<B", 7),
    "end: disk": put(END + 4, "<H", 1),
    "end: disk of the directory": put(END + 6, "<H", 1),
    "end: members here": put(END + 8, "<H", 1),
    "end: members": put(END + 10, "<H", 1),
    "end: both numbers of members": put(END + 8, "<I", 0x10001),
    "a gap before the directory": padded(),
    "a file that begins beyond the end": beyond(),
    "end: members in ZIP64": put(END + 10, "<H", 0xFFFF),
    "end: size": put(END + 12, "<I", 46),
    "end: size far too large": put(END + 12, "<I", 0x7FFFFFFF),
    "end: start": put(END + 16, "<I", 0),
    "end: start in ZIP64": put(END + 16, "<I", 0xFFFFFFFF),
}


@pytest.mark.parametrize("name", ZIPS)
def test_another_form_of_zip_is_no_bundle(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(ZIPS[name])
    outcome = read(path)
    assert outcome.verdict == "refused"
    assert outcome.failed == {"bytes_intact"}
    assert outcome.details["bytes_intact"].startswith("this is no well-formed bundle: ")


def test_content_that_is_not_what_its_checksum_says_is_refused(tmp_path: Path) -> None:
    """The CRC of the ZIP, should it differ, has other tools refuse the file: so do we."""
    data = MEMBERS[FIRST.decode()]
    at = ZIP.index(data)
    path = tmp_path / "bundle.zip"
    path.write_bytes(ZIP[:at] + bytes([ZIP[at] ^ 1]) + ZIP[at + 1 :])
    outcome = read(path)
    assert outcome.states["bytes_intact"] == "failed"
    assert "checksum in the ZIP" in outcome.details["bytes_intact"]
    assert "checksum in the ZIP" in outcome.stand_alone["bytes_intact"]


def test_a_checksum_that_is_not_the_content_s_is_refused(tmp_path: Path) -> None:
    """Both headers agree on it, and the content is what the log signed: others still refuse."""
    data = bytearray(ZIP)
    struct.pack_into("<I", data, LOCAL + 14, 1)
    struct.pack_into("<I", data, CENTRAL + 16, 1)
    path = tmp_path / "bundle.zip"
    path.write_bytes(data)
    outcome = read(path)
    assert outcome.failed == {"bytes_intact"}
    assert "checksum in the ZIP" in outcome.details["bytes_intact"]


def test_every_byte_outside_the_files_counts(tmp_path: Path) -> None:
    """Flip one bit in each byte of the first header, the first directory entry and the end."""
    spans = [
        range(30 + len(FIRST)),
        range(CENTRAL, CENTRAL + 46 + len(FIRST)),
        range(END, len(ZIP)),
    ]
    path = tmp_path / "bundle.zip"
    for span in spans:
        for at in span:
            path.write_bytes(ZIP[:at] + bytes([ZIP[at] ^ (1 << at % 8)]) + ZIP[at + 1 :])
            assert read(path).states["bytes_intact"] == "failed", at


def test_other_programs_see_the_same_files(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(ZIP)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {info.filename: archive.read(info) for info in archive.infolist()} == MEMBERS


LARGE = (1 << 32) + 5
SMALL = b"small"


def large_zip(path: Path, *, version: int = 45) -> None:
    """A member above 4 GiB (a hole in the file) and one that begins above 4 GiB."""
    names = (b"exhibit-1/data/original/M-1/001", b"exhibit-1/data/original/M-1/002")
    wide = struct.pack("<2H2Q", 1, 16, LARGE, LARGE)
    first = struct.pack("<I5H3I2H", 0x04034B50, version, 0, 0, 0, 33, 7, *[0xFFFFFFFF] * 2, 31, 20)
    second = struct.pack("<I5H3I2H", 0x04034B50, 20, 0, 0, 0, 33, 8, 5, 5, 31, 0)
    start = len(first + names[0] + wide) + LARGE
    far = struct.pack("<2HQ", 1, 8, start)
    entry = "<I6H3I5H2I"
    rest = (0, 0, 0, 0o100644 << 16)
    big = (0x02014B50, 0x32D, 45, 0, 0, 0, 33, 7, *[0xFFFFFFFF] * 2, 31, 20, *rest, 0)
    small = (0x02014B50, 0x32D, 45, 0, 0, 0, 33, 8, 5, 5, 31, 12, *rest, 0xFFFFFFFF)
    directory = struct.pack(entry, *big) + names[0] + wide + struct.pack(entry, *small)
    directory += names[1] + far
    begins = start + len(second + names[1] + SMALL)
    end = struct.pack("<IQ2H2I4Q", 0x06064B50, 44, 0x32D, 45, 0, 0, 2, 2, len(directory), begins)
    end += struct.pack("<2IQI", 0x07064B50, 0, begins + len(directory), 1)
    end += struct.pack("<I4H2IH", 0x06054B50, 0, 0, 2, 2, len(directory), 0xFFFFFFFF, 0)
    with path.open("wb") as file:
        file.write(first + names[0] + wide)
        file.seek(start)
        file.write(second + names[1] + SMALL + directory + end)


def test_files_above_four_gigabytes_have_one_form_too(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    large_zip(path)
    with zipfile.ZipFile(path) as archive:  # another program reads it so
        assert [info.file_size for info in archive.infolist()] == [LARGE, len(SMALL)]
    expected = {"data/original/M-1/001": LARGE, "data/original/M-1/002": len(SMALL)}
    with path.open("rb") as file:
        assert ZipArchive(file).sizes == expected
    with path.open("rb") as file:
        members = opening._members_of(file)
        assert {one.path.partition("/")[2]: one.size for one in members} == expected


def test_a_large_file_in_another_form_is_no_bundle(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    large_zip(path, version=20)
    with path.open("rb") as file, pytest.raises(Malformed):
        ZipArchive(file)
    with path.open("rb") as file, pytest.raises(AloneMalformed):
        opening._members_of(file)


def test_a_size_that_no_file_has_is_no_bundle(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    large_zip(path)
    for value in (0xFFFFFFFF, LARGE + 1, (1 << 64) - 1):
        with path.open("r+b") as file:
            file.seek(30 + 31 + 4)
            file.write(struct.pack("<2Q", value, value))
        assert read(path).failed == {"bytes_intact"}
