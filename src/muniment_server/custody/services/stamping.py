"""Having the log's heads time-stamped: the archive's queue, told how long the log is.

A token is kept while the head is locked, with the length of the log: whatever act comes before that
length did not know of it, whatever comes after does. So an export says for ever which tokens were
there when it was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.archive.time_queue import TimeQueue
from muniment.archive.time_tokens import Keeping, keep_stamp
from muniment.evidence.instant import now as clock
from muniment_server.custody import queries
from muniment_server.custody.acting.work import working
from muniment_server.custody.ledger import sealing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from muniment.seal.rfc3161.client import Stamp


def time_queue(now: Callable[[], datetime] = clock) -> TimeQueue:
    """Return the queue of this workspace; raises `InvalidInput` where its settings are wrong."""
    return TimeQueue(queries.workspace(), sealing.sealer().signer.verifier, _keep, now=now)


def _keep(size: int, stamp: Stamp, received: datetime, url: str) -> None:
    with working() as work:
        head, _t = work.lock()
        keeping = Keeping(received, head.size, url)
        keep_stamp(queries.workspace().archive, size, stamp, keeping)
