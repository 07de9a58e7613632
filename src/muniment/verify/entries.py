"""The log entries in `custody/entries.jsonl`: leaves and what is disclosed of them.

- One line an entry, canonical JSON, in strictly rising index order, each line ended by LF.
- A leaf is canonical JSON of at most 4,096 bytes with `_sd`, `eid`, `log` and `v`, nothing else in
  clear (custody-log §2); its `_sd` holds 1 to 16 digests in ASCII order, none twice.
- What the disclosures say is not read here: see `disclosures`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from muniment.verify.canonical import Json, as_count, as_object, as_text, as_texts, parse_canonical
from muniment.verify.fault import Fault, about, shown
from muniment.verify.keys import decode_base64
from muniment.verify.merkle import leaf_hash

IDENTIFIER = re.compile(r"[0-9a-f]{32}", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SD_DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", re.ASCII)  # 256 bits, no padding
_LONGEST_LEAF = 4096
_MOST_DIGESTS = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the bundle carries it."""

    index: int
    leaf: bytes
    hash: bytes
    eid: str
    log: str
    digests: tuple[str, ...]
    disclosures: tuple[str, ...]


def parse_entries(data: bytes) -> tuple[Entry, ...]:
    """All entries of the bundle; `Fault` at the first line that is not as it must be."""
    lines = data.split(b"\n")
    if lines.pop() != b"" or not lines:
        raise Fault("the entries are empty or their last line is not ended")
    entries = tuple(_parse_line(line, number) for number, line in enumerate(lines, 1))
    for before, after in pairwise(entries):
        if after.index <= before.index:
            raise Fault(f"entry {after.index} is repeated or out of order")
    eids = {entry.eid for entry in entries}
    if len(eids) != len(entries):
        raise Fault("two entries carry the same act id")
    return entries


def _parse_line(line: bytes, number: int) -> Entry:
    with about(f"line {number} of the entries"):
        fields = as_object(parse_canonical(line), "it", "disclosures", "index", "leaf")
        index = as_count(fields["index"], "its index")
        leaf = decode_base64(as_text(fields["leaf"], "its leaf"), "its leaf")
        disclosures = tuple(as_texts(fields["disclosures"], "its disclosures"))
    with about(f"the leaf of entry {index}"):
        return _parse_leaf(index, leaf, disclosures)


def _parse_leaf(index: int, leaf: bytes, disclosures: tuple[str, ...]) -> Entry:
    if len(leaf) > _LONGEST_LEAF:
        raise Fault("longer than 4,096 bytes")
    fields = as_object(parse_canonical(leaf), "it", "_sd", "eid", "log", "v")
    eid, log = as_text(fields["eid"], "its eid"), as_text(fields["log"], "its log")
    if fields["v"] != 1 or isinstance(fields["v"], bool):
        raise Fault("a version this reader does not know")
    if not IDENTIFIER.fullmatch(eid):
        raise Fault(f"its eid {shown(eid)} is not 32 hex digits")
    digests = parse_sd(fields["_sd"])
    if len(digests) > _MOST_DIGESTS:
        raise Fault("more than 16 digests")
    return Entry(index, leaf, leaf_hash(leaf), eid, log, digests, disclosures)


def parse_sd(value: Json) -> tuple[str, ...]:
    """The digests of an `_sd` array: base64url SHA-256 in ASCII order, at least one, none twice."""
    digests = tuple(as_texts(value, "_sd"))
    if not digests or any(not _SD_DIGEST.fullmatch(digest) for digest in digests):
        raise Fault("its _sd holds something that is not a digest, or nothing")
    if any(after <= before for before, after in pairwise(digests)):
        raise Fault("its _sd is not in order, or names a digest twice")
    return digests
