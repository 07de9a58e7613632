"""Lists and record pages of situations, cases, charges and exhibits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment.law.taxonomy import taxonomy
from muniment_server.cases import policies, queries
from muniment_server.cases.schemas import standard_text
from muniment_server.cases.views.matrix import basis_word, matrix_shown
from muniment_server.catalogue import queries as catalogue
from muniment_server.catalogue.views import dress
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.policies import require
from muniment_server.pictures import shown
from muniment_server.pictures.dated import window_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpResponse

    from muniment_server.cases.queries import ChargeView
    from muniment_server.custody.policies import Actor, Asked

Offer = tuple["Callable[[Actor], bool]", str, str]


@require_GET
def cases(request: Asked) -> HttpResponse:
    """List cases."""
    require(policies.may_read, request.actor)
    by, asked = request.actor, request.GET
    wanted = queries.CaseFilter(asked.get("q", ""), asked.get("situation", ""), window_of(asked))
    page = queries.cases(by, wanted, after=schemas.after(asked))
    context = schemas.listing(
        page, asked, request.path, [schemas.Facet("situation", _("Situation"), str)]
    )
    shown.add_dates(context, asked, request.path, _("Happened"))
    if shown.add_choice(context, asked, request.path, "timeline"):
        spans = queries.case_spans(by, wanted)
        context["timeline"] = shown.timeline_shown(spans, asked, request.path)
    suspected = queries.suspected_in(by, page.rows)
    counts = queries.charge_counts(by, page.rows)
    for one in page.rows:
        one.suspect_list = suspected.get(one.pk, [])
        one.charge_count = counts.get(one.pk, 0)
    context |= {
        "cases": page.rows,
        "situations": queries.situations(by),
        "actions": _actions(
            by, [(policies.may_open_situation, "cases:open_situation", _("Open a situation"))], []
        ),
    }
    return render(request, "cases/cases.html", context)


@require_GET
def situation(request: Asked, number: str) -> HttpResponse:
    """Show one situation, its cases, and what is recorded once for all of them."""
    require(policies.may_read, request.actor)
    by = request.actor
    found = queries.situation(by, number)
    offered = [(policies.may_open_case, "cases:open_case", _("Open a case"))]
    context = {
        "situation": found,
        "cases": queries.cases_in(by, found),
        "context_rows": _context_rows(queries.context_cells(by, found)),
        "actions": _actions(by, offered, [found.number]),
        **_told(by, found),
    }
    return render(request, "cases/situation.html", context)


def _context_rows(cells: Iterable[Any]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for cell in cells:
        text = taxonomy().element(cell.element).text
        empty = {"text": text, "lang": "en", "for_count": 0, "against_count": 0}
        row = rows.setdefault(cell.element, empty)
        row["for_count"] += cell.stance == "supports"
        row["against_count"] += cell.stance == "undermines"
    return list(rows.values())


@require_GET
def case(request: Asked, number: str) -> HttpResponse:
    """Show one case: its suspects and charges."""
    require(policies.may_read, request.actor)
    by = request.actor
    found = queries.case(by, number)
    views = [queries.charge_view(by, one) for one in queries.charges_of(by, found)]
    suspects = queries.suspects_of(by, found)
    lead = queries.lead_of(found)
    for suspect in suspects:
        own = (view for view in views if view.charge.suspect_id == suspect.pk)
        suspect.charge_list = [_charge_line(view) for view in own]  # type: ignore[attr-defined]  # for the page
    offered: list[Offer] = [
        (lambda actor: policies.may_read_readings(actor, lead), "cases:readings", _("Who looked")),
        (policies.may_name_lead, "cases:name_lead", _("Name who leads it")),
        (policies.may_add_suspect, "cases:add_suspect", _("Add a suspect")),
        (policies.may_add_charge, "cases:add_charge", _("Add a charge")),
    ]
    context = {
        "case": found,
        "suspects": suspects,
        "lead_name": custody.agent_names([lead]).get(lead, ""),
        "evidence": _evidence(views),
        "states": [{"kind": "", "text": _("alleged")}],
        "actions": _actions(by, offered, [found.number]),
        **_told(by, found),
    }
    return render(request, "cases/case.html", context)


def _charge_line(view: ChargeView) -> dict[str, Any]:
    crime, mode = _law(view)
    return {
        "pk": view.charge.pk.hex,
        "crime_label": crime["label"],
        "crime_citation": crime["citation"],
        "mode_label": mode["label"],
        "mode_citation": mode["citation"],
        "lang": "en",
        "incidents": view.incidents,
        "gaps": len(view.gaps),
        "for_count": view.supporting,
        "against_count": view.undermining,
        "opinion_count": len(view.opinions),
    }


def _law(view: ChargeView) -> tuple[dict[str, str], dict[str, str]]:
    law = taxonomy()
    crime, mode = law.crime(view.charge.crime), law.mode(view.charge.mode)
    first, second = (
        {
            "label": one.label,
            "citation": one.citation,
            "lang": "en",
            "basis": basis_word(one.basis.checked),
        }
        for one in (crime, mode)
    )
    return first, second


def _evidence(views: Iterable[ChargeView]) -> list[dict[str, Any]]:
    items = {cell.item.pk: cell.item for view in views for at in view.cells.values() for cell in at}
    pictures = catalogue.thumbnails_of(items.values())
    for item in items.values():
        dress(item, pictures.get(item.pk))
    return [{"item": item, "place": ""} for item in items.values()]


@require_GET
def charge(request: Asked, number: str, key: str) -> HttpResponse:
    """Show one charge with its matrix; coverage is shown, and is no finding."""
    require(policies.may_read, request.actor)
    by = request.actor
    found = queries.case(by, number)
    one = queries.charge(by, found, key)
    view = queries.charge_view(by, one)
    authors = custody.agent_names(opinion.author for opinion in view.opinions)
    for opinion in view.opinions:
        opinion.author_name = authors.get(opinion.author, "")  # type: ignore[attr-defined]  # for the page
        opinion.standard_text = standard_text(opinion.standard)  # type: ignore[attr-defined]  # as above
    crime, mode = _law(view)
    offered = [
        (policies.may_give_opinion, "cases:give_opinion", _("Record an opinion")),
        (policies.may_fill_cell, "cases:fill_cell", _("Add evidence")),
    ]
    context = {
        "case": found,
        "suspect": one.suspect,
        "charge": one,
        "crime": crime,
        "mode": mode,
        "incidents": view.incidents,
        "context_text": _context_text(view),
        "gaps": len(view.gaps),
        "cautions": view.matrix.cautions,
        "matrix": matrix_shown(by, view),
        "opinions": view.opinions,
        "actions": _actions(by, offered, [found.number, one.pk.hex]),
        **_told(by, found),
    }
    return render(request, "cases/charge.html", context)


def _context_text(view: ChargeView) -> str:
    once = [row for row in view.coverage.rows if row.row.key.situation and not row.row.key.person]
    if not once:
        return ""
    return _(
        "{supported} of {total} parts have support; recorded once for {n}, they serve every charge"
    ).format(
        supported=sum(1 for row in once if row.supports),
        total=len(once),
        n=view.charge.suspect.case.situation.number,
    )


@require_GET
def cell(request: Asked, number: str, key: str) -> HttpResponse:
    """Show one exhibit at its row, and who read it."""
    require(policies.may_read, request.actor)
    by = request.actor
    found = queries.case(by, number)
    one = queries.cell(by, found, key)
    people = custody.agent_names(who for who in (one.analyst, one.second_reader) if who)
    dress(one.item, catalogue.thumbnails_of([one.item]).get(one.item.pk))
    offered: list[Offer] = [(policies.may_fill_cell, "cases:withdraw_cell", _("Withdraw"))]
    if one.second_reader is None and one.analyst != by.agent:
        offered += [(policies.may_fill_cell, "cases:second_reading", _("Confirm as second reader"))]
    context = {
        "case": found,
        "cell": one,
        "element": taxonomy().element(one.element.removesuffix(".art30")),
        "of_default": one.element.endswith(".art30"),
        "place": str(one.citation.get("place", "")),
        "analyst_name": people.get(one.analyst, ""),
        "second_name": people.get(one.second_reader, "") if one.second_reader else "",
        "states": [{"kind": one.stance, "text": one.get_stance_display()}],
        "actions": _actions(by, offered, [found.number, one.pk.hex]),
        **_told(by, found),
    }
    return render(request, "cases/cell.html", context)


def _told(by: Actor, found: Any) -> dict[str, Any]:  # noqa: ANN401 - any root
    acts = custody.acts_of(by, found.pk)
    return {
        "proof": schemas.proof(acts),
        "acts": schemas.history(acts),
        "compartment": custody.compartment_name(found.compartment_id),
    }


def _actions(by: Actor, offered: Iterable[Offer], args: list[str]) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = [
        {"url": reverse(name, args=args), "text": text, "main": False}
        for may, name, text in offered
        if may(by)
    ]
    if actions:
        actions[-1]["main"] = True
    return actions
