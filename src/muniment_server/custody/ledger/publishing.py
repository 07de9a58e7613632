"""Publishing what was committed: tiles, private details, the signed head; all from the database.

- It may be called at any time and any number of times: published files never change, and what is
  lost is made again (custody-log §4, step 5).
- A one-shot command publishes before it ends; a server publishes within a second.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from django.db import connections

from muniment.archive.details import DetailsLine
from muniment.archive.log_files import LogFiles
from muniment_server.custody import queries
from muniment_server.custody.ledger import sealing

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY = 0.5  # seconds; the promise is one second


def publish() -> int:
    """Publish up to the head in the database and return its size."""
    with sealing.alone():
        sealer = sealing.sealer()
        files = LogFiles(sealer.archive)
        head = queries.custody_head()
        start = files.details_size()
        if files.published_size() == head.size and start == head.size:
            return head.size
        note = sealer.seal()
        files.publish_details(_details(start, head.size))
        files.publish_tiles(sealer.tail().files)
        files.publish_checkpoint(note)
        sealer.forget()
        return head.size


def _details(start: int, end: int) -> Iterator[DetailsLine]:
    for index, data, disclosures in queries.details(start, end):
        yield DetailsLine(index, data, tuple(disclosures.split("\n")))


class Publisher(threading.Thread):
    """A server's own publisher: looks twice a second whether there is anything to publish."""

    def __init__(self) -> None:
        """Prepare a thread that does not keep the process alive."""
        super().__init__(name="publisher", daemon=True)
        self._ended = threading.Event()

    def run(self) -> None:
        """Publish until told to end; a failure ends the process's claim to be publishing."""
        while not self._ended.wait(_EVERY):
            publish()
        connections.close_all()

    def end(self) -> None:
        """Publish no more; waits for the round under way."""
        self._ended.set()
        self.join()
