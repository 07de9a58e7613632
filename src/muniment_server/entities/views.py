"""The pages of persons and units, except a person's record page, which shows what cases know."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from muniment_server.catalogue import queries as catalogue
from muniment_server.catalogue.views import dress
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.forms import ask
from muniment_server.custody.policies import require
from muniment_server.entities import forms, policies, queries, services
from muniment_server.entities.schemas import UnitKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from muniment_server.custody.policies import Actor, Asked

both = require_http_methods(["GET", "POST"])


def evidence_of(by: Actor, rows: Sequence[Any]) -> dict[str, Any]:
    """Return the items that rows cite as a page shows them, and give each row its `cites`."""
    cited = queries.cited(by, rows)
    pictures = catalogue.thumbnails_of(cited.values())
    pieces: list[dict[str, Any]] = []
    for row in rows:
        row.cites = []
        item = cited.get(str(row.citation.get("item", "")))
        if item is None:
            continue
        place = str(row.citation.get("place", ""))
        piece = {"item": item, "place": place}
        if piece not in pieces:
            dress(item, pictures.get(item.pk))
            pieces.append(piece)
        title = f"{item.number}, {place}" if place else item.number
        url = reverse("catalogue:item", args=[item.number])
        row.cites.append({"number": pieces.index(piece) + 1, "url": url, "title": title})
    return {"evidence": pieces}


@require_GET
def persons(request: Asked) -> HttpResponse:
    """List persons."""
    require(policies.may_read, request.actor)
    asked = request.GET
    page = queries.persons(request.actor, words=asked.get("q", ""), after=schemas.after(asked))
    posts = queries.latest_posts(request.actor, page.rows)
    for one in page.rows:
        one.post = posts.get(one.pk, "")
    context = schemas.listing(page, asked, request.path, [])
    context["persons"] = page.rows
    if policies.may_record_person(request.actor):
        url = reverse("entities:add_person")
        context["actions"] = [{"url": url, "text": _("Record a person"), "main": True}]
    return render(request, "entities/persons.html", context)


@require_GET
def units(request: Asked) -> HttpResponse:
    """List units."""
    require(policies.may_read, request.actor)
    asked = request.GET
    page = queries.units(
        request.actor,
        words=asked.get("q", ""),
        kind=asked.get("kind", ""),
        after=schemas.after(asked),
    )
    facets = [schemas.Facet("kind", _("Kind"), schemas.words_of(UnitKind))]
    context = schemas.listing(page, asked, request.path, facets)
    context["units"] = page.rows
    if policies.may_record_unit(request.actor):
        url = reverse("entities:add_unit")
        context["actions"] = [{"url": url, "text": _("Record a unit"), "main": True}]
    return render(request, "entities/units.html", context)


@require_GET
def unit(request: Asked, number: str) -> HttpResponse:
    """Show one unit: who held which post, and under whom it stood."""
    require(policies.may_read, request.actor)
    by = request.actor
    found = queries.unit(by, number)
    postings = queries.postings_of_unit(by, found)
    over, under = queries.superiors_of(by, found), queries.subordinates_of(by, found)
    acts = custody.acts_of(by, found.pk)
    context = {
        "unit": found,
        "postings": postings,
        "superiors": over,
        "subordinates": under,
        **evidence_of(by, [*postings, *over, *under]),
        **_on_day(by, found, request.GET.get("day", "")),
        "actions": _unit_actions(by, found.number),
        "proof": schemas.proof(acts),
        "acts": schemas.history(acts),
        "compartment": custody.compartment_name(found.compartment_id),
    }
    return render(request, "entities/unit.html", context)


def _on_day(by: Actor, found: Any, asked: str) -> dict[str, Any]:  # noqa: ANN401 - a row
    try:
        on = date.fromisoformat(asked)
    except ValueError:
        return {}
    holders = queries.postings_of_unit(by, found, on)
    for one in holders:
        one.certain = one.held_from is not None and one.held_to is not None  # type: ignore[attr-defined]  # for the page
    return {"asked_day": on, "commanders": holders}


def _unit_actions(by: Actor, number: str) -> list[dict[str, Any]]:
    if not policies.may_record_posting(by):
        return []
    url = reverse("entities:add_superior", args=[number])
    return [{"url": url, "text": _("Record who it stood under"), "main": True}]


@both
def add_person(request: Asked) -> HttpResponse:
    """Record a person."""
    require(policies.may_record_person, request.actor)

    def do(given: dict[str, Any]) -> str:
        made = services.record_person(request.actor, **given)
        return reverse("entities:person", args=[made.number])

    form = forms.PersonForm(request.POST or None)
    return ask(request, form, do, heading=_("Record a person"), action_text=_("Record"))


@both
def add_name(request: Asked, number: str) -> HttpResponse:
    """Record a further name of a person."""
    require(policies.may_record_person, request.actor)
    found = queries.person(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        said = _cited(request.actor, given)
        services.add_name(request.actor, found, **said)
        return reverse("entities:person", args=[found.number])

    form = forms.NameForm(request.POST or None)
    heading = _("A further name of {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def add_posting(request: Asked, number: str) -> HttpResponse:
    """Record a post that a person held."""
    require(policies.may_record_posting, request.actor)
    found = queries.person(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        said = _cited(request.actor, given)
        unit = queries.unit(request.actor, said.pop("unit"))
        services.record_posting(request.actor, person=found, unit=unit, held=_held(said), **said)
        return reverse("entities:person", args=[found.number])

    form = forms.PostingForm(request.POST or None)
    heading = _("A post of {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def add_unit(request: Asked) -> HttpResponse:
    """Record a unit."""
    require(policies.may_record_unit, request.actor)

    def do(given: dict[str, Any]) -> str:
        said = {**given, "kind": UnitKind(given["kind"])}
        made = services.record_unit(request.actor, **said)
        return reverse("entities:unit", args=[made.number])

    form = forms.UnitForm(request.POST or None)
    return ask(request, form, do, heading=_("Record a unit"), action_text=_("Record"))


@both
def add_superior(request: Asked, number: str) -> HttpResponse:
    """Record which unit a unit stood under."""
    require(policies.may_record_posting, request.actor)
    found = queries.unit(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        said = _cited(request.actor, given)
        superior = queries.unit(request.actor, said.pop("superior"))
        held = _held(said)
        services.record_subordination(
            request.actor, unit=found, superior=superior, held=held, **said
        )
        return reverse("entities:unit", args=[found.number])

    form = forms.SubordinationForm(request.POST or None)
    heading = _("Who {n} stood under").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))


def _cited(by: Actor, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a form gave, with its item and place as a citation."""
    said = dict(given)
    item, place = said.pop("item"), said.pop("place")
    return {**said, "citation": queries.citation(by, item, place)}


def _held(said: dict[str, Any]) -> services.Held:
    """Take the dates out of what was said."""
    return services.Held(said.pop("held_from"), said.pop("held_to"), said.pop("confidence"))
