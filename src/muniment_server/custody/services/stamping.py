"""Having the log's heads time-stamped: the archive's queue, told how long the log is.

A token is kept while the head is locked, with the length of the log: whatever act comes before that
length did not know of it, whatever comes after does. So an export says for ever which tokens were
there when it was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.archive.time_queue import Outcome, TimeQueue
from muniment.archive.time_tokens import Keeping, keep_stamp
from muniment.evidence.instant import now as clock
from muniment_server.custody import queries
from muniment_server.custody.acting.work import working
from muniment_server.custody.ledger import sealing, stamps
from muniment_server.custody.ledger.turns import STAMPING, only_one_machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from muniment.seal.rfc3161.client import Stamp


def time_queue(now: Callable[[], datetime] = clock) -> TimeQueue:
    """Return the queue of this workspace; raises `InvalidInput` where its settings are wrong."""
    return TimeQueue(queries.workspace(), sealing.sealer().signer.verifier, _keep, now=now)


def ask(now: Callable[[], datetime] = clock) -> Outcome:
    """Ask whoever is due, unless another process of any machine does; raises as the queue does."""
    with only_one_machine(STAMPING) as ours:
        return time_queue(now).ask() if ours else Outcome()


def _keep(size: int, stamp: Stamp, received: datetime, url: str) -> None:
    with working() as work:
        head, _t = work.lock()
        keeping = Keeping(received, head.size, url)
        place = keep_stamp(queries.workspace().archive, size, stamp, keeping)
        if stamp.verdict.holds:
            stamps.remember(place, stamp.reply)
