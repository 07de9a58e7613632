"""RFC 9162 2.1 as it is written: recursive, slow, and by nobody's cleverness. An oracle."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def leaves(count: int) -> list[bytes]:
    """The hashes of so many different leaves."""
    return [sha256(b"\0leaf %d" % index).digest() for index in range(count)]


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def root(hashes: Sequence[bytes]) -> bytes:
    """MTH (2.1.1)."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return sha256(b"\1" + root(hashes[:k]) + root(hashes[k:])).digest()


def path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PATH (2.1.3.1)."""
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if index < k:
        return [*path(index, hashes[:k]), root(hashes[k:])]
    return [*path(index - k, hashes[k:]), root(hashes[:k])]


def growth(old: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PROOF (2.1.4.1)."""
    return _subproof(old, hashes, known=True)


def _subproof(old: int, hashes: Sequence[bytes], *, known: bool) -> list[bytes]:
    if old == len(hashes):
        return [] if known else [root(hashes)]
    k = split(len(hashes))
    if old <= k:
        return [*_subproof(old, hashes[:k], known=known), root(hashes[k:])]
    return [*_subproof(old - k, hashes[k:], known=False), root(hashes[:k])]
