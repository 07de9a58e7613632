"""Approving: the checks, the approval and the act are one transaction.

So nothing can change between them, and of two people who approve at once one comes too late.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, cast

from muniment.errors import MunimentError
from muniment_server.custody import queries as custody
from muniment_server.custody.acting import act, after_commit, keep, moment
from muniment_server.custody.acting.work import working
from muniment_server.oversight import policies
from muniment_server.oversight.models import ApprovalRequest, Decided, Draft, Stage
from muniment_server.oversight.services import grounds, taking_out
from muniment_server.oversight.services.moving import (
    brought_from_escrow,
    settle_key,
    store_sealed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Compartment
    from muniment_server.custody.policies import Actor


def give(
    by: Actor, request: ApprovalRequest, *, answer: str = "", escrow: str = ""
) -> ApprovalRequest:
    """Approve a request as the second person, and do what it asks for.

    To unseal takes the escrow's private key as well, which is used once and not kept.

    Raises `NotPermitted`, `NotFound` or `Conflict`, after recording the denial, where not all is
    as it has to be at this moment.
    """
    try:
        before = ApprovalRequest.objects.get(pk=request.pk)
        grounds.check_giving(by, before)
        with _prepared(before, escrow) as stored, working():
            moment()  # from here on nobody else acts
            standing = ApprovalRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
            grounds.check_giving(by, standing)
            given = record_approval(by, standing, item=standing.item, reason=answer)
            _do(by, given, stored)
            after_commit(partial(settle_key, given.item_id))
    except MunimentError as error:
        grounds.denied(by, request, request.act, error)
        raise
    return given


@contextmanager
def _prepared(request: ApprovalRequest, escrow: str) -> Iterator[Mapping[str, str]]:
    """Do what takes long before others wait: store bytes again, or open what is in escrow."""
    wanted, item = Decided(request.act), request.item
    if wanted is Decided.UNSEALED:
        with brought_from_escrow(item, escrow):
            yield {}
    elif wanted is Decided.RESTRICTED and not custody.is_closed(item.compartment_id):
        yield store_sealed(item, cast("Compartment", request.compartment))
    else:
        yield {}


@act("approval.given", may=policies.may_give)
def record_approval(
    by: Actor, request: ApprovalRequest, *, item: Item, reason: str
) -> ApprovalRequest:
    """Record that a second person agreed."""
    request.stage = Stage.GIVEN
    request.answered_by_id = by.agent
    request.answered = moment()
    request.answer = reason
    return keep(request)


def _do(by: Actor, request: ApprovalRequest, stored: Mapping[str, str]) -> None:
    """Do what was approved, in the transaction of the approval."""
    wanted = Decided(request.act)
    item, why = request.item, request.reason
    if wanted is Decided.SHREDDED:
        taking_out.shred_item(by, item, request=request, reason=why)
    elif wanted is Decided.DESTROYED:
        taking_out.destroy_item(by, item, request=request, reason=why)
    elif wanted is Decided.REDACTED:
        draft = request.draft
        taking_out.redact_item(by, item, request=request, draft=draft, reason=why)
        Draft.objects.filter(pk=draft.pk).delete()
    elif wanted is Decided.RESTRICTED:
        taking_out.restrict_item(by, item, request=request, stored=stored, reason=why)
    elif wanted is Decided.SEALED:
        taking_out.seal_item(by, item, request=request, reason=why)
    elif wanted is Decided.UNSEALED:
        taking_out.unseal_item(by, item, request=request, reason=why)
    elif request.hold is not None:
        taking_out.release_hold(by, request.hold, request=request, reason=why)
