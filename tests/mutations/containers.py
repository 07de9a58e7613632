"""The same files in another ZIP: cut, padded, reordered, doubled, hidden, described in two ways.

Every form here is one that some tool reads as other files than another tool does, or might.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from zlib import crc32

from tests.mutations.bags import BYTES, Mutation, chance, flipped, member, spoilt, whole, zip_of

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def cut_and_padded() -> Iterator[Mutation]:
    data = whole().zipped()
    luck = chance("cut")
    for turn in range(12):
        at = luck.randrange(1, len(data))
        yield spoilt(f"zip {turn} cut", partial(bytes, data[:at]), BYTES)
        yield spoilt(f"zip {turn} without its beginning", partial(bytes, data[at:]), BYTES)
        yield spoilt(
            f"zip {turn} with a byte more", partial(bytes, data[:at] + b"\0" + data[at:]), BYTES
        )
    for name, other in {
        "empty": b"",
        "a byte before": b"\0" + data,
        "a program before": b"#!/bin/sh\nexit 0\n" + data,
        "a byte after": data + b"\0",
        "twice": data + data,
        "a comment": data[:-2] + b"\x02\x00hi",
        "no end": data[:-22],
        "an end more": data + data[-22:],
        "an empty zip after": data + END + bytes(18),
    }.items():
        yield spoilt(f"zip: {name}", partial(bytes, other), BYTES)


def headers() -> dict[str, tuple[int, int, str]]:
    """Fields of the headers: offset in the local one, in the central one, and form; 0 is none."""
    return {
        "version needed": (4, 6, "<H"),
        "flags": (6, 8, "<H"),
        "method": (8, 10, "<H"),
        "time": (10, 12, "<H"),
        "date": (12, 14, "<H"),
        "checksum": (14, 16, "<I"),
        "packed size": (18, 20, "<I"),
        "size": (22, 24, "<I"),
        "extra length": (28, 30, "<H"),
        "version made by": (0, 4, "<H"),
        "comment length": (0, 32, "<H"),
        "disk": (0, 34, "<H"),
        "internal attributes": (0, 36, "<H"),
        "external attributes": (0, 38, "<I"),
        "offset": (0, 42, "<I"),
    }


def fields_changed() -> Iterator[Mutation]:
    data = whole().zipped()
    central = data.index(CENTRAL)
    for name, (in_local, in_central, form) in headers().items():
        places = {"central": [central + in_central]}
        if in_local:
            places["local"] = [in_local]
            places["both"] = [in_local, central + in_central]
        for where, offsets in places.items():
            other = bytearray(data)
            for at in offsets:
                (value,) = struct.unpack_from(form, data, at)
                struct.pack_into(form, other, at, value ^ (8 if name == "flags" else 1))
            yield spoilt(f"zip {where}: {name}", partial(bytes, other), BYTES)
    for name, offset in (
        ("disk", 4),
        ("files here", 8),
        ("files", 10),
        ("size", 12),
        ("start", 16),
    ):
        other = bytearray(data)
        other[len(data) - 22 + offset] ^= 1
        yield spoilt(f"zip end: {name}", partial(bytes, other), BYTES)
    luck = chance("directory")
    for turn in range(10):
        directory = flipped(data[central:], luck)
        yield spoilt(
            f"zip directory flip {turn}", partial(bytes, data[:central] + directory), BYTES
        )


def with_member(members: Mapping[str, bytes], extra: str) -> bytes:
    return zip_of({**members, extra: b"one more\n"})


def strange_members() -> Iterator[Mutation]:
    members = whole().members()
    name = whole().name
    for path in (
        "loose.txt",
        "another-folder/file.txt",
        f"{name}/../outside.txt",
        f"{name}//double.txt",
        f"{name}/./dot.txt",
        "/absolute.txt",
        f"{name}\\back.txt",
        f"{name}/",
        f"{name}/data/empty/",
        f"{name}/con.txt",
        f"{name}/записка.txt",
        f"{name}/data/original/M-00871/001.jpg ",
        f"{name}/Data/record.json",
        f"{name}/bagit.txt/inside",
    ):
        yield spoilt(f"zip member {path}", partial(with_member, members, path), BYTES)
    for folder in ("Exhibit-00012", "..", "a b", ""):
        moved = {path.replace(name, folder, 1): data for path, data in members.items()}
        yield spoilt(f"zip folder {folder!r}", partial(zip_of, moved), BYTES)
    bare = {path.split("/", 1)[1]: data for path, data in members.items()}
    yield spoilt("zip without a folder", lambda: zip_of(bare), BYTES)


def written(order: list[str], method: int = zipfile.ZIP_STORED, **attributes: int) -> bytes:
    members = whole().members()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in order:
            info = member(path)
            info.compress_type = method
            for attribute, value in attributes.items():
                setattr(info, attribute, value)
            archive.writestr(info, members[path])
    return buffer.getvalue()


def other_forms() -> Iterator[Mutation]:
    paths = sorted(whole().members())
    yield spoilt("zip compressed", lambda: written(paths, zipfile.ZIP_DEFLATED), BYTES)
    yield spoilt("zip backwards", lambda: written(paths[::-1]), BYTES)
    shuffled = chance("order").sample(paths, len(paths))
    yield spoilt("zip in another order", lambda: written(shuffled), BYTES)
    yield spoilt("zip of links", lambda: written(paths, external_attr=0o120777 << 16), BYTES)
    yield spoilt("zip of programs", lambda: written(paths, external_attr=0o100755 << 16), BYTES)
    yield spoilt("zip from another system", lambda: written(paths, create_system=0), BYTES)
    yield spoilt("zip with wide fields", wide_fields, BYTES)
    yield spoilt("zip with a gap", with_gap, BYTES)
    yield spoilt("zip with a file doubled", with_double, BYTES)
    yield spoilt("zip with a file unlisted", with_unlisted, BYTES)
    yield spoilt("zip with other names inside", lambda: renamed(LOCAL), BYTES)
    yield spoilt("zip with other names outside", lambda: renamed(CENTRAL), BYTES)


def wide_fields() -> bytes:
    members = whole().members()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(members):
            with archive.open(member(path), "w", force_zip64=True) as out:
                out.write(members[path])
    return buffer.getvalue()


def with_gap() -> bytes:
    """A member that is listed nowhere, before the first that is; all offsets moved."""
    data = whole().zipped()
    hidden = b"hidden"
    header = LOCAL + struct.pack(
        "<5H3I2H", 20, 0, 0, 0, 33, crc32(hidden), len(hidden), len(hidden), 1, 0
    )
    return moved_by(header + b"x" + hidden, data)


def moved_by(before: bytes, data: bytes) -> bytes:
    other = bytearray(before + data)
    at = len(before) + data.index(CENTRAL)
    end = len(other) - 22
    while at < end:
        (start,) = struct.unpack_from("<I", other, at + 42)
        struct.pack_into("<I", other, at + 42, start + len(before))
        name, extra = struct.unpack_from("<2H", other, at + 28)
        at += 46 + name + extra
    (start,) = struct.unpack_from("<I", other, end + 16)
    struct.pack_into("<I", other, end + 16, start + len(before))
    return bytes(other)


def with_double() -> bytes:
    """One path twice: a reader takes the first, another the last."""
    members = whole().members()
    (path,) = [path for path in members if path.endswith("M-00873/001.txt")]
    listed = sorted([*((one, data) for one, data in members.items()), (path, b"another\n")])
    return joined(listed)


def joined(listed: list[tuple[str, bytes]]) -> bytes:
    """A ZIP of these members, put together by hand."""
    body, directory = b"", b""
    for path, data in listed:
        name = path.encode()
        fields = (20, 0, 0, 0, 33, crc32(data), len(data), len(data), len(name), 0)
        central = struct.pack("<6H3I5H2I", 788, *fields[:9], 0, 0, 0, 0, 0o100644 << 16, len(body))
        directory += CENTRAL + central + name
        body += LOCAL + struct.pack("<5H3I2H", *fields) + name + data
    count = len(listed)
    end = struct.pack("<4H2IH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + END + end


def with_unlisted() -> bytes:
    """A directory that passes over one file, whose bytes stay."""
    data = whole().zipped()
    at = data.index(CENTRAL)
    name, extra = struct.unpack_from("<2H", data, at + 28)
    length = 46 + name + extra
    other = bytearray(data[:at] + data[at + length :])
    end = len(other) - 22
    for offset in (8, 10):
        struct.pack_into("<H", other, end + offset, len(whole().files) - 1)
    (size,) = struct.unpack_from("<I", other, end + 12)
    struct.pack_into("<I", other, end + 12, size - length)
    return bytes(other)


def renamed(header: bytes) -> bytes:
    """Names that differ between the two headers of one file."""
    data = whole().zipped()
    old, new = b"VERIFY.md", b"VERIFY.MD"
    first = data.index(header)
    at = data.index(old, first)
    return data[:at] + new + data[at + len(old) :]


def containers() -> Iterator[Mutation]:
    yield from cut_and_padded()
    yield from fields_changed()
    yield from strange_members()
    yield from other_forms()
