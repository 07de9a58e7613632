"""Packages as the API, the command line and pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment.evidence.instant import to_micros
from muniment_server.custody.schemas import RootOut
from muniment_server.disclosure.queries import WITHHOLDABLE
from muniment_server.entities.schemas import root_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment_server.catalogue.models import Item
    from muniment_server.disclosure.models import Package


class PackageOut(RootOut):
    """A package as a list shows it: what was given to whom."""

    recipient: str
    purpose: str
    withheld: list[str]
    name: str
    act: str
    prepared: str


class PackageWholeOut(PackageOut):
    """A package with the items in it that the reader may know of, and its bundle's digest."""

    items: list[str] = []
    sha256: str | None


def package_record(package: Package, items: Sequence[Item] = ()) -> dict[str, Any]:
    """Return a package as the API shows it, with its items where they are given."""
    record = {
        **root_record(package),
        "recipient": package.recipient,
        "purpose": package.purpose,
        "withheld": list(package.withheld),
        "name": package.name,
        "act": package.eid.hex,
        "prepared": to_micros(package.prepared),
    }
    if items:
        record["items"] = [item.number for item in items]
    return record


def withheld_text(group: str) -> str:
    """Return what was withheld, in words."""
    return str(WITHHOLDABLE.get(group, group))
