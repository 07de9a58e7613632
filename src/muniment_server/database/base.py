"""Django's SQLite backend with writers queueing on the workspace lock.

- Every transaction holds the lock from BEGIN IMMEDIATE to its end, and so does a single
  statement that writes outside a transaction; only the holder commits and checkpoints the
  write-ahead log (custody-log §4).
- Each new connection proves that it runs with WAL, `synchronous=FULL` and foreign keys on.
- A sync that failed is final: this process begins no further transaction on that database, because
  the kernel may have dropped the bytes and would say yes the next time (custody-log §4).

The module bears this name because Django looks for `<engine>.base`.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.sqlite3 import base as sqlite
from django.db.utils import OperationalError

from muniment.errors import Unavailable
from muniment_server.database.lock import lock_for

# Identifiers are random, and so are the places where rows go in their indexes: a page that changed
# once will change again, and is soon read again. Both bounds are memory or log of 32 MiB.
_TUNING = ("PRAGMA wal_autocheckpoint=8192", "PRAGMA cache_size=-32768")
_READS = ("SELECT", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "EXPLAIN", "WITH")
_NOT_DURABLE = frozenset({"SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC"})
_failed: set[str] = set()  # databases of which a sync failed in this process


def write_no_more(name: str) -> None:
    """Begin no further transaction on a database of which a sync failed."""
    _failed.add(name)


class _QueueingCursor(sqlite.SQLiteCursorWrapper):
    """A cursor whose writes outside a transaction wait for the lock."""

    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if self.wrapper.in_transaction() or query.lstrip()[:9].upper().startswith(_READS):
            return super().execute(query, params)
        with self.wrapper.lock.held():
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        if self.wrapper.in_transaction():
            return super().executemany(query, param_list)
        with self.wrapper.lock.held():
            return super().executemany(query, param_list)


class DatabaseWrapper(sqlite.DatabaseWrapper):
    """A connection that queues instead of polling."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._holding = False

    @property
    def lock(self) -> Any:
        """The lock beside the database file in use."""
        return lock_for(str(self.settings_dict["NAME"]))

    def in_transaction(self) -> bool:
        """Say whether this connection already holds the lock for a transaction."""
        return self._holding

    def get_new_connection(self, conn_params: Any) -> Any:
        connection = super().get_new_connection(conn_params)
        with self.lock.held():  # turning WAL on takes the file for itself for a moment
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        for bound in _TUNING:
            connection.execute(bound)
        found = (
            connection.execute("PRAGMA journal_mode").fetchone()[0],
            connection.execute("PRAGMA synchronous").fetchone()[0],
            connection.execute("PRAGMA foreign_keys").fetchone()[0],
        )
        if found != ("wal", 2, 1):
            connection.close()
            message = f"SQLite does not run with WAL, synchronous=FULL and foreign keys: {found}"
            raise ImproperlyConfigured(message)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=_QueueingCursor)
        cursor.wrapper = self
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        if str(self.settings_dict["NAME"]) in _failed:
            raise Unavailable(
                "the database could not be made durable, and this process writes no more",
                code="storage.not_durable",
                hint="Check the disk and its log, then start again.",
            )
        self.lock.acquire()
        self._holding = True
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self._let_go()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]  # not in the stubs
        except OperationalError as error:
            if getattr(error.__cause__, "sqlite_errorname", "") in _NOT_DURABLE:
                write_no_more(str(self.settings_dict["NAME"]))
            raise

    def set_autocommit(
        self, autocommit: Any, force_begin_transaction_with_broken_autocommit: Any = False
    ) -> None:
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if autocommit:
            self._let_go()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._holding:
            self._holding = False
            self.lock.release()
