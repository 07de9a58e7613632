"""A whole log's tree at once, from all its leaf hashes: the rows that its tiles are cut from.

- Row L holds the roots of the perfect subtrees over 256 ** L leaves, joined: tile N of level L is
  its hashes from 256 * N on (C2SP tlog-tiles). The rows between are computed and let go.
- Hashes are joined bytes, not objects: a log of ten million leaves takes 320 MB, and one hash a
  leaf at two thirds of the rate at which `hashlib` can be called.

Not its job: growing a log (`tiles.TileEdge`), reading one piece by piece (`tiles.TileReader`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from muniment.custody.merkle import HASH_BYTES, parents
from muniment.custody.tiles import HEIGHT, WIDTH, TileReader, parse_tile_path
from muniment.errors import NotFound

_TILE_BYTES = WIDTH * HASH_BYTES
_AT_ONCE = WIDTH * _TILE_BYTES  # 256 tiles: what is computed between fits the processor's cache


def rows_of(leaf_hashes: bytes | bytearray) -> list[bytes | bytearray]:
    """Return the rows over joined leaf hashes, from that of the leaves up."""
    rows = [leaf_hashes]
    while len(rows[-1]) >= _TILE_BYTES:
        below = memoryview(rows[-1])
        starts = range(0, len(below), _AT_ONCE)
        rows.append(b"".join([_a_tile_up(below[at : at + _AT_ONCE]) for at in starts]))
    return rows


def _a_tile_up(nodes: bytes | memoryview) -> bytes:
    for _ in range(HEIGHT):
        nodes = parents(nodes)
    return bytes(nodes)


class LeafHashes(Sequence[bytes]):
    """Joined leaf hashes as a sequence of hashes."""

    def __init__(self, joined: bytes | bytearray) -> None:
        """Look into these bytes; what is appended to them later is not seen."""
        self._joined = joined
        self._size = len(joined) // HASH_BYTES

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...

    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(self._size))]
        if not 0 <= place < self._size:
            raise IndexError(place)
        return bytes(self._joined[place * HASH_BYTES : (place + 1) * HASH_BYTES])


class TreeRows:
    """The tree over given leaf hashes: its tiles, and its root at every size."""

    def __init__(self, leaf_hashes: bytes | bytearray) -> None:
        """Compute all rows: one hash a leaf."""
        self.size = len(leaf_hashes) // HASH_BYTES
        self._rows = rows_of(leaf_hashes)
        self._reader = TileReader(self._read, self.size)

    def tile(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile, as many as there are: none beyond the edge of the log."""
        if level >= len(self._rows):
            return b""
        return bytes(self._rows[level][index * _TILE_BYTES : (index + 1) * _TILE_BYTES])

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` leaves; raises InvalidInput if there are fewer."""
        return self._reader.root(size)

    def _read(self, path: str) -> bytes:
        level, index, width = parse_tile_path(path)
        found = self.tile(level, index)[: width * HASH_BYTES]
        if len(found) != width * HASH_BYTES:
            raise NotFound(f"the log has no {path}", code="tile.missing")
        return found
