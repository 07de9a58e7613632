# SPDX-License-Identifier: 0BSD
"""Merkle trees, by their recursive definition (RFC 9162 2.1).

- A tree of n leaves is the node over the tree of the first k leaves and the tree of the rest, k
  being the largest power of two below n.
- A proof is walked down to its leaf and back; each hash of it is used, and none is left.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from muniment.export.verifier.fault import demand

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_LENGTH = 32


def hash_of_leaf(leaf: bytes) -> bytes:
    """The hash that stands for an entry in the tree."""
    return hashlib.sha256(b"\0" + leaf).digest()


def _hash_of_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _first_half(n: int) -> int:
    """The largest power of two below n (n > 1)."""
    return 1 << (n - 1).bit_length() - 1


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes, at least one."""
    if len(hashes) == 1:
        return hashes[0]
    k = _first_half(len(hashes))
    return _hash_of_node(tree_hash(hashes[:k]), tree_hash(hashes[k:]))


def demand_included(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """`Fault` unless a leaf hash stands at the index in the tree of this size and root."""
    demand(index < size, "its index lies outside the log")
    left = list(proof)
    computed = _root_over(leaf, index, size, left)
    demand(not left, "its proof has hashes that nothing uses")
    holds = computed == root and len(root) == HASH_LENGTH
    demand(holds, "its proof does not lead to the root of the checkpoint")


def _root_over(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root that the leaf and the last hashes of the proof give; takes those hashes away."""
    # RFC 9162 2.1.3.1: PATH(m, D_n) ends with the hash of the half that m is not in.
    if size == 1:
        return leaf
    demand(bool(proof), "its proof lacks hashes")
    other = proof.pop()
    k = _first_half(size)
    if index < k:
        return _hash_of_node(_root_over(leaf, index, k, proof), other)
    return _hash_of_node(other, _root_over(leaf, index - k, size - k, proof))


def demand_extension(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """`Fault` unless the tree of size `old` is the beginning of the tree of size `new`."""
    demand(0 < old <= new, "the old head is empty, or larger than the checkpoint")
    left = list(proof)
    before, after = _roots(old, new, left, old_root)
    demand(not left, "the proof has hashes that nothing uses")
    demand((before, after) == (old_root, new_root), "the checkpoint does not continue the old head")


def _roots(old: int, new: int, proof: list[bytes], known: bytes | None) -> tuple[bytes, bytes]:
    """Old and new root of a subtree; `known` is the old root while the subtree is all of it."""
    # RFC 9162 2.1.4.1: SUBPROOF(m, D_n, b) ends with the hash of the half that it does not enter.
    if old == new:
        if known is not None:
            return known, known
        demand(bool(proof), "the proof lacks hashes")
        whole = proof.pop()
        return whole, whole
    demand(bool(proof), "the proof lacks hashes")
    other = proof.pop()
    k = _first_half(new)
    if old <= k:
        before, after = _roots(old, k, proof, known)
        return before, _hash_of_node(after, other)
    before, after = _roots(old - k, new - k, proof, None)
    return _hash_of_node(other, before), _hash_of_node(other, after)
