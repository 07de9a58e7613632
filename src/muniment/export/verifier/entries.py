# SPDX-License-Identifier: 0BSD
"""The entries of the log that the bundle carries, and what is disclosed of them (RFC 9901).

- A leaf holds digests, the act's random id, the log's name and a version: nothing else in clear.
- Each digest commits to one disclosure, [salt, name, value]; a value may hold further digests. The
  tree of digests is walked from the leaf: a disclosure that the walk does not reach is refused.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

from muniment.export.verifier.fault import Fault, demand, shown
from muniment.export.verifier.jcs import (
    count_of,
    list_of,
    members_of,
    parse_json,
    text_of,
    texts_of,
)
from muniment.export.verifier.merkle import hash_of_leaf
from muniment.export.verifier.notes import from_base64

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.export.verifier.jcs import Json

HEX_32 = re.compile(r"[0-9a-f]{32}", re.ASCII)
HEX_64 = re.compile(r"[0-9a-f]{64}", re.ASCII)
# In base64url without padding, the bits of the last letter beyond the last byte are zero.
_DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", re.ASCII)
_SALT = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]", re.ASCII)
_RESERVED_NAMES = ("_sd", "...", "_sd_alg")
_LONGEST_LEAF, _MOST_DIGESTS = 4096, 16


class Entry(NamedTuple):
    """One entry: place, hash, act id, log, digests in the leaf, texts of its disclosures."""

    position: int
    leaf_hash: bytes
    eid: str
    log: str
    digests: list[str]
    disclosures: list[str]


class Opened(NamedTuple):
    """An entry with its disclosed groups, and those of its digests that stay closed, in order."""

    entry: Entry
    groups: dict[str, Json]
    closed: list[str]


def read_entries(data: bytes) -> list[Entry]:
    """All entries, one line each, in the order of the log."""
    demand(data.endswith(b"\n"), "the entries are empty, or their last line is not ended")
    entries = [_read_entry(line) for line in data[:-1].split(b"\n")]
    indices = [entry.position for entry in entries]
    demand(indices == sorted(set(indices)), "an entry is repeated or out of order")
    demand(len({entry.eid for entry in entries}) == len(entries), "two entries have one act id")
    return entries


def _read_entry(line: bytes) -> Entry:
    fields = members_of(parse_json(line), "disclosures index leaf", "a line of the entries")
    index = count_of(fields["index"], "an index")
    leaf = from_base64(text_of(fields["leaf"], "a leaf"), "a leaf")
    demand(len(leaf) <= _LONGEST_LEAF, f"the leaf of entry {index} is longer than 4,096 bytes")
    members = members_of(parse_json(leaf), "_sd eid log v", f"the leaf of entry {index}")
    eid, log = text_of(members["eid"], "an act id"), text_of(members["log"], "a log's name")
    known = members["v"] == 1 and members["v"] is not True
    demand(known, f"entry {index} is of a version unknown here")
    demand(bool(HEX_32.fullmatch(eid)), f"the act id {shown(eid)} is not 32 hex digits")
    digests = _digests_of(members["_sd"])
    demand(len(digests) <= _MOST_DIGESTS, f"entry {index} has more than 16 digests")
    disclosures = texts_of(fields["disclosures"], "disclosures")
    return Entry(index, hash_of_leaf(leaf), eid, log, digests, disclosures)


def _digests_of(value: Json) -> list[str]:
    """The digests of an `_sd` list: in ASCII order, at least one, none twice."""
    digests = texts_of(value, "_sd")
    proper = bool(digests) and all(_DIGEST.fullmatch(one) for one in digests)
    demand(proper and digests == sorted(set(digests)), "an _sd that is empty or not in order")
    return digests


class _Disclosure(NamedTuple):
    place: int
    name: str
    value: Json


def open_entry(entry: Entry) -> Opened:
    """What the entry discloses; `Fault` at a disclosure that stands where it may not."""
    given: dict[str, _Disclosure] = {}
    for place, text in enumerate(entry.disclosures):
        name, value = _read_disclosure(text)
        digest = hashlib.sha256(text.encode("ascii")).digest()
        written = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        demand(written not in given, f"entry {entry.position} has a disclosure twice")
        given[written] = _Disclosure(place, name, value)
    groups: dict[str, Json] = {}
    met: list[str] = []
    # Levels still to walk: digests, names already taken there, where their parent stood.
    levels = [(entry.digests, {"eid", "log", "v"}, -1)]
    while levels:
        digests, taken, parent = levels.pop()
        met += digests
        for found in (given[digest] for digest in digests if digest in given):
            demand(
                found.place > parent, f"entry {entry.position} discloses a part before its whole"
            )
            demand(found.name not in taken, f"{shown(found.name)} stands twice in one place")
            taken.add(found.name)
            if parent < 0:
                groups[found.name] = found.value
            levels += [(inner, names, found.place) for inner, names in _inside(found.value)]
        demand(len(set(met)) == len(met), f"entry {entry.position} has a digest in two places")
    demand(
        set(given) <= set(met), f"entry {entry.position} has a disclosure that matches no digest"
    )
    return Opened(entry, groups, sorted(set(met) - set(given)))


def _read_disclosure(text: str) -> tuple[str, Json]:
    try:
        padded = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
        data = base64.b64decode(padded.encode("ascii"), validate=True)
    except ValueError as error:
        raise Fault("a disclosure is not in base64url") from error
    proper = base64.urlsafe_b64encode(data).decode().rstrip("=") == text
    demand(proper, "a disclosure is not in proper base64url")
    parts = list_of(parse_json(data), "a disclosure")
    demand(len(parts) == len("snv"), "a disclosure is not salt, name and value")
    salt, name = text_of(parts[0], "a salt"), text_of(parts[1], "a name")
    demand(bool(_SALT.fullmatch(salt)), "a salt is not 16 bytes in base64url")
    demand(name not in _RESERVED_NAMES, f"a disclosure uses the reserved name {shown(name)}")
    return name, parts[2]


def _inside(value: Json) -> Iterator[tuple[list[str], set[str]]]:
    """Each `_sd` in a value, with the names that stand beside it in clear."""
    if isinstance(value, list):
        for one in value:
            yield from _inside(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name == "_sd":
                yield _digests_of(one), set(value) - {"_sd"}
            else:
                fits = name not in _RESERVED_NAMES
                demand(fits, f"a disclosed value uses the reserved name {shown(name)}")
                yield from _inside(one)
