"""The first page: what waits, where sources disagree, what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody import queries as custody
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
    exposure = custody.own_exposure(by)
    return render(request, "today.html", {"queues": queues, "exposure": exposure})
