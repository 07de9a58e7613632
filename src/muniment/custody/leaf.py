"""The leaf of one act: the canonical bytes that stand in the log (custody-log §1, §2).

- `{"_sd":[…],"eid":…,"log":…,"v":1}`: nothing else is ever in clear.
- At most 16 digests, sorted by ASCII, each once; at most 4,096 bytes.
- The leaf hash is SHA-256 of a zero byte and the leaf (RFC 9162 2.1.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput
from muniment.evidence.canonical import canonical, parse_canonical
from muniment.evidence.identifiers import is_id

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BYTES = 4096
MAX_DIGESTS = 16
VERSION = 1

_PLACE = 44  # a digest and what follows it
_DIGESTS = re.compile(r"(?:[A-Za-z0-9_-]{43},)*")
_ORIGIN = re.compile(r"[a-z0-9./-]+")
_NAMES = {"_sd", "eid", "log", "v"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a leaf says in clear: the log it stands in, the act's id, and its commitments."""

    origin: str
    eid: str
    digests: tuple[str, ...]


def leaf_bytes(origin: str, eid: str, digests: Sequence[str]) -> bytes:
    """Return the leaf of an act; `digests` as `sd` gives them. Raises InvalidInput."""
    _check(origin, eid, digests)
    # No member holds a character that JSON would escape, so this is the RFC 8785 form.
    listed = '","'.join(digests)
    data = f'{{"_sd":["{listed}"],"eid":"{eid}","log":"{origin}","v":{VERSION}}}'.encode()
    if len(data) > MAX_BYTES:
        message = f"a leaf has at most {MAX_BYTES} bytes, this one {len(data)}"
        raise InvalidInput(message, code="leaf.size", hint="Shorten the origin of the log.")
    return data


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf, 32 bytes."""
    return sha256(b"\0" + data).digest()


def parse_leaf(data: bytes) -> Leaf:
    """Return what a leaf says; raises InvalidInput unless it has exactly the one form."""
    if len(data) > MAX_BYTES:
        message = f"a leaf has at most {MAX_BYTES} bytes, this one {len(data)}"
        raise InvalidInput(message, code="leaf.size")
    value = parse_canonical(data)
    if isinstance(value, dict) and set(value) == _NAMES and canonical(value["v"]) == b"1":
        origin, eid, digests = value["log"], value["eid"], value["_sd"]
        if isinstance(origin, str) and isinstance(eid, str) and isinstance(digests, list):
            listed = [one for one in digests if isinstance(one, str)]
            if len(listed) == len(digests):
                _check(origin, eid, listed)
                return Leaf(origin, eid, tuple(listed))
    message = 'a leaf holds exactly "_sd", "eid", "log" and "v", which is 1'
    raise InvalidInput(message, code="leaf.form")


def _check(origin: str, eid: str, digests: Sequence[str]) -> None:
    if not _ORIGIN.fullmatch(origin):
        message = f"the origin {origin[:80]!r} has characters other than a-z, 0-9, '.', '/', '-'"
        raise InvalidInput(message, code="leaf.origin")
    if not is_id(eid):
        message = f"{eid[:40]!r} is not the id of an act: 32 lower-case hexadecimal digits"
        raise InvalidInput(message, code="leaf.eid")
    if not 1 <= len(digests) <= MAX_DIGESTS:
        message = f"a leaf commits to between 1 and {MAX_DIGESTS} digests, not {len(digests)}"
        raise InvalidInput(message, code="leaf.digests")
    joined = ",".join(digests) + ","
    if len(joined) != len(digests) * _PLACE or not _DIGESTS.fullmatch(joined):
        message = "a digest in a leaf is 43 characters of base64url"
        raise InvalidInput(message, code="leaf.digests")
    if list(digests) != sorted(set(digests)):
        message = "the digests of a leaf are sorted, and each stands there once"
        raise InvalidInput(message, code="leaf.digests")
