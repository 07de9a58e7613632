"""The API's part about sources and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Query, Router

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import Listed
from muniment_server.incidents import policies, queries, services
from muniment_server.incidents.api.bodies import ClaimIn, GradeClaimIn, SourceIn
from muniment_server.incidents.schemas import (
    ClaimOut,
    SourceOut,
    claim_record,
    source_record,
)
from muniment_server.pictures.window import Window

if TYPE_CHECKING:
    from muniment_server.custody.policies import Asked

router = Router(tags=["register"])


@router.get("/sources", response=Listed[SourceOut])
def list_sources(request: Asked, q: str = "", after: int = -1) -> dict[str, Any]:
    """List sources in log order."""
    require(policies.may_read, request.actor)
    page = queries.sources(request.actor, words=q, after=after)
    return {"records": [source_record(one) for one in page.rows], "next": page.after}


@router.post("/sources", response=SourceOut)
def record_source(request: Asked, given: SourceIn) -> dict[str, Any]:
    """Record a source."""
    return source_record(services.record_source(request.actor, **given.dict()))


@router.get("/sources/{number}", response=SourceOut)
def show_source(request: Asked, number: str) -> dict[str, Any]:
    """Show a source."""
    require(policies.may_read, request.actor)
    return source_record(queries.source(request.actor, number))


@router.get("/claims", response=Listed[ClaimOut])
def list_claims(
    request: Asked,
    within: Query[Window],
    q: str = "",
    kind: str = "",
    content: str = "",
    source: str = "",
    after: int = -1,
) -> dict[str, Any]:
    """List claims in log order."""
    require(policies.may_read, request.actor)
    wanted = queries.ClaimFilter(kind, content, source, q, within.span())
    page = queries.claims(request.actor, wanted, after=after)
    return {"records": [claim_record(one) for one in page.rows], "next": page.after}


@router.post("/claims", response=ClaimOut)
def record_claim(request: Asked, given: ClaimIn) -> dict[str, Any]:
    """Record what a source says."""
    by = request.actor
    said = given.dict()
    count = said.pop("count")
    source, incident, item, denies, kind, reason = (
        said.pop(name) for name in ("source", "incident", "item", "denies", "kind", "reason")
    )
    made = services.record_claim(
        by,
        source=queries.source(by, source),
        kind=kind,
        said=services.Said(**said),
        incident=queries.incident(by, incident) if incident else None,
        item=catalogue.item(by, item) if item else None,
        denies=queries.claim(by, denies) if denies else None,
        count=services.Count(**count) if count else None,
        reason=reason,
    )
    return claim_record(made)


@router.get("/claims/{number}", response=ClaimOut)
def show_claim(request: Asked, number: str) -> dict[str, Any]:
    """Show a claim."""
    require(policies.may_read, request.actor)
    return claim_record(queries.claim(request.actor, number))


@router.post("/claims/{number}/grade", response=ClaimOut)
def grade_claim(request: Asked, number: str, given: GradeClaimIn) -> dict[str, Any]:
    """Say what was checked of a claim."""
    found = queries.claim(request.actor, number)
    return claim_record(services.grade_claim(request.actor, found, **given.dict()))
