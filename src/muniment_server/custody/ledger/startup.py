"""The check before work begins: does the database still say what was signed and published?

- The signed head against the stored frontier and the last 10,000 leaves (custody-log §5); the
  whole log is `muniment check`'s work.
- A database that is behind its signed head, or differs from it, is an old copy or was tampered
  with: it is refused. One that is ahead crashed before it signed: it is signed now.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.db.utils import DatabaseError

from muniment.archive.objects import FolderStore
from muniment.custody.leaf import leaf_hash
from muniment.errors import TamperSuspected, Unavailable
from muniment_server.custody import queries
from muniment_server.custody.ledger import sealing
from muniment_server.custody.models import Head

_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from muniment_server.custody.ledger.tail import Tail

LAST_LEAVES = 10_000
KEPT_FOR = timedelta(days=1)


def check() -> None:
    """Check the end of the log and sign what a crash left unsigned.

    Raises `TamperSuspected` where the workspace must not be worked in, `Unavailable` where the
    database cannot be read.
    """
    try:
        head = queries.custody_head()
    except Head.DoesNotExist:
        raise _refused("the database has no log head") from None
    except DatabaseError as error:
        raise Unavailable(
            f"the database cannot be read: {error}",
            code="database.unreadable",
            hint="Check that it is there and readable; or rebuild it from the archive.",
        ) from None
    with sealing.alone():
        sealer = sealing.sealer()
        signed = sealer.signer.last()
        size = 0 if signed is None else signed.size
        if head.size < size:
            raise _refused(f"the database holds {head.size} acts, and {size} were signed")
        if sealer.published > head.size:
            raise _refused(f"the database holds {head.size} acts, and {sealer.published} published")
        _check_leaves(max(0, head.size - LAST_LEAVES), head.size)
        tail = sealer.tail()
        tail.grow(head.size)
        if tail.frontier != queries.frontier_of(head):
            raise _refused("the head in the database is not the root of its leaves")
        if signed is not None and size and _root_at(tail, size) != signed.root:
            raise _refused(f"the first {size} acts are not the ones that were signed")
        if head.size > size:
            sealer.seal()
    _tidy()


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


def _check_leaves(start: int, end: int) -> None:
    expected = start
    for index, data, digest in queries.hashed_leaves(start, end):
        if index != expected or leaf_hash(data) != digest:
            raise _refused(f"act #{expected} in the database is not the one that was recorded")
        expected += 1
    if expected != end:
        raise _refused(f"act #{expected} is missing from the database")


def _refused(what: str) -> TamperSuspected:
    return TamperSuspected(
        f"{what}: this is an old copy, or somebody changed it",
        code="workspace.refused",
        hint="Nothing was changed. Run `muniment check`, then rebuild from a good archive.",
    )
