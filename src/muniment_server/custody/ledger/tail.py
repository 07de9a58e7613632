"""The unpublished end of the log: its tiles in memory, so that heads can be signed at once.

- It begins at the published head and grows by the leaves of the database, whoever wrote them;
  growing costs as much as there are new leaves.
- Nothing here is trusted: it is computed from leaf hashes, and a head is signed only where its
  root agrees with the head in the database.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from muniment.archive.layout import Layout
from muniment.custody.tiles import TileEdge, TileReader

if TYPE_CHECKING:
    from muniment.custody.merkle import Frontier
    from muniment_server.custody.queries import Log

_AT_ONCE = 4096


class Tail:
    """The tiles from the published size to the newest leaf, kept between acts."""

    def __init__(self, log: Log, published: int) -> None:
        """Begin at what the log's archive holds."""
        self._log = log
        self._layout = Layout(log.archive)
        self._edge = TileEdge.read(self._published, published)
        self.files: dict[str, bytes] = {}

    @property
    def size(self) -> int:
        """How many leaves the tail reaches."""
        return self._edge.frontier.size

    @property
    def frontier(self) -> Frontier:
        """The compact range over all leaves it reaches."""
        return self._edge.frontier

    def root(self) -> bytes:
        """Return the root over all leaves it reaches."""
        return self._edge.frontier.root()

    def grow(self, size: int) -> None:
        """Take in the leaves of the database up to a size."""
        while self.size < size:
            end = min(size, self.size + _AT_ONCE)
            hashes = self._log.hashes(self.size, end)
            if not hashes:
                return  # fewer leaves than the head says: the caller compares the frontiers
            growth = self._edge.grown(hashes)
            self._edge = growth.edge
            self.files.update(growth.files)

    def reader(self) -> TileReader:
        """Return the whole tree, published tiles and unpublished ones."""
        return TileReader(self.read, self.size)

    def read(self, path: str) -> bytes:
        """Return a tile, from memory where it is not yet published."""
        known = self.files.get(path)
        return self._published(path) if known is None else known

    def _published(self, path: str) -> bytes:
        return (Path(self._layout.log) / path).read_bytes()
