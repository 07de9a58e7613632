"""The acts that take something out: each runs inside the approval that lets it.

- Bodies write rows and leaves only. Bytes that are to be stored were stored before (`preparing`);
  bytes that are to go are named to the worker in the same transaction (`erasing`).
- After shredding an item keeps its number, its place and the chain of who did what and when; no
  row, leaf or line of details says anything else of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from muniment_server.catalogue import queries as catalogue
from muniment_server.catalogue.models import Finding, Item, Part, Rendition, RenditionKind
from muniment_server.custody import queries as custody
from muniment_server.custody.acting import act, attach, keep, moment
from muniment_server.custody.ledger import withdrawing
from muniment_server.custody.ledger.withdrawing import opened_act
from muniment_server.database.closed_rows import COLUMN
from muniment_server.oversight import policies
from muniment_server.oversight.services.erasing import (
    ask_to_erase,
    finished_files,
    seal_earlier,
    withdraw,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping

    from muniment_server.custody.ledger.reading import ReadAct
    from muniment_server.custody.models import Leaf, Recorded
    from muniment_server.custody.policies import Actor
    from muniment_server.oversight.models import ApprovalRequest, Draft, Hold

_EXPORTED = "item.exported"
_CLOSED = "batch.closed"
_KEPT = frozenset({"seq", "number", "place", COLUMN})


@act("item.shredded", may=policies.may_shred)
def shred_item(by: Actor, item: Item, *, request: ApprovalRequest, reason: str) -> Item:
    """Take out everything the log, its details and the tables say of an item.

    Its data key and bytes go as soon as this is signed, by a worker that survives its own death.
    """
    moment()  # from here on nobody else adds to the item's chain
    chain = custody.chain_of(item.pk)
    acts = [opened_act(leaf) for leaf in chain]
    exports = list({leaf.index: leaf for leaf in _exports(chain)}.values())
    digests = {one for leaf in chain for one in withdrawing.objects_of(leaf)}
    digests |= {one for leaf in exports for one in finished_files(leaf)}
    for row in _rows(item, acts):
        keep(_emptied(row, moment()))
    entries = [leaf.index for leaf in chain]
    selections = [leaf.index for leaf in exports]
    withdraw(item.pk, chain, exports)
    attach("withdrawn", {"entries": entries, "objects": entries, "selections": selections})
    _name(request)
    ask_to_erase(item.pk, digests)
    return item


@act("item.restricted", may=policies.may_restrict)
def restrict_item(
    by: Actor, item: Item, *, request: ApprovalRequest, stored: Mapping[str, str], reason: str
) -> Item:
    """Move an item into a narrower compartment.

    `stored` are the digests of its sealed bytes by those of the plain ones, where it was open: then
    what opens its entries is sealed too, and the plain bytes go.
    """
    moment()
    chain = custody.chain_of(item.pk)
    rows = _rows(item, map(opened_act, chain))
    item.compartment = request.compartment  # type: ignore[assignment]  # there is one: it was asked for
    for row in rows:  # the item first: what is kept after it is kept in its new place, and sealed
        if isinstance(row, Part | Rendition) and row.sha256 in stored:
            row.stored_sha256 = stored[row.sha256]
        keep(row)
    _name(request)
    if not stored:
        ask_to_erase(item.pk, ())
        return item
    shown = [row for row in rows if isinstance(row, Part | Rendition) and row.stored_sha256]
    attach("object", {"parts": [_shown(row) for row in shown]})
    attach("withdrawn", {"objects": [leaf.index for leaf in chain]})
    plain = {one for leaf in chain for one in withdrawing.objects_of(leaf)}
    seal_earlier(item.pk, chain, stored)
    ask_to_erase(item.pk, plain)
    return item


@act("item.sealed", may=policies.may_seal)
def seal_item(by: Actor, item: Item, *, request: ApprovalRequest, reason: str) -> Item:
    """Leave an item's key to the escrow alone, as soon as this is signed."""
    item.sealed = moment()
    _name(request)
    ask_to_erase(item.pk, ())
    return keep(item)


@act("item.unsealed", may=policies.may_unseal)
def unseal_item(by: Actor, item: Item, *, request: ApprovalRequest, reason: str) -> Item:
    """Record that an item's key came back from escrow."""
    item.sealed = None
    _name(request)
    return keep(item)


@act("item.destroyed", may=policies.may_destroy)
def destroy_item(by: Actor, item: Item, *, request: ApprovalRequest, reason: str) -> Item:
    """Take out an item's bytes and all that was made of them; its digests stay, and what was said.

    Nothing of it was shown since it was put aside, and nothing is from here on.
    """
    moment()
    chain = custody.chain_of(item.pk)
    for row in [*catalogue.parts_of(item), *catalogue.renditions_of(item)]:
        row.ended = moment()
        keep(row)
    item.barred = item.barred or moment()
    keep(item)
    attach("withdrawn", {"objects": [leaf.index for leaf in chain]})
    _name(request)
    ask_to_erase(item.pk, {one for leaf in chain for one in withdrawing.objects_of(leaf)})
    return item


@act("item.redacted", may=policies.may_redact)
def redact_item(
    by: Actor, item: Item, *, request: ApprovalRequest, draft: Draft, reason: str
) -> Rendition:
    """Add a redaction to an item: a rendition that names the digest it came from."""
    part = Part.objects.get(pk=draft.part, item=item)
    made = keep(
        Rendition(
            part=part,
            kind=RenditionKind.REDACTION,
            sha256=draft.sha256,
            stored_sha256=draft.stored_sha256,
            size=draft.size,
            media_type=draft.media_type,
            parent_sha256=part.sha256,
            tool="brought by a person",
            version="",
            parameters={"removed": draft.removed},
        )
    )
    attach("object", {"parts": [_shown(made)]})
    _name(request)
    return made


@act("hold.released", may=policies.may_release)
def release_hold(by: Actor, hold: Hold, *, request: ApprovalRequest, reason: str) -> Hold:
    """Release a legal hold."""
    hold.ended = moment()
    _name(request)
    return keep(hold)


def _shown(row: Part | Rendition) -> dict[str, Any]:
    shown = {
        "media_type": row.media_type,
        "part": row.pk.hex,
        "sha256": row.sha256,
        "size": row.size,
    }
    return shown | ({"stored_sha256": row.stored_sha256} if row.stored_sha256 else {})


def _name(request: ApprovalRequest) -> None:
    attach("handling", {"authority": request.authority, "request": request.pk.hex})


def _exports(chain: Iterable[Leaf]) -> Iterator[Leaf]:
    """Give the ends of every export that the item was in.

    An export is a batch, and a group of a batch ends in the next such leaf: so it is found even
    where the handling of the item's own entry lies in escrow.
    """
    for leaf in chain:
        if leaf.kind == _EXPORTED:
            closing = custody.next_leaf(_CLOSED, leaf.index)
            while closing is not None:
                yield closing
                closing = custody.closing_leaf(closing.obj, closing.index)


def _rows(item: Item, acts: Iterable[ReadAct]) -> list[Recorded]:
    """Return every row that the item's acts wrote, the item first.

    What lies in escrow cannot be read: then the rows that hang on the item are all there are.
    """
    named = {(row.model, row.pk): None for told in acts for row in told.rows}
    found: dict[Any, Recorded] = {item.pk: item}
    for row in (*Part.objects.filter(item=item), *Rendition.objects.filter(part__item=item)):
        found[row.pk] = row
    for finding in Finding.objects.filter(part__item=item):
        found[finding.pk] = finding
    for label, pk in named:
        row = apps.get_model(label)._default_manager.get(pk=pk)
        found.setdefault(row.pk, row)
    return list(found.values())


def _emptied(row: Recorded, t: datetime.datetime) -> Recorded:
    """Return a row that says nothing any more, and ended; what others point at stays."""
    for field in row._meta.concrete_fields:
        if field.primary_key or field.is_relation or field.name in _KEPT:
            continue
        if isinstance(field, models.CharField | models.TextField):
            setattr(row, field.attname, "")
        elif isinstance(field, models.BinaryField):
            setattr(row, field.attname, b"")
        elif isinstance(field, models.BooleanField | models.JSONField):
            setattr(row, field.attname, field.get_default())
        elif isinstance(field, models.IntegerField):
            setattr(row, field.attname, 0)
        elif isinstance(field, models.DateTimeField) and not field.null:
            setattr(row, field.attname, t)
    row.ended = t
    return row
