"""Asking for what two people do, and refusing it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from muniment.archive.objects import FolderStore
from muniment.errors import Conflict, InvalidInput, MunimentError
from muniment_server.custody import queries as custody
from muniment_server.custody.acting import act, keep, moment
from muniment_server.oversight import policies, queries
from muniment_server.oversight.models import ApprovalRequest, Decided, Draft, Hold, Stage
from muniment_server.oversight.services import grounds
from muniment_server.oversight.services.erasing import ask_to_erase
from muniment_server.oversight.services.holding import bar_item

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Compartment
    from muniment_server.custody.policies import Actor


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redaction as a person brought it: of which part, the bytes, their type, what is gone."""

    part: UUID
    content: Iterable[bytes]
    media_type: str
    removed: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks two people to do, on what authority, and why."""

    act: Decided
    authority: str
    reason: str
    compartment: Compartment | None = None
    hold: Hold | None = None
    redaction: Redaction | None = None


def ask(by: Actor, item: Item, wish: Wish) -> ApprovalRequest:
    """Ask for an act on an item; what its bytes are now is what a second person approves.

    To report an item puts it aside at once: nobody is shown it any more. Raises `InvalidInput`
    where authority or reason is missing, `NotPermitted`, `NotFound`, `Conflict`.
    """
    _check_wish(wish)
    try:
        grounds.check_asking(by, item, wish.act, wish.compartment)
    except MunimentError as error:
        grounds.denied(by, item, wish.act, error)
        raise
    draft = None if wish.redaction is None else _stored(item, wish.redaction)
    if wish.act is Decided.DESTROYED and item.barred is None:
        bar_item(by, item, reason=wish.reason)
    return record_request(by, item=item, wish=wish, draft=draft, reason=wish.reason)


@act("approval.asked", may=policies.may_ask)
def record_request(
    by: Actor, *, item: Item, wish: Wish, draft: Draft | None = None, reason: str
) -> ApprovalRequest:
    """Record a request, bound to what the item is at this moment."""
    asked = moment()
    more = [] if wish.hold is None else [wish.hold.pk.hex]
    if draft is not None:
        more.append(draft.sha256)
    request = keep(
        ApprovalRequest(
            item=item,
            act=wish.act,
            authority=wish.authority,
            reason=wish.reason,
            compartment=wish.compartment,
            hold=wish.hold,
            binds=queries.binding(item, *more),
            asked_by_id=by.agent,
            asked=asked,
        )
    )
    if draft is not None:
        draft.request = request
        Draft.objects.bulk_create([draft])
    return request


def refuse(by: Actor, request: ApprovalRequest, *, answer: str) -> ApprovalRequest:
    """Refuse a request; whoever asked takes it back this way. Raises as `record_refusal`."""
    try:
        grounds.present(by)
        return record_refusal(by, request, item=request.item, reason=answer)
    except MunimentError as error:
        grounds.denied(by, request, "approval.refused", error)
        raise


@act("approval.refused", may=policies.may_refuse)
def record_refusal(
    by: Actor, request: ApprovalRequest, *, item: Item, reason: str
) -> ApprovalRequest:
    """Record that what was asked for is not done; raises `Conflict` where it was answered."""
    answered = moment()
    standing = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    if standing.stage != Stage.ASKED:
        raise Conflict(
            _("this request was answered already"),
            code="approval.answered",
            hint=_("An approval counts once; ask again for what is to be done again."),
        )
    for draft in Draft.objects.filter(request=standing):
        ask_to_erase(item.pk, [draft.stored_sha256 or draft.sha256])
    Draft.objects.filter(request=standing).delete()
    standing.stage = Stage.REFUSED
    standing.answered_by_id = by.agent
    standing.answered = answered
    standing.answer = reason
    return keep(standing)


def _check_wish(wish: Wish) -> None:
    if not wish.authority.strip() or not wish.reason.strip():
        raise InvalidInput(
            _("name the authority and the reason"),
            code="approval.grounds",
            hint=_("On whose decision, or under which rule; and why for this record."),
        )
    if (wish.act is Decided.REDACTED) is (wish.redaction is None):
        raise InvalidInput(
            _("a redaction comes with the file that is left after it"),
            code="approval.redaction",
            hint=_("Give the file without the content that is to go."),
        )
    if (wish.act is Decided.RELEASED) is (wish.hold is None):
        raise InvalidInput(
            _("name the legal hold that is to be released"),
            code="approval.hold",
            hint=_("Ask for it on the page of the hold."),
        )


def _stored(item: Item, redaction: Redaction) -> Draft:
    """Keep the bytes of a redaction durably; no act names them before it is approved."""
    data = b"".join(redaction.content)
    digest = hashlib.sha256(data).hexdigest()
    FolderStore(custody.workspace().archive).prepare()
    kept = custody.put_object(item.pk, data, item.compartment_id)
    return Draft(
        part=redaction.part,
        sha256=digest,
        stored_sha256=kept.sha256 if kept.sha256 != digest else None,
        size=len(data),
        media_type=redaction.media_type,
        removed=redaction.removed,
    )
