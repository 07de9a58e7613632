"""An export from beginning to end: prepare, record, publish, write (custody-log §7).

- What the act names is finished and kept as objects before the act is committed; what the log says
  of it is added afterwards, from published heads only.
- The same act gives the same bytes from then on (`export_again`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from muniment.errors import InvalidInput
from muniment.export.api import Agent, Dossier, EarlierLog, Exporter, Part
from muniment.export.api import Item as ExportedItem
from muniment.export.verifier_assembly import assemble
from muniment_server.catalogue import queries as catalogue
from muniment_server.custody import queries as custody
from muniment_server.custody.ledger import bundle_heads, ended, publishing
from muniment_server.custody.models import Access
from muniment_server.custody.policies import require
from muniment_server.custody.services.resending import once
from muniment_server.disclosure import policies, queries
from muniment_server.disclosure.services.acts import export_items, prepare_package
from muniment_server.incidents import queries as register
from muniment_server.oversight.services import require_whole_view

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from muniment.evidence.canonical import Json
    from muniment.export.api import Prepared, Written
    from muniment_server.catalogue.models import Item
    from muniment_server.catalogue.models import Part as PartRow
    from muniment_server.custody.acting import Closing
    from muniment_server.custody.policies import Actor
    from muniment_server.custody.services.resending import Sent
    from muniment_server.disclosure.models import Package

    #: returns once what it is given says yes, or when time is up
    Wait = Callable[[Callable[[], bool]], None]

_GROUP = 256
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png"}


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: for whom, why, and which groups of disclosures stay here.

    With `wait` the bundle rests on a head that a quorum of witnesses signed after the act; with
    `sha512` it has a second manifest.
    """

    recipient: str
    purpose: str = ""
    withheld: frozenset[str] = frozenset()
    wait: Wait | None = None
    sha512: bool = False


def export(
    by: Actor,
    items: Sequence[Item],
    order: Order,
    exporter: Exporter,
    to: Path,
    *,
    sent: Sent | None = None,
) -> tuple[Package, Written]:
    """Export items to a file and return the package and what was written.

    A request that bears a key is one export however often it is sent, and the same bytes: all its
    acts are one transaction then.

    Raises `NotPermitted` before anything is written, `InvalidInput` for nothing to export, an
    unknown group or a wait for nobody, and what the exporter raises. `Unavailable` where time was
    up before enough witnesses had signed: then the act stays, and `export_again` goes on from it.
    """
    require(policies.may_give_out, by)
    if not items:
        raise InvalidInput(
            _("there is nothing to export"),
            code="export.empty",
            hint=_("Name at least one item."),
        )
    for item in items:
        catalogue.refuse_barred(by, item)
    require_whole_view(by, register.linked_beside(items))
    unknown = order.withheld.difference(queries.WITHHOLDABLE)
    if unknown:
        raise InvalidInput(
            _("{groups} cannot be withheld").format(groups=", ".join(sorted(unknown))),
            code="export.withheld",
            hint=_("These can: {groups}.").format(groups=", ".join(queries.WITHHOLDABLE)),
        )
    if order.wait is not None:
        bundle_heads.require_watched()
    publishing.publish()
    half = _FirstHalf(by, items, order, exporter)
    if sent is None:
        package = _record(half)
    else:
        number = once(sent, lambda: _record(half).number.encode("ascii")).decode("ascii")
        package = queries.package(by, number)
    publishing.publish()
    if half.prepared is None:  # it was recorded when it was sent the first time
        return package, export_again(by, package, exporter, to, wait=order.wait)
    _wait(package, order.wait)
    return package, _write(by, package, items, exporter, half.prepared, to)


def _record(half: _FirstHalf) -> Package:
    """Record that items leave, and in what package."""
    by, items, order = half.by, half.items, half.order
    groups = [items[start : start + _GROUP] for start in range(0, len(items), _GROUP)]
    *_before, last = export_items.selecting(half.select)(by, groups, reason=order.purpose)
    return prepare_package(
        by,
        recipient=order.recipient,
        items=items,
        batch=last.batch,
        eid=half.eid,
        name=half.name,
        purpose=order.purpose,
        withheld=sorted(order.withheld),
    )


def _wait(package: Package, wait: Wait | None) -> None:
    """Wait until witnesses have signed an export that is to rest on them, or time is up."""
    closing = queries.closing_of(package)
    selection = queries.selection_of(closing)
    if wait is not None and bundle_heads.waits(selection):
        wait(lambda: bool(bundle_heads.witnessed_above(closing, selection)))


def export_again(
    by: Actor, package: Package, exporter: Exporter, to: Path, *, wait: Wait | None = None
) -> Written:
    """Write the bytes of an earlier export once more; raises `NotFound`, and as `export`."""
    require(policies.may_give_out, by)
    _wait(package, wait)
    items = queries.items_in(by, package)
    closing = queries.closing_of(package)
    prepared = exporter.resume(queries.selection_of(closing), queries.fetching(closing, items))
    return _write(by, package, items, exporter, prepared, to)


def _write(
    by: Actor,
    package: Package,
    items: Sequence[Item],
    exporter: Exporter,
    prepared: Prepared,
    to: Path,
) -> Written:
    closing = queries.closing_of(package)
    material = queries.custody_of(items, closing, frozenset(package.withheld))
    written = exporter.write(prepared, material, to)
    for item in items:
        custody.note(by, Access.Kind.DOWNLOADED, item, detail=package.number)
    custody.note(by, Access.Kind.DOWNLOADED, package, detail=written.sha256)
    return written


class _FirstHalf:
    """What is made before the act, when its id and time are known."""

    def __init__(self, by: Actor, items: Sequence[Item], order: Order, exporter: Exporter) -> None:
        self.by = by
        self.items = items
        self.order = order
        self.exporter = exporter
        self.eid = UUID(int=0)
        self.name = ""
        self.prepared: Prepared | None = None

    def select(self, closing: Closing) -> dict[str, Json]:
        """Finish every file the act names, keep them, and return the selection."""
        self.eid = UUID(closing.eid)
        first = self.items[0].number.lower()
        self.name = f"exhibit-{first}-{closing.eid[:8]}"
        prepared = self.exporter.prepare(self._dossier(closing))
        home = UUID(closing.home) if closing.home else custody.open_compartment_id()
        for data in prepared.kept:
            closing.objects.append(custody.put_object(closing.batch.pk, data, home).sha256)
        self.prepared = prepared
        return dict(prepared.selection)

    def _dossier(self, closing: Closing) -> Dossier:
        workspace = custody.workspace()
        agents = {leaf.by for item in self.items for leaf in custody.chain_of(item.pk)}
        names = custody.agent_names(agents | {self.by.agent})
        tokens = queries.stamped_heads(self.items)
        heads = tuple(sorted({*queries.first_heads(self.items), *tokens}))
        return Dossier(
            name=self.name,
            origin=workspace.origin,
            eid=closing.eid,
            obj=closing.batch.pk.hex,
            by=self.by.agent.hex,
            at=closing.t,
            recipient=self.order.recipient,
            items=tuple(_exported(item, self.order) for item in self.items),
            heads=heads,
            watched=bundle_heads.watched(heads, wait=self.order.wait is not None),
            verifier=assemble().encode(),
            agents=tuple(
                Agent(pk.hex, "" if "identity" in self.order.withheld else name, "agent")
                for pk, name in sorted(names.items())
            ),
            withheld=(
                *queries.left_out(self.items, self.order.withheld),
                *queries.withheld_digest(self.items, self.order.withheld),
            ),
            tokens=tokens,
            earlier=_earlier_logs(),
            sha512=self.order.sha512,
        )


def _earlier_logs() -> tuple[EarlierLog, ...]:
    """Return the log that this one carries on, where it was begun anew."""
    told = ended.earlier()
    return () if told is None else (EarlierLog(told["origin"], told["size"], told["root"]),)


def _exported(item: Item, order: Order) -> ExportedItem:
    hidden = "source" in order.withheld
    parts = [_part(item, row, hidden=hidden) for row in catalogue.parts_of(item)]
    for rendition in catalogue.renditions_of(item):
        made = Part(
            row=rendition.pk.hex,
            name=b"",
            media_type=rendition.media_type,
            sha256=rendition.sha256,
            size=rendition.size,
            open=partial(catalogue.content_of, item, rendition),
            made_from=rendition.part_id.hex,
        )
        parts.append(made)
    title = "" if hidden else item.title
    return ExportedItem(item.pk.hex, item.number, title, tuple(parts))


def _part(item: Item, row: PartRow, *, hidden: bool) -> Part:
    return Part(
        row=row.pk.hex,
        name=b"" if hidden else bytes(row.raw_name),
        media_type=row.media_type,
        sha256=row.sha256,
        size=row.size,
        open=partial(catalogue.content_of, item, row),
    )
