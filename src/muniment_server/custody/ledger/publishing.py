"""Publishing what was committed: tiles, private details, the signed head; all from the database.

- It may be called at any time and any number of times: published files never change, and what is
  lost is made again (custody-log §4, step 5).
- A one-shot command publishes before it ends; a server publishes within a second.
- Heads of the access log are signed as promptly, and published every 256 readings or ten minutes:
  each published head is kept for ever, and its rhythm shall not tell when somebody reads.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TYPE_CHECKING

from django.db import connections
from django.db.utils import DatabaseError

from muniment.archive.details import DetailsLine
from muniment.archive.durability import NOT_DURABLE
from muniment.archive.layout import BUNDLE
from muniment.archive.log_files import LogFiles, published_size
from muniment.custody.checkpoint import parse_checkpoint
from muniment.errors import MunimentError, Unavailable
from muniment_server.custody import queries
from muniment_server.custody.ledger import sealing
from muniment_server.database.closed import split_stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment_server.custody.queries import Log

_log = logging.getLogger(__name__)

_EVERY = 0.5  # seconds; the promise is one second
_READINGS_EVERY = 600.0  # seconds between two published heads of the access log


def publish() -> int:
    """Publish the custody log up to the head in the database and return its size."""
    return _publish(queries.custody_log())


def publish_readings() -> int:
    """Publish the access log up to the head in the database and return its size."""
    return _publish(queries.access_log())


def keep_readings() -> None:
    """Make readings durable and sign their head; publish where that is due."""
    sealing.seal_readings()
    if _is_due(queries.access_log()):
        publish_readings()


def _publish(log: Log) -> int:
    with sealing.alone(log):
        sealer = sealing.sealer(log)
        files = LogFiles(sealer.archive)
        head = log.head()
        start = files.details_size()
        if files.published_size() == head.size and start == head.size:
            return head.size
        note = sealer.seal()
        # What is signed may have grown meanwhile: readings do not wait for signatures.
        size = parse_checkpoint(note.text).size
        files.publish_details(_details(log, start, size))
        files.publish_tiles(sealer.tail().files)
        files.publish_checkpoint(note)
        sealer.forget()
        return size


def _details(log: Log, start: int, end: int) -> Iterator[DetailsLine]:
    for index, data, stored in log.details(start, end):
        yield DetailsLine(index, data, *split_stored(stored))


def _is_due(log: Log) -> bool:
    waiting = log.head().size - published_size(log.archive)
    if not 0 < waiting < BUNDLE:
        return waiting > 0
    try:
        published = (log.archive / "log" / "checkpoint").stat().st_mtime
    except FileNotFoundError:
        return True
    return not 0 <= time.time() - published < _READINGS_EVERY


def _end_unless_durable(error: Unavailable) -> None:
    """End this process after a sync that failed; what was acknowledged is kept."""
    if error.code == NOT_DURABLE:
        _log.critical("%s. %s This server has ended.", error, error.hint)
        logging.shutdown()
        os._exit(error.exit_code)


class Publisher(threading.Thread):
    """A server's own publisher: looks twice a second whether there is anything to publish."""

    def __init__(self) -> None:
        """Prepare a thread that does not keep the process alive."""
        super().__init__(name="publisher", daemon=True)
        self._ended = threading.Event()

    def run(self) -> None:
        """Publish until told to end; a failure ends the process's claim to be publishing.

        Where something could not be made durable, it ends the process itself: nothing that it says
        from then on is to be believed. A failure of the access log alone is told and tried again:
        whoever reads meanwhile waits for the disk, and is refused where it refuses.
        """
        while not self._ended.wait(_EVERY):
            try:
                publish()
            except Unavailable as error:
                _end_unless_durable(error)
                raise
            try:
                keep_readings()
            except (MunimentError, DatabaseError):
                _log.exception("the access log was not signed or published")
        connections.close_all()

    def end(self) -> None:
        """Publish no more; waits for the round under way."""
        self._ended.set()
        self.join()
