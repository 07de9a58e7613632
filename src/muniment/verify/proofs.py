"""The two proof files of a bundle: inclusion (C2SP tlog-proof) and consistency (custody-log §7).

- Whatever stands between the fixed beginning and end is a hash a line, and nothing else.
- A proof in a bundle has no `extra` line and ends in the bundle's own checkpoint, byte for byte.
"""

from __future__ import annotations

from muniment.verify.fault import Fault
from muniment.verify.keys import decode_base64
from muniment.verify.merkle import HASH

_FORM = b"c2sp.org/tlog-proof@v1\n"
_MOST_HASHES = 64


def inclusion_hashes(data: bytes, index: int, checkpoint: bytes) -> list[bytes]:
    """The hashes of the proof for this index; `Fault` unless it ends in this checkpoint."""
    head = _FORM + b"index %d\n" % index
    tail = b"\n" + checkpoint
    if not data.startswith(head) or not data.endswith(tail) or len(data) < len(head + tail):
        raise Fault(f"the proof of entry {index} does not begin or end as it must")
    return _hashes(data[len(head) : len(data) - len(tail)], f"the proof of entry {index}")


def split_consistency(data: bytes, what: str) -> tuple[bytes, list[bytes]]:
    """The old signed note and the hashes that follow its blank line."""
    # The note has one blank line of its own, before its signatures; the second one ends it.
    text, first, rest = data.partition(b"\n\n")
    signatures, second, hashes = rest.partition(b"\n\n")
    if not first or not second:
        raise Fault(f"{what} is not a signed note, a blank line and hashes")
    return text + first + signatures + b"\n", _hashes(hashes, what)


def _hashes(lines: bytes, what: str) -> list[bytes]:
    if lines and not lines.endswith(b"\n"):
        raise Fault(f"{what} does not end its last line")
    texts = lines.split(b"\n")[:-1]
    if len(texts) > _MOST_HASHES:
        raise Fault(f"{what} has too many hashes")
    name = f"a hash in {what}"
    hashes = [decode_base64(text.decode("ascii", "replace"), name) for text in texts]
    if any(len(one) != HASH for one in hashes):
        raise Fault(f"{what} has a hash that is not 32 bytes")
    return hashes
