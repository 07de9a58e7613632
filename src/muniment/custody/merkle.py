"""Merkle tree hashing (RFC 9162 2.1, RFC 6962 2.1): roots, and appending in O(log n).

- A `Frontier` is the immutable compact range of a log: the roots of its perfect subtrees, largest
  first. It is all that is needed to append and to know the root; its bytes are stable, for storage.
- A batch is appended level by level: about one hash a leaf, and no object per node.

Not its job: storing nodes (tiles), proofs, signatures.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from struct import iter_unpack
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
MAX_SIZE = 2**63 - 1

_SIZE_BYTES = 8
_PAIR = f"{2 * HASH_BYTES}s"


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node from those of its children."""
    return sha256(b"\1" + left + right).digest()


def parents(nodes: bytes | memoryview) -> bytes:
    """Return the nodes above joined nodes, one a pair; a last node without a partner has none."""
    paired = memoryview(nodes)[: len(nodes) // (2 * HASH_BYTES) * (2 * HASH_BYTES)]
    return b"".join([sha256(b"\1" + pair).digest() for (pair,) in iter_unpack(_PAIR, paired)])


def check_hashes(hashes: Sequence[bytes]) -> None:
    """Raise InvalidInput unless every hash has 32 bytes."""
    if hashes and set(map(len, hashes)) != {HASH_BYTES}:
        message = f"a hash has {HASH_BYTES} bytes"
        raise InvalidInput(message, code="hash.size")


def split_hashes(data: bytes) -> tuple[bytes, ...]:
    """Return the hashes that stand one after the other in data; raises InvalidInput."""
    if len(data) % HASH_BYTES:
        message = f"{len(data)} bytes are no whole number of hashes of {HASH_BYTES} bytes"
        raise InvalidInput(message, code="hash.size")
    return tuple([data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of a log's perfect subtrees, largest first: one for each bit set in `size`."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a frontier whose hashes cannot belong to its size."""
        if not 0 <= self.size <= MAX_SIZE or len(self.hashes) != self.size.bit_count():
            message = f"a log of {self.size} leaves has no frontier of {len(self.hashes)} hashes"
            raise InvalidInput(message, code="frontier.form")
        check_hashes(self.hashes)

    def appended(self, leaf_hashes: Sequence[bytes]) -> Frontier:
        """Return the frontier after further leaves; O(leaves + log size). Raises InvalidInput."""
        check_hashes(leaf_hashes)
        return climb(self, leaf_hashes)[0]

    def root(self) -> bytes:
        """Return the root hash of the log."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in self.hashes[-2::-1]:
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """Return the size, 8 bytes big-endian, and the hashes."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Return what `to_bytes` wrote; no bytes are the empty frontier. Raises InvalidInput."""
        if not data:
            return EMPTY_LOG
        if len(data) < _SIZE_BYTES:
            message = "a frontier begins with the size of its log, 8 bytes"
            raise InvalidInput(message, code="frontier.form")
        return cls(int.from_bytes(data[:_SIZE_BYTES], "big"), split_hashes(data[_SIZE_BYTES:]))


EMPTY_LOG = Frontier()


def climb(
    frontier: Frontier, leaf_hashes: Sequence[bytes]
) -> tuple[Frontier, list[Sequence[bytes]]]:
    """Append checked leaf hashes; return the new frontier and the new nodes of each level, from 0.

    The new nodes of level h are those with indices from `frontier.size >> h` on.
    """
    remaining = list(frontier.hashes)
    position = frontier.size
    kept: list[bytes] = []
    levels: list[Sequence[bytes]] = []
    row = leaf_hashes
    while row:
        levels.append(row)
        if position & 1:  # the node on the left was complete and waits for its sibling
            row = [remaining.pop(), *row]
        if len(row) & 1:
            kept.append(row[-1])
        ordered = iter(row)
        row = [
            sha256(b"\1" + left + right).digest()  # node_hash, without a call for each node
            for left, right in zip(ordered, ordered, strict=False)
        ]
        position >>= 1
    remaining.extend(reversed(kept))
    return Frontier(frontier.size + len(leaf_hashes), tuple(remaining)), levels


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes in their order; raises InvalidInput."""
    return Frontier().appended(leaf_hashes).root()
