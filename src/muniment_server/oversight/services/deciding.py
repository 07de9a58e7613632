"""Approving: the checks, the approval and the act are one transaction.

So nothing can change between them, and of two people who approve at once one comes too late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.errors import MunimentError
from muniment_server.custody.acting import act, keep, moment
from muniment_server.custody.acting.work import working
from muniment_server.oversight import policies
from muniment_server.oversight.models import ApprovalRequest, Decided, Draft, Stage
from muniment_server.oversight.services import grounds, taking_out

if TYPE_CHECKING:
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


def give(by: Actor, request: ApprovalRequest, *, answer: str = "") -> ApprovalRequest:
    """Approve a request as the second person, and do what it asks for.

    Raises `NotPermitted`, `NotFound` or `Conflict`, after recording the denial, where not all is
    as it has to be at this moment.
    """
    try:
        with working():
            moment()  # from here on nobody else acts
            standing = ApprovalRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
            grounds.check_giving(by, standing)
            given = record_approval(by, standing, item=standing.item, reason=answer)
            _do(by, given)
    except MunimentError as error:
        grounds.denied(by, request, request.act, error)
        raise
    return given


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


def _do(by: Actor, request: ApprovalRequest) -> None:
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
    elif wanted is Decided.RELEASED and request.hold is not None:
        taking_out.release_hold(by, request.hold, request=request, reason=why)
