"""Every read of the catalogue, filtered by need to know, leaving the access record.

- Lists are in log order (`seq`), which `rebuild` reproduces, and page by the last `seq` shown.
- Words are matched in folded columns; `icontains` would differ between databases.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from muniment.errors import NotFound
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

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from muniment_server.custody.policies import Actor

PAGE = 50


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a list of items is narrowed to; empty means all."""

    words: str = ""
    media: str = ""
    method: str = ""
    outcome: str = ""
    collection: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list in log order, and where the next begins."""

    rows: list[Any]
    total: int
    after: int | None = None
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


def visible_items(by: Actor) -> QuerySet[Item]:
    """Return the items an actor may know of, in log order."""
    return custody.visible(by, Item.objects.all()).order_by("seq")


def items(by: Actor, wanted: ItemFilter, *, after: int = -1, limit: int = PAGE) -> Page:
    """Return a page of items; a search is recorded with its words."""
    custody.note_list(by, Item, detail=wanted.words)
    rows = _narrowed(by, wanted)
    some = list(rows.filter(seq__gt=after).prefetch_related("parts")[: limit + 1])
    more = some[limit - 1].seq if len(some) > limit else None
    return Page(some[:limit], rows.count(), more, _facets(by, wanted))


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


def _facets(by: Actor, wanted: ItemFilter) -> dict[str, list[tuple[str, int]]]:
    rows = _narrowed(by, wanted).order_by()
    return {
        "media": _tally(rows, "media_type"),
        "method": _tally(rows, "method"),
        "outcome": _tally(rows.filter(parts__findings__isnull=False), "parts__findings__outcome"),
    }


def _tally(rows: QuerySet[Item], column: str) -> list[tuple[str, int]]:
    counted = rows.values_list(column).annotate(n=Count("pk", distinct=True)).order_by("-n", column)
    return [(value, n) for value, n in counted if value]


def item(by: Actor, key: str, kind: Access.Kind = Access.Kind.VIEWED) -> Item:
    """Return one item by number or id, and record that it was seen.

    Raises `NotFound` for an item that does not exist and for one the actor may not know of alike.
    """
    found = visible_items(by).filter(_key(key)).first()
    if found is None:
        custody.note(by, Access.Kind.DENIED, None, detail=f"item {key}")
        raise NotFound(
            _("there is no item {key}").format(key=key),
            code="item.not_found",
            hint=_("Check the number, and whether you are cleared for it."),
        )
    custody.note(by, kind, found)
    return found


def _key(key: str) -> Q:
    plain = key.replace("-", "").lower()
    if len(plain) == 32 and all(letter in "0123456789abcdef" for letter in plain):  # noqa: PLR2004
        return Q(pk=plain)
    return Q(number=key.upper())


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
    found = custody.visible(by, Collection.objects.all()).filter(_key(key)).first()
    if found is None:
        custody.note(by, Access.Kind.DENIED, None, detail=f"collection {key}")
        raise NotFound(
            _("there is no collection {key}").format(key=key),
            code="collection.not_found",
            hint=_("Check the number, and whether you are cleared for it."),
        )
    custody.note(by, Access.Kind.VIEWED, found)
    return found


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
