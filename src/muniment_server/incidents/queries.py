"""Every read of the register, filtered by need to know, leaving the access record.

- A claim is visible where its source is; what it points to is shown as far as that is visible.
- Lists are in log order and page by the last `seq` shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q

from muniment.law.elements import default_mental
from muniment.law.taxonomy import taxonomy
from muniment_server.custody import queries as custody
from muniment_server.custody.queries import PAGE, Page
from muniment_server.incidents.models import (
    Assessment,
    Claim,
    ClaimKind,
    Classification,
    ElementSupport,
    Incident,
    IncidentItem,
    Source,
    Stance,
)
from muniment_server.oversight import queries as oversight
from muniment_server.pictures import dated
from muniment_server.pictures.places import Place
from muniment_server.pictures.spans import EVER, Span

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from muniment.law.statute import Crime, Element
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


_WHEN = ("occurred_from", "occurred_to", "precision")


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """What a list of incidents is narrowed to; empty means all."""

    words: str = ""
    happened: str = ""
    author: str = ""
    crime: str = ""
    conflict: str = ""
    within: Span = EVER


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """What a list of claims is narrowed to; empty means all."""

    kind: str = ""
    content: str = ""
    source: str = ""
    words: str = ""
    within: Span = EVER


@dataclass(frozen=True, slots=True)
class ElementView:
    """One element of a crime and what was put to it: for, against, or nothing."""

    element: Element
    supports: list[ElementSupport]
    undermines: list[ElementSupport]
    neutral: list[ElementSupport]

    @property
    def missing(self) -> bool:
        """Whether nothing speaks for it."""
        return not self.supports


@dataclass(frozen=True, slots=True)
class ClassificationView:
    """A crime an incident could be, element by element; says nothing about any standard."""

    classification: Classification
    crime: Crime
    elements: list[ElementView]

    @property
    def missing(self) -> list[ElementView]:
        """The elements nothing speaks for."""
        return [one for one in self.elements if one.missing]


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as its page shows it."""

    incident: Incident
    counts: list[Claim]
    claims: list[Claim]
    evidence: list[IncidentItem]
    classifications: list[ClassificationView]
    known_to_exist: int

    @property
    def supporting(self) -> list[IncidentItem]:
        """The evidence for it."""
        return [one for one in self.evidence if one.stance == Stance.SUPPORTS]

    @property
    def undermining(self) -> list[IncidentItem]:
        """The evidence against it."""
        return [one for one in self.evidence if one.stance == Stance.UNDERMINES]


def incidents(by: Actor, wanted: IncidentFilter, *, after: int = -1, limit: int = PAGE) -> Page:
    """Return a page of incidents; a search is recorded with its words."""
    custody.note_list(by, Incident, detail=wanted.words)
    rows = _narrowed(by, wanted)
    facets = {
        "happened": custody.tally(rows, "grade_happened"),
        "author": custody.tally(rows, "grade_author"),
        "conflict": custody.tally(rows, "conflict_type"),
        "crime": custody.tally(
            rows.filter(classifications__ended__isnull=True), "classifications__crime"
        ),
    }
    return custody.page_of(rows, after=after, limit=limit, facets=facets)


def _narrowed(by: Actor, wanted: IncidentFilter) -> QuerySet[Incident]:
    rows = custody.matching(visible_incidents(by), wanted.words, "title_folded")
    if wanted.happened:
        rows = rows.filter(grade_happened=wanted.happened)
    if wanted.author:
        rows = rows.filter(grade_author=wanted.author)
    if wanted.conflict:
        rows = rows.filter(conflict_type=wanted.conflict)
    if wanted.crime:
        rows = rows.filter(classifications__crime=wanted.crime, classifications__ended__isnull=True)
    return dated.in_intervals(rows, *_WHEN, wanted.within).distinct()


def incident_spans(by: Actor, wanted: IncidentFilter) -> list[tuple[Span, int]]:
    """Return when these incidents can have happened, and how many have each interval."""
    return dated.intervals(_narrowed(by, wanted), *_WHEN)


def incident_places(by: Actor, wanted: IncidentFilter, most: int) -> list[Place]:
    """Return where these incidents can have happened: the first `most` that have a point."""
    rows = _narrowed(by, wanted).filter(latitude_e7__isnull=False, longitude_e7__isnull=False)
    columns = ("number", "title", "latitude_e7", "longitude_e7", "error_m")
    return [
        Place(number, title, latitude / 1e7, longitude / 1e7, error or 0)
        for number, title, latitude, longitude, error in rows.values_list(*columns)[:most]
    ]


def claim_spans(by: Actor, wanted: ClaimFilter) -> list[tuple[Span, int]]:
    """Return on which days these claims were made, and how many on each."""
    return dated.instants(_narrowed_claims(by, wanted), "said_at")


def visible_incidents(by: Actor) -> QuerySet[Incident]:
    """Return the incidents an actor may know of, in log order."""
    return custody.visible(by, Incident.objects.all()).order_by("seq")


def incident(by: Actor, number: str) -> Incident:
    """Return one incident by number; raises `NotFound`."""
    return custody.one(by, Incident.objects.all(), number, "incident")


def items_linked(incidents: Iterable[UUID]) -> list[UUID]:
    """Return the ids of every item linked to incidents, whoever may know of them.

    Not to be shown: for counting what may be known to exist among them.
    """
    rows = IncidentItem.objects.filter(incident__in=list(incidents), ended__isnull=True)
    return list(rows.values_list("item", flat=True))


def linked_beside(items: Iterable[Item]) -> list[UUID]:
    """Return the ids of every item linked to an incident that one of these is linked to."""
    rows = IncidentItem.objects.filter(item__in=list(items), ended__isnull=True)
    return items_linked(rows.values_list("incident", flat=True))


def incident_view(by: Actor, found: Incident) -> IncidentView:
    """Return everything about an incident that the actor may know of."""
    claims = list(_claims(by).filter(incident=found))
    links = IncidentItem.objects.filter(incident=found, ended__isnull=True)
    seen = custody.visible_through(by, links, "item").select_related("item")
    standing = Classification.objects.filter(incident=found, ended__isnull=True)
    return IncidentView(
        incident=found,
        counts=[claim for claim in claims if claim.kind == ClaimKind.COUNT],
        claims=[claim for claim in claims if claim.kind != ClaimKind.COUNT],
        evidence=list(seen.order_by("seq")),
        classifications=[_classification(by, one) for one in standing.order_by("crime")],
        known_to_exist=oversight.known_to_exist(by, links.values_list("item", flat=True)),
    )


def classified(by: Actor, number: str, crime: str) -> Incident:
    """Return an incident that is classified as a crime; raises `NotFound`."""
    found = incident(by, number)
    if not Classification.objects.filter(incident=found, crime=crime, ended__isnull=True).exists():
        raise custody.absent(by, "classification", f"{number} {crime}")
    return found


def _classification(by: Actor, found: Classification) -> ClassificationView:
    law = taxonomy()
    crime = law.crime(found.crime)
    standing = ElementSupport.objects.filter(classification=found, ended__isnull=True)
    seen = custody.visible_through(by, standing, "item").select_related("item")
    at: dict[tuple[str, str], list[ElementSupport]] = {}
    for one in seen.order_by("item__seq", "pk"):
        at.setdefault((one.element, one.stance), []).append(one)
    elements = (*law.context_elements(crime), *crime.elements, *default_mental(crime, law))
    return ClassificationView(
        found,
        crime,
        [
            ElementView(
                element,
                at.get((element.id, Stance.SUPPORTS), []),
                at.get((element.id, Stance.UNDERMINES), []),
                at.get((element.id, Stance.NEUTRAL), []),
            )
            for element in elements
        ],
    )


def incidents_of(by: Actor, item: Item) -> list[IncidentItem]:
    """Return what an item is evidence for, as far as the actor may know."""
    links = IncidentItem.objects.filter(item=item)
    seen = custody.visible_through(by, links, "incident", "item")
    return list(seen.select_related("incident").order_by("incident__seq"))


def sources(by: Actor, *, words: str = "", after: int = -1, limit: int = PAGE) -> Page:
    """Return a page of sources."""
    custody.note_list(by, Source, detail=words)
    rows = custody.visible(by, Source.objects.all()).order_by("seq")
    rows = custody.matching(rows, words, "name_folded")
    facets = {
        "kind": custody.tally(rows, "kind"),
        "reliability": custody.tally(rows, "reliability"),
    }
    return custody.page_of(rows, after=after, limit=limit, facets=facets)


def source(by: Actor, number: str) -> Source:
    """Return one source by number; raises `NotFound`."""
    return custody.one(by, Source.objects.all(), number, "source")


def claims(by: Actor, wanted: ClaimFilter, *, after: int = -1, limit: int = PAGE) -> Page:
    """Return a page of claims."""
    custody.note_list(by, Claim, detail=wanted.words)
    rows = _narrowed_claims(by, wanted)
    facets = {
        "kind": custody.tally(rows, "kind"),
        "content": custody.tally(rows, "content"),
        "attribution": custody.tally(rows, "attribution"),
    }
    return custody.page_of(rows, after=after, limit=limit, facets=facets)


def _narrowed_claims(by: Actor, wanted: ClaimFilter) -> QuerySet[Claim]:
    rows = custody.matching(_claims(by), wanted.words, "text_folded")
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.content:
        rows = rows.filter(content=wanted.content)
    if wanted.source:
        rows = rows.filter(source__number=wanted.source.upper())
    return dated.at_instants(rows, "said_at", wanted.within)


def claims_of_item(by: Actor, item: Item) -> list[Claim]:
    """Return the claims that rest on an item."""
    return list(_claims(by).filter(item=item))


def claim(by: Actor, number: str) -> Claim:
    """Return one claim by number; raises `NotFound`."""
    return custody.one(by, _claims(by), number, "claim")


def denials_of(by: Actor, found: Claim) -> list[Claim]:
    """Return the denials of a claim."""
    return list(_claims(by).filter(denies=found))


def assessments_of(by: Actor, item: Item) -> list[Assessment]:
    """Return the questions asked about an item, with their answers."""
    rows = custody.visible(by, Assessment.objects.filter(item=item))
    return list(rows.order_by("seq"))


def assessment(by: Actor, number: str) -> Assessment:
    """Return one assessment by number; raises `NotFound`."""
    rows = Assessment.objects.filter(item__compartment__in=by.compartments)
    return custody.one(by, rows.select_related("item"), number, "assessment")


def waiting_for_review(by: Actor) -> list[Assessment]:
    """Return the answers that wait for a second person, the actor's own left out."""
    rows = custody.visible(by, Assessment.objects.filter(answer="proposed"))
    seen = rows.filter(item__compartment__in=by.compartments).exclude(author=by.agent)
    return list(seen.select_related("item").order_by("seq"))


def _claims(by: Actor) -> QuerySet[Claim]:
    rows = custody.visible(by, Claim.objects.all())
    seen = rows.filter(source__compartment__in=by.compartments)
    for end in ("incident", "item", "denies"):
        known = Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__compartment__in": by.compartments})
        seen = seen.filter(known)
    return seen.select_related("source", "incident", "item", "denies").order_by("seq")


def newest(by: Actor, count: int) -> list[Incident]:
    """Return the incidents opened last, the newest first."""
    return list(visible_incidents(by).order_by("-seq")[:count])


def disputed(by: Actor) -> list[Incident]:
    """Return the incidents whose sources give different numbers, or deny."""
    seen: dict[UUID, set[tuple[str, str, int | None]]] = {}
    found: dict[UUID, Incident] = {}
    for claim in _claims(by).filter(incident__isnull=False, kind__in=["count", "denial"]):
        if claim.incident is None:
            continue
        values = seen.setdefault(claim.incident.pk, set())
        values.add((claim.kind, claim.unit, claim.value))
        counts = [value for kind, _unit, value in values if kind == ClaimKind.COUNT]
        if claim.kind == ClaimKind.DENIAL or len(counts) > 1:
            found[claim.incident.pk] = claim.incident
    return list(found.values())


def stances_of(by: Actor, rows: Iterable[Incident]) -> dict[UUID, tuple[int, int]]:
    """Return how many items this reader may see speak for and against each incident."""
    links = IncidentItem.objects.filter(incident__in=list(rows))
    seen = custody.visible_through(by, links, "item")
    found: dict[UUID, tuple[int, int]] = {}
    for pk, stance in seen.values_list("incident", "stance"):
        supports, undermines = found.get(pk, (0, 0))
        found[pk] = (
            supports + (stance == Stance.SUPPORTS),
            undermines + (stance == Stance.UNDERMINES),
        )
    return found


def claim_counts(by: Actor, rows: Iterable[Source]) -> dict[UUID, int]:
    """Return how many claims this reader may see each source makes."""
    found: dict[UUID, int] = {}
    for pk in _claims(by).filter(source__in=list(rows)).values_list("source", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def described(found: Incident) -> dict[str, object]:
    """Return what the form of an incident's description starts from."""
    degrees = {
        f"{name}": None if value is None else Decimal(value) / 10_000_000
        for name, value in (("latitude", found.latitude_e7), ("longitude", found.longitude_e7))
    }
    names = (
        *("title", "description", "occurred_from", "occurred_to", "precision", "place"),
        *("error_m", "object_hit", "protection", "means", "pause_agreed", "conflict_type"),
    )
    return {name: getattr(found, name) for name in names} | degrees


def elements_of(crime: str) -> list[tuple[str, str]]:
    """Return the elements of a crime, with its context and what Article 30 adds."""
    law = taxonomy()
    known = law.crime(crime)
    elements = (*law.context_elements(known), *known.elements, *default_mental(known, law))
    return [(element.id, element.text) for element in elements]
