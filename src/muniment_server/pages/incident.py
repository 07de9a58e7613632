"""The record page of an incident: facts, numbers, claims and denials, evidence both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment_server.cases import queries as cases
from muniment_server.casualties import policies as casualties_policies
from muniment_server.casualties import queries as casualties
from muniment_server.catalogue import queries as catalogue
from muniment_server.catalogue.views import dress
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.policies import require
from muniment_server.incidents import policies, queries
from muniment_server.incidents.schemas import classification_shown, position, statements
from muniment_server.oversight.schemas import known_to_exist

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Actor, Asked


@require_GET
def incident(request: Asked, number: str) -> HttpResponse:
    """Show one incident whole."""
    require(policies.may_read, request.actor)
    by: Actor = request.actor
    found = queries.incident(by, number)
    view = queries.incident_view(by, found)
    pictures = catalogue.thumbnails_of(link.item for link in view.evidence)
    evidence: list[Any] = list(view.evidence)
    for link in evidence:
        dress(link.item, pictures.get(link.item.pk))
        link.stance_text = link.get_stance_display()
        link.place = str(link.citation.get("place", ""))
    acts = custody.acts_of(by, found.pk)
    context = {
        "incident": found,
        "position": position(found),
        "evidence": evidence,
        "for_count": len(view.supporting),
        "against_count": len(view.undermining),
        "known_to_exist": known_to_exist(view.known_to_exist),
        "counts": view.counts,
        "statements": statements(view.claims),
        "crimes": [classification_shown(one) for one in view.classifications],
        "victims": casualties.victims_of(by, found),
        "casualties": [],
        "charges": [
            {
                "url": reverse("cases:charge", args=[charge.suspect.case.number, charge.pk.hex]),
                "text": charge.suspect.case.number,
            }
            for charge in cases.charges_on(by, found)
        ],
        "states": _states(found),
        "actions": _actions(by, found),
        "proof": schemas.proof(acts),
        "acts": schemas.history(acts),
        "compartment": custody.compartment_name(found.compartment_id),
    }
    return render(request, "incidents/incident.html", context)


def _states(found: Any) -> list[dict[str, str]]:  # noqa: ANN401 - a row, with Django's displays
    happened = _("it happened: {grade}").format(grade=found.get_grade_happened_display())
    author = _("who did it: {grade}").format(grade=found.get_grade_author_display())
    conflict = _("conflict: {kind}").format(kind=found.get_conflict_type_display())
    return [
        {"kind": found.grade_happened, "text": happened},
        {"kind": found.grade_author, "text": author},
        {"kind": "", "text": _("alleged")},
        {"kind": "" if found.conflict_type else "absent", "text": conflict},
    ]


def _actions(by: Actor, found: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
    offered = (
        (policies.may_describe_incident, "incidents:describe", _("Describe")),
        (policies.may_record_claim, "incidents:add_claim", _("Add a claim")),
        (policies.may_link_evidence, "incidents:link", _("Add evidence")),
        (casualties_policies.may_record_victim, "casualties:add_victim", _("Add a victim")),
        (policies.may_grade_incident, "incidents:grade", _("Grade")),
        (policies.may_classify, "incidents:classify", _("Classify")),
    )
    return [
        {
            "url": reverse(name, args=[found.number]),
            "text": text,
            "main": name == "incidents:link",
        }
        for may, name, text in offered
        if may(by)
    ]
