"""The inner nodes of a long log, kept in a file: a proof from disk then costs no hashing.

- A tile holds every eighth level of the tree. Between two of them lie 254 nodes, which have to be
  computed for each proof unless the tile is still at hand; in a log of millions it seldom is. The
  file holds the blocks of all whole lowest tiles, in order (`custody.tiles.block_of`).
- It is derived: made from the tiles when it is first asked for, and again when it is gone; never
  served, in no copy, and it is not synced. Its length says how far it goes.
- It is not trusted. Who takes proofs from it checks them, and calls `forget_nodes` where one does
  not hold (after a power cut a block may be zeros); the tiles then give the right one.
- It is mapped, not read. Nothing ever shortens it but by what no mapping covers.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from muniment.custody.tiles import BLOCK_BYTES, WIDTH, InnerNodes, block_of, read_tile

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment.archive.layout import Layout


def inner_nodes(layout: Layout, read: Callable[[str], bytes], size: int) -> InnerNodes | None:
    """Return the inner nodes of a published log of `size` leaves, or None where it has no tile.

    `read` returns the bytes of a tile path. What the file lacks is computed first, one hash a leaf.
    None also where the file cannot be written or mapped: proofs then come from the tiles.
    """
    tiles = size // WIDTH
    try:
        descriptor = os.open(layout.nodes, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        _extend(descriptor, read, tiles)
        there = min(os.fstat(descriptor).st_size // BLOCK_BYTES, tiles)
        if not there:
            return None
        data = mmap.mmap(descriptor, there * BLOCK_BYTES, access=mmap.ACCESS_READ)
        return InnerNodes(data, there)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def forget_nodes(layout: Layout) -> None:
    """Remove the file, so that it is made again; mappings of it stay readable."""
    with suppress(OSError):
        os.unlink(layout.nodes)


def _extend(descriptor: int, read: Callable[[str], bytes], tiles: int) -> None:
    """Append the blocks of tiles that are missing, unless another process is at it."""
    if os.fstat(descriptor).st_size >= tiles * BLOCK_BYTES:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    whole = os.fstat(descriptor).st_size // BLOCK_BYTES
    os.ftruncate(descriptor, whole * BLOCK_BYTES)  # a crash may have left part of a block
    with open(descriptor, "ab", closefd=False) as file:
        file.writelines(block_of(read_tile(read, 0, index, WIDTH)) for index in range(whole, tiles))
