"""The acts of an incident: opening, describing, evidence, grades."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from muniment.errors import Conflict, InvalidInput
from muniment_server.custody.acting import act, keep
from muniment_server.incidents import policies
from muniment_server.incidents.models import Grade, Incident, IncidentItem, Precision, Stance

if TYPE_CHECKING:
    import datetime

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


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


_NOTHING = Description()


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
