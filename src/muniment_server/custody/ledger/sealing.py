"""Signing the head that was committed, and keeping the signature before anything is acknowledged.

- Only the head in the database is signed, and only where its root is the root of the leaves.
- The signer refuses what does not extend its last head; a refusal is an alarm, not an error to
  work around (custody-log §4, §6).
- The caller holds the workspace lock, or here on PostgreSQL takes an advisory one: two processes
  never sign at once.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection

from muniment.archive.log_files import published_size
from muniment.custody.checkpoint import Checkpoint
from muniment.custody.proof import consistency_proof
from muniment.errors import TamperSuspected
from muniment.seal.signer import FileSigner
from muniment_server.custody import queries
from muniment_server.custody.ledger.tail import Tail
from muniment_server.database.lock import lock_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace
    from muniment.custody.note import Note

_ADVISORY = 0x6D756E69  # "muni": the key of the advisory lock on PostgreSQL


class Sealer:
    """The signer of one workspace and the unpublished tail it proves extensions from."""

    def __init__(self, workspace: Workspace) -> None:
        """Open the signer; the tail is read when it is first needed."""
        self.archive = workspace.archive
        self.signer = FileSigner(workspace.log_key, workspace.signed_heads)
        self._tail: Tail | None = None

    def tail(self) -> Tail:
        """Return the unpublished tail."""
        if self._tail is None:
            self._tail = Tail(self.archive, self.published)
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
        head = queries.custody_head()
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


_sealers: dict[str, Sealer] = {}
_guard = threading.RLock()


def sealer() -> Sealer:
    """Return this process's sealer of the workspace it runs in."""
    workspace = queries.workspace()
    key = str(workspace.root)
    with _guard:
        if key not in _sealers:
            _sealers[key] = Sealer(workspace)
        return _sealers[key]


@contextmanager
def alone() -> Iterator[None]:
    """Keep every other signer and publisher of this workspace out."""
    # The lock between processes comes first: an act holds it already when it comes to sign.
    with _between_processes(), _guard:
        yield


@contextmanager
def _between_processes() -> Iterator[None]:
    if connection.vendor != "postgresql":
        with lock_for(str(connection.settings_dict["NAME"])).held():
            yield
        return
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
