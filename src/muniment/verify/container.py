"""What the readers of a ZIP and of a folder have in common: named files that can be read once.

- `sizes` holds every file of the bag, by path relative to the bag.
- `chunks` yields exactly `sizes[path]` bytes, or raises; a ZIP also compares the CRC-32. It may run
  in several threads at once, each with a buffer of its own.
- Nothing is ever written or extracted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHUNK = 1 << 20


class Container(Protocol):
    """An opened bundle: a ZIP or an extracted bag."""

    @property
    def name(self) -> str | None:
        """The name of the bag where the container fixes it (a ZIP does), else None."""
        ...

    @property
    def sizes(self) -> Mapping[str, int]:
        """Size in bytes of every file, by path."""
        ...

    def chunks(self, path: str, buffer: bytearray) -> Iterator[memoryview]:
        """The file's bytes in order, as they stand in the buffer until the next are asked for."""
        ...
