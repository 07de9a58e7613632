"""Reading the log in the database: heads, leaves, chains, acts in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from muniment.custody.merkle import Frontier
from muniment.evidence.disclosure import open_disclosure
from muniment_server.custody.models import Head, Leaf
from muniment_server.custody.queries.need_to_know import agent_names

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """One act as the log has it, for people to read."""

    index: int
    kind: str
    by: UUID
    by_name: str
    t: datetime.datetime
    reason: str
    leaf: str
    obj: UUID


def custody_head() -> Head:
    """Return the head of the custody log as the database has it."""
    return Head.objects.get(pk="custody")


def frontier_of(head: Head) -> Frontier:
    """Return the compact range a head holds."""
    return Frontier.from_bytes(bytes(head.frontier))


def leaves(start: int = 0, end: int | None = None) -> Iterator[Leaf]:
    """Give leaves in index order, streaming."""
    rows = Leaf.objects.filter(index__gte=start).order_by("index")
    if end is not None:
        rows = rows.filter(index__lt=end)
    yield from rows.iterator(chunk_size=512)


def chain_of(obj: UUID) -> list[Leaf]:
    """Return a subject's leaves, n = 0..N."""
    return list(Leaf.objects.filter(obj=obj).order_by("n"))


def closing_leaf(batch: UUID, after: int) -> Leaf | None:
    """Return the batch leaf that ends the group in which the entry at `after` lies."""
    return Leaf.objects.filter(obj=batch, index__gt=after).order_by("index").first()


def leaf_of_act(eid: UUID) -> Leaf | None:
    """Return the leaf of an act by its id."""
    return Leaf.objects.filter(eid=eid).first()


def acts_of(obj: UUID) -> list[LoggedAct]:
    """Return a subject's acts in order, for people to read."""
    return _readable(chain_of(obj))


def latest_acts(limit: int, before: int | None = None) -> list[LoggedAct]:
    """Return the newest acts of the whole log, newest first."""
    rows = Leaf.objects.order_by("-index")
    if before is not None:
        rows = rows.filter(index__lt=before)
    return _readable(list(rows[:limit]))


def _readable(rows: list[Leaf]) -> list[LoggedAct]:
    names = agent_names(row.by for row in rows)
    return [
        LoggedAct(
            index=row.index,
            kind=row.kind,
            by=row.by,
            by_name=names.get(row.by, row.by.hex),
            t=row.t,
            reason=_reason(row),
            leaf=bytes(row.hash).hex(),
            obj=row.obj,
        )
        for row in rows
    ]


def _reason(row: Leaf) -> str:
    for text in row.disclosures.split("\n"):
        opened = open_disclosure(text)
        if opened.name == "reason" and isinstance(opened.value, dict):
            return str(opened.value.get("reason", ""))
    return ""
