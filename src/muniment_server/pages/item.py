"""The record page of an item: the original, what examination found, what it bears on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment_server.catalogue import policies, queries
from muniment_server.catalogue.schemas import media_kind
from muniment_server.catalogue.views import dress
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.policies import require
from muniment_server.disclosure import policies as disclosure_policies
from muniment_server.disclosure import queries as disclosure
from muniment_server.incidents import policies as register_policies
from muniment_server.incidents import queries as register
from muniment_server.oversight import schemas as oversight

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Actor, Asked


@require_GET
def item(request: Asked, number: str) -> HttpResponse:
    """Show one item whole."""
    require(policies.may_read, request.actor)
    by: Actor = request.actor
    found = queries.item(by, number)
    pictures = queries.thumbnails_of([found])
    dress(found, pictures.get(found.pk), uncovered=_just_uncovered(request, found.number))
    acts = custody.acts_of(by, found.pk)
    assessments: list[Any] = list(register.assessments_of(by, found))
    people = custody.agent_names(
        one for each in assessments for one in (each.author, each.reviewer) if one
    )
    for each in assessments:
        each.author_name = people.get(each.author, "")
        each.reviewer_name = people.get(each.reviewer, "") if each.reviewer else ""
    examination = _examination(found)
    context = {
        "item": found,
        "parts": _parts(found),
        "findings": queries.findings_of(found)[::-1],
        "examination": examination,
        "examine_url": reverse("catalogue:examine", args=[found.number])
        if policies.may_examine(by)
        else None,
        "assessments": assessments,
        "incidents": register.incidents_of(by, found),
        "claims": register.claims_of_item(by, found),
        "collections": queries.collections_of(by, found),
        "packages": disclosure.packages_of(by, found),
        "same_bytes": queries.same_bytes(by, found),
        "states": [*oversight.states_of(found), *_states(found, examination)],
        "actions": _actions(by, found),
        "proof": schemas.proof(acts, queries.bytes_checked(found)),
        "acts": schemas.history(acts),
        "compartment": custody.compartment_name(found.compartment_id),
    }
    return render(request, "catalogue/item.html", context)


def _just_uncovered(request: Asked, number: str) -> bool:
    """Say, once, that a person without scripts asked for this picture and was counted."""
    asked: bool = request.session.get("uncovered") == number
    if asked:
        del request.session["uncovered"]
    return asked


def _parts(found: Any) -> list[Any]:  # noqa: ANN401 - rows with what a page adds to them
    parts: list[Any] = list(queries.parts_of(found))
    made: list[Any] = [] if found.barred else list(queries.renditions_of(found))
    for part in parts:
        part.kind = media_kind(part.media_type)
        part.url = reverse("catalogue:download", args=[found.number, part.pk.hex])
        part.made = [one for one in made if one.part_id == part.pk]
        for one in part.made:
            one.url = reverse("catalogue:rendition", args=[found.number, one.pk.hex])
    return parts


def _examination(found: Any) -> dict[str, str] | None:  # noqa: ANN401 - as above
    """Say that an examination waits, runs or was given up, and what came in its way."""
    job = queries.examination_of(found)
    if job is None:
        return None
    words = {
        "waiting": ("absent", _("examination waiting")),
        "running": ("absent", _("examination running")),
        "failed": ("attention", _("examination failed")),
    }
    kind, text = words[job.state]
    return {"kind": kind, "text": text, "error": job.error}


def _states(found: Any, examination: dict[str, str] | None) -> list[dict[str, str]]:  # noqa: ANN401 - as above
    outcomes = {one.outcome for one in queries.findings_of(found)}
    if examination is not None:
        return [examination, *_outcomes(outcomes)] if outcomes else [examination]
    return _outcomes(outcomes)


def _outcomes(outcomes: set[str]) -> list[dict[str, str]]:
    if not outcomes:
        return [{"kind": "absent", "text": _("not examined")}]
    if "contradicts" in outcomes:
        return [{"kind": "contradicts", "text": _("a finding contradicts")}]
    return [{"kind": "", "text": _("examined")}]


def _actions(by: Actor, found: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
    offered = (
        (policies.may_describe, "catalogue:describe", _("Describe")),
        (register_policies.may_assess, "incidents:assess", _("Work a question through")),
        (disclosure_policies.may_give_out, "disclosure:export", _("Export")),
        (policies.may_read, "oversight:taking_out", _("Take out or hold")),
    )
    actions: list[dict[str, Any]] = []
    for may, name, text in offered:
        if may(by):
            url = reverse(name, args=[] if name == "disclosure:export" else [found.number])
            query = f"?item={found.number}" if name == "disclosure:export" else ""
            actions.append({"url": url + query, "text": text, "main": name == "incidents:assess"})
    return actions
