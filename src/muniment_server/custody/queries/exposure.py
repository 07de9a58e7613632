"""How often people uncovered what may be graphic: counted, never refused, never switched off.

- A person reads their own count. Who may read the access record reads everybody's, as far as they
  may know of what was uncovered; whoever is left out of that record is left out of the count.
- A day is a day in UTC, and a week is today and the six days before it.
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.evidence.instant import now
from muniment_server.custody.models import Access
from muniment_server.custody.queries.need_to_know import accesses, agent_names
from muniment_server.custody.queries.withholding import unknown_subjects

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from muniment_server.custody.policies import Actor

_WEEK = datetime.timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often one person uncovered something: today, and today and the six days before."""

    name: str
    today: int
    week: int


def own_exposure(by: Actor) -> Exposure:
    """Return how often the actor uncovered something."""
    rows = _since_a_week().filter(by=by.agent)
    return Exposure(by.name, rows.filter(at__gte=_midnight()).count(), rows.count())


def exposures(by: Actor) -> list[Exposure]:
    """Return who uncovered something this week and how often, by name.

    Records that the actor may not know of do not count.
    """
    rows = list(_since_a_week().values_list("by", "obj", "at"))
    unknown = unknown_subjects(by, {obj for _by, obj, _at in rows if obj})
    week: Counter[UUID] = Counter()
    today: Counter[UUID] = Counter()
    for agent, obj, at in rows:
        if agent is not None and at is not None and obj not in unknown:
            week[agent] += 1
            today[agent] += at >= _midnight()
    names = agent_names(week)
    found = [Exposure(names.get(one, ""), today[one], week[one]) for one in week]
    return sorted(found, key=lambda one: one.name)


def _since_a_week() -> QuerySet[Access]:
    return accesses().filter(kind=Access.Kind.UNCOVERED, at__gte=_midnight() - _WEEK)


def _midnight() -> datetime.datetime:
    return now().replace(hour=0, minute=0, second=0, microsecond=0)
