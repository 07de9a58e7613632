"""The pages of the log: its acts, one act whole, and who looked at what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from muniment_server.custody import policies, queries, schemas
from muniment_server.custody.ledger import sealing

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Asked

_PAGE = 100


@require_GET
def log(request: Asked) -> HttpResponse:
    """Show the newest acts, or those before a place."""
    policies.require(policies.may_read_log, request.actor)
    before = schemas.after({"after": request.GET.get("before", "")})
    acts = queries.latest_acts(request.actor, _PAGE, before if before >= 0 else None)
    head = queries.custody_head()
    oldest = acts[-1].index if acts else 0
    context = {
        "head": {
            "origin": head.origin,
            "size": head.size,
            "root": queries.frontier_of(head).root().hex(),
            "signed_at": head.t,
        },
        "log_key": sealing.sealer().signer.verifier.text,
        "acts": schemas.history(reversed(acts)),
        "older_url": f"{reverse('custody:log')}?before={oldest}" if oldest else None,
    }
    return render(request, "custody/log.html", context)


@require_GET
def act(request: Asked, index: int) -> HttpResponse:
    """Show one act whole, with what lies behind its digests."""
    policies.require(policies.may_read_log, request.actor)
    found, leaf = queries.act(request.actor, index), queries.leaf(index)
    if found is None or leaf is None:
        raise queries.absent(request.actor, "act", str(index))
    (told,) = schemas.history([found])
    disclosed = leaf.disclosures.split("\n")
    context = {
        "act": {**told, "n": leaf.n, "leaf_hash": found.leaf, "eid": leaf.eid.hex},
        "leaf": bytes(leaf.data).decode(),
        "disclosed": [] if found.withheld else [_disclosed(text) for text in disclosed],
        "withheld": len(disclosed) if found.withheld else 0,
    }
    return render(request, "custody/act.html", context)


def _disclosed(text: str) -> dict[str, Any]:
    name, value = schemas.opened(text)
    return {"name": name, "value": json.dumps(value, ensure_ascii=False, indent=1)}


@require_GET
def access(request: Asked) -> HttpResponse:
    """Show who looked at what; looking here is recorded too."""
    policies.require(policies.may_read_accesses, request.actor)
    queries.note_accesses_read(request.actor)
    rows = list(queries.accesses()[:_PAGE])
    names = queries.agent_names(row.by for row in rows if row.by)
    hidden = queries.hidden_roots(request.actor, (row.obj for row in rows if row.obj))
    for row in rows:
        row.detail = "" if row.obj in hidden else row.detail
        row.by_name = names.get(row.by, "") if row.by else ""  # type: ignore[attr-defined]  # for the page
    context = {
        "accesses": rows,
        "found": len(rows),
        "pages": {"first": 1, "last": len(rows)},
        "ask_words": False,
        "empty_title": _("Nobody looked at anything yet"),
    }
    return render(request, "custody/access.html", context)
