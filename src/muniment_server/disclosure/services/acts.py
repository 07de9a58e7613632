"""The acts of giving evidence out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment_server.custody.acting import Member, act, act_many, keep, moment
from muniment_server.disclosure import policies
from muniment_server.disclosure.models import Package, PackageItem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Batch
    from muniment_server.custody.policies import Actor


@act_many("item.exported", may=policies.may_export)
def export_items(by: Actor, items: Sequence[Item], *, reason: str = "") -> Iterator[Member]:
    """Record on each item that it left; the last leaf's selection says in what."""
    for item in items:
        yield Member(item)


@act("package.prepared", may=policies.may_prepare_package)
def prepare_package(
    by: Actor,
    *,
    recipient: str,
    items: Sequence[Item],
    batch: Batch,
    eid: UUID,
    name: str,
    purpose: str = "",
    withheld: Sequence[str] = (),
    reason: str = "",
) -> Package:
    """Record what was given to whom, and on what authority."""
    package = keep(
        Package(
            recipient=recipient,
            purpose=purpose,
            withheld=list(withheld),
            name=name,
            batch=batch,
            eid=eid,
            prepared=moment(),
        )
    )
    for item in items:
        keep(PackageItem(package=package, item=item))
    return package
