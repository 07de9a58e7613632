"""Lists and record pages of incidents, sources and claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment.law.taxonomy import taxonomy
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.policies import require
from muniment_server.incidents import policies, queries
from muniment_server.incidents.schemas import (
    ClaimKind,
    ConflictType,
    ContentStatus,
    Grade,
    Reliability,
    SourceKind,
)
from muniment_server.pictures import shown
from muniment_server.pictures.dated import window_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Actor, Asked


def _crime_words(crime: str) -> str:
    known = taxonomy().crimes.get(crime)
    return crime if known is None else f"{known.citation} {known.label}"


@require_GET
def incidents(request: Asked) -> HttpResponse:
    """List incidents."""
    require(policies.may_read, request.actor)
    asked = request.GET
    wanted = queries.IncidentFilter(
        asked.get("q", ""),
        asked.get("happened", ""),
        asked.get("author", ""),
        asked.get("crime", ""),
        asked.get("conflict", ""),
        window_of(asked),
    )
    page = queries.incidents(request.actor, wanted, after=schemas.after(asked))
    facets = [
        schemas.Facet("happened", _("Did it happen"), schemas.words_of(Grade)),
        schemas.Facet("author", _("Who did it"), schemas.words_of(Grade)),
        schemas.Facet("crime", _("Could be"), _crime_words),
        schemas.Facet("conflict", _("Conflict"), schemas.words_of(ConflictType)),
    ]
    tallies = queries.stances_of(request.actor, page.rows)
    for one in page.rows:
        one.for_count, one.against_count = tallies.get(one.pk, (0, 0))
    context = schemas.listing(page, asked, request.path, facets)
    shown.add_dates(context, asked, request.path, _("Happened"))
    chosen = shown.add_choice(context, asked, request.path, "timeline", "map")
    if chosen == "timeline":
        spans = queries.incident_spans(request.actor, wanted)
        context["timeline"] = shown.timeline_shown(spans, asked, request.path)
    elif chosen == "map":
        context["map"] = _map(request.actor, wanted, page.total)
    context["incidents"] = page.rows
    if policies.may_open_incident(request.actor):
        url = reverse("incidents:open")
        context["actions"] = [{"url": url, "text": _("Open an incident"), "main": True}]
    return render(request, "incidents/incidents.html", context)


def _map(by: Actor, wanted: queries.IncidentFilter, total: int) -> dict[str, Any]:
    found = queries.incident_places(by, wanted, shown.MOST_PLACES + 1)
    return shown.map_shown(
        found,
        total,
        lambda number: reverse("incidents:incident", args=[number]),
        invented=custody.workspace().specimen,
        heading=_("Incident"),
    )


@require_GET
def sources(request: Asked) -> HttpResponse:
    """List sources."""
    require(policies.may_read, request.actor)
    asked = request.GET
    page = queries.sources(request.actor, words=asked.get("q", ""), after=schemas.after(asked))
    facets = [
        schemas.Facet("kind", _("Kind"), schemas.words_of(SourceKind)),
        schemas.Facet("reliability", _("Reliability"), schemas.words_of(Reliability)),
    ]
    context = schemas.listing(page, asked, request.path, facets)
    tallies = queries.claim_counts(request.actor, page.rows)
    for one in page.rows:
        one.claim_count = tallies.get(one.pk, 0)
    context["sources"] = page.rows
    if policies.may_record_source(request.actor):
        url = reverse("incidents:add_source")
        context["actions"] = [{"url": url, "text": _("Record a source"), "main": True}]
    return render(request, "incidents/sources.html", context)


@require_GET
def source(request: Asked, number: str) -> HttpResponse:
    """Show one source and what it says."""
    require(policies.may_read, request.actor)
    found = queries.source(request.actor, number)
    wanted = queries.ClaimFilter(source=found.number)
    acts = custody.acts_of(request.actor, found.pk)
    context = {
        "source": found,
        "claims": queries.claims(request.actor, wanted).rows,
        "states": [{"kind": "", "text": found.get_reliability_display()}],
        "proof": schemas.proof(acts),
        "acts": schemas.history(acts),
        "compartment": custody.compartment_name(found.compartment_id),
    }
    return render(request, "incidents/source.html", context)


@require_GET
def claims(request: Asked) -> HttpResponse:
    """List claims."""
    require(policies.may_read, request.actor)
    asked = request.GET
    wanted = queries.ClaimFilter(
        asked.get("kind", ""),
        asked.get("content", ""),
        asked.get("source", ""),
        asked.get("q", ""),
        window_of(asked),
    )
    page = queries.claims(request.actor, wanted, after=schemas.after(asked))
    facets = [
        schemas.Facet("kind", _("Kind"), schemas.words_of(ClaimKind)),
        schemas.Facet("content", _("Content"), schemas.words_of(ContentStatus)),
    ]
    context = schemas.listing(page, asked, request.path, facets)
    shown.add_dates(context, asked, request.path, _("Said"))
    if shown.add_choice(context, asked, request.path, "timeline"):
        spans = queries.claim_spans(request.actor, wanted)
        context["timeline"] = shown.timeline_shown(spans, asked, request.path)
    context["claims"] = page.rows
    return render(request, "incidents/claims.html", context)


@require_GET
def claim(request: Asked, number: str) -> HttpResponse:
    """Show one claim, and who denies it."""
    require(policies.may_read, request.actor)
    found = queries.claim(request.actor, number)
    acts = custody.acts_of(request.actor, found.pk)
    context = {
        "claim": found,
        "denials": queries.denials_of(request.actor, found),
        "states": [
            {"kind": found.attribution, "text": found.get_attribution_display()},
            {"kind": found.content, "text": found.get_content_display()},
        ],
        "proof": schemas.proof(acts),
        "acts": schemas.history(acts),
        "compartment": custody.compartment_name(found.compartment_id),
    }
    if policies.may_grade_claim(request.actor):
        url = reverse("incidents:grade_claim", args=[found.number])
        context["actions"] = [{"url": url, "text": _("Grade"), "main": True}]
    return render(request, "incidents/claim.html", context)
