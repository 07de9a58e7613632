"""The API's part about the log: its acts, its proofs, and who looked at what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from ninja import Router

from muniment.archive import log_text
from muniment_server.custody import policies, queries
from muniment_server.custody.ledger import sealing
from muniment_server.custody.schemas import (
    entry_record,
    log_record,
    reading_record,
    signed_head,
    time_record,
    watch_record,
    witnessed_record,
)

if TYPE_CHECKING:
    from muniment_server.custody.policies import Asked

router = Router(tags=["the log"])

_PAGE = 100
_TEXT = "text/plain; charset=utf-8"


@router.get("/log")
def list_acts(request: Asked, before: int | None = None) -> dict[str, Any]:
    """List the newest acts, or those before a place; acts on what one may not know of are left out.

    `next` is the `before` of the next page.
    """
    by = request.actor
    policies.require(policies.may_read_log, by)
    page = queries.latest_acts(by, _PAGE, before)
    subjects = queries.subjects(by, (one.obj for one in page.acts))
    names = queries.agent_names(one.obj for one in page.acts)
    records = [log_record(one, subjects.get(one.obj), names.get(one.obj, "")) for one in page.acts]
    return {
        "head": signed_head(queries.custody_head()),
        "log_key": sealing.sealer().signer.verifier.text,
        "witnessed": watch_record(),
        "records": records,
        "next": page.before,
    }


@router.get("/log/checkpoint", response={200: None})
def show_checkpoint(request: Asked) -> HttpResponse:
    """Hand out the newest published head: a signed note, as `muniment log checkpoint` prints it."""
    policies.require(policies.may_read_log, request.actor)
    return HttpResponse(log_text.checkpoint(queries.workspace().archive), content_type=_TEXT)


@router.get("/log/consistency", response={200: None})
def show_consistency(request: Asked, old: int, new: int) -> HttpResponse:
    """Prove that the log of size `new` extends that of size `old`, a hash a line (RFC 9162)."""
    policies.require(policies.may_read_log, request.actor)
    found = log_text.consistency(queries.workspace().archive, old, new)
    return HttpResponse(found, content_type=_TEXT)


@router.get("/log/access")
def list_readings(request: Asked, before: int | None = None) -> dict[str, Any]:
    """List who looked at what, newest first; looking here is recorded too."""
    policies.require(policies.may_read_accesses, request.actor)
    page = queries.readings(request.actor, _PAGE, before)
    return {"records": [reading_record(one) for one in page.readings], "next": page.before}


@router.get("/log/{index}")
def show_act(request: Asked, index: int) -> dict[str, Any]:
    """Show one act whole: what lies behind its digests, and who outside saw the log with it."""
    by = request.actor
    policies.require(policies.may_read_log, by)
    found, leaf = queries.act(by, index), queries.leaf(index)
    if found is None or leaf is None:
        raise queries.absent(by, "act", str(index))
    subject = queries.subjects(by, [found.obj]).get(found.obj)
    name = queries.agent_names([found.obj]).get(found.obj, "")
    return {
        **log_record(found, subject, name),
        **entry_record(leaf),
        "witnessed": witnessed_record(index),
    }


@router.get("/log/{index}/proof", response={200: None})
def show_proof(request: Asked, index: int) -> HttpResponse:
    """Hand out a C2SP tlog-proof of one entry, with the entry: `muniment log proof` prints it."""
    by = request.actor
    policies.require(policies.may_read_log, by)
    if queries.act(by, index) is None:
        raise queries.absent(by, "act", str(index))
    return HttpResponse(log_text.proof(queries.workspace().archive, index), content_type=_TEXT)


@router.get("/log/{index}/time")
def show_time(request: Asked, index: int) -> dict[str, Any]:
    """Say by when an entry was there, by which authority, and whether that is a qualified one.

    `state` is `proved`, `absent` (no token yet, or a demonstration) or `failed`.
    """
    by = request.actor
    policies.require(policies.may_read_log, by)
    if queries.act(by, index) is None:
        raise queries.absent(by, "act", str(index))
    return time_record(index)
