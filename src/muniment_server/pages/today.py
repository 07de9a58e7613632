"""The first page, and the search over every kind of record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.policies import require
from muniment_server.entities import queries as entities
from muniment_server.incidents import policies
from muniment_server.incidents import queries as register

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from muniment_server.custody.policies import Asked

_SHOWN = 8


def _rows(
    records: Iterable[Any], address: str, text: str = "title", note: str = ""
) -> list[dict[str, str]]:
    return [
        {
            "url": reverse(address, args=[record.number]),
            "number": record.number,
            "text": str(getattr(record, text))[:160],
            "note": str(getattr(record, note)) if note else "",
        }
        for record in records
    ]


@require_GET
def today(request: Asked) -> HttpResponse:
    """Show what waits, where sources disagree, and what is new."""
    by = request.actor
    if not policies.may_read(by):
        return render(request, "today.html", {"queues": []})
    waiting = register.waiting_for_review(by)[:_SHOWN]
    queues = [
        {
            "title": _("Waiting for you as second reader"),
            "records": [
                {
                    "url": reverse("incidents:review", args=[one.number]),
                    "number": one.item.number,
                    "text": one.get_question_display(),
                    "note": one.item.title,
                }
                for one in waiting
            ],
            "empty_text": _("Nothing waits for a second person."),
        },
        {
            "title": _("Sources disagree"),
            "records": _rows(register.disputed(by)[:_SHOWN], "incidents:incident"),
            "empty_text": _("No incident has differing numbers or a denial."),
        },
        {
            "title": _("Newest incidents"),
            "records": _rows(register.newest(by, _SHOWN), "incidents:incident"),
            "more_url": reverse("incidents:incidents"),
            "empty_text": _("No incident is recorded yet."),
        },
        {
            "title": _("Newest items"),
            "records": _rows(catalogue.newest(by, _SHOWN), "catalogue:item", note="media_type"),
            "more_url": reverse("catalogue:items"),
            "empty_text": _("Nothing was deposited yet."),
        },
    ]
    return render(request, "today.html", {"queues": queues})


@require_GET
def search(request: Asked) -> HttpResponse:
    """Find words in every kind of record the reader may know of."""
    require(policies.may_read, request.actor)
    words = request.GET.get("q", "").strip()
    groups = _groups(request, words) if words else []
    return render(request, "search.html", {"q": words, "groups": groups})


def _groups(request: Asked, words: str) -> list[dict[str, Any]]:
    by = request.actor
    found = (
        (
            _("Items"),
            catalogue.items(by, catalogue.ItemFilter(words), limit=_SHOWN),
            "catalogue:item",
            "title",
            "catalogue:items",
        ),
        (
            _("Incidents"),
            register.incidents(by, register.IncidentFilter(words), limit=_SHOWN),
            "incidents:incident",
            "title",
            "incidents:incidents",
        ),
        (
            _("Sources"),
            register.sources(by, words=words, limit=_SHOWN),
            "incidents:source",
            "name",
            "incidents:sources",
        ),
        (
            _("Persons"),
            entities.persons(by, words=words, limit=_SHOWN),
            "entities:person",
            "name",
            "entities:persons",
        ),
        (
            _("Units"),
            entities.units(by, words=words, limit=_SHOWN),
            "entities:unit",
            "name",
            "entities:units",
        ),
    )
    return [
        {
            "title": title,
            "records": _rows(page.rows, address, text),
            "more_url": f"{reverse(more)}?q={words}" if page.after is not None else None,
        }
        for title, page, address, text, more in found
        if page.rows
    ]
