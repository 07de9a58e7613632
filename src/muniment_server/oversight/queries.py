"""Every read of requests, holds and what may be known to exist, filtered by need to know."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final
from uuid import UUID

from muniment.evidence.canonical import canonical
from muniment_server.catalogue import queries as catalogue
from muniment_server.custody import queries as custody
from muniment_server.database.closed import stored_of
from muniment_server.oversight.models import (
    ApprovalRequest,
    Erasure,
    Existence,
    Hold,
    Stage,
    Withdrawn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from muniment_server.catalogue.models import Item, Part
    from muniment_server.custody.models import Compartment
    from muniment_server.custody.policies import Actor

#: the task that erases what an act took out, by the name under which its jobs are kept
ERASE: Final = "muniment_server.oversight.tasks.erase"


def requests(by: Actor, *, open_only: bool = False) -> QuerySet[ApprovalRequest]:
    """Return the requests about items the actor may know of, newest first."""
    rows = custody.visible_through(by, ApprovalRequest.objects.all(), "item")
    if open_only:
        rows = rows.filter(stage=Stage.ASKED)
    chosen = rows.select_related("item", "compartment", "asked_by", "answered_by", "hold")
    return chosen.order_by("-seq")


def request(by: Actor, key: str) -> ApprovalRequest:
    """Return one request by id; raises `NotFound`."""
    found = requests(by).filter(pk=_id(key)).first()
    if found is None:
        raise custody.absent(by, "request", key)
    return found


def requests_of(by: Actor, item: Item) -> list[ApprovalRequest]:
    """Return the requests about one item, newest first."""
    return list(requests(by).filter(item=item))


def holds(by: Actor) -> QuerySet[Hold]:
    """Return the holds that stand on items the actor may know of, newest first."""
    rows = custody.visible_through(by, Hold.objects.all(), "item")
    return rows.select_related("item", "by").order_by("-seq")


def holds_on(item: Item) -> list[Hold]:
    """Return the holds that stand on an item."""
    return list(Hold.objects.filter(item=item, ended__isnull=True).order_by("seq"))


def hold(by: Actor, key: str) -> Hold:
    """Return one standing hold by id; raises `NotFound`."""
    found = holds(by).filter(pk=_id(key)).first()
    if found is None:
        raise custody.absent(by, "hold", key)
    return found


def existence_of(item: Item) -> Existence | None:
    """Return under which act an item is known to exist, or None."""
    return Existence.objects.filter(item=item, ended__isnull=True).first()


def existence_or_absent(by: Actor, item: Item) -> Existence:
    """Return under which act an item is known to exist; raises `NotFound`."""
    found = existence_of(item)
    if found is None:
        raise custody.absent(by, "existence", item.number)
    return found


def compartment(by: Actor, name: str) -> Compartment:
    """Return a compartment that the actor is cleared for, by name; raises `NotFound`."""
    rows = custody.all_compartments().filter(pk__in=by.compartments, name=name)
    found = rows.first()
    if found is None:
        raise custody.absent(by, "compartment", name)
    return found


def known_to_exist(by: Actor, items: Iterable[UUID] | None = None) -> int:
    """Return how many records exist that the actor may not see but may know to exist.

    Counted among these items, or everywhere. What is hidden is not counted (decision 0011).
    """
    rows = Existence.objects.filter(ended__isnull=True, item__ended__isnull=True)
    rows = rows.exclude(item__compartment__in=by.compartments)
    return rows.count() if items is None else rows.filter(item__in=list(items)).count()


def binding(item: Item, *more: str) -> str:
    """Return the digest of what somebody sees of an item when they ask, in hexadecimal.

    Over the last leaf, what opens every leaf of the item, as it is stored, and the digests of its
    stored parts; `more` are digests that belong to the request alone.
    """
    chain = custody.chain_of(item.pk)
    opened = hashlib.sha256()
    for leaf in chain:
        opened.update(stored_of(leaf.disclosures).encode() + b"\n\n")
    seen = {
        "leaf": bytes(chain[-1].hash).hex(),
        "more": list(more),
        "opened": opened.hexdigest(),
        "parts": [part.stored_sha256 or part.sha256 for part in catalogue.parts_of(item)],
    }
    return hashlib.sha256(canonical(seen)).hexdigest()


def item_of(by: Actor, number: str) -> Item:
    """Return one item by number or id, and record that it was seen; raises `NotFound`."""
    return catalogue.item(by, number)


def parts_of(item: Item) -> list[Part]:
    """Return an item's parts in order."""
    return catalogue.parts_of(item)


def left_to_erase(item: UUID) -> list[str]:
    """Return the digests of objects that an act took out and a worker has not removed yet."""
    rows = Erasure.objects.filter(item=item).order_by("sha256")
    return list(rows.values_list("sha256", flat=True))


def withdrawn_entries(item: UUID) -> list[int]:
    """Return the entries of the log that shredding an item withdrew, or restricting it sealed."""
    rows = Withdrawn.objects.filter(item=item).order_by("index")
    return list(rows.values_list("index", flat=True))


def erasing() -> set[UUID]:
    """Return the items of which something is left to erase."""
    return set(Erasure.objects.values_list("item", flat=True))


def _id(key: str) -> UUID:
    """Return an id; for what is none, one that nothing has."""
    try:
        return UUID(key)
    except ValueError:
        return UUID(int=0)
