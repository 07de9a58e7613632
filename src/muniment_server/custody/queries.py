"""Every read of the log, of compartments and of the access record.

- `visible` is the one filter by need to know; each app's queries begin with it.
- `note` leaves the access record: views, lists, searches, downloads, denials.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.conf import settings

from muniment.custody.merkle import Frontier
from muniment.evidence.disclosure import open_disclosure
from muniment.evidence.instant import now
from muniment_server.custody.models import (
    Access,
    Agent,
    Clearance,
    Compartment,
    Head,
    Leaf,
    Recorded,
    Root,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

    from muniment_server.custody.policies import Actor

RootT = TypeVar("RootT", bound=Root)
RowT = TypeVar("RowT", bound=Recorded)


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


def visible(by: Actor, rows: QuerySet[RootT]) -> QuerySet[RootT]:
    """Keep the roots that lie in the actor's compartments and have not ended."""
    return rows.filter(compartment__in=by.compartments, ended__isnull=True)


def visible_through(by: Actor, rows: QuerySet[RowT], *roots: str) -> QuerySet[RowT]:
    """Keep the rows whose every named root is visible: a link shows when both ends do (§6)."""
    kept = rows.filter(ended__isnull=True)
    for root in roots:
        kept = kept.filter(**{f"{root}__compartment__in": by.compartments})
    return kept


def note(by: Actor | None, kind: Access.Kind, record: Recorded | None, *, detail: str = "") -> None:
    """Leave the access record of one reading, durably, before the answer goes out."""
    Access.objects.using("access").create(
        at=now(),
        by=None if by is None else by.agent,
        via="" if by is None else by.via.value,
        session="" if by is None else by.session,
        kind=kind,
        model="" if record is None else record._meta.label_lower,
        obj=None if record is None else record.pk,
        detail=detail[:2000],
    )


def note_list(by: Actor, model: type[Recorded], *, detail: str = "") -> None:
    """Leave the access record of a list or, where words were sought, of a search."""
    Access.objects.using("access").create(
        at=now(),
        by=by.agent,
        via=by.via.value,
        session=by.session,
        kind=Access.Kind.SEARCHED if detail else Access.Kind.LISTED,
        model=model._meta.label_lower,
        detail=detail[:2000],
    )


def accesses(obj: UUID | None = None) -> QuerySet[Access]:
    """Return the access record, newest first, of one subject or of everything."""
    rows = Access.objects.using("access").order_by("-at", "-pk")
    return rows if obj is None else rows.filter(obj=obj)


@lru_cache(maxsize=8)
def _open_compartment_of(_database: str) -> UUID:
    return Compartment.objects.get(name=Compartment.OPEN).pk


def open_compartment_id() -> UUID:
    """Return the id of the open compartment, which every workspace has from its first act."""
    return _open_compartment_of(str(settings.DATABASES["default"]["NAME"]))


@lru_cache(maxsize=1024)
def compartment_name(pk: UUID) -> str:
    """Return a compartment's name; names never change."""
    return Compartment.objects.get(pk=pk).name


def compartments_of(agent: UUID) -> frozenset[UUID]:
    """Return the compartments an agent is cleared for."""
    rows = Clearance.objects.filter(agent=agent, ended__isnull=True)
    return frozenset(rows.values_list("compartment", flat=True))


def all_compartments() -> QuerySet[Compartment]:
    """Return every compartment, by name."""
    return Compartment.objects.filter(ended__isnull=True).order_by("name")


def agent_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of agents."""
    return dict(Agent.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


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
