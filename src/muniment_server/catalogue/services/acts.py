"""The acts of the catalogue, one function each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from muniment.evidence.media import media_type_of
from muniment.evidence.names import display_name
from muniment_server.catalogue import policies, queries
from muniment_server.catalogue.models import (
    Collection,
    CollectionItem,
    Finding,
    Item,
    Method,
    Part,
    Rendition,
)
from muniment_server.custody.acting import Member, act, act_many, keep, moment

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Sequence

    from muniment_server.custody.policies import Actor

    #: which of these items the caller still answers for
    Still = Callable[[Sequence[Item]], set[UUID]]


#: what is named as plain text or as data shows nothing; of everything else it is assumed
_SHOWS_NOTHING = frozenset(
    {
        *(f"text/{name}" for name in ("css", "csv", "javascript", "plain", "vtt")),
        "text/tab-separated-values",
        *(f"application/{name}" for name in ("geo+json", "gpx+xml", "json", "jsonl")),
        *(f"application/{name}" for name in ("timestamp-query", "timestamp-reply", "xml", "yaml")),
    }
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file whose bytes are durable in the object store, waiting for its row and leaf."""

    raw_name: bytes
    sha256: str
    size: int
    #: where it is closed: the item it becomes, and the digest of the stored bytes
    obj: str = ""
    stored_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What examinations gave for one item: rows not saved yet."""

    item: Item
    findings: Sequence[Finding] = field(default=())
    renditions: Sequence[Rendition] = field(default=())


@act_many("item.received", may=policies.may_receive)
def receive(
    by: Actor,
    arrivals: Sequence[Arrival],
    *,
    source: str = "",
    collected_by: str = "",
    mandate: str = "",
    method: Method = Method.DEPOSITED,
    compartment: UUID | None = None,
    aside: bool = False,
    reason: str = "",
) -> Iterator[Member]:
    """Receive files as items of one part each.

    Bytes already held under the same source make no second item (cli.md, `add`). What is put aside
    is opened by nobody, and so is what was reported and destroyed before and is sent again.
    """
    received = moment()  # all other writers wait from here on: what is held now stays all that is
    digests = [arrival.sha256 for arrival in arrivals]
    known = set(queries.held(by, source, digests, compartment))
    unwanted = queries.destroyed(digests)
    for arrival in arrivals:
        if arrival.sha256 in known:
            continue
        known.add(arrival.sha256)
        item, part = rows_of(
            arrival,
            received,
            source=source,
            collected_by=collected_by,
            mandate=mandate,
            method=method,
        )
        if compartment is not None:
            item.compartment_id = compartment
        if aside or arrival.sha256 in unwanted:
            item.barred = received
        yield Member(item, (item, part), _groups(item, part))


def rows_of(
    arrival: Arrival,
    received: datetime.datetime,
    *,
    source: str = "",
    collected_by: str = "",
    mandate: str = "",
    method: Method = Method.DEPOSITED,
) -> tuple[Item, Part]:
    """Return the rows of a file that arrived, not saved."""
    name = display_name(arrival.raw_name)
    media_type = media_type_of(arrival.raw_name)
    item = Item(
        title=name[:500],
        source=source,
        collected_by=collected_by,
        mandate=mandate,
        method=method,
        media_type=media_type,
        graphic=media_type not in _SHOWS_NOTHING,
        received=received,
    )
    if arrival.obj:
        item.pk = UUID(arrival.obj)
    part = Part(
        item=item,
        place=1,
        sha256=arrival.sha256,
        stored_sha256=arrival.stored_sha256 or None,
        size=arrival.size,
        media_type=media_type,
        name=name[:1100],
        raw_name=arrival.raw_name,
    )
    return item, part


def shown_file(row: Part | Rendition) -> dict[str, Any]:
    """Return what the group `object` says of a file (custody-log §2)."""
    shown = {
        "media_type": row.media_type,
        "part": row.pk.hex,
        "sha256": row.sha256,
        "size": row.size,
    }
    return shown | ({"stored_sha256": row.stored_sha256} if row.stored_sha256 else {})


def _groups(item: Item, part: Part) -> dict[str, Any]:
    source = {"name": part.name}
    if item.source:
        source["source"] = item.source
    if item.collected_by:
        source["collected_by"] = item.collected_by
    return {"object": {"parts": [shown_file(part)]}, "source": source}


@act_many("item.examined", may=policies.may_examine)
def record_examinations(
    by: Actor, examined: Sequence[Examined], *, still: Still | None = None, reason: str = ""
) -> Iterator[Member]:
    """Record what examinations found, with the renditions they made.

    `still` is asked, in this transaction and with all other writers waiting, for which items it is
    still to be recorded: others may have examined them meanwhile.
    """
    moment()
    wanted = None if still is None else still([one.item for one in examined])
    for one in examined:
        if wanted is None or one.item.pk in wanted:
            yield Member(one.item, (*one.findings, *one.renditions), _rendered(one))


def _rendered(one: Examined) -> dict[str, Any]:
    if not one.renditions:
        return {}
    return {"object": {"parts": [shown_file(rendition) for rendition in one.renditions]}}


@act("item.described", may=policies.may_describe)
def describe_item(
    by: Actor,
    item: Item,
    *,
    title: str,
    description: str = "",
    graphic: bool | None = None,
    reason: str = "",
) -> Item:
    """Give an item a title and a description people can find it by.

    Whether it may be graphic stays as it is unless somebody says so.
    """
    item.title = title
    item.description = description
    if graphic is not None:
        item.graphic = graphic
    return keep(item)


@act("collection.made", may=policies.may_collect)
def make_collection(
    by: Actor, *, title: str, description: str = "", reason: str = ""
) -> Collection:
    """Make an empty collection."""
    return keep(Collection(title=title, description=description))


@act("collection.changed", may=policies.may_collect)
def add_to_collection(
    by: Actor, collection: Collection, item: Item, *, reason: str = ""
) -> CollectionItem:
    """Put an item into a collection; where it is there already, it stays once."""
    held = CollectionItem.objects.filter(collection=collection, item=item, ended__isnull=True)
    return keep(held.first() or CollectionItem(collection=collection, item=item))
