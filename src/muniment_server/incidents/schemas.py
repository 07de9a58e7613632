"""Sources, claims, incidents and assessments as the API, the command line and pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext as _
from ninja import Schema

from muniment.evidence.instant import to_micros
from muniment.law.statute import Conflict
from muniment_server.custody.queries import compartment_name
from muniment_server.custody.schemas import RootOut
from muniment_server.incidents.models import (
    Answer,
    Attribution,
    ClaimKind,
    ConflictType,
    ContentStatus,
    Grade,
    Reliability,
    SourceKind,
)

if TYPE_CHECKING:
    import datetime

    from muniment_server.custody.models import Root
    from muniment_server.incidents.models import Assessment, Claim, Incident, Source
    from muniment_server.incidents.queries import ClassificationView, IncidentView

__all__ = [
    "Answer",
    "Attribution",
    "ClaimKind",
    "ConflictType",
    "ContentStatus",
    "Grade",
    "Reliability",
    "SourceKind",
    "assessment_record",
    "claim_record",
    "classification_shown",
    "conflict_text",
    "incident_record",
    "incident_whole",
    "position",
    "source_record",
    "statements",
]

_E7 = 10_000_000


class SourceOut(RootOut):
    """A source."""

    name: str
    kind: str
    party: str
    origin: str
    reliability: str
    note: str


class CountOut(Schema):
    """A number that a claim gives, of what, and as of when."""

    operator: str
    value: int
    value_to: int | None
    unit: str
    population: str
    as_of: str | None
    area: str
    standard: str


class ClaimOut(RootOut):
    """What a source says, attribution and content apart."""

    kind: str
    source: str
    incident: str | None
    item: str | None
    denies: str | None
    text: str
    language: str
    original: str
    said_at: str | None
    authority: str
    credibility: str
    attribution: str
    content: str
    count: CountOut | None
    citation: dict[str, Any]


class IncidentOut(RootOut):
    """An incident as a list shows it."""

    title: str
    description: str
    occurred_from: str | None
    occurred_to: str | None
    precision: str
    place: str
    latitude_e7: int | None
    longitude_e7: int | None
    error_m: int | None
    object_hit: str
    protection: str
    means: str
    pause_agreed: str
    conflict_type: str
    status: Literal["alleged"]
    grade_happened: str
    grade_author: str


class EvidenceOut(Schema):
    """An item beside an incident, for or against."""

    item: str
    stance: str
    note: str


class ElementEvidenceOut(Schema):
    """An element of a crime, and the items at it by their stance."""

    element: str
    supports: list[str]
    undermines: list[str]
    neutral: list[str]


class ClassificationOut(Schema):
    """A crime that an incident could be, and what is missing."""

    crime: str
    law_version: str
    basis_checked: bool
    missing: list[str]
    elements: list[ElementEvidenceOut]


class IncidentWholeOut(IncidentOut):
    """An incident with everything the reader may know of it."""

    claims: list[ClaimOut]
    evidence: list[EvidenceOut]
    classifications: list[ClassificationOut]
    #: how many items are linked that exist and that the reader may not see
    known_to_exist: int


class AssessmentOut(RootOut):
    """A question about an item, and its answer."""

    item: str
    question: str
    method: str
    steps: str
    result: str
    confidence: str
    alternatives: str
    answer: str
    author: str
    reviewer: str | None


def _time(value: datetime.datetime | None) -> str | None:
    return None if value is None else to_micros(value)


def _root(row: Root) -> dict[str, Any]:
    return {
        "id": row.pk.hex,
        "number": row.number,
        "index": row.seq,
        "compartment": compartment_name(row.compartment_id),
    }


def source_record(source: Source) -> dict[str, Any]:
    """Return a source as the API shows it."""
    return {
        **_root(source),
        "name": source.name,
        "kind": source.kind,
        "party": source.party,
        "origin": source.origin,
        "reliability": source.reliability,
        "note": source.note,
    }


def claim_record(claim: Claim) -> dict[str, Any]:
    """Return a claim as the API shows it, attribution and content apart."""
    counted = None
    if claim.value is not None:
        counted = {
            "operator": claim.operator,
            "value": claim.value,
            "value_to": claim.value_to,
            "unit": claim.unit,
            "population": claim.population,
            "as_of": claim.as_of.isoformat() if claim.as_of else None,
            "area": claim.area,
            "standard": claim.standard,
        }
    return {
        **_root(claim),
        "kind": claim.kind,
        "source": claim.source.number,
        "incident": claim.incident.number if claim.incident else None,
        "item": claim.item.number if claim.item else None,
        "denies": claim.denies.number if claim.denies else None,
        "text": claim.text,
        "language": claim.language,
        "original": claim.original,
        "said_at": _time(claim.said_at),
        "authority": claim.authority,
        "credibility": claim.credibility,
        "attribution": claim.attribution,
        "content": claim.content,
        "count": counted,
        "citation": claim.citation,
    }


def incident_record(incident: Incident) -> dict[str, Any]:
    """Return an incident as the API shows it in a list."""
    return {
        **_root(incident),
        "title": incident.title,
        "description": incident.description,
        "occurred_from": _time(incident.occurred_from),
        "occurred_to": _time(incident.occurred_to),
        "precision": incident.precision,
        "place": incident.place,
        "latitude_e7": incident.latitude_e7,
        "longitude_e7": incident.longitude_e7,
        "error_m": incident.error_m,
        "object_hit": incident.object_hit,
        "protection": incident.protection,
        "means": incident.means,
        "pause_agreed": incident.pause_agreed,
        "conflict_type": incident.conflict_type,
        "status": "alleged",
        "grade_happened": incident.grade_happened,
        "grade_author": incident.grade_author,
    }


def incident_whole(view: IncidentView) -> dict[str, Any]:
    """Return an incident with everything the reader may know of it."""
    return {
        **incident_record(view.incident),
        "claims": [claim_record(one) for one in (*view.counts, *view.claims)],
        "evidence": [
            {"item": one.item.number, "stance": one.stance, "note": one.note}
            for one in view.evidence
        ],
        "classifications": [_classification(one) for one in view.classifications],
        "known_to_exist": view.known_to_exist,
    }


def _classification(view: ClassificationView) -> dict[str, Any]:
    return {
        "crime": view.crime.id,
        "law_version": view.classification.law_version,
        "basis_checked": view.crime.basis.checked,
        "missing": [one.element.id for one in view.missing],
        "elements": [
            {
                "element": one.element.id,
                "supports": [each.item.number for each in one.supports],
                "undermines": [each.item.number for each in one.undermines],
                "neutral": [each.item.number for each in one.neutral],
            }
            for one in view.elements
        ],
    }


def assessment_record(assessment: Assessment) -> dict[str, Any]:
    """Return an assessment as the API shows it."""
    return {
        **_root(assessment),
        "item": assessment.item.number,
        "question": assessment.question,
        "method": assessment.method,
        "steps": assessment.steps,
        "result": assessment.result,
        "confidence": assessment.confidence,
        "alternatives": assessment.alternatives,
        "answer": assessment.answer,
        "author": assessment.author.hex,
        "reviewer": assessment.reviewer.hex if assessment.reviewer else None,
    }


def position(incident: Incident) -> str:
    """Return an incident's point in degrees, or nothing."""
    if incident.latitude_e7 is None or incident.longitude_e7 is None:
        return ""
    return f"{incident.latitude_e7 / _E7:.4f}, {incident.longitude_e7 / _E7:.4f}"


def statements(claims: list[Claim]) -> list[Claim]:
    """Return claims with each denial after what it denies."""
    ordered: list[Claim] = []
    denials = [claim for claim in claims if claim.denies_id is not None]
    for claim in claims:
        if claim.denies_id is None:
            ordered.append(claim)
            ordered.extend(one for one in denials if one.denies_id == claim.pk)
    ordered.extend(one for one in denials if one not in ordered)
    return ordered


def conflict_text(conflict: Conflict) -> str:
    """Return the kind of conflict a crime needs, in words."""
    return {
        Conflict.IAC: _("international"),
        Conflict.NIAC: _("not international"),
        Conflict.ANY: _("any, or none"),
        Conflict.STATE_V_STATE: _("between States"),
    }[conflict]


def classification_shown(view: ClassificationView) -> dict[str, Any]:
    """Return a classification as the incident's page shows it."""
    crime = view.crime
    return {
        "number": crime.id,
        "label": crime.label,
        "citation": crime.citation,
        "lang": "en",
        "conflict_text": conflict_text(crime.conflict),
        "covered": len(view.elements) - len(view.missing),
        "total": len(view.elements),
        "missing": [one.element.text for one in view.missing],
        "basis": "" if crime.basis.checked else _("unchecked"),
        "ended": False,
    }
