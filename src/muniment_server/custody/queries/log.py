"""Reading the log in the database: heads, leaves, chains, acts in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.archive.log_files import published_size
from muniment.custody.merkle import Frontier
from muniment.evidence.disclosure import open_disclosure
from muniment_server.custody.models import Head, Leaf, Recorded
from muniment_server.custody.queries.need_to_know import agent_names, workspace
from muniment_server.custody.queries.withholding import withheld_entries

if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Iterator
    from uuid import UUID

    from muniment_server.custody.models import LogHead
    from muniment_server.custody.policies import Actor


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


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some acts of the whole log, newest first, and before which entry the older ones stand."""

    acts: list[LoggedAct]
    before: int | None


def custody_head() -> Head:
    """Return the head of the custody log as the database has it."""
    return Head.objects.get(pk="custody")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the log stands, and whether an entry is below its published head."""

    size: int
    published: bool


def standing(index: int | None) -> Standing:
    """Return where an entry stands against the published head."""
    size = published_size(workspace().archive)
    return Standing(size, index is not None and index < size)


def frontier_of(head: LogHead) -> Frontier:
    """Return the compact range a head holds."""
    return Frontier.from_bytes(bytes(head.frontier))


def leaves(start: int = 0, end: int | None = None) -> Iterator[Leaf]:
    """Give leaves in index order, streaming."""
    rows = Leaf.objects.filter(index__gte=start).order_by("index")
    if end is not None:
        rows = rows.filter(index__lt=end)
    yield from rows.iterator(chunk_size=512)


def hashed_leaves(start: int, end: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Give index, leaf and its stored hash in index order, streaming."""
    rows = Leaf.objects.filter(index__gte=start, index__lt=end).order_by("index")
    for index, data, digest in rows.values_list("index", "data", "hash").iterator(512):
        yield index, bytes(data), bytes(digest)


def details(start: int, end: int) -> Iterator[tuple[int, bytes, str]]:
    """Give index, leaf and disclosures (a line each) in index order, streaming."""
    rows = Leaf.objects.filter(index__gte=start, index__lt=end).order_by("index")
    for index, data, texts in rows.values_list("index", "data", "disclosures").iterator(512):
        yield index, bytes(data), texts


def chain_of(obj: UUID) -> list[Leaf]:
    """Return a subject's leaves, n = 0..N."""
    return list(Leaf.objects.filter(obj=obj).order_by("n"))


def leaves_of(kinds: Collection[str]) -> list[Leaf]:
    """Return every leaf of some kinds of act, in index order."""
    return list(Leaf.objects.filter(kind__in=kinds).order_by("index"))


def closing_leaf(batch: UUID, after: int) -> Leaf | None:
    """Return the batch leaf that ends the group in which the entry at `after` lies."""
    return Leaf.objects.filter(obj=batch, index__gt=after).order_by("index").first()


def next_leaf(kind: str, after: int) -> Leaf | None:
    """Return the first leaf of a kind of act behind a place in the log."""
    return Leaf.objects.filter(kind=kind, index__gt=after).order_by("index").first()


def leaf_of_act(eid: UUID) -> Leaf | None:
    """Return the leaf of an act by its id."""
    return Leaf.objects.filter(eid=eid).first()


def made_at(row: Recorded) -> datetime.datetime | None:
    """Return the time of the act that first recorded a row of somebody's grants."""
    name = f"{row._meta.label_lower}/{row.pk.hex}"
    subject = getattr(row, "person_id", None) or getattr(row, "agent_id", None)
    if subject is None:
        return None
    for leaf in chain_of(subject):
        for text in leaf.disclosures.split("\n"):
            if open_disclosure(text).name == name:
                return leaf.t
    return None


def act(by: Actor, index: int) -> LoggedAct | None:
    """Return one act by its place in the log, as far as the actor may know of it."""
    found = _readable(by, list(Leaf.objects.filter(index=index)))
    return found[0] if found else None


def leaf(index: int) -> Leaf | None:
    """Return one leaf by its place in the log."""
    return Leaf.objects.filter(index=index).first()


def acts_of(by: Actor, obj: UUID) -> list[LoggedAct]:
    """Return a subject's acts in order, for people to read."""
    return _readable(by, chain_of(obj))


def latest_acts(by: Actor, limit: int, before: int | None = None) -> LogPage:
    """Return the newest acts of the whole log, as far as the actor may know of them.

    Of `limit` entries those are left out that are withheld: places in the log may have gaps.
    """
    rows = Leaf.objects.order_by("-index")
    if before is not None:
        rows = rows.filter(index__lt=before)
    some = list(rows[:limit])
    oldest = some[-1].index if some else 0
    return LogPage(_readable(by, some), oldest or None)


def _readable(by: Actor, rows: list[Leaf]) -> list[LoggedAct]:
    withheld = withheld_entries(by, rows)
    told = [row for row in rows if row.index not in withheld]
    names = agent_names(row.by for row in told)
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
        for row in told
    ]


def _reason(row: Leaf) -> str:
    for text in row.disclosures.split("\n"):
        opened = open_disclosure(text)
        if opened.name == "reason" and isinstance(opened.value, dict):
            return str(opened.value.get("reason", ""))
    return ""
