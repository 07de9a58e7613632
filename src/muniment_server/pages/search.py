"""The search over every kind of record.

- Each kind is sought by its own app, which shows what the reader may know of, and records it.
- Who a victim is, is sought and shown only on behalf of those who may see it (`casualties`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment_server.cases import queries as cases
from muniment_server.casualties import policies as casualties_policies
from muniment_server.casualties import queries as casualties
from muniment_server.catalogue import policies
from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.policies import require
from muniment_server.entities import queries as entities
from muniment_server.incidents import queries as register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.http import HttpResponse

    from muniment_server.custody.policies import Actor, Asked
    from muniment_server.custody.queries import Page

_SHOWN = 8
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class _Group:
    """What was found of one kind: its rows, where one is shown, and where all of them are."""

    title: str
    rows: Iterable[Any]
    page: str
    words: Callable[[Any], str]
    every: str = ""


@require_GET
def search(request: Asked) -> HttpResponse:
    """Find words in every kind of record the reader may know of."""
    require(policies.may_read, request.actor)
    words = request.GET.get("q", "").strip()
    found = [*_evidence(request.actor, words), *_people(request.actor, words)] if words else []
    groups = [_shown(group, words) for group in found if group.rows]
    return render(request, "search.html", {"q": words, "groups": groups})


def _shown(group: _Group, words: str) -> dict[str, Any]:
    return {
        "title": group.title,
        "records": [
            {
                "url": reverse(group.page, args=[one.number]),
                "number": one.number,
                "text": group.words(one)[:_LONGEST],
                "note": "",
            }
            for one in group.rows
        ],
        "more_url": f"{reverse(group.every)}?{urlencode({'q': words})}" if group.every else None,
    }


def _title(row: Any) -> str:  # noqa: ANN401 - records of several kinds have one
    return str(row.title)


def _name(row: Any) -> str:  # noqa: ANN401 - records of several kinds have one
    return str(row.name)


def _who(by: Actor) -> Callable[[Any], str]:
    """Return what a victim is called before this reader: by name, or by the harm done."""
    named = casualties_policies.may_see_names(by)
    return lambda row: str((named and row.name) or row.get_harm_display())


def _all(page: Page, address: str) -> str:
    """Return the list's address where it has more than this page."""
    return "" if page.after is None else address


def _evidence(by: Actor, words: str) -> Iterator[_Group]:
    page = catalogue.items(by, catalogue.ItemFilter(words), limit=_SHOWN)
    yield _Group(_("Items"), page.rows, "catalogue:item", _title, _all(page, "catalogue:items"))
    page = register.incidents(by, register.IncidentFilter(words), limit=_SHOWN)
    yield _Group(
        _("Incidents"), page.rows, "incidents:incident", _title, _all(page, "incidents:incidents")
    )
    page = register.claims(by, register.ClaimFilter(words=words), limit=_SHOWN)
    yield _Group(
        _("Claims"),
        page.rows,
        "incidents:claim",
        lambda row: str(row.text),
        _all(page, "incidents:claims"),
    )
    page = register.sources(by, words=words, limit=_SHOWN)
    yield _Group(
        _("Sources"), page.rows, "incidents:source", _name, _all(page, "incidents:sources")
    )


def _people(by: Actor, words: str) -> Iterator[_Group]:
    page = entities.persons(by, words=words, limit=_SHOWN)
    yield _Group(_("Persons"), page.rows, "entities:person", _name, _all(page, "entities:persons"))
    page = entities.units(by, words=words, limit=_SHOWN)
    yield _Group(_("Units"), page.rows, "entities:unit", _name, _all(page, "entities:units"))
    page = casualties.victims(by, casualties.VictimFilter(words), limit=_SHOWN)
    yield _Group(
        _("Victims"),
        page.rows,
        "casualties:victim",
        _who(by),
        _all(page, "casualties:victims"),
    )
    page = cases.cases(by, cases.CaseFilter(words), limit=_SHOWN)
    yield _Group(_("Cases"), page.rows, "cases:case", _title, _all(page, "cases:cases"))
    rows = cases.situations(by, words=words)[:_SHOWN]
    yield _Group(_("Situations"), rows, "cases:situation", _title)
