"""Work that one process of all machines does at a time, where several share a database.

- On one machine the lock of a file does it (`muniment.archive.turns`); machines that share a
  PostgreSQL database take an advisory lock of it as well, which ends with their connection.
- Nobody waits: who comes second leaves the work to the first.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = 0x6D756E69  # "muni", as in `sealing`, with a second number for each kind of work
STAMPING = 1
WITNESSING = 2


@contextmanager
def only_one_machine(work: int) -> Iterator[bool]:
    """Do work for the length of the block; False where another process of any machine does it."""
    if connection.vendor != "postgresql":
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_OURS, work])
        (ours,) = cursor.fetchone()
    try:
        yield bool(ours)
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_OURS, work])
