"""Leaving nothing behind in a database of what its rows no longer say.

- SQLite: the file is written anew without free pages, and the write-ahead log is copied back and
  cut to nothing. Somebody who still reads an old state keeps that from happening: then it has to be
  done again.
- PostgreSQL: the tables named, and the statistics that hold samples of their values, are written
  anew. What stands in its write-ahead log until that is recycled is for whoever runs it (docs).

Call it outside a transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from muniment.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.backends.base.base import BaseDatabaseWrapper


def sweep(tables: Iterable[str], using: str = DEFAULT_DB_ALIAS) -> None:
    """Write a database anew, without what was overwritten or deleted.

    Raises `Unavailable` where somebody reads an old state of it, or there is no room.
    """
    connection = connections[using]
    try:
        if connection.vendor == "postgresql":
            _sweep_postgres(connection, tables)
        else:
            with connection.lock.held():  # type: ignore[attr-defined]  # our own backend's
                _sweep_sqlite(connection)
    except DatabaseError as error:
        raise _not_now(str(error)) from error


def _sweep_sqlite(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _pages, _copied = cursor.fetchone()
    if busy:
        raise _not_now("somebody still reads an old state of it")


def _sweep_postgres(connection: BaseDatabaseWrapper, tables: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
        cursor.execute("VACUUM (FULL) pg_catalog.pg_statistic")


def _not_now(why: str) -> Unavailable:
    return Unavailable(
        f"the database could not be swept: {why}",
        code="database.not_swept",
        hint="It is tried again; end programs that hold the workspace open.",
    )
