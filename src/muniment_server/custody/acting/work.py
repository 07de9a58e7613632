"""One outermost transaction of acts: what is collected in it, and how it ends.

- The order of commitment is custody-log §4: rows and leaves, commit, signature, return.
- Writers of all processes queue: on SQLite from before the transaction until the head is signed;
  on PostgreSQL at the head's row, and again for the signature.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection, transaction

from muniment_server.custody import queries
from muniment_server.custody.ledger import clock, sealing
from muniment_server.custody.ledger.appending import (
    Entry,
    PendingAct,
    append,
    locked_head,
    moment_after,
)
from muniment_server.database.lock import lock_for

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from muniment_server.custody.models import Head, Root


@dataclass(slots=True)
class Work:
    """What one transaction has collected so far."""

    waiting: list[PendingAct] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)
    head: Head | None = None
    t: datetime.datetime | None = None
    #: each act has its place as soon as it ends: the answer is made inside the transaction
    placing: bool = False
    #: an act of this transaction failed, whatever became of the error: nothing of it may stay
    spoiled: bool = False
    depth: int = 0

    @contextmanager
    def joined(self) -> Iterator[Work]:
        """Be part of this transaction for the length of a block."""
        self.depth += 1
        try:
            yield self
        except BaseException:
            self.spoiled = True
            raise
        finally:
            self.depth -= 1
        if self.placing and not self.depth:
            self.write()

    def lock(self) -> tuple[Head, datetime.datetime]:
        """Lock the head and fix the time of this transaction's acts, once."""
        if self.head is None or self.t is None:
            self.head = locked_head()
            self.t = moment_after(self.head)
            self._tell_of_the_clock(self.head, self.t)
        return self.head, self.t

    def _tell_of_the_clock(self, head: Head, t: datetime.datetime) -> None:
        """Write that the clock stepped, ahead of the acts whose time it may concern."""
        told = clock.admit(head)
        if told is not None:
            machine = queries.workspace().agent
            anomaly = PendingAct("clock.anomaly", machine, obj=machine)
            anomaly.groups["handling"] = told
            self.entries.extend(append([anomaly], head, t))

    def foresee(self, roots: Sequence[Root]) -> None:
        """Give new roots, whose acts come next and in this order, their `seq` before they are kept.

        Only where writers queue before they begin: elsewhere the head moves until it is locked,
        which is after all rows are written (custody-log §4), and `append` gives it.
        """
        if connection.vendor == "postgresql":
            return
        following = self.lock()[0].size + len(self.waiting)
        for index, root in enumerate(roots, following):
            if root._state.adding:
                root.seq = index

    def write(self) -> list[Entry]:
        """Append the acts that wait, in the order in which they ended."""
        if not self.waiting:
            return []
        head, t = self.lock()
        entries = append(self.waiting, head, t)
        self.entries.extend(entries)
        self.waiting = []
        return entries


_work: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def working() -> Iterator[Work]:
    """Join the transaction of acts that is open, or open one and see it signed."""
    outer = _work.get()
    if outer is not None:
        with outer.joined():
            yield outer
        return
    work = Work()
    token = _work.set(work)
    try:
        with _queue():
            with transaction.atomic(durable=True):
                yield work
                work.write()
            if work.entries:
                sealing.seal()
    finally:
        _work.reset(token)
    for job in work.after:
        job()


def moment() -> datetime.datetime:
    """Return the time that the acts of this transaction carry, for rows and files that name it."""
    with working() as work:
        return work.lock()[1]


def after_commit(job: Callable[[], None]) -> None:
    """Run a job once the acts of this transaction are committed and signed."""
    with working() as work:
        work.after.append(job)


def _queue() -> AbstractContextManager[None]:
    if connection.vendor == "postgresql":
        return nullcontext()  # writers queue at the head's row
    return lock_for(str(connection.settings_dict["NAME"])).held()
