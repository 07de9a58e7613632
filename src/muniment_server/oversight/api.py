"""The API's part about what two people decide: asking, answering, holding, telling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from muniment_server.custody.policies import require
from muniment_server.custody.schemas import Words
from muniment_server.oversight import policies, queries, services
from muniment_server.oversight.schemas import (
    SLUGS,
    AsideOut,
    ExistenceOut,
    HoldOut,
    HoldsOut,
    RequestOut,
    RequestsOut,
    existence_record,
    hold_record,
    request_record,
)
from muniment_server.oversight.services import Decided

if TYPE_CHECKING:
    from muniment_server.custody.policies import Asked

router = Router(tags=["oversight"])


class GroundsIn(Schema):
    """On what authority, and why."""

    authority: Words
    reason: Words


class RequestIn(GroundsIn):
    """Which act, on what authority, why; for `restrict` the compartment."""

    act: Literal["restrict", "seal", "unseal", "shred", "report"]
    compartment: str = ""


class OversightReasonIn(Schema):
    """Why."""

    reason: Words


class AnswerIn(Schema):
    """What whoever answers says."""

    answer: Words


class ApprovalIn(AnswerIn):
    """What the second person says; to unseal, with the escrow's private key, which is not kept."""

    escrow: str = ""


@router.get("/requests", response=RequestsOut)
def list_requests(request: Asked, *, waiting: bool = False) -> dict[str, Any]:
    """List requests, newest first; with `waiting` those that nobody answered yet."""
    require(policies.may_read, request.actor)
    rows = queries.requests(request.actor, open_only=waiting)
    return {"requests": [request_record(one) for one in rows]}


@router.get("/requests/{key}", response=RequestOut)
def show_request(request: Asked, key: str) -> dict[str, Any]:
    """Show one request."""
    require(policies.may_read, request.actor)
    return request_record(queries.request(request.actor, key))


@router.post("/items/{number}/requests", response=RequestOut)
def ask(request: Asked, number: str, given: RequestIn) -> dict[str, Any]:
    """Ask two people to restrict, seal, unseal, shred, or report and destroy an item."""
    require(policies.may_ask, request.actor)
    by = request.actor
    item = queries.item_of(by, number)
    home = queries.compartment(by, given.compartment) if given.compartment else None
    wish = services.Wish(SLUGS[given.act], given.authority, given.reason, compartment=home)
    return request_record(services.ask(by, item, wish))


@router.post("/items/{number}/redactions", response=RequestOut)
def ask_for_redaction(
    request: Asked,
    number: str,
    part: Form[UUID],
    removed: Form[str],
    authority: Form[str],
    reason: Form[str],
    file: File[UploadedFile],
) -> dict[str, Any]:
    """Ask two people to add a redaction, which is brought with the request."""
    require(policies.may_ask, request.actor)
    item = queries.item_of(request.actor, number)
    media_type = file.content_type or "application/octet-stream"
    redaction = services.Redaction(part, file.chunks(), media_type, removed)
    wish = services.Wish(Decided.REDACTED, authority, reason, redaction=redaction)
    return request_record(services.ask(request.actor, item, wish))


@router.post("/requests/{key}/approve", response=RequestOut)
def approve(request: Asked, key: str, given: ApprovalIn) -> dict[str, Any]:
    """Approve a request as the second person; the act follows at once."""
    require(policies.may_give, request.actor)
    found = queries.request(request.actor, key)
    return request_record(services.give(request.actor, found, **given.dict()))


@router.post("/requests/{key}/refuse", response=RequestOut)
def refuse(request: Asked, key: str, given: AnswerIn) -> dict[str, Any]:
    """Refuse a request, or take one's own back."""
    require(policies.may_refuse, request.actor)
    found = queries.request(request.actor, key)
    return request_record(services.refuse(request.actor, found, answer=given.answer))


@router.get("/holds", response=HoldsOut)
def list_holds(request: Asked) -> dict[str, Any]:
    """List the legal holds that stand, newest first."""
    require(policies.may_read, request.actor)
    return {"holds": [hold_record(one) for one in queries.holds(request.actor)]}


@router.post("/items/{number}/holds", response=HoldOut)
def set_hold(request: Asked, number: str, given: GroundsIn) -> dict[str, Any]:
    """Set a legal hold on an item."""
    require(policies.may_hold, request.actor)
    item = queries.item_of(request.actor, number)
    return hold_record(services.set_hold(request.actor, item=item, **given.dict()))


@router.post("/holds/{key}/release", response=RequestOut)
def release_hold(request: Asked, key: str, given: GroundsIn) -> dict[str, Any]:
    """Ask two people to release a legal hold."""
    require(policies.may_release, request.actor)
    by = request.actor
    found = queries.hold(by, key)
    wish = services.Wish(Decided.RELEASED, given.authority, given.reason, hold=found)
    return request_record(services.ask(by, found.item, wish))


@router.post("/items/{number}/existence", response=ExistenceOut)
def tell_existence(request: Asked, number: str, given: OversightReasonIn) -> dict[str, Any]:
    """Let readers outside the compartment know that one record exists."""
    require(policies.may_tell, request.actor)
    item = queries.item_of(request.actor, number)
    return existence_record(services.tell_existence(request.actor, item=item, reason=given.reason))


@router.post("/items/{number}/existence/hide", response=ExistenceOut)
def hide_existence(request: Asked, number: str, given: OversightReasonIn) -> dict[str, Any]:
    """Hide again that an item exists."""
    require(policies.may_hide, request.actor)
    item = queries.item_of(request.actor, number)
    told = queries.existence_or_absent(request.actor, item)
    return existence_record(
        services.hide_existence(request.actor, told, item=item, reason=given.reason)
    )


@router.post("/items/{number}/aside", response=AsideOut)
def bar_item(request: Asked, number: str, given: OversightReasonIn) -> dict[str, Any]:
    """Put an item aside unopened: nothing is made of it and nobody is shown it."""
    require(policies.may_bar, request.actor)
    item = queries.item_of(request.actor, number)
    services.bar_item(request.actor, item, reason=given.reason)
    return {"item": item.number, "aside": True}
