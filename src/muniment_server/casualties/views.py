"""The pages of victims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from muniment_server.casualties import forms, policies, queries, services
from muniment_server.casualties.schemas import Established, Harm, VictimStatus
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.forms import ask
from muniment_server.custody.policies import require
from muniment_server.entities import queries as entities
from muniment_server.entities.views import evidence_of
from muniment_server.incidents import queries as register
from muniment_server.pictures import shown
from muniment_server.pictures.dated import window_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Asked

both = require_http_methods(["GET", "POST"])


@require_GET
def victims(request: Asked) -> HttpResponse:
    """List victims, and what confirmed records among them add up to."""
    require(policies.may_read, request.actor)
    asked = request.GET
    wanted = queries.VictimFilter(
        asked.get("q", ""),
        asked.get("harm", ""),
        asked.get("established", ""),
        asked.get("status", ""),
        window_of(asked),
    )
    page = queries.victims(request.actor, wanted, after=schemas.after(asked))
    facets = [
        schemas.Facet("harm", _("Harm"), schemas.words_of(Harm)),
        schemas.Facet("established", _("Established"), schemas.words_of(Established)),
        schemas.Facet("status", _("Status"), schemas.words_of(VictimStatus)),
    ]
    context = schemas.listing(page, asked, request.path, facets)
    shown.add_dates(context, asked, request.path, _("Happened"))
    if shown.add_choice(context, asked, request.path, "timeline"):
        spans = queries.victim_spans(request.actor, wanted)
        context["timeline"] = shown.timeline_shown(spans, asked, request.path)
    context |= {
        "victims": page.rows,
        "show_names": policies.may_see_names(request.actor),
        "sums": [_count(one) for one in queries.confirmed_sums(request.actor, wanted)],
        "empty_hint": _("A victim is added on the page of the incident."),
    }
    return render(request, "casualties/victims.html", context)


def _count(one: queries.Sum) -> dict[str, Any]:
    value = str(one.least) if one.least == one.most else f"{one.least}–{one.most}"
    source = ngettext("{n} confirmed record", "{n} confirmed records", one.records)
    return {
        "value": value,
        "text": schemas.words_of(Harm)(one.harm),
        "source": source.format(n=one.records),
    }


@require_GET
def victim(request: Asked, number: str) -> HttpResponse:
    """Show one victim, or group of victims."""
    require(policies.may_read, request.actor)
    by = request.actor
    found = queries.victim(by, number)
    acts = custody.acts_of(by, found.pk)
    context = {
        "victim": found,
        "show_names": policies.may_see_names(by),
        **evidence_of(by, [found]),
        "proof": schemas.proof(acts),
        "acts": schemas.history(acts),
        "compartment": custody.compartment_name(found.compartment_id),
    }
    context["cites"] = found.cites  # type: ignore[attr-defined]  # `evidence_of` gives rows theirs
    if policies.may_record_victim(by):
        url = reverse("casualties:correct", args=[found.number])
        context["actions"] = [{"url": url, "text": _("Record anew"), "main": True}]
    return render(request, "casualties/victim.html", context)


@both
def add_victim(request: Asked, number: str) -> HttpResponse:
    """Record a victim, or a group of victims, of an incident."""
    require(policies.may_record_victim, request.actor)
    by = request.actor
    found = register.incident(by, number)
    form = forms.VictimForm(request.POST or None)

    def do(given: dict[str, Any]) -> str:
        made = services.record_victim(
            by,
            incident=found,
            known=services.Known(**form.known()),
            citation=entities.citation(by, given["item"], given["place"]),
            reason=given["reason"],
        )
        return reverse("casualties:victim", args=[made.number])

    heading = _("A victim of {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def correct(request: Asked, number: str) -> HttpResponse:
    """Record what is known of a victim now."""
    require(policies.may_record_victim, request.actor)
    found = queries.victim(request.actor, number)
    known = {name: getattr(found, name) for name in forms.KnownForm.base_fields}
    form = forms.CorrectForm(request.POST or None, initial=known)

    def do(given: dict[str, Any]) -> str:
        services.correct_victim(
            request.actor, found, known=services.Known(**form.known()), reason=given["reason"]
        )
        return reverse("casualties:victim", args=[found.number])

    heading = _("What is known of {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))
