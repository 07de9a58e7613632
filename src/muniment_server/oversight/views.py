"""The pages of what two people decide, of holds, and of what may be known to exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from muniment.errors import NotFound
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas as custody_schemas
from muniment_server.custody.forms import ask
from muniment_server.custody.policies import require
from muniment_server.oversight import policies, queries, services
from muniment_server.oversight.forms import (
    AnswerForm,
    GroundsForm,
    ReasonForm,
    UnsealForm,
    form_of,
)
from muniment_server.oversight.schemas import (
    SLUGS,
    meaning,
    offers,
    request_shown,
    states_of,
)
from muniment_server.oversight.services import Decided

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Asked

both = require_http_methods(["GET", "POST"])


@require_GET
def requests(request: Asked) -> HttpResponse:
    """List what waits for a second person, what was decided, and the holds that stand."""
    require(policies.may_read, request.actor)
    rows = [request_shown(one) for one in queries.requests(request.actor)[:200]]
    context = {
        "waiting": [one for one in rows if one.stage == "asked"],
        "decided": [one for one in rows if one.stage != "asked"],
        "holds": queries.holds(request.actor),
    }
    return render(request, "oversight/requests.html", context)


@require_GET
def one_request(request: Asked, key: str) -> HttpResponse:
    """Show one request: what is asked for, about what, on which grounds."""
    require(policies.may_read, request.actor)
    by = request.actor
    found = request_shown(queries.request(by, key))
    open_still = found.stage == "asked"
    actions = []
    if open_still and policies.may_give(by) and by.agent != found.asked_by_id:
        url = reverse("oversight:approve", args=[key])
        actions.append({"url": url, "text": _("Approve"), "grave": True})
    if open_still and policies.may_refuse(by):
        url = reverse("oversight:refuse", args=[key])
        actions.append({"url": url, "text": _("Refuse")})
    acts = custody.acts_of(by, found.pk)
    context = {
        "asked": found,
        "meaning": meaning(Decided(found.act)),
        "gone": found.item.ended is not None,
        "item_acts": custody_schemas.history(custody.acts_of(by, found.item_id)),
        "states": [found.state],
        "actions": actions,
        "proof": custody_schemas.proof(acts),
        "acts": custody_schemas.history(acts),
        "compartment": custody.compartment_name(found.item.compartment_id),
    }
    return render(request, "oversight/request.html", context)


@require_GET
def taking_out(request: Asked, number: str) -> HttpResponse:
    """Show what can be asked for about an item, what stands on it, and what was asked."""
    require(policies.may_read, request.actor)
    by = request.actor
    item = queries.item_of(by, number)
    is_open = item.compartment_id == custody.open_compartment_id()
    holds: list[Any] = queries.holds_on(item)
    for hold in holds:
        hold.release_url = reverse("oversight:release", args=[hold.pk.hex])
    context = {
        "item": item,
        "offers": offers(by, item),
        "holds": holds,
        "may_release": policies.may_release(by),
        "told": queries.existence_of(item),
        "is_open": is_open,
        "requests": [request_shown(one) for one in queries.requests_of(by, item)],
        "states": states_of(item),
        "hold_url": _offered(by, policies.may_hold, "oversight:hold", number),
        "existence_url": _offered(by, policies.may_tell, "oversight:existence", number),
        "bar_url": None if item.barred else _offered(by, policies.may_bar, "oversight:bar", number),
    }
    return render(request, "oversight/taking_out.html", context)


def _offered(by: Any, may: Any, name: str, number: str) -> str | None:  # noqa: ANN401 - a policy
    return reverse(name, args=[number]) if may(by) else None


@both
def ask_for(request: Asked, number: str, slug: str) -> HttpResponse:
    """Ask two people to do an act on an item."""
    require(policies.may_ask, request.actor)
    by = request.actor
    item = queries.item_of(by, number)
    act = SLUGS.get(slug)
    if act is None:
        raise NotFound(_("there is no such page"), code="page.not_found")
    form = form_of(act, by, item, request.POST or None, request.FILES or None)

    def do(given: dict[str, Any]) -> str:
        return _address(services.ask(by, item, _wish(request, act, given)))

    heading = _("Ask: {act}").format(act=act.label)
    return ask(
        request,
        form,
        do,
        heading=heading,
        action_text=_("Ask"),
        cancel_url=_back(number),
        record=_named(item),
    )


def _wish(request: Asked, act: Decided, given: dict[str, Any]) -> services.Wish:
    named = given.get("compartment")
    redaction = None
    if act is Decided.REDACTED:
        file = given["file"]
        media_type = str(file.content_type or "application/octet-stream")
        redaction = services.Redaction(
            UUID(given["part"]), file.chunks(), media_type, given["removed"]
        )
    return services.Wish(
        act,
        given["authority"],
        given["reason"],
        compartment=queries.compartment(request.actor, named) if named else None,
        redaction=redaction,
    )


@both
def approve(request: Asked, key: str) -> HttpResponse:
    """Approve a request as the second person; the act follows at once."""
    require(policies.may_give, request.actor)
    found = queries.request(request.actor, key)

    def do(given: dict[str, Any]) -> str:
        return _address(services.give(request.actor, found, **given))

    heading = _("Approve: {act}").format(act=Decided(found.act).label)
    unseals = found.act == Decided.UNSEALED
    return ask(
        request,
        (UnsealForm if unseals else AnswerForm)(request.POST or None),
        do,
        heading=heading,
        action_text=_("Approve and do it"),
        cancel_url=_address(found),
        grave=True,
        record=_named(found.item),
    )


@both
def refuse(request: Asked, key: str) -> HttpResponse:
    """Refuse a request, or take one's own back."""
    require(policies.may_refuse, request.actor)
    found = queries.request(request.actor, key)

    def do(given: dict[str, Any]) -> str:
        return _address(services.refuse(request.actor, found, answer=given["answer"]))

    heading = _("Refuse: {act}").format(act=Decided(found.act).label)
    form = AnswerForm(request.POST or None)
    return ask(
        request,
        form,
        do,
        heading=heading,
        action_text=_("Refuse"),
        cancel_url=_address(found),
        record=_named(found.item),
    )


@both
def hold(request: Asked, number: str) -> HttpResponse:
    """Set a legal hold on an item."""
    require(policies.may_hold, request.actor)
    item = queries.item_of(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        services.set_hold(request.actor, item=item, **given)
        return _back(number)

    heading = _("Hold {n}").format(n=item.number)
    form = GroundsForm(request.POST or None)
    return ask(request, form, do, heading=heading, action_text=_("Hold"), cancel_url=_back(number))


@both
def release(request: Asked, key: str) -> HttpResponse:
    """Ask two people to release a legal hold."""
    require(policies.may_release, request.actor)
    by = request.actor
    found = queries.hold(by, key)

    def do(given: dict[str, Any]) -> str:
        wish = services.Wish(Decided.RELEASED, given["authority"], given["reason"], hold=found)
        return _address(services.ask(by, found.item, wish))

    form = GroundsForm(request.POST or None)
    heading = _("Ask: {act}").format(act=Decided.RELEASED.label)
    return ask(
        request,
        form,
        do,
        heading=heading,
        action_text=_("Ask"),
        cancel_url=_back(found.item.number),
        record=_named(found.item),
    )


@both
def existence(request: Asked, number: str) -> HttpResponse:
    """Make known that an item exists, or hide it again."""
    require(policies.may_tell, request.actor)
    item = queries.item_of(request.actor, number)
    told = queries.existence_of(item)

    def do(given: dict[str, Any]) -> str:
        if told is None:
            services.tell_existence(request.actor, item=item, reason=given["reason"])
        else:
            services.hide_existence(request.actor, told, item=item, reason=given["reason"])
        return _back(number)

    shown = _("Make known that {n} exists") if told is None else _("Hide again that {n} exists")
    heading = shown.format(n=item.number)
    form = ReasonForm(request.POST or None)
    text = _("Make known") if told is None else _("Hide")
    return ask(request, form, do, heading=heading, action_text=text, cancel_url=_back(number))


@both
def bar(request: Asked, number: str) -> HttpResponse:
    """Put an item aside unopened."""
    require(policies.may_bar, request.actor)
    item = queries.item_of(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        services.bar_item(request.actor, item, reason=given["reason"])
        return _back(number)

    heading = _("Put {n} aside unopened").format(n=item.number)
    form = ReasonForm(request.POST or None)
    return ask(
        request, form, do, heading=heading, action_text=_("Put aside"), cancel_url=_back(number)
    )


def _named(item: Any) -> dict[str, str]:  # noqa: ANN401 - an item, whose table stays inside
    """Name the item that an act is about, as the head of a form shows it."""
    return {
        "number": f"{item.number} · {item.title}",
        "url": reverse("catalogue:item", args=[item.number]),
    }


def _address(found: services.ApprovalRequest) -> str:
    return reverse("oversight:request", args=[found.pk.hex])


def _back(number: str) -> str:
    return reverse("oversight:taking_out", args=[number])
