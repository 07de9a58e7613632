"""The law as data, to be read: crimes by family, and what each needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment.law.elements import default_mental
from muniment.law.taxonomy import taxonomy
from muniment_server.cases import policies, queries, schemas
from muniment_server.custody.policies import require

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from muniment.law.sources import Basis
    from muniment.law.statute import Element
    from muniment_server.custody.policies import Asked


@require_GET
def crimes(request: Asked) -> HttpResponse:
    """List crimes by family."""
    require(policies.may_read_law, request.actor)
    law = taxonomy()
    families = [
        {
            "label": family.label,
            "citation": family.citation,
            "lang": "en",
            "note": family.note.text if family.note else "",
            "crimes": [
                {
                    "id": crime.id,
                    "label": crime.label,
                    "citation": crime.citation,
                    "elements": len(crime.elements),
                    "basis": _word(crime.basis),
                }
                for crime in law.in_family(family.id)
            ],
        }
        for family in law.families.values()
    ]
    context = {"families": families, "version": law.version, "disclaimer": law.disclaimer}
    return render(request, "cases/crimes.html", context)


@require_GET
def crime(request: Asked, crime: str) -> HttpResponse:
    """Show one crime with everything that must be proved."""
    require(policies.may_read_law, request.actor)
    law = taxonomy()
    found = law.crime(crime)
    groups = (
        (_("The context"), law.context_elements(found)),
        (_("Its own elements"), found.elements),
        (_("Intent and knowledge, Article 30"), default_mental(found, law)),
    )
    shown = {
        "id": found.id,
        "label": found.label,
        "citation": found.citation,
        "lang": "en",
        "conflict_text": schemas.conflict_text(found.conflict),
        "basis": _word(found.basis),
        "basis_text": found.basis.words,
        "note": found.note.text if found.note else "",
        "counterparts": found.counterparts,
        "family_label": law.family(found.family).label,
    }
    context = {
        "crime": shown,
        "groups": [
            {"title": title, "elements": list(_elements(elements))}
            for title, elements in groups
            if elements
        ],
        "twin": next(iter(law.twins(found)), None),
        "incidents": queries.incidents_under(request.actor, found.id)
        if policies.may_read(request.actor)
        else [],
    }
    return render(request, "cases/crime.html", context)


def _word(basis: Basis) -> str:
    return "opened" if basis.checked else "unchecked"


def _elements(elements: Iterable[Element]) -> Iterable[dict[str, Any]]:
    for element in elements:
        yield {
            "id": element.id,
            "text": element.text,
            "kind_text": schemas.kind_text(element.kind),
            "per_text": schemas.per_text(element.proved_per),
            "alternative": element.alt,
        }
