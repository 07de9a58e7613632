"""Opens selective disclosures (RFC 9901 as custody-log §2 restricts it).

- A disclosure is base64url without padding of canonical `[salt, name, value]`, salt 16 bytes.
- Its digest stands exactly once in the leaf's `_sd` or in the `_sd` of a disclosure opened before
  it; a disclosure whose digest stands nowhere, or that comes twice, is refused.
- No name is `_sd`, `...` or `_sd_alg`, stands twice at one level, or repeats a name in clear; below
  a disclosure, `_sd` means what RFC 9901 says and `...` and `_sd_alg` may not occur.
- Digests without disclosure are what is withheld.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.verify.canonical import Json, parse_canonical
from muniment.verify.entries import Entry, parse_sd
from muniment.verify.fault import Fault, about, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SALT = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]", re.ASCII)  # 128 bits, no padding
_RESERVED = frozenset({"_sd", "...", "_sd_alg"})
_IN_CLEAR = frozenset({"eid", "log", "v"})


@dataclass(frozen=True, slots=True)
class Opened:
    """What an entry discloses: its top groups by name, and which digests stay closed, in order."""

    entry: Entry
    groups: Mapping[str, Json]
    closed: tuple[str, ...]


@dataclass(slots=True)
class _Level:
    """One object that may gain members by disclosure: the leaf, or an object in a disclosure."""

    names: set[str]


def open_entry(entry: Entry) -> Opened:
    """All that the entry's disclosures say; `Fault` if one of them stands where it may not."""
    top = _Level(set(_IN_CLEAR))
    waiting: dict[str, _Level] = dict.fromkeys(entry.digests, top)
    met = set(entry.digests)
    groups: dict[str, Json] = {}
    with about(f"entry {entry.index}"):
        for text in entry.disclosures:
            name, value = _parse(text)
            level = waiting.pop(_digest(text), None)
            if level is None:
                raise Fault("a disclosure matches no digest, or comes twice or before its parent")
            if name in level.names:
                raise Fault(f"the name {shown(name)} stands twice")
            level.names.add(name)
            if level is top:
                groups[name] = value
            for digests, inner in _hidden(value):
                if not met.isdisjoint(digests):
                    raise Fault("a digest stands in two places")
                met.update(digests)
                waiting.update(dict.fromkeys(digests, inner))
    return Opened(entry, groups, tuple(sorted(waiting)))


def _digest(text: str) -> str:
    sha256 = hashlib.sha256(text.encode("ascii")).digest()
    return base64.urlsafe_b64encode(sha256).decode().rstrip("=")


def _parse(text: str) -> tuple[str, Json]:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Fault("a disclosure is not in base64url") from error
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != text:
        raise Fault("a disclosure is not in canonical base64url")
    parts = parse_canonical(data)
    match parts:
        case [str(salt), str(name), value]:
            pass
        case _:
            raise Fault("a disclosure is not [salt, name, value]")
    if not _SALT.fullmatch(salt):
        raise Fault("a salt is not 16 bytes in base64url")
    if name in _RESERVED:
        raise Fault(f"a disclosure uses the reserved name {shown(name)}")
    return name, value


def _hidden(value: Json) -> Iterator[tuple[tuple[str, ...], _Level]]:
    """Every `_sd` in a disclosed value, with the level whose names its disclosures join."""
    if isinstance(value, list):
        for member in value:
            if not isinstance(member, str):
                yield from _hidden(member)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == "_sd":
                yield parse_sd(member), _Level(set(value) - {"_sd"})
            elif name in _RESERVED:
                raise Fault(f"a disclosed value uses the reserved name {shown(name)}")
            elif not isinstance(member, str):
                yield from _hidden(member)
