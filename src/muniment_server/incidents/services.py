"""The acts of the register: sources, claims and denials, incidents, grades, classification."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from muniment.errors import Conflict, InvalidInput, NotFound
from muniment.law.elements import default_mental
from muniment.law.taxonomy import taxonomy
from muniment_server.custody.acting import act, keep, moment
from muniment_server.incidents import policies
from muniment_server.incidents.models import (
    Answer,
    Assessment,
    Attribution,
    Claim,
    ClaimKind,
    Classification,
    ContentStatus,
    Credibility,
    ElementSupport,
    Grade,
    Incident,
    IncidentItem,
    Operator,
    Precision,
    Question,
    Reliability,
    Source,
    SourceKind,
    Stance,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


@dataclass(frozen=True, slots=True)
class Count:
    """A number as somebody gave it: `operator` bounds the truth, `value_to` ends a range."""

    value: int
    unit: str
    operator: Operator = Operator.EXACTLY
    value_to: int | None = None
    population: str = ""
    as_of: datetime.date | None = None
    area: str = ""
    standard: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """When, where and what: times in UTC, places in 1e-7 degree with an error in metres."""

    description: str = ""
    occurred_from: datetime.datetime | None = None
    occurred_to: datetime.datetime | None = None
    precision: Precision = Precision.UNKNOWN
    place: str = ""
    latitude_e7: int | None = None
    longitude_e7: int | None = None
    error_m: int | None = None
    object_hit: str = ""
    protection: str = ""
    means: str = ""
    pause_agreed: str = ""
    conflict_type: str = ""


@dataclass(frozen=True, slots=True)
class Working:
    """How an answer was found: method, steps, confidence, alternatives considered."""

    method: str
    steps: str = ""
    confidence: str = ""
    alternatives: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """An item for or against one element, and where inside it."""

    element: str
    item: Item
    stance: Stance
    citation: dict[str, Any] = field(default_factory=dict)
    note: str = ""


_NOTHING = Description()


@act("source.recorded", may=policies.may_record_source)
def record_source(
    by: Actor,
    *,
    name: str,
    kind: SourceKind,
    party: str = "",
    origin: str = "",
    reliability: Reliability = Reliability.F,
    note: str = "",
    reason: str = "",
) -> Source:
    """Record who or what says so; a source nobody can judge yet is F, not E."""
    return keep(
        Source(name=name, kind=kind, party=party, origin=origin, reliability=reliability, note=note)
    )


@act("claim.recorded", may=policies.may_record_claim)
def record_claim(
    by: Actor,
    *,
    source: Source,
    kind: ClaimKind,
    text: str,
    language: str = "en",
    original: str = "",
    said_at: datetime.datetime | None = None,
    authority: str = "",
    incident: Incident | None = None,
    item: Item | None = None,
    denies: Claim | None = None,
    citation: dict[str, Any] | None = None,
    count: Count | None = None,
    reason: str = "",
) -> Claim:
    """Record what a source says.

    Raises `InvalidInput` for a count without a number, or a denial of nothing.
    """
    if (kind == ClaimKind.COUNT) != (count is not None):
        raise InvalidInput(
            _("a count needs a number, and only a count has one"),
            code="claim.count",
            hint=_("Give number, operator and what is counted."),
        )
    if kind == ClaimKind.DENIAL and denies is None and incident is None:
        raise InvalidInput(
            _("a denial denies a claim or an incident"),
            code="claim.denial",
            hint=_("Name what is denied."),
        )
    if incident is None and denies is not None:
        incident = denies.incident
    claim = Claim(
        source=source,
        kind=kind,
        text=text,
        language=language,
        original=original,
        said_at=said_at,
        authority=authority,
        incident=incident,
        item=item,
        denies=denies,
        citation=citation or {},
    )
    if count is not None:
        _set_count(claim, count)
    return keep(claim)


def count_of(given: Mapping[str, Any]) -> Count | None:
    """Return the number that a form or a request gives, or nothing."""
    if given.get("value") is None:
        return None
    return Count(
        given["value"],
        given["unit"],
        Operator(given["operator"] or Operator.EXACTLY),
        given["value_to"],
        given["population"],
        given["as_of"],
    )


def _set_count(claim: Claim, count: Count) -> None:
    ranged = count.operator == Operator.BETWEEN
    if ranged != (count.value_to is not None) or (count.value_to or count.value) < count.value:
        raise InvalidInput(
            _("a range has a lower and an upper number, in this order"),
            code="claim.range",
            hint=_("Use 'between' with two numbers, and any other operator with one."),
        )
    for name, value in asdict(count).items():
        setattr(claim, name, value)


@act("claim.linked", may=policies.may_link_claim)
def link_claim(by: Actor, claim: Claim, *, incident: Incident, reason: str = "") -> Claim:
    """Tie a claim to the incident it speaks of."""
    claim.incident = incident
    return keep(claim)


@act("claim.graded", may=policies.may_grade_claim)
def grade_claim(
    by: Actor,
    claim: Claim,
    *,
    credibility: Credibility,
    attribution: Attribution,
    content: ContentStatus,
    reason: str,
) -> Claim:
    """Set what was checked: that they said it, and apart from that whether it is so."""
    claim.credibility = credibility
    claim.attribution = attribution
    claim.content = content
    return keep(claim)


@act("assessment.recorded", may=policies.may_assess)
def assess(
    by: Actor, *, item: Item, question: Question, result: str, working: Working, reason: str = ""
) -> Assessment:
    """Answer one verification question about an item; a second person confirms it."""
    return keep(
        Assessment(item=item, question=question, result=result, author=by.agent, **asdict(working))
    )


@act("assessment.recorded", may=policies.may_review)
def review_assessment(
    by: Actor, assessment: Assessment, *, answer: Answer, reason: str
) -> Assessment:
    """Confirm or dispute somebody else's answer."""
    assessment.answer = answer
    assessment.reviewer = by.agent
    return keep(assessment)


@act("incident.opened", may=policies.may_open_incident)
def open_incident(
    by: Actor, *, title: str, described: Description = _NOTHING, reason: str = ""
) -> Incident:
    """Open an incident: something alleged, both grades open."""
    incident = Incident(title=title)
    _describe(incident, described)
    return keep(incident)


@act("incident.described", may=policies.may_describe_incident)
def describe_incident(
    by: Actor, incident: Incident, *, title: str, described: Description, reason: str = ""
) -> Incident:
    """Say when, where and what anew; what was said before stays in the log."""
    incident.title = title
    _describe(incident, described)
    return keep(incident)


def _describe(incident: Incident, described: Description) -> None:
    start, end = described.occurred_from, described.occurred_to
    if start and end and end < start:
        raise InvalidInput(
            _("the end lies before the beginning"),
            code="incident.interval",
            hint=_("Give the earliest and the latest time it can have been."),
        )
    placed = (described.latitude_e7, described.longitude_e7, described.error_m)
    if any(value is not None for value in placed) and None in placed:
        raise InvalidInput(
            _("a point needs latitude, longitude and an error in metres"),
            code="incident.point",
            hint=_("Give all three, or none and the place in words."),
        )
    for name, value in asdict(described).items():
        setattr(incident, name, value)


@act("incident.linked", may=policies.may_link_evidence)
def link_evidence(
    by: Actor,
    *,
    incident: Incident,
    item: Item,
    stance: Stance,
    citation: dict[str, Any] | None = None,
    note: str = "",
    reason: str = "",
) -> IncidentItem:
    """Put an item beside an incident, for or against it.

    Raises `Conflict` where it lies there already.
    """
    held = IncidentItem.objects.filter(incident=incident, item=item, ended__isnull=True)
    if held.exists():
        raise Conflict(
            _("this item is evidence for this incident already"),
            code="incident.linked",
            hint=_("Open the incident to see what it was put there for."),
        )
    return keep(
        IncidentItem(
            incident=incident, item=item, stance=stance, citation=citation or {}, note=note
        )
    )


@act("incident.graded", may=policies.may_grade_incident)
def grade_incident(
    by: Actor, incident: Incident, *, happened: Grade, author: Grade, reason: str
) -> Incident:
    """Set both grades: did it happen, and who did it."""
    incident.grade_happened = happened
    incident.grade_author = author
    return keep(incident)


@act("incident.classified", may=policies.may_classify)
def classify(
    by: Actor,
    incident: Incident,
    *,
    crime: str,
    support: Sequence[Support] = (),
    note: str = "",
    reason: str = "",
) -> Classification:
    """Name a crime that the incident could be, with what speaks for and against its elements.

    Raises `NotFound` for a crime the data does not have, `Conflict` where it is named already.
    """
    law = taxonomy()
    law.crime(crime)
    held = Classification.objects.filter(incident=incident, crime=crime, ended__isnull=True)
    if held.exists():
        raise Conflict(
            _("the incident is classified as this crime already"),
            code="incident.classified",
            hint=_("Withdraw the classification first, if the reasons changed."),
        )
    made = keep(
        Classification(incident=incident, crime=crime, law_version=law.version_id, note=note)
    )
    for one in support:
        _support(made, one)
    return made


@act("incident.classified", may=policies.may_classify)
def support_element(
    by: Actor, incident: Incident, *, crime: str, support: Support, reason: str = ""
) -> ElementSupport:
    """Put an item to one element of a crime the incident is classified as.

    Raises `NotFound` where it is not, `InvalidInput` for an element the crime does not have.
    """
    return _support(_standing(incident, crime), support)


def _support(classification: Classification, support: Support) -> ElementSupport:
    law = taxonomy()
    crime = law.crime(classification.crime)
    elements = (*law.context_elements(crime), *crime.elements, *default_mental(crime, law))
    if support.element not in {element.id for element in elements}:
        raise InvalidInput(
            _("the crime has no such element"),
            code="element.unknown",
            hint=_("Choose one of the elements on the crime's page."),
        )
    return keep(
        ElementSupport(
            classification=classification,
            element=support.element,
            item=support.item,
            stance=support.stance,
            citation=support.citation,
            note=support.note,
        )
    )


def _standing(incident: Incident, crime: str) -> Classification:
    held = Classification.objects.filter(incident=incident, crime=crime, ended__isnull=True)
    classification = held.first()
    if classification is None:
        raise NotFound(
            _("the incident is not classified as this crime"),
            code="incident.not_classified",
            hint=_("See the incident's page for its classifications."),
        )
    return classification


@act("incident.declassified", may=policies.may_declassify)
def declassify(by: Actor, incident: Incident, *, crime: str, reason: str) -> Classification:
    """Withdraw a classification; that it was made stays in the log.

    Raises `NotFound` where there is none.
    """
    classification = _standing(incident, crime)
    classification.ended = moment()
    return keep(classification)
