"""Rebuilding the database from an archive: every recorded row as its last act left it.

- The log is checked before a row is believed: signature, tiles, leaves, disclosures.
- Rebuilt tables equal the lost ones row for row; derived columns and counters are computed again;
  local tables (credentials, sessions, jobs) stay empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction

from muniment.archive.details import read_details
from muniment.custody.leaf import leaf_hash
from muniment.custody.merkle import Frontier
from muniment.errors import TamperSuspected
from muniment.evidence.instant import parse as parse_instant
from muniment_server.custody.ledger import closing, state
from muniment_server.custody.ledger.appending import CUSTODY
from muniment_server.custody.ledger.reading import RowState, Withdrawals, read_act, upcast
from muniment_server.custody.models import Counter, Head, Leaf, Recorded, Root
from muniment_server.database.closed_rows import shut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from muniment.archive.details import DetailsLine
    from muniment.custody.checkpoint import Checkpoint

_AT_ONCE = 512


def rebuild(archive: Path, head: Checkpoint, progress: Callable[[int], None]) -> None:
    """Fill the empty tables of this workspace from an archive whose head was checked.

    Raises `TamperSuspected` where the details do not give the root that was signed.
    """
    last: dict[tuple[str, str], RowState] = {}
    first: dict[str, int] = {}
    sealed: dict[tuple[str, str], str] = {}
    withdrawals = Withdrawals()
    frontier = Frontier()
    t = None
    with transaction.atomic():
        for lines in _some(read_details(archive, 0, head.size)):
            leaves = [_leaf(line, last, first, sealed, withdrawals) for line in lines]
            Leaf.objects.bulk_create(leaves)
            frontier = frontier.appended([bytes(leaf.hash) for leaf in leaves])
            t = leaves[-1].t
            progress(len(leaves))
        if (frontier.size, frontier.root()) != (head.size, head.root):
            raise TamperSuspected(
                "the details of the archive do not give the root that was signed",
                code="rebuild.root",
                hint="Run `muniment check` on the archive; restore what it names from a copy.",
            )
        _refuse_damaged(withdrawals)
        Head.objects.create(
            log=CUSTODY,
            origin=head.origin,
            size=head.size,
            frontier=frontier.to_bytes(),
            t=t,
        )
        insert_rows(last, first, sealed)
        count_numbers()
        connection.check_constraints()


def _some(lines: Iterator[DetailsLine]) -> Iterator[list[DetailsLine]]:
    some: list[DetailsLine] = []
    for line in lines:
        some.append(line)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _refuse_damaged(withdrawals: Withdrawals) -> None:
    damaged = withdrawals.damaged()
    if damaged:
        raise TamperSuspected(
            f"the details of entry {damaged[0]} lack what it commits to, and no act withdrew it",
            code="rebuild.details",
            hint="Run `muniment check` on the archive; restore what it names from a copy.",
        )


def _leaf(
    line: DetailsLine,
    last: dict[tuple[str, str], RowState],
    first: dict[str, int],
    sealed: dict[tuple[str, str], str],
    withdrawals: Withdrawals,
) -> Leaf:
    disclosures = closing.opened_line(line)
    act = read_act(line.index, line.leaf, disclosures.split("\n"), whole=False)
    if not closing.is_shut(disclosures):
        withdrawals.take(line.index, act)
    for row in act.rows:
        last[(row.model, row.pk)] = row
        sealed[(row.model, row.pk)] = closing.subject_of(line, act.chain)
    chain: Any = act.chain
    first.setdefault(chain["obj"], line.index)
    return Leaf(
        index=line.index,
        eid=UUID(act.eid),
        obj=UUID(chain["obj"]),
        n=chain["n"],
        kind=chain["act"],
        by=UUID(chain["by"]),
        t=parse_instant(chain["t"]),
        hash=leaf_hash(line.leaf),
        data=line.leaf,
        disclosures=disclosures,
    )


def insert_rows(
    last: Mapping[tuple[str, str], RowState],
    first: Mapping[str, int],
    sealed: Mapping[tuple[str, str], str],
) -> dict[tuple[str, str], Recorded]:
    """Insert every row as its last act left it, and return the rows by model and id.

    `first` is the place of each subject's first leaf, `sealed` the subject whose key a row's words
    are sealed to, empty for none.
    """
    made: dict[tuple[str, str], Recorded] = {}
    rows: dict[type[Recorded], list[Recorded]] = {}
    closed: dict[str, list[Recorded]] = {}
    for (label, pk), found in last.items():
        model = apps.get_model(label)
        row = state.decode(model, upcast(model, found))
        if hasattr(row, "seq"):
            row.seq = first[pk]
        made[(label, pk)] = row
        rows.setdefault(model, []).append(row)
        if sealed[(label, pk)]:
            closed.setdefault(sealed[(label, pk)], []).append(row)
    with shut(closing.known_rows(closed)):
        for model in state.recorded_models():
            model._default_manager.bulk_create(rows.pop(model, []), batch_size=_AT_ONCE)
    return made


def count_numbers() -> None:
    """Set each series to the greatest number given in it."""
    for model in state.recorded_models():
        if not issubclass(model, Root) or not model.prefix:
            continue
        numbers = model._default_manager.values_list("number", flat=True)
        last = max((int(number.rpartition("-")[2]) for number in numbers), default=0)
        if last:
            Counter.objects.create(series=model.prefix, last=last)
