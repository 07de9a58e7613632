"""Just enough DER (X.690) to write a time-stamp reply, right or wrong, and to read a query.

For simulators only: what checks tokens uses libraries that are strict about all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.x509 import ObjectIdentifier

if TYPE_CHECKING:
    from datetime import datetime

INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = b"\x05\x00"
OID: Final = 0x06
UTF8: Final = 0x0C
TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
FIRST: Final = 0xA0  # [0], constructed
_SHORT: Final = 0x80


def der(tag: int, *contents: bytes) -> bytes:
    """Return a value with its tag and length."""
    content = b"".join(contents)
    size = len(content)
    if size < _SHORT:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, _SHORT | len(length)]) + length + content


def integer(value: int) -> bytes:
    """Return an INTEGER."""
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    first, second, *rest = (int(arc) for arc in ObjectIdentifier(dotted).dotted_string.split("."))
    content = b""
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, arc & 0x7F | _SHORT)
        content += bytes(groups)
    return der(OID, content)


def time(moment: datetime) -> bytes:
    """Return a GeneralizedTime of whole seconds, in UTC."""
    return der(TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())


def set_of(*values: bytes) -> bytes:
    """Return a SET OF in the one order that DER allows."""
    return der(SET, *sorted(values))


def parts(data: bytes) -> list[tuple[int, bytes, bytes]]:
    """Return tag, content and whole bytes of each value that stands in the data."""
    found, place = list[tuple[int, bytes, bytes]](), 0
    while place < len(data):
        size, start = data[place + 1], place + 2
        if size & _SHORT:
            width = size & ~_SHORT
            size, start = int.from_bytes(data[start : start + width], "big"), start + width
        found.append((data[place], data[start : start + size], data[place : start + size]))
        place = start + size
    return found
