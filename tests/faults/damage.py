"""Damage done to a workspace, one case at a time, and what a check must name for it.

- Files of the archive: a bit flipped, an end cut off, bytes added, two files of a kind exchanged,
  the bytes of another or an older one put in place, a file removed that nothing else replaces.
- Values of recorded rows, leaves and the head: a bit flipped behind the application's back.
- Pages of the database file: a bit flipped anywhere; it counts as damage where what the tables say
  is another afterwards, or cannot be read.
"""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.archive.layout import BUNDLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from muniment.archive.problem import Problem
    from muniment.archive.workspace import Workspace

_HEAD = "log/checkpoint"
KINDS = ("flip", "flip", "flip", "cut", "add", "swap", "stale", "remove")


@dataclass(slots=True)
class Damage:
    """One case: what was done, to which files, and their bytes from then on (None: removed)."""

    kind: str
    files: dict[str, bytes | None] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {', '.join(self.files)}"


class Archive:
    """The files of an archive as they were, to be damaged and put back."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, bytes] = {}
        self.groups: dict[str, list[str]] = defaultdict(list)
        for file in sorted(root.rglob("*")):
            path = str(file.relative_to(root))
            if file.is_file() and not path.startswith("tmp/"):
                self.files[path] = file.read_bytes()
                self.groups[group_of(path)].append(path)

    def cases(self, count: int, seed: int) -> Iterator[Damage]:
        """Give so many cases, every group of files alike, drawn by a seed."""
        chance = random.Random(seed)
        groups = sorted(self.groups)
        while count:
            damage = self._case(chance, groups[count % len(groups)])
            if damage is not None:
                count -= 1
                yield damage

    def _case(self, chance: random.Random, group: str) -> Damage | None:
        kind = chance.choice(KINDS)
        path = chance.choice(self.groups[group])
        data = self.files[path]
        # An old head in the place of the published one is among those that were kept.
        other = chance.choice(
            self.groups["log/checkpoints" if kind == "stale" and group == _HEAD else group]
        )
        changed: dict[str, bytes | None] = {path: data}
        if kind == "flip":
            changed[path] = flipped(data, chance)
        elif kind == "cut":
            changed[path] = data[: chance.randrange(len(data))]
        elif kind == "add":
            changed[path] = data + chance.randbytes(chance.randint(1, 64))
        elif kind == "swap":
            changed = {path: self.files[other], other: data}
        elif kind == "stale":
            changed[path] = self.files[other]
        elif group in {"objects", "details"}:  # of others, wider tiles or newer heads say the same
            changed[path] = None
        if any(self.files[one] == changed[one] for one in changed):
            return None
        return Damage(kind, changed)

    def do(self, damage: Damage) -> None:
        """Damage the files."""
        for path, data in damage.files.items():
            self._put(path, data)

    def undo(self, damage: Damage) -> None:
        """Put back what they were."""
        for path in damage.files:
            self._put(path, self.files[path])

    def has(self, damage: Damage) -> bool:
        """Say whether the files that were removed are there again."""
        return self.files.keys() >= damage.files.keys()

    def _put(self, path: str, data: bytes | None) -> None:
        (self.root / path).unlink(missing_ok=True)
        if data is not None:
            (self.root / path).write_bytes(data)


def group_of(path: str) -> str:
    """Return the kind of file that a path of the archive names."""
    first, _, rest = path.partition("/")
    return f"log/{rest.partition('/')[0]}" if first == "log" else first


def flipped(data: bytes, chance: random.Random) -> bytes:
    """Return the data with one bit the other way."""
    place = chance.randrange(len(data))
    changed = bytearray(data)
    changed[place] ^= 1 << chance.randrange(8)
    return bytes(changed)


def unnamed(damage: Damage, problems: Iterable[Problem]) -> list[str]:
    """Return the damaged files that no problem names."""
    subjects = {one.subject for one in problems}
    return [path for path in damage.files if not any(_names(path, one) for one in subjects)]


def _names(path: str, subject: str) -> bool:
    if path.startswith("objects/"):
        return subject in {path, path.removeprefix("objects/").replace("/", "")}
    if path.startswith("details/"):  # by the entries that it holds
        name = path.rpartition("/")[2].removesuffix(".jsonl")
        first, _, last = name.partition("-")
        low = int(first) if last else int(first) * BUNDLE
        high = int(last) if last else low + BUNDLE - 1
        # A file that is no list of lines is named by the 256 entries of which it holds some.
        low = low // BUNDLE * BUNDLE if subject.endswith("following") else low
        return subject.startswith("#") and low <= int(subject[1:].partition(" ")[0]) <= high
    if path.startswith("log/tile/0/"):  # by itself, or by the entries whose hashes it holds
        return subject.startswith(("log/tile/", "#"))
    if path.startswith("log/tile/"):
        return subject.startswith("log/tile/")
    if path == _HEAD:  # where it is older than others, these are named
        return subject.startswith(path)
    return subject == path


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a recorded table, and how a check names its row."""

    table: str
    column: str
    rowid: int
    name: str


class Rows:
    """The recorded tables of a workspace on SQLite, without the triggers that guard them."""

    def __init__(self, workspace: Workspace) -> None:
        from muniment_server.custody.ledger import state
        from muniment_server.custody.models import Head, Leaf

        self.path = workspace.database_file
        self.labels = {one._meta.db_table: state.label(one) for one in state.recorded_models()}
        self.leaf, self.head = Leaf._meta.db_table, Head._meta.db_table
        self._origin = workspace.origin
        self.tables = [*self.labels, self.leaf, self.head]
        with self.opened() as database:
            for (trigger,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                database.execute(f'DROP TRIGGER "{trigger}"')
            database.commit()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.values = list(self._values(database))

    def opened(self) -> closing[sqlite3.Connection]:
        """Open the file as somebody who owns it would."""
        return closing(sqlite3.connect(self.path))

    def _values(self, database: sqlite3.Connection) -> Iterator[Value]:
        for table in self.tables:
            columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
            for row in database.execute(f'SELECT rowid, * FROM "{table}"').fetchall():
                said = dict(zip(columns, row[1:], strict=True))
                for column in columns:
                    if said[column] not in _NOTHING:
                        yield Value(table, column, row[0], self._name(table, said))

    def _name(self, table: str, row: dict[str, Any]) -> str:
        if table == self.leaf:
            return f"#{row['index']}"
        return self._origin if table == self.head else f"{self.labels[table]}/{row['id']}"

    def flip(self, value: Value, chance: random.Random) -> object:
        """Flip a bit of a value; return what it was, or None where the table takes no such."""
        with self.opened() as database:
            old = database.execute(_READ.format(value), [value.rowid]).fetchone()[0]
            try:
                database.execute(_WRITE.format(value), [_flipped(old, chance), value.rowid])
            except sqlite3.IntegrityError:
                return None
            database.commit()
        return old

    def put_back(self, value: Value, old: object) -> None:
        """Undo a flip."""
        with self.opened() as database:
            database.execute(_WRITE.format(value), [old, value.rowid])
            database.commit()

    def told(self) -> dict[tuple[str, int], tuple[object, ...]]:
        """Return what the recorded tables say; raises where they cannot be read."""
        said: dict[tuple[str, int], tuple[object, ...]] = {}
        with self.opened() as database:
            database.text_factory = bytes
            for table in self.tables:
                for rowid, *row in database.execute(f'SELECT rowid, * FROM "{table}"'):
                    said[table, rowid] = tuple(row)
        return said


_NOTHING = (None, "", b"", "{}", "[]")
_READ = 'SELECT "{0.column}" FROM "{0.table}" WHERE rowid = ?'
_WRITE = 'UPDATE "{0.table}" SET "{0.column}" = ? WHERE rowid = ?'


def _flipped(value: object, chance: random.Random) -> object:
    if isinstance(value, int):
        return value ^ 1 << chance.randrange(16)
    if isinstance(value, bytes):
        return flipped(value, chance)
    text = str(value)
    # Digits and letters only: some separators of a time may be any sign, and it reads the same.
    place = chance.choice([at for at, sign in enumerate(text) if sign.isalnum()])
    return text[:place] + chr(ord(text[place]) ^ 1 << chance.randrange(4)) + text[place + 1 :]
