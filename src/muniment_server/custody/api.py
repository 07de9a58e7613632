"""The API's part about the log: its acts, its proofs, and who looked at what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.http import HttpResponse
from ninja import Router, Schema

from muniment.archive import log_text
from muniment_server.custody import policies, queries
from muniment_server.custody.ledger import sealing
from muniment_server.custody.schemas import (
    ActOut,
    Listed,
    bytes_of,
    entry_record,
    log_record,
    signed_head,
    time_record,
    watch_record,
    witnessed_record,
)
from muniment_server.custody.schemas.readings import (
    ReadingOut,
    VolumesOut,
    reading_record,
    rule_record,
    volume_record,
)
from muniment_server.custody.schemas.state import ClockIn, StateOut, state_record
from muniment_server.custody.services.clock import confirm_clock

if TYPE_CHECKING:
    from muniment_server.custody.policies import Asked

router = Router(tags=["the log"])

_PAGE = 100
_TEXT = "text/plain; charset=utf-8"


class LoggedOut(ActOut):
    """An act of the whole log, with what it was done on."""

    obj: str
    on: str


class DisclosedOut(Schema):
    """What lies behind a digest of an entry."""

    name: str
    value: Any


class CosignerOut(Schema):
    """A witness that signed a head, and when it said it did."""

    name: str
    time: str


class SeenOut(Schema):
    """Who outside saw the log: k of n, at which size, and what is wrong with that."""

    k: int
    n: int
    quorum_met: bool
    size: int
    witnesses: list[CosignerOut]
    trouble: str


class QuestionOut(Schema):
    """How asking one witness stands: for which head, when, and what came in the way."""

    name: str
    size: int
    asked: str
    due: str
    failures: int
    error: str
    alarm: bool


class WatchOut(SeenOut):
    """Who outside saw the newest heads, and how asking stands."""

    questions: list[QuestionOut]


class EntryOut(LoggedOut):
    """An act whole, with the bytes of its entry and what lies behind its digests."""

    n: int
    eid: str
    leaf_bytes: str
    disclosed: list[DisclosedOut]
    witnessed: SeenOut


class HeadOut(Schema):
    """The head of the log."""

    origin: str
    size: int
    root: str
    signed_at: str | None


class LogOut(Schema):
    """A page of the log, newest first, with its head, its key and who saw it."""

    head: HeadOut
    log_key: str
    witnessed: WatchOut
    records: list[LoggedOut]
    next: int | None


class TimeTokenOut(Schema):
    """What a time token says."""

    at: str
    authority: str
    standing: str
    basis: str
    demonstration: bool
    size: int
    root: str


class TimeOut(Schema):
    """What time tokens say of an entry, in words and one by one."""

    state: Literal["proved", "absent", "failed"]
    detail: str
    tokens: list[TimeTokenOut]


@router.get("/log", response=LogOut)
def list_acts(request: Asked, before: int | None = None) -> dict[str, Any]:
    """List the newest acts, or those before a place; acts on what one may not know of are left out.

    `next` is the `before` of the next page.
    """
    by = request.actor
    policies.require(policies.may_read_log, by)
    queries.note_log_read(by)
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


@router.get("/state", response=StateOut)
def show_state(request: Asked) -> dict[str, Any]:
    """Show the clock and the disks: what stops new acts or new files."""
    policies.require(policies.may_read_log, request.actor)
    return state_record()


@router.post("/state/clock", response=StateOut)
def confirm_the_clock(request: Asked, given: ClockIn) -> dict[str, Any]:
    """Confirm a clock that jumped forward, which stopped all acts."""
    policies.require(policies.may_confirm_clock, request.actor)
    confirm_clock(request.actor, reason=given.reason)
    return state_record()


@router.get("/log/checkpoint", response={200: None}, openapi_extra=bytes_of("text/plain"))
def show_checkpoint(request: Asked) -> HttpResponse:
    """Hand out the newest published head: a signed note, as `muniment log checkpoint` prints it."""
    policies.require(policies.may_read_log, request.actor)
    return HttpResponse(log_text.checkpoint(queries.workspace().archive), content_type=_TEXT)


@router.get("/log/consistency", response={200: None}, openapi_extra=bytes_of("text/plain"))
def show_consistency(request: Asked, old: int, new: int) -> HttpResponse:
    """Prove that the log of size `new` extends that of size `old`, a hash a line (RFC 9162)."""
    policies.require(policies.may_read_log, request.actor)
    found = log_text.consistency(queries.workspace().archive, old, new)
    return HttpResponse(found, content_type=_TEXT)


@router.get("/log/access", response=Listed[ReadingOut])
def list_readings(request: Asked, before: int | None = None) -> dict[str, Any]:
    """List who looked at what, newest first; looking here is recorded too."""
    policies.require(policies.may_read_accesses, request.actor)
    page = queries.readings(request.actor, _PAGE, before)
    return {"records": [reading_record(one) for one in page.readings], "next": page.before}


@router.get("/log/access/volumes", response=VolumesOut)
def list_volumes(request: Asked) -> dict[str, Any]:
    """List who read unusually much in the last seven days, and by which rule that is said."""
    policies.require(policies.may_read_accesses, request.actor)
    queries.note_accesses_read(request.actor)
    found = queries.volumes(request.actor)
    return {"rule": rule_record(), "records": [volume_record(one) for one in found]}


@router.get("/log/access/checkpoint", response={200: None}, openapi_extra=bytes_of("text/plain"))
def show_access_checkpoint(request: Asked) -> HttpResponse:
    """Hand out the newest published head of the access log, a signed note."""
    policies.require(policies.may_read_accesses, request.actor)
    archive = queries.workspace().access_archive
    return HttpResponse(log_text.checkpoint(archive), content_type=_TEXT)


@router.get("/log/{index}", response=EntryOut)
def show_act(request: Asked, index: int) -> dict[str, Any]:
    """Show one act whole: what lies behind its digests, and who outside saw the log with it."""
    by = request.actor
    policies.require(policies.may_read_log, by)
    found, leaf = queries.act(by, index), queries.leaf(index)
    if found is None or leaf is None:
        raise queries.absent(by, "act", str(index))
    queries.note_log_read(by, index)
    subject = queries.subjects(by, [found.obj]).get(found.obj)
    name = queries.agent_names([found.obj]).get(found.obj, "")
    return {
        **log_record(found, subject, name),
        **entry_record(leaf),
        "witnessed": witnessed_record(index),
    }


@router.get("/log/{index}/proof", response={200: None}, openapi_extra=bytes_of("text/plain"))
def show_proof(request: Asked, index: int) -> HttpResponse:
    """Hand out a C2SP tlog-proof of one entry, with the entry: `muniment log proof` prints it."""
    by = request.actor
    policies.require(policies.may_read_log, by)
    if queries.act(by, index) is None:
        raise queries.absent(by, "act", str(index))
    queries.note_log_read(by, index)
    return HttpResponse(log_text.proof(queries.workspace().archive, index), content_type=_TEXT)


@router.get("/log/{index}/time", response=TimeOut)
def show_time(request: Asked, index: int) -> dict[str, Any]:
    """Say by when an entry was there, by which authority, and whether that is a qualified one.

    `state` is `proved`, `absent` (no token yet, or a demonstration) or `failed`.
    """
    by = request.actor
    policies.require(policies.may_read_log, by)
    if queries.act(by, index) is None:
        raise queries.absent(by, "act", str(index))
    return time_record(index)
