"""Signing the head that was committed, and keeping the signature before anything is acknowledged.

- Only the head in the database is signed, and only where its root is the root of the leaves.
- The signer refuses what does not extend its last head; a refusal is an alarm, not an error to
  work around (custody-log §4, §6).
- The caller holds the lock of the log, or here on PostgreSQL takes an advisory one: two processes
  never sign at once.
- Both logs are signed alike, each with its own key. What was committed to the access log without
  waiting for the disk is made durable before its head is signed.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connections

from muniment.archive.log_files import published_size
from muniment.archive.signing import open_signer
from muniment.custody.checkpoint import Checkpoint
from muniment.custody.proof import consistency_proof
from muniment.errors import TamperSuspected
from muniment_server.custody import queries
from muniment_server.custody.ledger.tail import Tail
from muniment_server.custody.queries.logs import ACCESS, CUSTODY
from muniment_server.database.lock import lock_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.custody.note import Note
    from muniment_server.custody.queries import Log

# "muni": the key of the advisory lock on PostgreSQL, which holds within one database.
_ADVISORY = 0x6D756E69


class Sealer:
    """The signer of one log and the unpublished tail it proves extensions from."""

    def __init__(self, log: Log) -> None:
        """Open the signer; the tail is read when it is first needed."""
        self.log = log
        self.archive = log.archive
        self.signer = open_signer(queries.workspace(), log.head().origin, log.key, log.memory)
        self._tail: Tail | None = None

    def tail(self) -> Tail:
        """Return the unpublished tail."""
        if self._tail is None:
            self._tail = Tail(self.log, self.published)
        return self._tail

    @property
    def published(self) -> int:
        """How many leaves the archive's own checkpoint covers."""
        return published_size(self.archive)

    def forget(self) -> None:
        """Begin again from what is published."""
        self._tail = None

    def seal(self) -> Note:
        """Sign the database's head where it is not signed yet, and return its signed note.

        Raises `TamperSuspected` where leaves and head disagree, or the signer refuses.
        """
        head = self.log.head()
        if self.log.name == ACCESS:
            queries.make_durable()
        tail = self.tail()
        tail.grow(head.size)
        if queries.frontier_of(head) != tail.frontier:
            raise TamperSuspected(
                "the head in the database is not the root of its leaves",
                code="log.head",
                hint="Stop working here and run `muniment check`.",
            )
        last = self.signer.last()
        proof = []
        if last is not None and 0 < last.size < head.size:
            proof = consistency_proof(tail.reader(), last.size, head.size)
        return self.signer.sign(Checkpoint(head.origin, head.size, tail.root()), proof)


_sealers: dict[tuple[str, str], Sealer] = {}
_guard = threading.Lock()
# A lock for each log: an act never waits while readings are published.
_alone = {CUSTODY: threading.RLock(), ACCESS: threading.RLock()}


def sealer(log: Log | None = None) -> Sealer:
    """Return this process's sealer of a log of its workspace; of the custody log unless named."""
    log = log or queries.custody_log()
    key = (str(log.archive), log.name)
    with _guard:
        if key not in _sealers:
            _sealers[key] = Sealer(log)
        return _sealers[key]


@contextmanager
def alone(log: Log | None = None) -> Iterator[None]:
    """Keep every other signer and publisher of a log out; of the custody log unless named."""
    log = log or queries.custody_log()
    # The lock between processes comes first: an act holds it already when it comes to sign.
    with _between_processes(log), _alone[log.name]:
        yield


@contextmanager
def _between_processes(log: Log) -> Iterator[None]:
    if connections[log.using].vendor != "postgresql":
        with lock_for(log.guard).held():
            yield
        return
    connection = connections[log.using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY])


def seal() -> Note:
    """Sign the committed head durably; what was committed may be acknowledged afterwards."""
    with alone():
        return sealer().seal()


def seal_readings() -> None:
    """Make durable and sign what was recorded of readings, where that is not done yet."""
    log = queries.access_log()
    with alone(log):
        one = sealer(log)
        signed = one.signer.last()
        if signed is None or signed.size != log.head().size:
            one.seal()
