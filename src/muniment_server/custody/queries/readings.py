"""The record of readings, as far as its reader may know of what was read.

- A reading of a record that the reader may not know of is left out, as if it had not been.
- Words that somebody typed may name what only they may know of: they are told to readers of records
  who are cleared for everything that the person was ever cleared for (decision 0011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment_server.custody import policies
from muniment_server.custody.queries.need_to_know import (
    accesses,
    agent_names,
    ever_cleared,
)
from muniment_server.custody.queries.recording import note_accesses_read
from muniment_server.custody.queries.withholding import (
    Subject,
    kind_words,
    subjects,
    unknown_subjects,
)

if TYPE_CHECKING:
    import datetime

    from muniment_server.custody.policies import Actor


@dataclass(frozen=True, slots=True)
class Reading:
    """Who did what, when, through which door, on which record; `what` where it is no record."""

    at: datetime.datetime
    by_name: str
    kind: str
    kind_text: str
    via: str
    detail: str
    subject: Subject | None
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
    asked = accesses().order_by("-pk")
    if before is not None:
        asked = asked.filter(pk__lt=before)
    rows = list(asked[:limit])
    older = rows[-1].pk if len(rows) == limit else None
    unknown = unknown_subjects(by, (row.obj for row in rows if row.obj))
    rows = [row for row in rows if row.obj not in unknown]
    named = subjects(by, (row.obj for row in rows if row.obj))
    names = agent_names(one for row in rows for one in (row.by, row.obj) if one)
    cleared = ever_cleared(row.by for row in rows if row.by)
    reads_words = policies.may_read_words(by)
    found = []
    for row in rows:
        of = cleared.get(row.by, frozenset()) if row.by else frozenset()
        found.append(
            Reading(
                at=row.at,
                by_name=names.get(row.by, "") if row.by else "",
                kind=row.kind,
                kind_text=row.get_kind_display(),
                via=row.via,
                detail=row.detail if reads_words and of <= by.compartments else "",
                subject=named.get(row.obj) if row.obj else None,
                what=names.get(row.obj, "") if row.obj else kind_words(row.model),
            )
        )
    return ReadingsPage(found, older)
