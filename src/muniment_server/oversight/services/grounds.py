"""Whether two people may do what was asked for: read anew at the moment it counts.

Roles, clearances and the record itself can have changed since somebody asked, or since the second
person opened the page. Every refusal is one sentence and leaves a line in the record of readings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from muniment.errors import Conflict, MunimentError, NotFound, NotPermitted
from muniment_server.accounts import queries as accounts
from muniment_server.custody import policies as custody_policies
from muniment_server.custody import queries as custody
from muniment_server.custody.models import Access
from muniment_server.oversight import policies, queries
from muniment_server.oversight.models import Decided, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Compartment
    from muniment_server.custody.policies import Actor
    from muniment_server.oversight.models import ApprovalRequest

_DESTROYING = frozenset({Decided.SHREDDED, Decided.DESTROYED})


def present(by: Actor) -> Actor:
    """Return a person as they may act now; raises `NotPermitted` for a program or who has left."""
    person = accounts.people().filter(agent=by.agent).first()
    if person is None:
        raise NotPermitted(
            _("two people do this, and a program is none of them"),
            code="approval.program",
            hint=_("Act as a person: on the pages, or with --as and a token."),
        )
    return accounts.actor_of(person, by.via, by.session)


def check_asking(by: Actor, item: Item, act: Decided, compartment: Compartment | None) -> None:
    """Let somebody ask for an act on an item, or raise."""
    now = present(by)
    _check_person(now, item, act, policies.may_ask)
    check_record(item, act, compartment)


def check_giving(by: Actor, request: ApprovalRequest) -> None:
    """Let a second person approve a request, or raise."""
    if request.stage != Stage.ASKED:
        raise Conflict(
            _("this request was answered already"),
            code="approval.answered",
            hint=_("An approval counts once; ask again for what is to be done again."),
        )
    if by.agent == request.asked_by_id:
        raise NotPermitted(
            _("whoever asked cannot approve it"),
            code="approval.own",
            hint=_("Somebody else who is cleared and permitted has to look at it."),
        )
    act = Decided(request.act)
    _check_person(present(by), request.item, act, policies.may_give)
    _check_asker(request, act)
    check_record(request.item, act, request.compartment)
    if request.binds != queries.binding(request.item, *bound_with(request)):
        raise Conflict(
            _("the record has changed since this was asked for"),
            code="approval.changed",
            hint=_("Refuse this request, look at the record, and ask anew."),
        )


def bound_with(request: ApprovalRequest) -> list[str]:
    """Return what a request binds beside the item: the digest of a redaction that waits."""
    draft = getattr(request, "draft", None)
    named = [] if request.hold_id is None else [request.hold_id.hex]
    return named if draft is None else [*named, draft.sha256]


def check_record(item: Item, act: Decided, compartment: Compartment | None) -> None:
    """Raise `Conflict` where an item is not as an act needs it."""
    if item.ended is not None:
        raise Conflict(
            _("this item was shredded"),
            code="item.shredded",
            hint=_("Its number and the order of its acts are all that is left."),
        )
    if act in _DESTROYING and queries.holds_on(item):
        raise Conflict(
            _("a legal hold stands on this item"),
            code="hold.stands",
            hint=_("Two people can release the hold; until then nothing of it is destroyed."),
        )
    if act is Decided.RESTRICTED:
        _check_narrower(item, compartment)
    if act in {Decided.SEALED, Decided.UNSEALED}:
        _check_key(item, act)
    elif act is not Decided.RELEASED:
        _check_unsealed(item)


def require_whole_view(by: Actor, linked: Iterable[UUID]) -> None:
    """Raise `Conflict` where one of these items is known to exist and the actor may not see it.

    Nothing is signed on a partial view without somebody who sees the whole (decision 0011).
    """
    if queries.known_to_exist(by, linked):
        raise Conflict(
            _("one record exists here that you may not see, and this would be signed without it"),
            code="view.partial",
            hint=_("Have somebody who is cleared for it do this, or be cleared for it."),
        )


def denied(by: Actor, request: ApprovalRequest | Item, act: str, error: MunimentError) -> None:
    """Leave the record of a refusal."""
    custody.note(by, Access.Kind.DENIED, request, detail=f"{act}: {error.code}")


def _check_person(by: Actor, item: Item, act: Decided, may: object) -> None:
    if not custody_policies.may_know(by, item):
        raise NotFound(
            _("there is no such record"),
            code="record.not_found",
            hint=_("Check the number, and whether you are cleared for it."),
        )
    if not (callable(may) and may(by) and policies.may_do(by, act)):
        raise NotPermitted(
            _("{name} may not have a part in this").format(name=by.name),
            code="approval.not_permitted",
            hint=_("Ask an administrator for a role that includes it."),
        )


def _check_asker(request: ApprovalRequest, act: Decided) -> None:
    person = accounts.people().filter(agent=request.asked_by_id, ended__isnull=True).first()
    if person is not None:
        asker = accounts.actor_of(person, custody_policies.Door.WEB)
        permitted = policies.may_ask(asker) and policies.may_do(asker, act)
        if permitted and custody_policies.may_know(asker, request.item):
            return
    raise Conflict(
        _("whoever asked for this may not ask for it any more"),
        code="approval.asker",
        hint=_("Refuse this request; somebody who may can ask anew."),
    )


def _check_narrower(item: Item, compartment: Compartment | None) -> None:
    """Inward only: from open to any other, and from there to a compartment below."""
    above = compartment
    while above is not None and above.pk != item.compartment_id:
        above = above.parent
    from_open = item.compartment_id == custody.open_compartment_id()
    inward = compartment is not None and compartment.pk != item.compartment_id
    if not (inward and (from_open or above is not None)):
        raise Conflict(
            _("an item is restricted to a compartment inside its own"),
            code="item.not_narrower",
            hint=_("See the list of compartments; from the open one every other is inside."),
        )


def _check_unsealed(item: Item) -> None:
    if item.sealed is not None:
        raise Conflict(
            _("this item is sealed"),
            code="item.sealing",
            hint=_("Have it unsealed first; only the escrow key opens it."),
        )


def _check_key(item: Item, act: Decided) -> None:
    if not custody.is_closed(item.compartment_id):
        raise Conflict(
            _("an item in the open compartment has no key to seal"),
            code="item.no_key",
            hint=_("Restrict it to a compartment first; its bytes are encrypted there."),
        )
    if (item.sealed is not None) is (act is Decided.SEALED):
        told = _("this item is sealed already") if item.sealed else _("this item is not sealed")
        hint = _("Look at its page: it says how it stands.")
        raise Conflict(told, code="item.sealing", hint=hint)
