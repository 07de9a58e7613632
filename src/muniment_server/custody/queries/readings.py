"""The record of readings, as far as its reader may know of what was read.

- A reading of a record that the reader may not know of is left out, as if it had not been.
- Words that somebody typed may name what only they may know of: they are told to readers of records
  who are cleared for everything that the person was ever cleared for (decision 0011).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from muniment_server.custody import policies
from muniment_server.custody.models import Access
from muniment_server.custody.queries.need_to_know import (
    accesses,
    agent_names,
    ever_cleared,
)
from muniment_server.custody.queries.recording import note_accesses_read
from muniment_server.custody.queries.volumes import flag_words
from muniment_server.custody.queries.withholding import (
    Subject,
    kind_words,
    subjects,
    unknown_subjects,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Collection, Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from muniment_server.custody.policies import Actor

_SOME = 400


@dataclass(frozen=True, slots=True)
class Reading:
    """Who did what, when, through which door, on which record; `what` where it is no record."""

    index: int
    at: datetime.datetime
    by_name: str
    kind: str
    kind_text: str
    via: str
    detail: str
    subject: Subject | None
    #: which kind of record; `about` says whether one of them was looked at, or their list
    model: str
    about: bool
    what: str


@dataclass(frozen=True, slots=True)
class ReadingsPage:
    """Some readings, newest first, and before which the older ones stand."""

    readings: list[Reading]
    before: int | None


def readings(by: Actor, limit: int, before: int | None = None) -> ReadingsPage:
    """Return the newest readings, those left out that the reader may not know of.

    That they were asked for is recorded too.
    """
    note_accesses_read(by)
    return _page(by, lambda place: list(_before(accesses(), place)[:limit]), limit, before)


def readings_about(
    by: Actor, ids: Collection[UUID], limit: int, before: int | None = None
) -> ReadingsPage:
    """Return the newest readings of these records, as `readings` does; the caller records it."""
    wanted, rows = sorted(ids), accesses()

    def fetch(place: int | None) -> list[Access]:
        groups = [
            _before(rows.filter(obj__in=wanted[start : start + _SOME]), place)[:limit]
            for start in range(0, len(wanted), _SOME)
        ]
        return list(islice(heapq.merge(*groups, key=lambda row: -row.pk), limit))

    return _page(by, fetch, limit, before)


def _before(rows: QuerySet[Access], place: int | None) -> QuerySet[Access]:
    return rows if place is None else rows.filter(pk__lt=place)


def _page(
    by: Actor, fetch: Callable[[int | None], list[Access]], limit: int, before: int | None
) -> ReadingsPage:
    """Return at least half a page where there is as much that the reader may know of."""
    told: list[Reading] = []
    while True:
        rows = fetch(before)
        told += _told(by, rows)
        if len(rows) < limit:
            return ReadingsPage(told, None)
        before = rows[-1].pk
        if 2 * len(told) >= limit:
            return ReadingsPage(told, before)


def _told(by: Actor, rows: list[Access]) -> list[Reading]:
    unknown = unknown_subjects(by, (row.obj for row in rows if row.obj))
    rows = [row for row in rows if row.obj not in unknown]
    people = {one for row in rows for one in (row.by, row.obj) if one}
    names, cleared = agent_names(people), ever_cleared(people)
    named = subjects(by, (row.obj for row in rows if row.obj))
    # That somebody read much is told of what they read: it may be what only they know.
    rows = [
        row
        for row in rows
        if row.kind != Access.Kind.FLAGGED or _of(cleared, row.obj) <= by.compartments
    ]
    reads_words = policies.may_read_words(by)
    return [
        Reading(
            index=row.pk,
            at=row.at,
            by_name=names.get(row.by, "") if row.by else "",
            kind=row.kind,
            kind_text=row.get_kind_display(),
            via=row.via,
            detail=_words(by, row, cleared) if reads_words else "",
            subject=named.get(row.obj) if row.obj else None,
            model=row.model,
            about=row.obj is not None,
            what=names.get(row.obj, "") if row.obj else kind_words(row.model),
        )
        for row in rows
        if row.at is not None
    ]


def _words(by: Actor, row: Access, cleared: Mapping[UUID, frozenset[UUID]]) -> str:
    if row.kind == Access.Kind.FLAGGED:
        return flag_words(row.detail)
    return row.detail if _of(cleared, row.by) <= by.compartments else ""


def _of(cleared: Mapping[UUID, frozenset[UUID]], agent: UUID | None) -> frozenset[UUID]:
    return cleared.get(agent, frozenset()) if agent else frozenset()
