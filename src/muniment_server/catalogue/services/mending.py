"""The acts of repair: a stored file was found damaged or missing, and what became of it.

- Each item that holds the object has an act of its own, so that its chain tells the story to
  whoever gets the item.
- That a file is damaged is recorded once, not at every check that finds it so again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from muniment.archive.mending import QUARANTINE
from muniment_server.catalogue import policies, queries
from muniment_server.catalogue.models import Item, Part, Rendition
from muniment_server.catalogue.services.acts import shown_file
from muniment_server.custody.acting import act, attach
from muniment_server.custody.queries import acts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment.archive.mending import Mended
    from muniment_server.custody.policies import Actor

_DAMAGED, _REPAIRED = "item.damaged", "item.repaired"


@dataclass(frozen=True, slots=True)
class Holder:
    """An item that holds an object, and the object as its part or rendition."""

    item: Item
    row: Part | Rendition


def record_mended(by: Actor, mended: Sequence[Mended]) -> dict[str, list[str]]:
    """Record what became of each object; return the numbers of the items that hold it, by object.

    An object that no item holds is named with an empty list: no act is due.
    """
    told: dict[str, list[str]] = {}
    for one in mended:
        told[one.sha256] = []
        for held in _holders(by, one.sha256):
            told[one.sha256].append(held.item.number)
            reason = _reason(one)
            if one.whole:
                repair_item(by, held.item, row=held.row, reason=reason)
            elif not _known(by, held.item, one.sha256):
                damage_item(by, held.item, reason=reason)
    return told


@act(_REPAIRED, may=policies.may_repair)
def repair_item(by: Actor, item: Item, *, row: Part | Rendition, reason: str) -> Item:
    """Record that a file of an item was put back with the digest that was recorded."""
    attach("object", {"parts": [shown_file(row)]})
    return item


@act(_DAMAGED, may=policies.may_quarantine)
def damage_item(by: Actor, item: Item, *, reason: str) -> Item:
    """Record that a file of an item is not there any more as it was received."""
    return item


def _reason(one: Mended) -> str:
    """Say in words what happened; the digest in it is how the act is found again."""
    found = f"found damaged and set aside as {one.aside}" if one.aside else "found missing"
    copy = "what was set aside" if one.source == QUARANTINE else "a replica"
    now = f"put back from {copy}" if one.whole else "no copy has its bytes"
    return f"object {one.sha256}: {found}; {now}"


def _known(by: Actor, item: Item, sha256: str) -> bool:
    """Say whether the last act about this object of the item says already that it is damaged."""
    kinds = [
        one.kind
        for one in acts_of(by, item.pk)
        if one.kind in {_DAMAGED, _REPAIRED} and one.reason.startswith(f"object {sha256}:")
    ]
    return kinds[-1:] == [_DAMAGED]


def _holders(by: Actor, sha256: str) -> list[Holder]:
    """Return every part and rendition that is this object, in the order of their items.

    Those of closed items are other bytes as stored, and found by the digest of these.
    """
    held = _is(sha256, "parts__") | _is(sha256, "parts__renditions__")
    items = {one.pk: one for one in queries.visible_items(by).filter(held).distinct()}
    parts = Part.objects.filter(_is(sha256), item__in=items).order_by("item__seq", "place")
    made = Rendition.objects.filter(_is(sha256), part__item__in=items).select_related("part")
    return [
        *(Holder(items[one.item_id], one) for one in parts),
        *(Holder(items[one.part.item_id], one) for one in made.order_by("part__item__seq", "pk")),
    ]


def _is(sha256: str, way: str = "") -> Q:
    """Return the condition that a row is an object; `way` leads to the row."""
    stored, plain = f"{way}stored_sha256", f"{way}sha256"
    return Q(**{stored: sha256}) | Q(**{f"{stored}__isnull": True, plain: sha256})
