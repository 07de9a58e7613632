"""The files of a deposit, for as long as the disk has more than its reserve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.archive.outcome import Refused, Stored
from muniment.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from muniment.archive.reserve import Reserve
    from muniment.capture.api import Capture


class Admitted:
    """Files to deposit, each admitted as its turn comes.

    It ends early rather than raise while groups are under way: these are still received, and
    `complete` raises afterwards what stopped it.
    """

    def __init__(self, reserve: Reserve, found: Iterable[Capture | Refused]) -> None:
        """Begin; nothing is looked at yet."""
        self._reserve = reserve
        self._found = found
        self._stopped: Unavailable | None = None

    def __iter__(self) -> Iterator[Capture | Refused]:
        """Give what was found, until the disk takes no more."""
        for one in self._found:
            if not isinstance(one, Refused):
                try:
                    self._reserve.admit(one.size)
                except Unavailable as error:
                    self._stopped = error
                    return
            yield one

    def stored(
        self, groups: Iterable[list[Stored[Capture] | Refused]]
    ) -> Iterator[list[Stored[Capture] | Refused]]:
        """Pass groups on, taking note of what became durable."""
        for group in groups:
            self._reserve.stored(sum(one.source.size for one in group if isinstance(one, Stored)))
            yield group

    def complete(self) -> None:
        """Raise `Unavailable` where the disk stopped the deposit."""
        if self._stopped is not None:
            raise self._stopped
