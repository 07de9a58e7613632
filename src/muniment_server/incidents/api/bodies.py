"""What the register's operations are sent."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Schema

from muniment_server.custody.schemas import Words
from muniment_server.incidents import services


class SourceIn(Schema):
    """Who or what says so."""

    name: Words
    kind: services.SourceKind
    party: str = ""
    origin: str = ""
    reliability: services.Reliability = services.Reliability.F
    note: str = ""
    reason: str = ""


class CountIn(Schema):
    """A number as somebody gave it."""

    value: int
    unit: Words
    operator: services.Operator = services.Operator.EXACTLY
    value_to: int | None = None
    population: str = ""
    as_of: date | None = None
    area: str = ""
    standard: str = ""


class ClaimIn(Schema):
    """What a source says."""

    source: Words
    kind: services.ClaimKind
    text: Words
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
    reason: Words


class DescribedIn(Schema):
    """When, where and what."""

    title: Words
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

    item: Words
    stance: services.Stance
    place: str = ""
    note: str = ""
    reason: str = ""


class GradeIn(Schema):
    """Two questions, two grades."""

    happened: services.Grade
    author: services.Grade
    reason: Words


class ClassifyIn(Schema):
    """A crime the incident could be."""

    crime: Words
    note: str = ""
    reason: str = ""


class SupportIn(Schema):
    """An item for or against one element."""

    element: Words
    item: Words
    stance: services.Stance
    note: str = ""
    reason: str = ""


class AssessIn(Schema):
    """One question about an item, worked through."""

    question: services.Question
    method: Words
    result: Words
    steps: str = ""
    confidence: str = ""
    alternatives: str = ""
    reason: str = ""


class ReviewIn(Schema):
    """A second person's answer."""

    answer: services.Answer
    reason: Words
