"""Every read of the catalogue, filtered by need to know, leaving the access record.

- Lists are in log order (`seq`), which `rebuild` reproduces, and page by the last `seq` shown.
- Words are matched in folded columns; `icontains` would differ between databases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from muniment.evidence.folding import fold
from muniment_server.catalogue.models import (
    Collection,
    CollectionItem,
    Finding,
    Item,
    Part,
    Rendition,
)
from muniment_server.custody import queries as custody
from muniment_server.custody.models import Access
from muniment_server.custody.queries import PAGE, Page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from muniment_server.custody.policies import Actor


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a list of items is narrowed to; empty means all."""

    words: str = ""
    media: str = ""
    method: str = ""
    outcome: str = ""
    collection: str = ""


def visible_items(by: Actor) -> QuerySet[Item]:
    """Return the items an actor may know of, in log order."""
    return custody.visible(by, Item.objects.all()).order_by("seq")


def items(by: Actor, wanted: ItemFilter, *, after: int = -1, limit: int = PAGE) -> Page:
    """Return a page of items; a search is recorded with its words."""
    custody.note_list(by, Item, detail=wanted.words)
    rows = _narrowed(by, wanted)
    return custody.page_of(
        rows.prefetch_related("parts"), after=after, limit=limit, facets=_facets(rows)
    )


def _narrowed(by: Actor, wanted: ItemFilter) -> QuerySet[Item]:
    rows = visible_items(by)
    for word in fold(wanted.words).split():
        rows = rows.filter(
            Q(title_folded__contains=word)
            | Q(number__contains=word.upper())
            | Q(parts__sha256__startswith=word)
        )
    if wanted.media:
        rows = rows.filter(media_type__startswith=wanted.media)
    if wanted.method:
        rows = rows.filter(method=wanted.method)
    if wanted.outcome:
        rows = rows.filter(parts__findings__outcome=wanted.outcome)
    if wanted.collection:
        rows = rows.filter(
            collections__collection__number=wanted.collection,
            collections__collection__compartment__in=by.compartments,
            collections__ended__isnull=True,
        )
    return rows.distinct()


def _facets(rows: QuerySet[Item]) -> dict[str, list[tuple[str, int]]]:
    return {
        "media": custody.tally(rows, "media_type"),
        "method": custody.tally(rows, "method"),
        "outcome": custody.tally(
            rows.filter(parts__findings__isnull=False), "parts__findings__outcome"
        ),
    }


def item(by: Actor, key: str, kind: Access.Kind = Access.Kind.VIEWED) -> Item:
    """Return one item by number or id, and record that it was seen; raises `NotFound`."""
    return custody.one(by, Item.objects.all(), key, "item", kind)


def items_of(by: Actor, keys: Iterable[str]) -> list[Item]:
    """Return items in the order asked for, each once; raises `NotFound` at the first unknown."""
    found: dict[UUID, Item] = {}
    for key in keys:
        one = item(by, key)
        found.setdefault(one.pk, one)
    return list(found.values())


def unexamined(by: Actor) -> QuerySet[Item]:
    """Return the items no examination has looked at yet."""
    return visible_items(by).filter(parts__findings__isnull=True).distinct()


def parts_of(found: Item) -> list[Part]:
    """Return an item's parts in order."""
    return list(found.parts.filter(ended__isnull=True).order_by("place"))


def findings_of(found: Item) -> list[Finding]:
    """Return what examinations said about an item, in order."""
    rows = Finding.objects.filter(part__item=found, ended__isnull=True).select_related("part")
    return list(rows.order_by("made", "examination", "pk"))


def renditions_of(found: Item) -> list[Rendition]:
    """Return what was made from an item's parts."""
    rows = Rendition.objects.filter(part__item=found, ended__isnull=True).select_related("part")
    return list(rows.order_by("part__place", "kind", "sha256"))


def held(by: Actor, source: str, digests: Iterable[str]) -> dict[str, Item]:
    """Return the items that hold these bytes under this source already, by SHA-256."""
    rows = Part.objects.filter(
        sha256__in=list(digests), item__source=source, item__compartment__in=by.compartments
    ).select_related("item")
    return {part.sha256: part.item for part in rows}


def collections(by: Actor) -> QuerySet[Collection]:
    """Return the collections an actor may know of."""
    custody.note_list(by, Collection)
    return custody.visible(by, Collection.objects.all()).order_by("seq")


def collection(by: Actor, key: str) -> Collection:
    """Return one collection by number; raises `NotFound`."""
    return custody.one(by, Collection.objects.all(), key, "collection")


def members_of(by: Actor, found: Collection) -> list[Item]:
    """Return a collection's items that the actor may know of."""
    links = CollectionItem.objects.filter(collection=found, ended__isnull=True)
    return list(visible_items(by).filter(pk__in=links.values("item")))


def collections_of(by: Actor, found: Item) -> list[Collection]:
    """Return the collections an item lies in, as far as the actor may know."""
    links = custody.visible_through(
        by, CollectionItem.objects.filter(item=found), "collection", "item"
    )
    rows = custody.visible(by, Collection.objects.all())
    return list(rows.filter(pk__in=links.values("collection")).order_by("seq"))
