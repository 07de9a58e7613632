"""The API's part about incidents: what is alleged, its evidence, what crime it could be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Query, Router

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import (
    Listed,
    Words,
)
from muniment_server.incidents import policies, queries, services
from muniment_server.incidents.api.bodies import (
    ClassifyIn,
    DescribedIn,
    EvidenceIn,
    GradeIn,
    SupportIn,
)
from muniment_server.incidents.schemas import (
    IncidentOut,
    IncidentWholeOut,
    incident_record,
    incident_whole,
)
from muniment_server.pictures.window import Window

if TYPE_CHECKING:
    from muniment_server.custody.policies import Asked

router = Router(tags=["register"])


@router.get("/incidents", response=Listed[IncidentOut])
def list_incidents(
    request: Asked,
    within: Query[Window],
    q: str = "",
    happened: str = "",
    author: str = "",
    crime: str = "",
    conflict: str = "",
    after: int = -1,
) -> dict[str, Any]:
    """List incidents in log order."""
    require(policies.may_read, request.actor)
    wanted = queries.IncidentFilter(q, happened, author, crime, conflict, within.span())
    page = queries.incidents(request.actor, wanted, after=after)
    return {"records": [incident_record(one) for one in page.rows], "next": page.after}


@router.post("/incidents", response=IncidentOut)
def open_incident(request: Asked, given: DescribedIn) -> dict[str, Any]:
    """Open an incident."""
    title, reason, described = _split(given)
    made = services.open_incident(request.actor, title=title, described=described, reason=reason)
    return incident_record(made)


@router.get("/incidents/{number}", response=IncidentWholeOut)
def show_incident(request: Asked, number: str) -> dict[str, Any]:
    """Show an incident with everything the reader may know of it."""
    require(policies.may_read, request.actor)
    found = queries.incident(request.actor, number)
    return incident_whole(queries.incident_view(request.actor, found))


@router.post("/incidents/{number}/describe", response=IncidentOut)
def describe_incident(request: Asked, number: str, given: DescribedIn) -> dict[str, Any]:
    """Say when, where and what anew."""
    title, reason, described = _split(given)
    found = queries.incident(request.actor, number)
    made = services.describe_incident(
        request.actor, found, title=title, described=described, reason=reason
    )
    return incident_record(made)


def _split(given: DescribedIn) -> tuple[str, str, services.Description]:
    said = given.dict()
    return said.pop("title"), said.pop("reason"), services.Description(**said)


@router.post("/incidents/{number}/evidence", response=IncidentWholeOut)
def link_evidence(request: Asked, number: str, given: EvidenceIn) -> dict[str, Any]:
    """Put an item beside an incident."""
    by = request.actor
    found = queries.incident(by, number)
    services.link_evidence(
        by,
        incident=found,
        item=catalogue.item(by, given.item),
        stance=given.stance,
        citation={"place": given.place} if given.place else {},
        note=given.note,
        reason=given.reason,
    )
    return incident_whole(queries.incident_view(by, found))


@router.post("/incidents/{number}/grade", response=IncidentOut)
def grade_incident(request: Asked, number: str, given: GradeIn) -> dict[str, Any]:
    """Grade whether it happened and who did it."""
    found = queries.incident(request.actor, number)
    return incident_record(services.grade_incident(request.actor, found, **given.dict()))


@router.post("/incidents/{number}/crimes", response=IncidentWholeOut)
def classify_incident(request: Asked, number: str, given: ClassifyIn) -> dict[str, Any]:
    """Name a crime the incident could be."""
    found = queries.incident(request.actor, number)
    services.classify(request.actor, found, **given.dict())
    return incident_whole(queries.incident_view(request.actor, found))


@router.post("/incidents/{number}/crimes/{crime}", response=IncidentWholeOut)
def support_element(request: Asked, number: str, crime: str, given: SupportIn) -> dict[str, Any]:
    """Put an item to one element of a crime the incident could be."""
    by = request.actor
    found = queries.incident(by, number)
    item = catalogue.item(by, given.item)
    support = services.Support(given.element, item, given.stance, note=given.note)
    services.support_element(by, found, crime=crime, support=support, reason=given.reason)
    return incident_whole(queries.incident_view(by, found))


@router.delete("/incidents/{number}/crimes/{crime}", response=IncidentWholeOut)
def declassify_incident(request: Asked, number: str, crime: str, reason: Words) -> dict[str, Any]:
    """Withdraw a classification."""
    found = queries.incident(request.actor, number)
    services.declassify(request.actor, found, crime=crime, reason=reason)
    return incident_whole(queries.incident_view(request.actor, found))
