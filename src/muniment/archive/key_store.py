"""The wrapped data keys of all subjects, in one small database beside the compartments' keys.

- A group of keys is one transaction and two rounds of durability, whatever its size.
- A wrapped key stands in a slot of fixed size and is overwritten where it stands. SQLite's journal,
  which held the page as it was, is overwritten too before `destroy` and `replace` return. What the
  file system or the device keeps of earlier blocks is beyond any program (`docs`, what remains).
- A destroyed key leaves its subject's name, so that *destroyed* is never taken for *missing*.

Not its job: wrapping and opening (`keyring`).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from muniment.errors import Conflict, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from pathlib import Path

ESCROW: Final = "escrow"
DESTROYED: Final = "destroyed"

_SLOT: Final = 512  # an age file of 90 bytes to three recipients, with room to spare
_AT_ONCE: Final = 256
_WAIT: Final = 60.0
_TABLES: Final = """
CREATE TABLE home (name TEXT PRIMARY KEY, recipient TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE subject (
    place INTEGER PRIMARY KEY, obj TEXT NOT NULL UNIQUE, home TEXT NOT NULL, recipient TEXT NOT NULL
);
CREATE INDEX subject_by_home ON subject (home, recipient, place);
CREATE TABLE slot (place INTEGER PRIMARY KEY, wrapped BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A subject's data key as it is kept: where, for whom, and the sealed bytes."""

    obj: str
    home: str  # a compartment's id, ESCROW or DESTROYED
    recipient: str
    data: bytes


class KeyStore:
    """Wrapped keys by subject; safe to use from threads and processes at once."""

    def __init__(self, path: Path) -> None:
        """`path` is the database; see `create`."""
        self._path = path

    def create(self) -> None:
        """Make an empty one, for its owner alone; raises Conflict, Unavailable."""
        try:
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise Conflict(f"there are keys at {self._path} already", code="key.exists") from None
        except OSError as error:
            raise _failed(error) from error
        with self._writing() as connection:
            for statement in _TABLES.split(";"):
                connection.execute(statement)

    def recipient_of(self, home: str) -> str | None:
        """Return the public key to which new keys of a compartment are wrapped."""
        with self._open() as connection:
            return _recipient(connection, home)

    def set_recipient(self, home: str, recipient: str) -> None:
        """Have new keys of a compartment wrapped to another public key."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO home VALUES (?, ?)", (home, recipient))

    def homes(self) -> list[str]:
        """Return the compartments that have a key, in the order of their ids."""
        with self._open() as connection:
            rows = connection.execute("SELECT name FROM home ORDER BY name").fetchall()
        return [str(name) for (name,) in rows]

    @contextmanager
    def adding(self, home: str) -> Generator[_Adding]:
        """Add keys to a compartment in one transaction; nobody changes its key meanwhile.

        Raises NotFound where the compartment has no key, Conflict for a subject that has one.
        """
        with self._writing() as connection:
            recipient = _recipient(connection, home)
            if recipient is None:
                raise NotFound(
                    "this compartment has no key on this machine",
                    code="key.missing",
                    hint="Put the keys folder back, or use `muniment keys recover`.",
                )
            yield _Adding(connection, home, recipient)

    def find(self, subjects: Iterable[str]) -> dict[str, Wrapped]:
        """Return what is kept of these subjects, by subject; unknown ones are left out."""
        wanted = list(dict.fromkeys(subjects))
        found: dict[str, Wrapped] = {}
        with self._open() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = connection.execute(_FIND.format(f"subject.obj IN ({marks})"), some)
                found.update({row[0]: _wrapped(row) for row in rows})
        return found

    def wrapped_otherwise(self, home: str, recipient: str) -> list[Wrapped]:
        """Return some keys of a compartment that are wrapped to another key than this one."""
        condition = "subject.home = ? AND subject.recipient != ? ORDER BY subject.place LIMIT ?"
        with self._open() as connection:
            rows = connection.execute(_FIND.format(condition), (home, recipient, _AT_ONCE))
            return [_wrapped(row) for row in rows]

    def count(self, home: str) -> int:
        """Return how many subjects lie in a compartment, in escrow, or are destroyed."""
        with self._open() as connection:
            row = connection.execute("SELECT count(*) FROM subject WHERE home = ?", (home,))
            return int(row.fetchone()[0])

    def replace(self, changes: Sequence[tuple[Wrapped, Wrapped]]) -> None:
        """Put keys in the place of others, each only where the other still stands."""
        with self._writing() as connection:
            for old, new in changes:
                row = (new.home, new.recipient, old.obj, old.home, old.recipient)
                if connection.execute(_MOVE, row).rowcount:
                    connection.execute(_OVERWRITE, (_slot(new.data), old.obj))
        self._overwrite_journal()

    def destroy(self, subjects: Sequence[str]) -> None:
        """Overwrite the keys of these subjects, durably; what is destroyed already stays so."""
        with self._writing() as connection:
            for obj in subjects:
                if connection.execute(_END, (DESTROYED, obj)).rowcount:
                    connection.execute(_OVERWRITE, (bytes(_SLOT), obj))
        self._overwrite_journal()

    def snapshot(self) -> bytes:
        """Return the whole database as of one moment, for a copy of the workspace."""
        with self._open() as connection:
            return bytes(connection.serialize())

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        if not self._path.exists():
            raise NotFound(
                f"there are no data keys at {self._path}",
                code="key.missing",
                hint="Put the keys folder of this workspace back in its place.",
            )
        try:
            with closing(
                sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)
            ) as connection:
                # PERSIST keeps the journal's blocks in our hands until they are overwritten.
                connection.execute("PRAGMA journal_mode = PERSIST")
                connection.execute("PRAGMA synchronous = EXTRA")
                connection.execute("PRAGMA secure_delete = ON")
                yield connection
        except sqlite3.Error as error:
            raise _failed(error) from error

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with ExitStack() as unless_done:
                unless_done.callback(connection.execute, "ROLLBACK")
                yield connection
                unless_done.pop_all()
            connection.execute("COMMIT")

    def _overwrite_journal(self) -> None:
        """Overwrite what the journal held; alone, so that nobody's own journal is touched."""
        journal = self._path.with_name(f"{self._path.name}-journal")
        with self._open() as connection:
            connection.execute("BEGIN EXCLUSIVE")
            try:
                overwrite(journal)
            finally:
                connection.execute("ROLLBACK")


class _Adding:
    """A transaction that adds keys to one compartment."""

    def __init__(self, connection: sqlite3.Connection, home: str, recipient: str) -> None:
        self._connection = connection
        self.home = home
        self.recipient = recipient

    def add(self, obj: str, data: bytes) -> None:
        try:
            made = self._connection.execute(_ADD, (obj, self.home, self.recipient))
        except sqlite3.IntegrityError:
            raise Conflict(
                f"the subject {obj} has a data key already", code="key.subject_exists"
            ) from None
        self._connection.execute("INSERT INTO slot VALUES (?, ?)", (made.lastrowid, _slot(data)))


_ADD: Final = "INSERT INTO subject (obj, home, recipient) VALUES (?, ?, ?)"
_FIND: Final = (
    "SELECT subject.obj, subject.home, subject.recipient, slot.wrapped"
    " FROM subject JOIN slot ON slot.place = subject.place WHERE {}"
)
_MOVE: Final = (
    "UPDATE subject SET home = ?, recipient = ? WHERE obj = ? AND home = ? AND recipient = ?"
)
_END: Final = "UPDATE subject SET home = ?, recipient = '' WHERE obj = ?"
_OVERWRITE: Final = (
    "UPDATE slot SET wrapped = ? WHERE place = (SELECT place FROM subject WHERE obj = ?)"
)


def overwrite(path: Path) -> None:
    """Write zeros over a file, as long as it is, durably; a missing one is nothing to do."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _failed(error) from error
    try:
        size = os.fstat(descriptor).st_size
        done = 0
        while done < size:
            done += os.pwrite(descriptor, bytes(min(size - done, 1 << 20)), done)
        os.fsync(descriptor)
    except OSError as error:
        raise _failed(error) from error
    finally:
        os.close(descriptor)


def _recipient(connection: sqlite3.Connection, home: str) -> str | None:
    row = connection.execute("SELECT recipient FROM home WHERE name = ?", (home,)).fetchone()
    return None if row is None else str(row[0])


def _wrapped(row: tuple[str, str, str, bytes]) -> Wrapped:
    obj, home, recipient, slot = row
    size = int.from_bytes(slot[:2], "big")
    return Wrapped(obj, home, recipient, slot[2 : 2 + size])


def _slot(data: bytes) -> bytes:
    if len(data) + 2 > _SLOT:
        message = f"a wrapped key of {len(data)} bytes does not fit"
        raise ValueError(message)
    return (len(data).to_bytes(2, "big") + data).ljust(_SLOT, b"\0")


def _failed(error: Exception) -> Unavailable:
    return Unavailable(
        f"the data keys could not be read or written: {error}",
        code="key.store",
        hint="Check the disk of the keys folder, and who owns it; nothing was acknowledged.",
    )
