"""The pages of the log: its acts, one act whole, and who looked at what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from muniment_server.custody import policies, queries, schemas
from muniment_server.custody.forms import ClockForm, ask
from muniment_server.custody.ledger import sealing
from muniment_server.custody.schemas import readings
from muniment_server.custody.schemas.state import state_record
from muniment_server.custody.services.clock import confirm_clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from muniment_server.custody.policies import Actor, Asked
    from muniment_server.custody.queries import LoggedAct

_PAGE = 100


@require_GET
def log(request: Asked) -> HttpResponse:
    """Show the newest acts, or those before a place."""
    policies.require(policies.may_read_log, request.actor)
    before = schemas.after({"after": request.GET.get("before", "")})
    queries.note_log_read(request.actor)
    page = queries.latest_acts(request.actor, _PAGE, before if before >= 0 else None)
    head = queries.custody_head()
    context = {
        "head": {
            "origin": head.origin,
            "size": head.size,
            "root": queries.frontier_of(head).root().hex(),
            "signed_at": head.t,
        },
        "log_key": sealing.sealer().signer.verifier.text,
        "watch": schemas.watch_record(),
        "acts": _told(request.actor, page.acts),
        "older_url": f"{reverse('custody:log')}?before={page.before}" if page.before else None,
    }
    return render(request, "custody/log.html", context)


@require_GET
def act(request: Asked, index: int) -> HttpResponse:
    """Show one act whole, with what lies behind its digests."""
    policies.require(policies.may_read_log, request.actor)
    found, leaf = queries.act(request.actor, index), queries.leaf(index)
    if found is None or leaf is None:
        raise queries.absent(request.actor, "act", str(index))
    queries.note_log_read(request.actor, index)
    (told,) = _told(request.actor, [found])
    context = {
        "act": {**told, "n": leaf.n, "leaf_hash": found.leaf, "eid": leaf.eid.hex},
        "witnessed": schemas.witnessed(index),
        "leaf": bytes(leaf.data).decode(),
        "disclosed": [_disclosed(text) for text in leaf.disclosures.split("\n")],
    }
    return render(request, "custody/act.html", context)


def _told(by: Actor, acts: Iterable[LoggedAct]) -> list[dict[str, Any]]:
    """Return acts as pages of the log tell them, in the same order, each with its subject."""
    known = list(acts)
    subjects = queries.subjects(by, (one.obj for one in known))
    names = queries.agent_names(one.obj for one in known)
    shown = [schemas.subject_shown(subjects.get(one.obj), names.get(one.obj, "")) for one in known]
    told = schemas.history(reversed(known))
    return [{**one, **subject} for one, subject in zip(told, shown, strict=True)]


@require_GET
def state(request: Asked) -> HttpResponse:
    """Show the clock and the disks: what stops new acts or new files."""
    policies.require(policies.may_read_log, request.actor)
    context = state_record()
    if context["clock"]["state"] == "jumped" and policies.may_confirm_clock(request.actor):
        context["confirm_url"] = reverse("custody:clock")
    return render(request, "custody/state.html", context)


@require_http_methods(["GET", "POST"])
def clock(request: Asked) -> HttpResponse:
    """Confirm a clock that jumped forward."""
    policies.require(policies.may_confirm_clock, request.actor)

    def do(given: dict[str, Any]) -> str:
        confirm_clock(request.actor, reason=given["reason"])
        return reverse("custody:state")

    form = ClockForm(request.POST or None)
    return ask(
        request, form, do, heading=_("Confirm the clock"), action_text=_("It is right"), grave=True
    )


def _disclosed(text: str) -> dict[str, Any]:
    name, value = schemas.opened(text)
    return {"name": name, "value": json.dumps(value, ensure_ascii=False, indent=1)}


@require_GET
def access(request: Asked) -> HttpResponse:
    """Show who looked at what, and who unusually much; looking here is recorded too."""
    by = request.actor
    policies.require(policies.may_read_accesses, by)
    place = schemas.after({"after": request.GET.get("before", "")})
    first = place < 0
    page = queries.readings(by, _PAGE, None if first else place)
    context = {
        **readings.readings_shown(page, request.path),
        "exposures": queries.exposures(by) if first else [],
        "volumes": queries.volumes(by) if first else [],
        "rule": readings.rule_shown() if first else None,
        "empty_title": _("Nobody looked at anything yet"),
    }
    return render(request, "custody/access.html", context)
