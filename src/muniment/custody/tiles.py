"""The Merkle tree as tiles (C2SP tlog-tiles): which files new leaves change, and reading them back.

- A tile holds up to 256 hashes of one level, 8 tree levels apart; at the right-hand edge it is
  partial and named by its width. Bytes in, bytes out: nothing here opens a file.
- A `TileEdge` grows by new leaf hashes in O(new leaves), whatever the size of the log.
- Paths are relative to the log, such as `tile/0/x001/234.p/12`. What a path names never changes;
  a partial tile may go once its full tile exists, and readers then look there.

Not its job: durability, order of publishing, signed heads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from muniment.custody.merkle import (
    EMPTY_LOG,
    EMPTY_ROOT,
    HASH_BYTES,
    Frontier,
    check_hashes,
    climb,
    node_hash,
    parents,
    split_hashes,
)
from muniment.errors import InvalidInput, NotFound, TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from mmap import mmap

HEIGHT = 8
WIDTH = 256

# A block: the rows of a tile, 256 hashes, 128, … 2, and where in it each row begins. Filled up to
# 16 KiB, so that a path through it touches three pages of memory.
ROW_STARTS = tuple([(2 * WIDTH - (2 * WIDTH >> height)) * HASH_BYTES for height in range(HEIGHT)])
BLOCK_BYTES = 2 * WIDTH * HASH_BYTES

_PATH = re.compile(r"tile/([0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?")
CACHED_TILES = 4096  # of 16 KiB with their inner nodes: 64 MiB, the tiles of a million leaves


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile, partial when it is less than 256 wide (C2SP tlog-tiles)."""
    if not (0 <= level < 64 and index >= 0 and 1 <= width <= WIDTH):  # noqa: PLR2004 - C2SP
        message = f"there is no tile of level {level}, index {index}, width {width}"
        raise InvalidInput(message, code="tile.name")
    index, last = divmod(index, 1000)
    name = f"{last:03d}"
    while index:
        index, last = divmod(index, 1000)
        name = f"x{last:03d}/{name}"
    suffix = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{name}{suffix}"


def parse_tile_path(path: str) -> tuple[int, int, int]:
    """Return level, index and width of the tile that a path names; raises InvalidInput."""
    parts = _PATH.fullmatch(path)
    if parts is not None:
        level, number, width = parts.groups(str(WIDTH))
        found = int(level), int(number.replace("/", "").replace("x", "")), int(width)
        if tile_path(*found) == path:
            return found
    raise InvalidInput(f"'{path[:80]}' is the path of no tile", code="tile.name")


def row_widths(size: int) -> list[int]:
    """Return how many hashes each tile level has in a log of this size, from level 0."""
    widths: list[int] = []
    while size:
        widths.append(size)
        size >>= HEIGHT
    return widths


def tile_paths(size: int) -> list[str]:
    """Return the paths of all tiles of a log of this size, level by level."""
    paths: list[str] = []
    for level, hashes in enumerate(row_widths(size)):
        full, width = divmod(hashes, WIDTH)
        paths.extend([tile_path(level, index) for index in range(full)])
        if width:
            paths.append(tile_path(level, full, width))
    return paths


@dataclass(frozen=True, slots=True)
class TileEdge:
    """The right-hand edge of a log's tiles: its frontier, and each level's unfinished row."""

    frontier: Frontier = EMPTY_LOG
    rows: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, read: Callable[[str], bytes], size: int) -> TileEdge:
        """Return the edge of a published log of this size, from its at most 8 right-hand tiles."""
        rows: list[bytes] = []
        frontier: list[bytes] = []
        for level, hashes in enumerate(row_widths(size)):
            full, width = divmod(hashes, WIDTH)
            rows.append(read_tile(read, level, full, width) if width else b"")
            # Within its tile, a level's unfinished row is a small log of its own.
            frontier[:0] = Frontier().appended(split_hashes(rows[-1])).hashes
        return cls(Frontier(size, tuple(frontier)), tuple(rows))

    def grown(self, leaf_hashes: Sequence[bytes]) -> Growth:
        """Return the edge after further leaves, and the tiles they make; raises InvalidInput."""
        check_hashes(leaf_hashes)
        frontier, levels = climb(self.frontier, leaf_hashes)
        rows: list[bytes] = list(self.rows)
        files: dict[str, bytes] = {}
        for level, new in enumerate(levels[::HEIGHT]):
            if level == len(rows):
                rows.append(b"")
            index = self.frontier.size >> (HEIGHT * (level + 1))
            rows[level] = _cut(level, index, rows[level] + b"".join(new), files)
        return Growth(TileEdge(frontier, tuple(rows)), files)


@dataclass(frozen=True, slots=True)
class Growth:
    """What new leaves did to the tiles: the edge after them, and each changed tile by its path."""

    edge: TileEdge
    files: dict[str, bytes]


def _cut(level: int, index: int, row: bytes, files: dict[str, bytes]) -> bytes:
    """Cut a row into the tiles from `index` on, and return what fills none."""
    size = WIDTH * HASH_BYTES
    for index_of_tile, start in enumerate(range(0, len(row), size), index):
        content = row[start : start + size]
        files[tile_path(level, index_of_tile, len(content) // HASH_BYTES)] = content
    return row[len(row) - len(row) % size :]


def read_tile(read: Callable[[str], bytes], level: int, index: int, width: int) -> bytes:
    """Return the first `width` hashes of a tile, from the full tile where the partial one is gone.

    `read` raises NotFound or FileNotFoundError for a path that is not there. Raises NotFound where
    neither is, and TamperSuspected for a file of another length.
    """
    wanted = width
    try:
        content = read(tile_path(level, index, width))
    except (NotFound, FileNotFoundError):
        wanted = WIDTH
        try:
            content = read(tile_path(level, index))
        except FileNotFoundError:
            message = f"the log lacks {tile_path(level, index, width)}"
            raise NotFound(
                message, code="tile.missing", hint="Publish the log again from its database."
            ) from None
    if len(content) != wanted * HASH_BYTES:
        message = f"{tile_path(level, index, wanted)} has {len(content)} bytes, not {wanted * 32}"
        raise TamperSuspected(message, code="tile.size")
    return content[: width * HASH_BYTES]


def block_of(hashes: bytes) -> bytes:
    """Return all nodes within a tile: its hashes, then row by row those above, each in its place.

    A row of a partial tile is filled up with zeros; nobody may ask for what is not there.
    """
    rows: list[bytes] = []
    for height in range(HEIGHT):
        rows.append(hashes.ljust((WIDTH >> height) * HASH_BYTES, b"\0"))
        hashes = parents(hashes)
    return b"".join(rows).ljust(BLOCK_BYTES, b"\0")


@dataclass(frozen=True, slots=True)
class InnerNodes:
    """The blocks of the first `tiles` lowest tiles of a log, all of them whole, one after another.

    They are used as they are: a proof from them is checked against a root, not trusted.
    """

    data: bytes | mmap
    tiles: int


class TileReader:
    """The tree of a published log of `size` leaves, node by node, read tile by tile and kept.

    Tiles are used as they are: a proof from them is checked against a signed root, not trusted.
    """

    def __init__(
        self, read: Callable[[str], bytes], size: int, inner: InnerNodes | None = None
    ) -> None:
        """`read` returns the bytes of a tile path, or raises NotFound or FileNotFoundError.

        Tiles of which `inner` knows the nodes are not read.
        """
        self.size = size
        self._read = read
        self._inner = InnerNodes(b"", 0) if inner is None else inner
        self._widths = row_widths(size)
        self._tile = lru_cache(CACHED_TILES)(self._load)
        self._edges: dict[int, Sequence[bytes | None]] = {}

    def node(self, level: int, index: int) -> bytes:
        """Return the root of the perfect subtree over leaves `index << level` and following."""
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            message = f"a log of {self.size} leaves has no whole node {index} at level {level}"
            raise InvalidInput(message, code="tile.node")
        tile_level, height = divmod(level, HEIGHT)
        tile, place = divmod(index, WIDTH >> height)
        data, start = self.block(tile_level, tile)
        start += ROW_STARTS[height] + place * HASH_BYTES
        return data[start : start + HASH_BYTES]

    def block(self, tile_level: int, tile: int) -> tuple[bytes | mmap, int]:
        """Return bytes and the place in them where the block of a tile begins (`block_of`)."""
        if tile_level == 0 and tile < self._inner.tiles:
            return self._inner.data, tile * BLOCK_BYTES
        if (tile * WIDTH + 1) << (HEIGHT * tile_level) > self.size:
            message = f"a log of {self.size} leaves has no {tile_path(tile_level, tile)}"
            raise InvalidInput(message, code="tile.node")
        return self._tile(tile_level, tile), 0

    def edge(self, size: int) -> Sequence[bytes | None]:
        """Return, for a log of this size, each level's unfinished node at the right-hand edge.

        The last level is that of the root. None stands where all nodes of a level are whole.
        """
        known = self._edges.get(size)
        if known is None:
            unfinished: list[bytes | None] = [None]
            below: bytes | None = None
            for level in range((size - 1).bit_length()):
                whole = size >> level
                if whole & 1:
                    last = self.node(level, whole - 1)
                    below = last if below is None else node_hash(last, below)
                unfinished.append(below)
            known = self._edges[size] = unfinished
        return known

    def subtree(self, start: int, end: int) -> bytes:
        """Return MTH(D[start:end]), `start` being a multiple of the next power of two above."""
        level = (end - start - 1).bit_length()
        if end - start == 1 << level:
            return self.node(level, start >> level)
        found = self.edge(end)[level]
        if found is None or start != end >> level << level:
            message = f"leaves {start} to {end} are no subtree"
            raise InvalidInput(message, code="tile.node")
        return found

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the log, or of what it was at a smaller size."""
        wanted = self.size if size is None else size
        return self.subtree(0, wanted) if wanted else EMPTY_ROOT

    def leaf_hashes(self, start: int, end: int) -> list[bytes]:
        """Return the hashes of leaves start to end, the end excluded."""
        if not 0 <= start <= end <= self.size:
            message = f"a log of {self.size} leaves has no leaves {start} to {end}"
            raise InvalidInput(message, code="tile.node")
        found: list[bytes] = []
        for tile in range(start // WIDTH, -(-end // WIDTH)):
            first = tile * WIDTH
            content = self._content(0, tile)
            low, high = max(start - first, 0), min(end - first, WIDTH)
            found.extend(split_hashes(content[low * HASH_BYTES : high * HASH_BYTES]))
        return found

    def _content(self, level: int, index: int) -> bytes:
        width = min(self._widths[level] - index * WIDTH, WIDTH)
        return read_tile(self._read, level, index, width)

    def _load(self, level: int, index: int) -> bytes:
        return block_of(self._content(level, index))
