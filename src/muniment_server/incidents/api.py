"""The register's part of the API: sources, claims, incidents, assessments."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ninja import Router, Schema

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.policies import require
from muniment_server.incidents import policies, queries, services
from muniment_server.incidents.schemas import (
    assessment_record,
    claim_record,
    incident_record,
    incident_whole,
    source_record,
)

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor, Asked

router = Router(tags=["register"])


class SourceIn(Schema):
    """Who or what says so."""

    name: str
    kind: services.SourceKind
    party: str = ""
    origin: str = ""
    reliability: services.Reliability = services.Reliability.F
    note: str = ""
    reason: str = ""


class CountIn(Schema):
    """A number as somebody gave it."""

    value: int
    unit: str
    operator: services.Operator = services.Operator.EXACTLY
    value_to: int | None = None
    population: str = ""
    as_of: date | None = None
    area: str = ""
    standard: str = ""


class ClaimIn(Schema):
    """What a source says."""

    source: str
    kind: services.ClaimKind
    text: str
    language: str = "en"
    original: str = ""
    said_at: datetime | None = None
    authority: str = ""
    incident: str = ""
    item: str = ""
    denies: str = ""
    count: CountIn | None = None
    reason: str = ""


class GradeClaimIn(Schema):
    """What was checked of a claim."""

    credibility: services.Credibility
    attribution: services.Attribution
    content: services.ContentStatus
    reason: str


class DescribedIn(Schema):
    """When, where and what."""

    title: str
    description: str = ""
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    precision: services.Precision = services.Precision.UNKNOWN
    place: str = ""
    latitude_e7: int | None = None
    longitude_e7: int | None = None
    error_m: int | None = None
    object_hit: str = ""
    protection: str = ""
    means: str = ""
    pause_agreed: str = ""
    conflict_type: str = ""
    reason: str = ""


class EvidenceIn(Schema):
    """An item for or against an incident."""

    item: str
    stance: services.Stance
    place: str = ""
    note: str = ""
    reason: str = ""


class GradeIn(Schema):
    """Two questions, two grades."""

    happened: services.Grade
    author: services.Grade
    reason: str


class ClassifyIn(Schema):
    """A crime the incident could be."""

    crime: str
    note: str = ""
    reason: str = ""


class SupportIn(Schema):
    """An item for or against one element."""

    element: str
    item: str
    stance: services.Stance
    note: str = ""
    reason: str = ""


class AssessIn(Schema):
    """One question about an item, worked through."""

    question: services.Question
    method: str
    result: str
    steps: str = ""
    confidence: str = ""
    alternatives: str = ""
    reason: str = ""


class ReviewIn(Schema):
    """A second person's answer."""

    answer: services.Answer
    reason: str


@router.get("/sources")
def list_sources(request: Asked, q: str = "", after: int = -1) -> dict[str, Any]:
    """List sources in log order."""
    require(policies.may_read, request.actor)
    page = queries.sources(request.actor, words=q, after=after)
    return {"records": [source_record(one) for one in page.rows], "next": page.after}


@router.post("/sources")
def record_source(request: Asked, given: SourceIn) -> dict[str, Any]:
    """Record a source."""
    return source_record(services.record_source(request.actor, **given.dict()))


@router.get("/sources/{number}")
def show_source(request: Asked, number: str) -> dict[str, Any]:
    """Show a source."""
    require(policies.may_read, request.actor)
    return source_record(queries.source(request.actor, number))


@router.get("/claims")
def list_claims(
    request: Asked, kind: str = "", source: str = "", after: int = -1
) -> dict[str, Any]:
    """List claims in log order."""
    require(policies.may_read, request.actor)
    wanted = queries.ClaimFilter(kind, "", source)
    page = queries.claims(request.actor, wanted, after=after)
    return {"records": [claim_record(one) for one in page.rows], "next": page.after}


@router.post("/claims")
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


@router.get("/claims/{number}")
def show_claim(request: Asked, number: str) -> dict[str, Any]:
    """Show a claim."""
    require(policies.may_read, request.actor)
    return claim_record(queries.claim(request.actor, number))


@router.post("/claims/{number}/grade")
def grade_claim(request: Asked, number: str, given: GradeClaimIn) -> dict[str, Any]:
    """Say what was checked of a claim."""
    found = queries.claim(request.actor, number)
    return claim_record(services.grade_claim(request.actor, found, **given.dict()))


@router.get("/incidents")
def list_incidents(request: Asked, q: str = "", crime: str = "", after: int = -1) -> dict[str, Any]:
    """List incidents in log order."""
    require(policies.may_read, request.actor)
    wanted = queries.IncidentFilter(q, crime=crime)
    page = queries.incidents(request.actor, wanted, after=after)
    return {"records": [incident_record(one) for one in page.rows], "next": page.after}


@router.post("/incidents")
def open_incident(request: Asked, given: DescribedIn) -> dict[str, Any]:
    """Open an incident."""
    title, reason, described = _split(given)
    made = services.open_incident(request.actor, title=title, described=described, reason=reason)
    return incident_record(made)


@router.get("/incidents/{number}")
def show_incident(request: Asked, number: str) -> dict[str, Any]:
    """Show an incident with everything the reader may know of it."""
    require(policies.may_read, request.actor)
    found = queries.incident(request.actor, number)
    return incident_whole(queries.incident_view(request.actor, found))


@router.post("/incidents/{number}/describe")
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


@router.post("/incidents/{number}/evidence")
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


@router.post("/incidents/{number}/grade")
def grade_incident(request: Asked, number: str, given: GradeIn) -> dict[str, Any]:
    """Grade whether it happened and who did it."""
    found = queries.incident(request.actor, number)
    return incident_record(services.grade_incident(request.actor, found, **given.dict()))


@router.post("/incidents/{number}/crimes")
def classify_incident(request: Asked, number: str, given: ClassifyIn) -> dict[str, Any]:
    """Name a crime the incident could be."""
    found = queries.incident(request.actor, number)
    services.classify(request.actor, found, **given.dict())
    return incident_whole(queries.incident_view(request.actor, found))


@router.post("/incidents/{number}/crimes/{crime}")
def support_element(request: Asked, number: str, crime: str, given: SupportIn) -> dict[str, Any]:
    """Put an item to one element of a crime the incident could be."""
    by = request.actor
    found = queries.incident(by, number)
    item = catalogue.item(by, given.item)
    support = services.Support(given.element, item, given.stance, note=given.note)
    services.support_element(by, found, crime=crime, support=support, reason=given.reason)
    return incident_whole(queries.incident_view(by, found))


@router.delete("/incidents/{number}/crimes/{crime}")
def declassify_incident(request: Asked, number: str, crime: str, reason: str) -> dict[str, Any]:
    """Withdraw a classification."""
    found = queries.incident(request.actor, number)
    services.declassify(request.actor, found, crime=crime, reason=reason)
    return incident_whole(queries.incident_view(request.actor, found))


@router.post("/items/{number}/assessments")
def assess_item(request: Asked, number: str, given: AssessIn) -> dict[str, Any]:
    """Work one question about an item through."""
    said = given.dict()
    question, result, reason = (said.pop(name) for name in ("question", "result", "reason"))
    made = services.assess(
        request.actor,
        item=catalogue.item(request.actor, number),
        question=question,
        result=result,
        working=services.Working(**said),
        reason=reason,
    )
    return assessment_record(made)


@router.post("/assessments/{number}/review")
def review_assessment(request: Asked, number: str, given: ReviewIn) -> dict[str, Any]:
    """Confirm or dispute somebody else's answer."""
    found = queries.assessment(request.actor, number)
    return assessment_record(services.review_assessment(request.actor, found, **given.dict()))


def _incidents(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.incidents(by, queries.IncidentFilter(words), after=after)
    return [incident_record(one) for one in page.rows], page.after


def _incident(by: Actor, number: str) -> dict[str, Any]:
    return incident_whole(queries.incident_view(by, queries.incident(by, number)))


def _claims(by: Actor, _words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.claims(by, queries.ClaimFilter(), after=after)
    return [claim_record(one) for one in page.rows], page.after


def _claim(by: Actor, number: str) -> dict[str, Any]:
    return claim_record(queries.claim(by, number))


def _sources(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.sources(by, words=words, after=after)
    return [source_record(one) for one in page.rows], page.after


def _source(by: Actor, number: str) -> dict[str, Any]:
    return source_record(queries.source(by, number))


#: kind -> prefix of its numbers, how to list it, how to show one
KINDS = {
    "incident": ("INC", _incidents, _incident),
    "claim": ("CLM", _claims, _claim),
    "source": ("SRC", _sources, _source),
}
