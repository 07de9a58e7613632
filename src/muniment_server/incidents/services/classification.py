"""The acts of classification: a crime an incident could be, element by element."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from muniment.errors import Conflict, InvalidInput, NotFound
from muniment.law.elements import default_mental
from muniment.law.taxonomy import taxonomy
from muniment_server.custody.acting import act, keep, moment
from muniment_server.incidents import policies
from muniment_server.incidents.models import Classification, ElementSupport, Incident, Stance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


@dataclass(frozen=True, slots=True)
class Support:
    """An item for or against one element, and where inside it."""

    element: str
    item: Item
    stance: Stance
    citation: dict[str, Any] = field(default_factory=dict)
    note: str = ""


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
