"""Merkle tree proofs (RFC 9162 2.1): what a root and a few hashes show, and nothing about storage.

- A proof is used up completely: a hash too few or too many refutes it.
- All hashes are SHA-256, 32 bytes; leaves are hashed with 0x00 before them, nodes with 0x01.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from muniment.verify.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH = 32  # bytes


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf (RFC 9162 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 9162 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes, in this order; at least one."""
    level = list(leaves)
    while len(level) > 1:
        # Pairs from the left; a node without a partner rises unchanged: the tree of RFC 9162.
        paired = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """`Fault` unless the leaf hash stands at the index of the tree with this root."""
    # RFC 9162 2.1.3.2
    if index >= size:
        raise Fault("the index lies outside the tree")
    computed = leaf
    for sibling, on_left in zip(proof, _sides(index, size - 1, len(proof)), strict=True):
        computed = node_hash(sibling, computed) if on_left else node_hash(computed, sibling)
    if computed != root or len(root) != HASH:
        raise Fault("the inclusion proof does not lead to the root of the checkpoint")


def check_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """`Fault` unless the tree of size `old` is the beginning of the tree of size `new`."""
    # RFC 9162 2.1.4.2, which begins at old = 1
    if not 0 < old <= new:
        raise Fault("the old head is empty or larger than the checkpoint")
    if old == new:
        if proof or old_root != new_root:
            raise Fault("two heads of one size differ")
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    if not path:
        raise Fault("the consistency proof is empty")
    from_old = from_new = path[0]
    for sibling, on_left in zip(path[1:], _sides(here, last, len(path) - 1), strict=True):
        if on_left:
            from_old, from_new = node_hash(sibling, from_old), node_hash(sibling, from_new)
        else:
            from_new = node_hash(from_new, sibling)
    if from_old != old_root or from_new != new_root:
        raise Fault("the checkpoint is not an extension of the old head")


def _sides(here: int, last: int, length: int) -> list[bool]:
    """For each hash of a proof whether it stands left of the path from `here` up to the root."""
    sides: list[bool] = []
    for _ in range(length):
        if last == 0:
            raise Fault("the proof is too long")
        sides.append(bool(here & 1) or here == last)
        while sides[-1] and here and not here & 1:
            here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
    if last:
        raise Fault("the proof is too short")
    return sides
