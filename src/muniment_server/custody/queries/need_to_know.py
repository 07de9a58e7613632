"""Need to know: the one filter, who is cleared, and what was recorded of readings."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar, cast

from django.conf import settings

from muniment_server.custody.models import (
    Access,
    Agent,
    Clearance,
    Compartment,
    Recorded,
    Root,
)
from muniment_server.custody.policies import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from muniment.archive.workspace import Workspace
    from muniment_server.custody.policies import Actor

RootT = TypeVar("RootT", bound=Root)
RowT = TypeVar("RowT", bound=Recorded)


def workspace() -> Workspace:
    """Return the workspace this process runs in."""
    return cast("Workspace", settings.WORKSPACE)


def visible(by: Actor, rows: QuerySet[RootT]) -> QuerySet[RootT]:
    """Keep the roots that lie in the actor's compartments and have not ended."""
    return rows.filter(compartment__in=by.compartments, ended__isnull=True)


def visible_through(by: Actor, rows: QuerySet[RowT], *roots: str) -> QuerySet[RowT]:
    """Keep the rows whose every named root is visible: a link shows when both ends do (§6)."""
    kept = rows.filter(ended__isnull=True)
    for root in roots:
        kept = kept.filter(**{f"{root}__compartment__in": by.compartments})
    return kept


def accesses(obj: UUID | None = None) -> QuerySet[Access]:
    """Return the readings whose time is not over, newest first, of one subject or of everything."""
    rows = Access.objects.using("access").filter(at__isnull=False).order_by("-pk")
    return rows if obj is None else rows.filter(obj=obj)


@lru_cache(maxsize=8)
def _open_compartment_of(_database: str) -> UUID:
    return Compartment.objects.get(name=OPEN).pk


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


def ever_cleared(agents: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return every compartment that agents are or once were cleared for."""
    found: dict[UUID, set[UUID]] = {}
    rows = Clearance.objects.filter(agent__in=set(agents))
    for agent, compartment in rows.values_list("agent", "compartment"):
        found.setdefault(agent, set()).add(compartment)
    return {agent: frozenset(names) for agent, names in found.items()}


def all_compartments() -> QuerySet[Compartment]:
    """Return every compartment, by name."""
    return Compartment.objects.filter(ended__isnull=True).order_by("name")


def agent_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of agents."""
    return dict(Agent.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def clearances_of(agent: UUID) -> QuerySet[Clearance]:
    """Return an agent's standing clearances, by compartment."""
    rows = Clearance.objects.filter(agent=agent, ended__isnull=True)
    return rows.select_related("compartment").order_by("compartment__name")
