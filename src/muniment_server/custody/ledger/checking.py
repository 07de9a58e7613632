"""Checking rows against the log: is each row what its last act said?

A row edited behind the application's back is found here and nowhere else: the database's own
integrity check does not see a changed value (custody-log §5). A row that cannot be read is named
like one that differs, and the check goes on behind it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.utils import DatabaseError

from muniment.archive.problem import Problem
from muniment.custody.leaf import leaf_hash
from muniment.custody.merkle import Frontier
from muniment.errors import MunimentError
from muniment.evidence.canonical import canonical
from muniment.evidence.instant import parse as parse_instant
from muniment_server.custody import queries
from muniment_server.custody.ledger import closing, state
from muniment_server.custody.ledger.reading import Withdrawals, read_act, upcast
from muniment_server.custody.models import Head, Leaf
from muniment_server.database.closed_rows import is_shut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from django.db import models

# What reading a row raises where its bytes on the disk are no longer of the column's kind.
UNREADABLE = (ValueError, TypeError, ArithmeticError, ValidationError, DatabaseError)


def check_rows(progress: Callable[[int], None]) -> list[Problem]:
    """Compare every leaf with the head, and every recorded row with its last act."""
    problems: list[Problem] = []
    expected: dict[tuple[str, str], tuple[bytes, int]] = {}
    first: dict[str, int] = {}
    withdrawals = Withdrawals()
    shut: set[UUID] = set()
    frontier = Frontier()
    last = None
    following = 0
    for leaf in each_row(Leaf, lambda key: f"#{key}", "log.unreadable"):
        progress(1)
        if isinstance(leaf, Problem):
            problems.append(leaf)
            continue
        if leaf.index != following:
            problems.extend(_gap(following, leaf.index))
        following = leaf.index + 1
        digest = leaf_hash(bytes(leaf.data))
        frontier = frontier.appended([digest])
        first.setdefault(leaf.obj.hex, leaf.index)
        if closing.is_unopened(leaf.disclosures):
            shut.add(leaf.obj)
        problems.extend(_check_leaf(leaf, digest, expected, withdrawals))
        last = leaf
    for index in withdrawals.damaged():
        message = "it lacks what its leaf commits to, and no act withdrew it"
        problems.append(Problem("log.disclosures", f"#{index}", message))
    problems.extend(_check_head(frontier, last))
    problems.extend(_check_database())
    problems.extend(_compare(expected, first, shut))
    return problems


def each_row(
    model: type[models.Model],
    name: Callable[[object], str],
    code: str,
    using: str = DEFAULT_DB_ALIAS,
) -> Iterator[Any]:
    """Give every row in the order of its key; a problem in the place of one that is unreadable."""
    column: Any = model._meta.pk
    after, connection = None, connections[using]
    while True:
        rows = model._default_manager.using(using).order_by(column.attname)
        if after is not None:
            place = f"{connection.ops.quote_name(column.column)} > %s"
            rows = rows.extra(where=[place], params=[after])  # noqa: S610 - a column name of ours
        try:
            for row in rows.iterator(chunk_size=512):
                yield row
                after = column.get_db_prep_value(row.pk, connection)
            break
        except UNREADABLE as error:
            why = f"it cannot be read: {error}"
        key = _key_after(model, after, using)
        if key is None:
            yield Problem("database.damaged", model._meta.db_table, why)
            return
        yield Problem(code, name(key), why)
        after = key


def _key_after(model: type[models.Model], after: Any, using: str) -> Any:  # noqa: ANN401 - as it is stored
    """Return the key of the row behind another as it is stored, None where that is unreadable."""
    connection, meta = connections[using], model._meta
    quote = connection.ops.quote_name
    column: Any = meta.pk
    place = "" if after is None else f"WHERE {quote(column.column)} > %s"
    statement = (
        f"SELECT {quote(column.column)} FROM {quote(meta.db_table)} {place}"  # noqa: S608 - names of ours
        f" ORDER BY {quote(column.column)} LIMIT 1"
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, [] if after is None else [after])
            found = cursor.fetchone()
    except DatabaseError:
        return None
    return found[0] if found else None


def _gap(start: int, end: int) -> Iterator[Problem]:
    if start < end:
        subject = f"#{start}" if start + 1 == end else f"#{start} to #{end - 1}"
        yield Problem("log.missing", subject, "the leaf is not in the database")


def _check_head(frontier: Frontier, last: Leaf | None) -> Iterator[Problem]:
    origin = queries.workspace().origin
    try:
        head = queries.custody_head()
    except (Head.DoesNotExist, *UNREADABLE) as error:
        yield Problem("log.head", origin, f"the head cannot be read: {error}")
        return
    if (head.size, bytes(head.frontier)) != (frontier.size, frontier.to_bytes()):
        message = "the head is not the root of the leaves in the database"
        yield Problem("log.head", origin, message)
    elif head.origin != origin or (last is not None and head.t != last.t):
        yield Problem("log.head", origin, "the head names another log or another time")


def _check_database() -> Iterator[Problem]:
    """Ask SQLite itself: an index that differs from its table hides what the table says."""
    if connection.vendor != "sqlite":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check(20)")
            found = [str(text) for (text,) in cursor.fetchall() if text != "ok"]
    except DatabaseError as error:
        found = [str(error)]
    for text in found:
        yield Problem("database.damaged", "database", text)


def _check_leaf(
    leaf: Leaf,
    digest: bytes,
    expected: dict[tuple[str, str], tuple[bytes, int]],
    withdrawals: Withdrawals,
) -> Iterator[Problem]:
    data = bytes(leaf.data)
    if digest != bytes(leaf.hash):
        yield Problem("log.leaf", f"#{leaf.index}", "the leaf does not have the digest in the tree")
        return
    try:
        closing.raise_fault(leaf.disclosures)
        act = read_act(leaf.index, data, leaf.disclosures.split("\n"), whole=False)
        if not closing.is_shut(leaf.disclosures):
            withdrawals.take(leaf.index, act)
        for row in act.rows:
            fields = upcast(apps.get_model(row.model), row)
            expected[(row.model, row.pk)] = (_digest(fields), leaf.index)
    except MunimentError as error:
        yield Problem(error.code, f"#{leaf.index}", str(error))
        return
    chain: Any = act.chain
    told = (act.eid, chain["obj"], chain["n"], chain["act"], chain["by"])
    beside = (leaf.eid.hex, leaf.obj.hex, leaf.n, leaf.kind, leaf.by.hex)
    if told != beside or parse_instant(chain["t"]) != leaf.t:
        yield Problem("log.columns", f"#{leaf.index}", "the columns beside the leaf were changed")


def _compare(
    expected: dict[tuple[str, str], tuple[bytes, int]], first: dict[str, int], shut: set[UUID]
) -> Iterator[Problem]:
    for model in state.recorded_models():
        label = state.label(model)
        for row in each_row(model, lambda key, of=label: f"{of}/{key}", "row.unreadable"):  # type: ignore[misc]  # the label of this round
            if isinstance(row, Problem):
                yield row
                expected.pop((label, row.subject.rpartition("/")[2]), None)
                continue
            name = f"{label}/{row.pk.hex}"
            found = expected.pop((label, row.pk.hex), None)
            if is_shut(row) or (found is None and not shut.isdisjoint(_names(row))):
                continue  # what its act said of it no key here opens
            if found is None:
                yield Problem("row.unlogged", name, "no act in the log made this row")
            elif found[0] != _digest(_flat(state.encode(row))) or not state.is_folded(row):
                message = f"the row differs from what act #{found[1]} recorded"
                yield Problem("row.differs", name, message)
            elif hasattr(row, "seq") and row.seq != first.get(row.pk.hex):
                yield Problem("row.seq", name, "the row's place in the log was changed")
    for (label, pk), (_digest_of, index) in expected.items():
        message = f"the row that act #{index} recorded is gone"
        yield Problem("row.missing", f"{label}/{pk}", message)


def _names(row: models.Model) -> set[Any]:
    """Return the ids that a row bears and refers to."""
    return {getattr(row, field.attname) for field in row._meta.concrete_fields
            if field.primary_key or field.is_relation}  # fmt: skip


def _flat(groups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: value for fields in groups.values() for name, value in fields.items()}


def _digest(fields: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(canonical(dict(fields))).digest()
