"""Who reads unusually much: counts against a limit set by rule, and against a person's own past.

- Counted are views, downloads, searches and denials, by the hour and by the day (UTC).
- A count is shown when it is above the limit of the settings, or more than three times the person's
  busiest hour (day) of the 28 days before that day. The past counts only where it has five days on
  which they worked, and the count is at least a fifth of the limit: small numbers jump.
- It says that somebody read much, and nothing about why. No score is made of it.
- A reader is told of what they may know: readings of hidden records do not count for them.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, TextField
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from muniment.evidence.instant import now, to_seconds
from muniment_server.custody.models import Access
from muniment_server.custody.queries.need_to_know import accesses, agent_names, workspace
from muniment_server.custody.queries.withholding import unknown_subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from muniment_server.custody.policies import Actor

_KIND_OF: Final = {
    Access.Kind.VIEWED: "views",
    Access.Kind.UNCOVERED: "views",
    Access.Kind.DOWNLOADED: "downloads",
    Access.Kind.SEARCHED: "searches",
    Access.Kind.DENIED: "denials",
}
WORDS: Final = {
    "views": gettext_noop("views"),
    "downloads": gettext_noop("downloads"),
    "searches": gettext_noop("searches"),
    "denials": gettext_noop("denials"),
}
TIMES: Final = 3
PAST: Final = datetime.timedelta(days=28)
WORKED: Final = 5  # days of work before a past says anything
SHARE: Final = 5  # a count below this part of the limit is not held against the past
_SHOWN: Final = datetime.timedelta(days=7)
_DAY: Final = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Volume:
    """A count that is unusual: whose, of what, in which hour or day, and against what."""

    agent: UUID
    name: str
    kind: str
    per: str
    start: datetime.datetime
    count: int
    limit: int
    #: their busiest hour or day before; None where there is too little past to say
    busiest: int | None

    @property
    def above_limit(self) -> bool:
        """Whether the rule's limit was passed; otherwise it is the person's own past."""
        return self.count > self.limit

    @property
    def key(self) -> str:
        """What names the person's hour or day, as the access log keeps it."""
        return f"{self.kind} {self.per} {to_seconds(self.start)}"


def volumes(by: Actor) -> list[Volume]:
    """Return what was unusual in the last seven days, newest first, as the actor may know it."""
    at = now()
    read = _since(at).order_by().values_list("obj", flat=True).distinct()
    return _unusual(_hourly(at, unknown_subjects(by, (obj for obj in read if obj))), at)


def all_volumes() -> list[Volume]:
    """Return what was unusual in the last seven days, whatever was read: for recording it."""
    at = now()
    return _unusual(_hourly(at, frozenset()), at)


def recorded_flags(agents: Iterable[UUID]) -> set[tuple[UUID, str]]:
    """Return whose hours and days were recorded already: agent and key."""
    rows = accesses().filter(kind=Access.Kind.FLAGGED, obj__in=set(agents))
    told = rows.values_list("obj", "detail")
    return {(obj, detail.rpartition(" ")[0]) for obj, detail in told if obj}


def flag_words(detail: str) -> str:
    """Return in words what a recorded flag says."""
    kind, per, start, count = [*detail.split(" "), "", "", "", ""][:4]
    if kind not in WORDS:
        return detail
    form = _("{n} {what} in the hour from {at}") if per == "hour" else _("{n} {what} on {at}")
    shown = start[:16].replace("T", " ") if per == "hour" else start[:10]
    return form.format(n=count, what=_(WORDS[kind]), at=shown)


_Hourly = tuple["UUID", str, datetime.datetime, int]


def _since(at: datetime.datetime) -> QuerySet[Access]:
    """Return the readings from the first day on that any comparison needs."""
    since = _day(at) - _SHOWN - PAST
    rows = accesses().filter(at__gte=since, by__isnull=False, kind__in=list(_KIND_OF))
    return rows.exclude(via="job")  # what a worker reads is nobody's curiosity


def _hourly(at: datetime.datetime, unknown: frozenset[UUID]) -> Iterator[_Hourly]:
    """Give who read what kind of thing in which hour, and how often, without unknown records."""
    # The first 13 characters of an instant are its hour, on both databases.
    hour = Substr(Cast("at", TextField()), 1, 13)
    names = ["by", "kind", "hour", *(["obj"] if unknown else [])]
    rows = _since(at).order_by().annotate(hour=hour).values_list(*names)
    for agent, kind, text, *rest in rows.annotate(n=Count("pk")):
        if not unknown or rest[0] not in unknown:
            yield agent, _KIND_OF[Access.Kind(kind)], _instant(text), rest[-1]


def _instant(hour: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"{hour}:00:00+00:00")


def _unusual(rows: Iterable[_Hourly], at: datetime.datetime) -> list[Volume]:
    hours: dict[tuple[UUID, str], Counter[datetime.datetime]] = defaultdict(Counter)
    days: dict[tuple[UUID, str], Counter[datetime.datetime]] = defaultdict(Counter)
    for agent, kind, hour, n in rows:
        hours[agent, kind][hour] += n
        days[agent, kind][_day(hour)] += n
    rules = workspace().access_rules
    found = [
        one
        for per, counts, limits in (
            ("hour", hours, rules.per_hour),
            ("day", days, rules.per_day),
        )
        for (agent, kind), counted in counts.items()
        for one in _judged(agent, kind, per, counted, limits, _worked(days, agent), at)
    ]
    names = agent_names({one.agent for one in found})
    told = [_named(one, names) for one in found]
    return sorted(told, key=lambda one: (one.start, one.per, one.name, one.kind), reverse=True)


def _judged(
    agent: UUID,
    kind: str,
    per: str,
    counted: Mapping[datetime.datetime, int],
    limits: Mapping[str, int],
    worked: list[datetime.datetime],
    at: datetime.datetime,
) -> Iterator[Volume]:
    limit = limits[kind]
    for start, count in counted.items():
        if _day(start) < _day(at) - _SHOWN:
            continue
        first = _day(start) - PAST
        enough = sum(first <= day < _day(start) for day in worked) >= WORKED
        before = [n for when, n in counted.items() if first <= when < _day(start)]
        busiest = max(before, default=0) if enough else None
        unlike = busiest is not None and count > TIMES * busiest and count * SHARE >= limit
        if count > limit or unlike:
            yield Volume(agent, "", kind, per, start, count, limit, busiest)


def _worked(
    days: Mapping[tuple[UUID, str], Counter[datetime.datetime]], agent: UUID
) -> list[datetime.datetime]:
    return sorted(
        {day for (one, _kind), counted in days.items() if one == agent for day in counted}
    )


def _named(one: Volume, names: Mapping[UUID, str]) -> Volume:
    return Volume(
        one.agent,
        names.get(one.agent, ""),
        one.kind,
        one.per,
        one.start,
        one.count,
        one.limit,
        one.busiest,
    )


def _day(at: datetime.datetime) -> datetime.datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
