"""Inclusion proofs to hand out: fast in a log of any length, and none that is wrong.

- A log of up to a million leaves has its tiles in a reader's memory. A longer one is proved from
  its file of inner nodes (`node_file`), so that no proof costs hashing.
- Every proof is checked against the root before it is given. One from inner nodes that does not
  hold is made again from the tiles, and the file is forgotten.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from muniment.archive.node_file import forget_nodes, inner_nodes
from muniment.custody.proof import inclusion_proof, verify_inclusion
from muniment.custody.tiles import CACHED_TILES, WIDTH, TileReader
from muniment.errors import TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment.archive.layout import Layout

LONG: Final = CACHED_TILES * WIDTH  # leaves


class Prover:
    """Proofs from one log to its root at one size."""

    def __init__(
        self,
        layout: Layout,
        read: Callable[[str], bytes],
        *,
        held: int,
        published: int,
        size: int,
        long: int = LONG,
    ) -> None:
        """Make ready to prove at `size`; `read` returns the bytes of a tile path.

        The tiles are those of a log of `held` leaves, of which `published` have theirs on disk.
        """
        self._layout = layout
        self._size = size
        self._tiles = TileReader(read, held)
        self._root = self._tiles.root(size)
        inner = inner_nodes(layout, read, published) if published > long else None
        self._fast = self._tiles if inner is None else TileReader(read, held, inner)

    def inclusion(self, index: int, leaf_hash: bytes) -> tuple[bytes, ...]:
        """Return the proof of one leaf; raises TamperSuspected where the log does not hold it."""
        with suppress(TamperSuspected):
            return self._checked(self._fast, index, leaf_hash)
        if self._fast is not self._tiles:
            forget_nodes(self._layout)
            self._fast = self._tiles
        return self._checked(self._tiles, index, leaf_hash)

    def _checked(self, reader: TileReader, index: int, leaf_hash: bytes) -> tuple[bytes, ...]:
        proof = inclusion_proof(reader, index, self._size)
        verify_inclusion(leaf_hash, index, self._size, proof, self._root)
        return tuple(proof)
