"""Legal holds, what is put aside unopened, and what may be known to exist: one person, a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from muniment.errors import Conflict
from muniment_server.custody import queries as custody
from muniment_server.custody.acting import act, keep, moment
from muniment_server.oversight import policies, queries
from muniment_server.oversight.models import Existence, Hold

if TYPE_CHECKING:
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


@act("hold.set", may=policies.may_hold)
def set_hold(by: Actor, *, item: Item, authority: str, reason: str) -> Hold:
    """Set a legal hold: the item is neither shredded nor destroyed until two people release it."""
    return keep(Hold(item=item, authority=authority, reason=reason, by_id=by.agent, since=moment()))


@act("item.barred", may=policies.may_bar)
def bar_item(by: Actor, item: Item, *, reason: str) -> Item:
    """Put an item aside unopened: nothing is made of it, and nobody is shown it.

    Raises `Conflict` where it was put aside before.
    """
    if item.barred is not None:
        raise Conflict(
            _("this item was put aside already"),
            code="item.barred",
            hint=_("Two people decide about it: see the requests."),
        )
    item.barred = moment()
    return keep(item)


@act("existence.told", may=policies.may_tell)
def tell_existence(by: Actor, *, item: Item, reason: str) -> Existence:
    """Let readers outside the compartment know that one record exists, and nothing more.

    Raises `Conflict` for an open item, which everybody may know, and where it was told before.
    """
    if item.compartment_id == custody.open_compartment_id():
        raise Conflict(
            _("everybody who works here may know of an open item"),
            code="existence.open",
            hint=_("Restrict it to a compartment first."),
        )
    if queries.existence_of(item) is not None:
        raise Conflict(
            _("that this item exists was made known already"),
            code="existence.told",
            hint=_("Hide it again first, where the reason has changed."),
        )
    return keep(Existence(item=item, reason=reason, by_id=by.agent, since=moment()))


@act("existence.hidden", may=policies.may_hide)
def hide_existence(by: Actor, told: Existence, *, item: Item, reason: str) -> Existence:
    """Hide again that an item exists; who read it meanwhile has read it."""
    told.ended = moment()
    return keep(told)
