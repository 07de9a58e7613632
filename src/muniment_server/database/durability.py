"""Committing without waiting for the disk, and waiting once for all that was committed so.

- What is committed without waiting survives the death of the process (`kill -9`); a power cut may
  take the newest of it, always from the end, until somebody waits.
- A wait that failed is final, as a commit's is: this process writes no more to that database.

Not its job: deciding what may go without waiting.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connections, transaction

from muniment.archive.durability import not_durable, sync_folder
from muniment_server.database import base

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_waiting(using: str) -> Iterator[None]:
    """Run a transaction whose commit does not wait for the disk."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with transaction.atomic(using=using, durable=True):
            _say(using, "SET LOCAL synchronous_commit = off")
            yield
        return
    # With a write-ahead log, NORMAL syncs before pages move into the database, not at commits.
    _say(using, "PRAGMA synchronous=NORMAL")
    try:
        with transaction.atomic(using=using, durable=True):
            yield
    finally:
        if connection.connection is not None:  # a new connection begins with FULL
            _say(using, "PRAGMA synchronous=FULL")


@contextmanager
def waiting(using: str) -> Iterator[None]:
    """Run a transaction whose commit returns once it, and all before it, is on the disk."""
    with transaction.atomic(using=using, durable=True):
        if connections[using].vendor == "postgresql":
            _say(using, "SET LOCAL synchronous_commit = on")
        yield


def settle(using: str) -> None:
    """Wait until everything committed so far is on the disk; raises `Unavailable`."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with waiting(using):  # any record of a transaction that waits flushes what stands before it
            _say(using, "SELECT pg_logical_emit_message(true, 'muniment', '')")
        return
    name = str(connection.settings_dict["NAME"])
    try:
        descriptor = os.open(f"{name}-wal", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # the last connection moved it all into the database, durably
    try:
        os.fdatasync(descriptor)
        sync_folder(str(Path(name).parent))
    except OSError as error:
        base.write_no_more(name)
        raise not_durable(error) from error
    finally:
        os.close(descriptor)


def _say(using: str, statement: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(statement)
