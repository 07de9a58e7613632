"""Every read of the catalogue, filtered by need to know, leaving the access record.

- Lists are in log order (`seq`), which `rebuild` reproduces, and page by the last `seq` shown.
- Words are matched in folded columns; `icontains` would differ between databases.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from muniment.errors import NotFound, NotPermitted, TamperSuspected, Unavailable
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
from muniment_server.custody.models import Access, Job
from muniment_server.custody.queries import PAGE, Page
from muniment_server.custody.queries.jobs import job_of, mark
from muniment_server.database.closed_rows import keyed
from muniment_server.pictures import dated
from muniment_server.pictures.places import Place, point_in
from muniment_server.pictures.spans import EVER, Span

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from django.db.models import QuerySet

    from muniment_server.custody.policies import Actor

#: the task that examines items, by the name under which its jobs are kept
EXAMINE: Final = "muniment_server.catalogue.tasks.examine"
#: how what a file says of its place is called among the facts of a finding, or begins
_POSITION: Final = "Position"
_METRES: Final = re.compile(r"\d{1,7}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a list of items is narrowed to; empty means all."""

    words: str = ""
    media: str = ""
    method: str = ""
    outcome: str = ""
    collection: str = ""
    within: Span = EVER


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
    return dated.at_instants(rows, "received", wanted.within).distinct()


def item_spans(by: Actor, wanted: ItemFilter) -> list[tuple[Span, int]]:
    """Return on which days these items were received, and how many on each."""
    return dated.instants(_narrowed(by, wanted), "received")


def item_places(by: Actor, wanted: ItemFilter, most: int) -> list[Place]:
    """Return where the files of these items say that they were made: the first `most` that do.

    An item has one place, the one that was read last; no file of an item put aside counts.
    """
    rows = _narrowed(by, wanted).filter(barred__isnull=True).order_by()
    stating = Finding.objects.alias(said=Cast("facts", TextField()))
    stating = stating.filter(part__item__in=rows, said__contains=f'"{_POSITION}')
    found: dict[str, Place] = {}
    columns = ("part__item__number", "part__item__title", "facts")
    for number, title, facts in stating.order_by("part__item__seq", "-made").values_list(*columns):
        if number not in found and (place := _place(number, title, facts)):
            found[number] = place
        if len(found) == most:
            break
    return list(found.values())


def _place(number: str, title: str, facts: list[dict[str, str]]) -> Place | None:
    said = {one["name"]: one["value"] for one in facts}
    stated = (point_in(value) for name, value in said.items() if name.startswith(_POSITION))
    point = next((one for one in stated if one), None)
    error = _METRES.match(said.get("Error of position in metres", ""))
    return point and Place(number, title, *point, ceil(float(error[0])) if error else 0)


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


def uncovered(by: Actor, key: str) -> Item:
    """Return an item whose picture is uncovered now, and count that; raises `NotFound`."""
    return item(by, key, Access.Kind.UNCOVERED)


def items_of(by: Actor, keys: Iterable[str]) -> list[Item]:
    """Return items in the order asked for, each once; raises `NotFound` at the first unknown."""
    found: dict[UUID, Item] = {}
    for key in keys:
        one = item(by, key)
        found.setdefault(one.pk, one)
    return list(found.values())


def unexamined(by: Actor) -> QuerySet[Item]:
    """Return the items no examination has looked at yet."""
    rows = visible_items(by).filter(barred__isnull=True, parts__findings__isnull=True)
    return rows.distinct()


def numbers_of(by: Actor, keys: Iterable[UUID]) -> dict[UUID, str]:
    """Return the numbers of those of these items that the actor may know of."""
    rows = visible_items(by).filter(pk__in=list(keys))
    return dict(rows.values_list("pk", "number"))


def examination_of(found: Item) -> Job | None:
    """Return the job that is to examine an item; None where none waits, runs or was given up.

    What a worker has not noticed yet waits as well.
    """
    job = job_of(EXAMINE, found.pk)
    if job is None and found.seq is not None and found.seq > mark(EXAMINE):
        examined = Finding.objects.filter(part__item=found).exists()
        return None if examined else Job(task=EXAMINE, subject=found.pk)
    return job


def unnoticed(by: Actor, mark: int) -> QuerySet[Item]:
    """Return the items that came in after a place in the log, in log order."""
    return visible_items(by).filter(seq__gt=mark, barred__isnull=True)


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


def thumbnails_of(items: Iterable[Item]) -> dict[UUID, UUID]:
    """Return the id of each item's first thumbnail, by item."""
    rows = Rendition.objects.filter(
        part__item__in=list(items),
        part__item__barred__isnull=True,
        kind="thumbnail",
        ended__isnull=True,
    )
    pairs = rows.order_by("part__place").values_list("part__item", "pk")
    found: dict[UUID, UUID] = {}
    for item_id, pk in pairs:
        found.setdefault(item_id, pk)
    return found


def open_part(by: Actor, number: str, part: str) -> tuple[Part, BinaryIO]:
    """Return a part and its bytes, and record that they were taken away; raises `NotFound`."""
    found = item(by, number, Access.Kind.DOWNLOADED)
    refuse_barred(by, found)
    for one in parts_of(found):
        if one.pk.hex == part or str(one.place) == part:
            return one, content_of(found, one)
    raise custody.absent(by, "part", part)


def open_rendition(by: Actor, number: str, key: str) -> tuple[Rendition, BinaryIO]:
    """Return a rendition of an item and its bytes; raises `NotFound`."""
    found = item(by, number)
    refuse_barred(by, found)
    for one in renditions_of(found):
        if one.pk.hex == key:
            return one, content_of(found, one)
    raise custody.absent(by, "rendition", key)


def refuse_barred(by: Actor, found: Item) -> None:
    """Raise `NotPermitted`, after recording the attempt, where an item was put aside unopened."""
    if found.barred is not None:
        custody.note(by, Access.Kind.DENIED, found, detail="item.barred")
        raise NotPermitted(
            _("{n} was put aside unopened: nobody is shown it").format(n=found.number),
            code="item.barred",
            hint=_("Two people decide about it: see the requests."),
        )


def content_of(found: Item, row: Part | Rendition) -> BinaryIO:
    """Open the bytes of a part or rendition of an item the caller was let in to.

    Those of a closed item are opened in memory. Raises NotFound, Unavailable, TamperSuspected.
    """
    return custody.open_object(found.pk, row.sha256, row.stored_sha256)


def held(
    by: Actor, source: str, digests: Iterable[str], compartment: UUID | None = None
) -> dict[str, Item]:
    """Return the items that hold these bytes under this source already, by SHA-256.

    With a compartment only those in it: the same file in another one is another item there.
    Bytes first, items after: asked for together, SQLite would walk every item of the compartment.
    """
    # Closed parts hold a digest of the digest, which nobody else can compare (custody-log §6).
    kept = {one: one for one in digests}
    kept |= keyed(list(kept))
    standing = Part.objects.filter(sha256__in=list(kept), ended__isnull=True)
    parts = standing.values_list("sha256", "item")
    at = dict[str, list[UUID]]()
    for digest, pk in parts:
        at.setdefault(kept[digest], []).append(pk)
    if not at:
        return {}
    rows = Item.objects.filter(
        pk__in=[pk for found in at.values() for pk in found],
        compartment__in=by.compartments if compartment is None else [compartment],
    )
    # Compared here: the source of a closed item is sealed in its row.
    items = {row.pk: row for row in rows if row.source == source}
    return {digest: items[pk] for digest, found in at.items() for pk in found if pk in items}


def destroyed(digests: Iterable[str]) -> set[str]:
    """Return those digests of which the bytes were reported and destroyed here."""
    kept = {one: one for one in digests}
    kept |= keyed(list(kept))
    rows = Part.objects.filter(sha256__in=list(kept), ended__isnull=False)
    found = rows.filter(item__barred__isnull=False).values_list("sha256", flat=True)
    return {kept[one] for one in found}


def collections(by: Actor, *, words: str = "") -> QuerySet[Collection]:
    """Return the collections an actor may know of, in log order."""
    custody.note_list(by, Collection, detail=words)
    rows = custody.visible(by, Collection.objects.all()).order_by("seq")
    return custody.matching(rows, words, "title_folded")


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


def newest(by: Actor, count: int) -> list[Item]:
    """Return the items received last, the newest first."""
    return list(visible_items(by).order_by("-seq")[:count])


def same_bytes(by: Actor, found: Item) -> list[Item]:
    """Return other items that hold bytes this one holds, from other sources."""
    digests = [part.sha256 for part in parts_of(found)]
    digests += list(keyed(digests))
    rows = visible_items(by).filter(parts__sha256__in=digests).exclude(pk=found.pk)
    return list(rows.distinct())


def _digest(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def bytes_checked(found: Item, limit: int = 1 << 26) -> tuple[str, str]:
    """Hash an item's bytes now, as far as `limit`, and return state and detail for its page."""
    parts = parts_of(found)
    size = sum(part.size for part in parts)
    if size > limit:
        return "absent", _("too large to hash for each page; see `muniment check`")
    if not parts:
        return "absent", _("its bytes were destroyed")
    told = (_checked(found, part) for part in parts)
    return next((one for one in told if one is not None), ("proved", _("hashed just now")))


def _checked(found: Item, part: Part) -> tuple[str, str] | None:
    """Return state and detail of a part that cannot be shown to be intact."""
    try:
        with content_of(found, part) as stream:
            if _digest(stream) == part.sha256:
                return None
    except NotFound as error:
        if error.code == "key.destroyed":
            return "absent", _("its key was destroyed")
        return "failed", _("part {n} is missing").format(n=part.place)
    except Unavailable:
        return "absent", _("its key is in escrow")
    except TamperSuspected:
        pass
    return "failed", _("part {n} differs").format(n=part.place)
