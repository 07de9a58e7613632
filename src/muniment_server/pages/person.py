"""The record page of a person: names, posts, and the cases that suspect them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment_server.cases import queries as cases
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.policies import require
from muniment_server.entities import policies, queries
from muniment_server.entities.views import evidence_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Actor, Asked


@require_GET
def person(request: Asked, number: str) -> HttpResponse:
    """Show one person whole."""
    require(policies.may_read, request.actor)
    by: Actor = request.actor
    found = queries.person(by, number)
    names, postings = queries.names_of(found), queries.postings_of_person(by, found)
    acts = custody.acts_of(by, found.pk)
    context = {
        "person": found,
        "names": names,
        "postings": postings,
        "suspected": cases.suspecting(by, found),
        **evidence_of(by, [*names, *postings]),
        "actions": _actions(by, found.number),
        "proof": schemas.proof(acts),
        "acts": schemas.history(acts),
        "compartment": custody.compartment_name(found.compartment_id),
    }
    return render(request, "entities/person.html", context)


def _actions(by: Actor, number: str) -> list[dict[str, Any]]:
    offered = (
        (policies.may_record_person, "entities:add_name", _("Add a name")),
        (policies.may_record_posting, "entities:add_posting", _("Add a post")),
    )
    return [
        {
            "url": reverse(name, args=[number]),
            "text": text,
            "main": name == "entities:add_posting",
        }
        for may, name, text in offered
        if may(by)
    ]
