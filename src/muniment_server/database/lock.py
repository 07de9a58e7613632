"""The workspace lock: one blocking queue for every writer of a workspace.

- SQLite's own busy handler polls, and let single writers wait for many seconds; the kernel's
  queue on `flock` does not (custody-log §4).
- The lock is re-entrant within a thread, and a forked child never inherits a hold.
- It orders writers. Durability and isolation stay the database's work.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from muniment.archive.durability import cannot_write

if TYPE_CHECKING:
    from collections.abc import Iterator


class WorkspaceLock:
    """A re-entrant, blocking, inter-process lock on one file."""

    def __init__(self, path: str) -> None:
        """Name the file that carries the lock; it is made at the first hold."""
        self.path = path
        self._holds = threading.local()

    def acquire(self) -> None:
        """Wait for the lock, or count one more hold of this thread; raises `Unavailable`."""
        if self._depth() == 0:
            # A descriptor of its own for each hold: flock belongs to the open file, not the thread.
            try:
                descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:  # a full or a read-only disk
                raise cannot_write(error) from error
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except BaseException:
                os.close(descriptor)
                raise
            self._holds.descriptor = descriptor
            self._holds.process = os.getpid()
            self._holds.depth = 0
        self._holds.depth += 1

    def release(self) -> None:
        """Give back one hold; the last one lets the next writer in."""
        if self._depth() == 0:
            return
        self._holds.depth -= 1
        if self._holds.depth == 0:
            os.close(self._holds.descriptor)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for the length of a block."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def _depth(self) -> int:
        if getattr(self._holds, "process", None) != os.getpid():
            return 0
        return int(self._holds.depth)


_locks: dict[str, WorkspaceLock] = {}
_guard = threading.Lock()


def lock_for(database: str) -> WorkspaceLock:
    """Return the lock beside a database file; all connections of a process share it."""
    path = f"{database}.lock"
    with _guard:
        return _locks.setdefault(path, WorkspaceLock(path))
