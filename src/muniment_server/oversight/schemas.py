"""Requests, holds and what is known to exist, as pages, the API and the command line show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from ninja import Schema

from muniment.evidence.instant import to_micros
from muniment_server.oversight import policies, queries
from muniment_server.oversight.models import Decided, Stage

if TYPE_CHECKING:
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.oversight.models import ApprovalRequest, Existence, Hold

#: what people call an act in an address and on the command line
SLUGS: Final = {
    "restrict": Decided.RESTRICTED,
    "seal": Decided.SEALED,
    "unseal": Decided.UNSEALED,
    "redact": Decided.REDACTED,
    "shred": Decided.SHREDDED,
    "report": Decided.DESTROYED,
}


class RequestOut(Schema):
    """An act on an item that two people decide."""

    id: str
    index: int
    item: str
    act: str
    authority: str
    reason: str
    compartment: str | None
    hold: str | None
    binds: str
    stage: str
    asked_by: str
    asked: str
    answered_by: str | None
    answered: str | None
    answer: str


class RequestsOut(Schema):
    """Requests, newest first."""

    requests: list[RequestOut]


class HoldOut(Schema):
    """A legal hold on an item."""

    id: str
    index: int
    item: str
    authority: str
    reason: str
    by: str
    since: str
    released: str | None


class HoldsOut(Schema):
    """The legal holds that stand, newest first."""

    holds: list[HoldOut]


class ExistenceOut(Schema):
    """That an item is known to exist outside its compartment, since when, or until when."""

    id: str
    index: int
    item: str
    reason: str
    by: str
    since: str
    hidden: str | None


class AsideOut(Schema):
    """That an item is put aside unopened."""

    item: str
    aside: bool


_MEANING: Final = {
    Decided.RESTRICTED: gettext_lazy(
        "Only readers of the narrower compartment know of the item from then on. Its bytes are "
        "stored again encrypted. Copies that were made earlier may exist."
    ),
    Decided.SEALED: gettext_lazy(
        "The key of the item is left to the escrow alone. Nobody here can read it until two people "
        "have it unsealed."
    ),
    Decided.UNSEALED: gettext_lazy(
        "The key of the item comes back from escrow. Whoever approves brings the escrow key."
    ),
    Decided.REDACTED: gettext_lazy(
        "A rendition without some of the content is added and can be given out. The original stays "
        "unchanged, for those who may see it."
    ),
    Decided.SHREDDED: gettext_lazy(
        "Keys, salts, rows and bytes are destroyed for good. The log keeps its order and proofs, "
        "and bundles that were handed out still verify. Nothing brings the content back."
    ),
    Decided.DESTROYED: gettext_lazy(
        "For what may not be held at all. The item is put aside at once: nobody is shown it. Once "
        "a second person agrees its bytes are destroyed and only the digest stays. The law "
        "differs by country; nothing here is legal advice."
    ),
    Decided.RELEASED: gettext_lazy("The item may be shredded again, by two people."),
}

_MARKS: Final = {Stage.ASKED: "attention", Stage.GIVEN: "proved", Stage.REFUSED: "ended"}


def meaning(act: Decided) -> str:
    """Return what an act does, in words for whoever asks for it or approves it."""
    return str(_MEANING[act])


def request_record(request: ApprovalRequest) -> dict[str, Any]:
    """Return a request as the API shows it."""
    return {
        "id": request.pk.hex,
        "index": request.seq,
        "item": request.item.number,
        "act": request.act,
        "authority": request.authority,
        "reason": request.reason,
        "compartment": request.compartment.name if request.compartment else None,
        "hold": request.hold_id.hex if request.hold_id else None,
        "binds": request.binds,
        "stage": request.stage,
        "asked_by": request.asked_by_id.hex,
        "asked": to_micros(request.asked),
        "answered_by": request.answered_by_id.hex if request.answered_by_id else None,
        "answered": to_micros(request.answered) if request.answered else None,
        "answer": request.answer,
    }


def hold_record(hold: Hold) -> dict[str, Any]:
    """Return a hold as the API shows it."""
    return {
        "id": hold.pk.hex,
        "index": hold.seq,
        "item": hold.item.number,
        "authority": hold.authority,
        "reason": hold.reason,
        "by": hold.by_id.hex,
        "since": to_micros(hold.since),
        "released": to_micros(hold.ended) if hold.ended else None,
    }


def existence_record(told: Existence) -> dict[str, Any]:
    """Return under which act an item is known to exist, or was."""
    return {
        "id": told.pk.hex,
        "index": told.seq,
        "item": told.item.number,
        "reason": told.reason,
        "by": told.by_id.hex,
        "since": to_micros(told.since),
        "hidden": to_micros(told.ended) if told.ended else None,
    }


def request_shown(request: Any) -> Any:  # noqa: ANN401 - a row with what a page adds to it
    """Give a request what pages show beside its own values."""
    request.url = reverse("oversight:request", args=[request.pk.hex])
    request.act_text = Decided(request.act).label
    request.state = {"kind": _MARKS[Stage(request.stage)], "text": request.get_stage_display()}
    return request


def states_of(item: Item) -> list[dict[str, str]]:
    """Return how an item stands, as states of its page."""
    states = []
    if queries.holds_on(item):
        states.append({"kind": "attention", "text": _("legal hold")})
    if item.sealed is not None:
        states.append({"kind": "closed", "text": _("sealed")})
    if item.barred is not None:
        states.append({"kind": "attention", "text": _("put aside unopened")})
    if queries.existence_of(item) is not None:
        states.append({"kind": "", "text": _("known to exist outside its compartment")})
    return states


def known_to_exist(count: int) -> str:
    """Return the one sentence that somebody outside a compartment is told, or nothing."""
    if not count:
        return ""
    told = ngettext(
        "One record exists here that you may not see.",
        "{n} records exist here that you may not see.",
        count,
    )
    return told.format(n=count)


def offers(by: Actor, item: Item) -> list[dict[str, str]]:
    """Return which acts this person may ask for on an item, with what each does."""
    if not policies.may_ask(by):
        return []
    sealed = item.sealed is not None
    left_out = {Decided.SEALED} if sealed else {Decided.UNSEALED}
    return [
        {
            "url": reverse("oversight:ask", args=[item.number, slug]),
            "text": str(act.label),
            "meaning": meaning(act),
        }
        for slug, act in SLUGS.items()
        if act not in left_out and policies.may_do(by, act)
    ]
