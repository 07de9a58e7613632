"""Who leads a case, and who read what of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment_server.accounts import queries as accounts
from muniment_server.cases import forms, policies, queries, services
from muniment_server.cases.views.acts import both
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.forms import ask
from muniment_server.custody.policies import require
from muniment_server.custody.schemas.readings import readings_shown

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Asked


@require_GET
def readings(request: Asked, number: str) -> HttpResponse:
    """Show who read what of a case, to whoever leads it."""
    by = request.actor
    require(policies.may_read, by)
    found = queries.case(by, number)
    lead = queries.lead_of(found)
    require(lambda actor: policies.may_read_readings(actor, lead), by)
    place = schemas.after({"after": request.GET.get("before", "")})
    page = queries.readings_of(by, found, place if place >= 0 else None)
    context = {
        **readings_shown(page, request.path),
        "case": found,
        "lead_name": custody.agent_names([lead]).get(lead, ""),
        "empty_title": _("Nobody looked at anything yet"),
    }
    return render(request, "cases/readings.html", context)


@both
def name_lead(request: Asked, number: str) -> HttpResponse:
    """Name who leads a case."""
    require(policies.may_name_lead, request.actor)
    found = queries.case(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        person = accounts.person_or_absent(request.actor, given["person"])
        services.name_lead(request.actor, found, person=person, reason=given["reason"])
        return reverse("cases:case", args=[found.number])

    form = forms.LeadForm(request.POST or None)
    heading = _("Who leads {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))
