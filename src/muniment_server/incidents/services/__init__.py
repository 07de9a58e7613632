"""Every write of the register, one function per act, and the values they take."""

from __future__ import annotations

from muniment_server.incidents.models import (
    Answer,
    Attribution,
    ClaimKind,
    ContentStatus,
    Credibility,
    Grade,
    Incident,
    Operator,
    Precision,
    Question,
    Reliability,
    Source,
    SourceKind,
    Stance,
)
from muniment_server.incidents.services.assessments import (
    Working,
    assess,
    review_assessment,
)
from muniment_server.incidents.services.claims import (
    Count,
    Said,
    count_of,
    grade_claim,
    link_claim,
    record_claim,
    record_source,
)
from muniment_server.incidents.services.classification import (
    Support,
    classify,
    declassify,
    support_element,
)
from muniment_server.incidents.services.incidents import (
    Description,
    describe_incident,
    grade_incident,
    link_evidence,
    open_incident,
)

__all__ = [
    "Answer",
    "Attribution",
    "ClaimKind",
    "ContentStatus",
    "Count",
    "Credibility",
    "Description",
    "Grade",
    "Incident",
    "Operator",
    "Precision",
    "Question",
    "Reliability",
    "Said",
    "Source",
    "SourceKind",
    "Stance",
    "Support",
    "Working",
    "assess",
    "classify",
    "count_of",
    "declassify",
    "describe_incident",
    "grade_claim",
    "grade_incident",
    "link_claim",
    "link_evidence",
    "open_incident",
    "record_claim",
    "record_source",
    "review_assessment",
    "support_element",
]
