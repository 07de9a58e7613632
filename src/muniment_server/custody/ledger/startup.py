"""The check before work begins: does the database still say what was signed and published?

- The signed head against the stored frontier and the last 10,000 leaves (custody-log §5), and the
  same of the access log with its last 1,000; the whole logs are `muniment check`'s work.
- A database that is behind its signed head, or differs from it, is an old copy or was tampered
  with: it is refused. One that is ahead crashed before it signed: it is signed now.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.db.utils import DatabaseError

from muniment.archive.objects import FolderStore
from muniment.custody.leaf import leaf_hash
from muniment.errors import TamperSuspected, Unavailable
from muniment_server.custody import queries
from muniment_server.custody.ledger import sealing
from muniment_server.custody.queries.logs import ACCESS, CUSTODY

_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from muniment_server.custody.ledger.tail import Tail
    from muniment_server.custody.queries import Log

LAST_LEAVES = 10_000
LAST_READINGS = 1_000
_ENTRY = {CUSTODY: "act", ACCESS: "reading"}
_ENTRIES = {CUSTODY: "acts", ACCESS: "readings"}
KEPT_FOR = timedelta(days=1)


def check() -> None:
    """Check the end of both logs and sign what a crash left unsigned.

    Raises `TamperSuspected` where the workspace must not be worked in, `Unavailable` where the
    database cannot be read.
    """
    _check(queries.custody_log(), LAST_LEAVES)
    _check(queries.access_log(), LAST_READINGS)
    _tidy()


def _check(log: Log, last: int) -> None:
    try:
        head = log.head()
    except ObjectDoesNotExist:
        raise _refused(log, "the database has no log head") from None
    except DatabaseError as error:
        raise Unavailable(
            f"the database cannot be read: {error}",
            code="database.unreadable",
            hint="Check that it is there and readable; or rebuild it from the archive.",
        ) from None
    with sealing.alone(log):
        sealer = sealing.sealer(log)
        signed = sealer.signer.last()
        head = log.head()  # as of now: another process may have signed since
        size = 0 if signed is None else signed.size
        told = _ENTRIES[log.name]
        if head.size < size:
            raise _refused(log, f"the database holds {head.size} {told}, and {size} were signed")
        if sealer.published > head.size:
            published = f"the database holds {head.size} {told}, and {sealer.published} published"
            raise _refused(log, published)
        _check_leaves(log, max(0, head.size - last), head.size)
        tail = sealer.tail()
        tail.grow(head.size)
        if tail.frontier != queries.frontier_of(head):
            raise _refused(log, "the head in the database is not the root of its leaves")
        if signed is not None and size and _root_at(tail, size) != signed.root:
            raise _refused(log, f"the first {size} {told} are not the ones that were signed")
        if head.size > size:
            sealer.seal()


def _tidy() -> None:
    """Remove what crashed writers left a day ago (custody-log §5, row 1): never an error."""
    store = FolderStore(queries.workspace().archive)
    if not Path(store.layout.temporaries).is_dir():  # nothing was ever deposited
        return
    try:
        store.remove_stale_temporaries(KEPT_FOR)
    except Unavailable as error:
        _log.warning("temporaries of the archive were left where they are: %s", error)


def _root_at(tail: Tail, size: int) -> bytes:
    return tail.reader().root(size)


def _check_leaves(log: Log, start: int, end: int) -> None:
    expected, one = start, _ENTRY[log.name]
    for index, data, digest in log.hashed(start, end):
        if index != expected or leaf_hash(data) != digest:
            what = f"{one} #{expected} in the database is not the one that was recorded"
            raise _refused(log, what)
        expected += 1
    if expected != end:
        raise _refused(log, f"{one} #{expected} is missing from the database")


def _refused(log: Log, what: str) -> TamperSuspected:
    where = "the access log: " if log.name == ACCESS else ""
    return TamperSuspected(
        f"{where}{what}: this is an old copy, or somebody changed it",
        code="workspace.refused",
        hint="Nothing was changed. Run `muniment check`, then rebuild from a good archive.",
    )
