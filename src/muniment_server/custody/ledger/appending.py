"""Appending acts: leaves, their disclosures and the head, in the transaction of the rows.

- An index is the size of the log before the act: never a sequence, so there are no gaps.
- The head is locked after all rows are written, once; then each subject's last leaf is read
  (custody-log §4). On SQLite the workspace lock already holds everyone else back.
- Nothing here signs or publishes: that follows the commit.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection

from muniment.custody.leaf import leaf_bytes, leaf_hash
from muniment.custody.merkle import Frontier
from muniment.errors import TamperSuspected
from muniment.evidence.disclosure import SALT_BYTES, Disclosure, disclose, sd
from muniment.evidence.identifiers import new_id
from muniment.evidence.instant import now, to_seconds
from muniment_server.custody.ledger import closing, state
from muniment_server.custody.models import Head, Recorded

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Sequence

    from muniment.evidence.canonical import Json

CUSTODY = "custody"
_SALTS_AT_ONCE = 256
IDENTITY = "identity"
_ORDER = ("object", "source", "handling", "reason", "selection", "withdrawn")


@dataclass(slots=True)
class PendingAct:
    """An act whose rows are written and whose leaf is not: what the seam collects."""

    kind: str
    by: str
    obj: str = ""
    fresh: bool = False
    rows: list[Recorded] = field(default_factory=list)
    groups: dict[str, Json] = field(default_factory=dict)
    eid: str = field(default_factory=new_id)
    #: the closed compartment whose readers alone may read its details; empty for open ones
    home: str = ""
    #: objects that are kept for it besides those of its group `object`
    objects: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf with its place in the log."""

    index: int
    obj: str
    eid: str
    hash: bytes
    t: datetime.datetime


def locked_head() -> Head:
    """Return the head of the custody log, locked until the transaction ends."""
    try:
        return Head.objects.select_for_update().get(pk=CUSTODY)
    except Head.DoesNotExist:
        raise TamperSuspected(
            "the database has no log head",
            code="log.no_head",
            hint="Rebuild the workspace from its archive with `muniment rebuild`.",
        ) from None


def moment_after(head: Head) -> datetime.datetime:
    """Return the time of the next act: now, and never before the head (custody-log §2)."""
    current = now().replace(microsecond=0)
    return current if head.t is None or current > head.t else head.t


def append(acts: Sequence[PendingAct], head: Head, t: datetime.datetime) -> list[Entry]:
    """Write the leaves of acts in their order, advance the head, and give new roots their `seq`.

    The head must come from `locked_head` in this transaction.
    """
    last = _last_leaves({act.obj for act in acts if not act.fresh})
    stamp = to_seconds(t)
    stored_t = connection.ops.adapt_datetimefield_value(t)
    salts = _salts()
    keys = closing.keys_of(acts)
    entries: list[Entry] = []
    rows: list[tuple[Any, ...]] = []
    for index, act in enumerate(acts, head.size):
        n, previous = last.get(act.obj, (-1, ""))
        chain: dict[str, Json] = {
            "act": act.kind,
            "by": act.by,
            "n": n + 1,
            "obj": act.obj,
            "prev": previous,
            "t": stamp,
        }
        top, texts, names = _disclosures(chain, act, salts)
        stored = closing.stored_text(texts, names, act, keys)
        data = leaf_bytes(head.origin, act.eid, sd(top))
        digest = leaf_hash(data)
        last[act.obj] = (n + 1, digest.hex())
        entries.append(Entry(index, act.obj, act.eid, digest, t))
        rows.append(
            (index, act.eid, act.obj, n + 1, act.kind, act.by, stored_t, digest, data, stored)
        )
    _insert(rows)
    _advance(head, [entry.hash for entry in entries], t)
    _number(acts, head.size - len(acts))
    return entries


def _salts() -> Iterator[bytes]:
    """Give fresh salts without end: one call to the system for many, as each costs a call."""
    while True:
        some = os.urandom(SALT_BYTES * _SALTS_AT_ONCE)
        for start in range(0, len(some), SALT_BYTES):
            yield some[start : start + SALT_BYTES]


def _disclosures(
    chain: dict[str, Json], act: PendingAct, salts: Iterator[bytes]
) -> tuple[list[Disclosure], list[str], list[str]]:
    """Return the leaf's own disclosures, all of them as text, and those that name people.

    As text parents stand before children.
    """
    names: list[str] = []
    top = [disclose("chain", chain, next(salts))]
    named = [name for name in _ORDER if name in act.groups]
    top.extend([disclose(name, act.groups[name], next(salts)) for name in named])
    below: list[Disclosure] = []
    if act.rows:
        rows: list[Disclosure] = []
        for row in _latest(act.rows):
            encoded = state.encode(row)
            groups = [disclose(name, value, next(salts)) for name, value in encoded.items()]
            if IDENTITY in encoded:
                names.append(groups[list(encoded).index(IDENTITY)].text)
            name = f"{state.label(type(row))}/{row.pk.hex}"
            told: dict[str, Json] = {"_sd": sd(groups), "schema": type(row).schema}
            rows.append(disclose(name, told, next(salts)))
            below.append(rows[-1])
            below.extend(groups)
        top.append(disclose("state", {"_sd": sd(rows)}, next(salts)))
    return top, [one.text for one in top + below], names


def _latest(rows: Iterable[Recorded]) -> Iterable[Recorded]:
    """Give each row once, in its last state, where a body kept it more than once."""
    return {(type(row), row.pk): row for row in rows}.values()


_INSERT = (
    'INSERT INTO custody_leaf ("index", eid, obj, n, kind, "by", t, hash, data, disclosures)'
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_LAST = (
    "SELECT leaf.obj, leaf.n, leaf.hash FROM custody_leaf AS leaf JOIN"
    " (SELECT obj, max(n) AS n FROM custody_leaf WHERE obj IN ({places}) GROUP BY obj) AS step"
    " ON leaf.obj = step.obj AND leaf.n = step.n"
)


def _last_leaves(subjects: set[str]) -> dict[str, tuple[int, str]]:
    """Return obj -> (n, leaf hash in hex) of each subject's last leaf."""
    found: dict[str, tuple[int, str]] = {}
    wanted = sorted(subjects)
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            cursor.execute(_LAST.format(places=", ".join(["%s"] * len(some))), some)
            for obj, n, digest in cursor.fetchall():
                found[obj if isinstance(obj, str) else obj.hex] = (n, bytes(digest).hex())
    return found


def _insert(rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def _advance(head: Head, hashes: list[bytes], t: datetime.datetime) -> None:
    frontier = Frontier.from_bytes(bytes(head.frontier))
    head.frontier = frontier.appended(hashes).to_bytes()
    head.size += len(hashes)
    head.t = t
    head.save(force_update=True)


def _number(acts: Sequence[PendingAct], start: int) -> None:
    """Give every new root the index of its first leaf as `seq`."""
    places: dict[str, list[tuple[int, str]]] = {}
    for index, act in enumerate(acts, start):
        if not act.fresh:
            continue
        for row in act.rows:
            if row.pk.hex == act.obj and hasattr(row, "seq") and row.seq != index:
                row.seq = index
                places.setdefault(type(row)._meta.db_table, []).append((index, act.obj))
    with connection.cursor() as cursor:
        for table, pairs in places.items():
            cursor.executemany(f"UPDATE {table} SET seq = %s WHERE id = %s", pairs)  # noqa: S608 - a table name of ours
