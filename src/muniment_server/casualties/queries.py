"""Every read of victims, filtered by need to know, leaving the access record.

- A victim is visible where its incident is too.
- Names are looked for only on behalf of those who may see them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models

from muniment_server.casualties import policies
from muniment_server.casualties.models import Established, Victim
from muniment_server.custody import queries as custody
from muniment_server.custody.queries import PAGE, Page
from muniment_server.pictures import dated
from muniment_server.pictures.spans import EVER, Span

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident

#: a victim has the dates of the incident
_WHEN = ("incident__occurred_from", "incident__occurred_to", "incident__precision")


@dataclass(frozen=True, slots=True)
class VictimFilter:
    """What a list of victims is narrowed to; empty means all."""

    words: str = ""
    harm: str = ""
    established: str = ""
    status: str = ""
    within: Span = EVER


@dataclass(frozen=True, slots=True)
class Sum:
    """How many people confirmed records of one harm speak of, at least and at most."""

    harm: str
    least: int
    most: int
    records: int


def victims(by: Actor, wanted: VictimFilter, *, after: int = -1, limit: int = PAGE) -> Page:
    """Return a page of victims, in log order."""
    custody.note_list(by, Victim, detail=wanted.words)
    rows = _narrowed(by, wanted)
    facets = {name: custody.tally(rows, name) for name in ("harm", "established", "status")}
    return custody.page_of(rows, after=after, limit=limit, facets=facets)


def _narrowed(by: Actor, wanted: VictimFilter) -> QuerySet[Victim]:
    rows = _victims(by)
    if policies.may_see_names(by):
        rows = custody.matching(rows, wanted.words, "name_folded")
    else:
        for word in wanted.words.split():
            rows = rows.filter(number__contains=word.upper())
    if wanted.harm:
        rows = rows.filter(harm=wanted.harm)
    if wanted.established:
        rows = rows.filter(established=wanted.established)
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    return dated.in_intervals(rows, *_WHEN, wanted.within)


def victim_spans(by: Actor, wanted: VictimFilter) -> list[tuple[Span, int]]:
    """Return when what they suffered can have happened, and how many records have each interval."""
    return dated.intervals(_narrowed(by, wanted), *_WHEN)


def confirmed_sums(by: Actor, wanted: VictimFilter) -> list[Sum]:
    """Return what confirmed records add up to, one kind of harm at a time, never mixed."""
    rows = _narrowed(by, wanted).filter(established=Established.CONFIRMED).order_by()
    summed = rows.values_list("harm").annotate(
        least=models.Sum("least"), most=models.Sum("most"), n=models.Count("pk")
    )
    return [Sum(*one) for one in summed.order_by("harm")]


def victim(by: Actor, number: str) -> Victim:
    """Return one victim by number; raises `NotFound`."""
    return custody.one(by, _victims(by), number, "victim")


def victims_of(by: Actor, found: Incident) -> list[Victim]:
    """Return the victims of an incident whom the actor may know of."""
    return list(_victims(by).filter(incident=found).order_by("seq"))


def _victims(by: Actor) -> QuerySet[Victim]:
    rows = custody.visible(by, Victim.objects.select_related("incident"))
    return rows.filter(incident__compartment__in=by.compartments)
