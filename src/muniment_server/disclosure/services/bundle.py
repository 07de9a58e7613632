"""A bundle that is handed out at once: made in a folder of its own, gone when it is closed."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from muniment.plugins import exporters
from muniment_server.disclosure import queries
from muniment_server.disclosure.services.export import export, export_again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment.export.api import Exporter
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.custody.services.resending import Sent
    from muniment_server.disclosure.models import Package
    from muniment_server.disclosure.services.export import Order

_FORMAT = "exhibit"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An open bundle: its package, its bytes, what to call it, its SHA-256 in hexadecimal."""

    package: Package
    stream: BinaryIO
    name: str
    media_type: str
    sha256: str


def export_bundle(
    by: Actor, items: Sequence[Item], order: Order, sent: Sent | None = None
) -> Bundle:
    """Export items and return the bundle, open; raises as `export`."""
    exporter = exporters()[_FORMAT]
    with tempfile.TemporaryDirectory(prefix="muniment-export-") as folder:
        package, written = export(by, items, order, exporter, Path(folder) / "bundle", sent=sent)
        return _opened(package, exporter, written.path, written.sha256)


def bundle_again(by: Actor, number: str) -> Bundle:
    """Return the bundle of a package once more, open, byte for byte; raises `NotFound`."""
    package = queries.package(by, number)
    exporter = exporters()[_FORMAT]
    with tempfile.TemporaryDirectory(prefix="muniment-export-") as folder:
        written = export_again(by, package, exporter, Path(folder) / "bundle")
        return _opened(package, exporter, written.path, written.sha256)


def _opened(package: Package, exporter: Exporter, path: Path, sha256: str) -> Bundle:
    # The open file outlives its name: nothing is left behind when the answer has gone out.
    stream = path.open("rb")
    return Bundle(package, stream, f"{package.name}.zip", exporter.media_type, sha256)
