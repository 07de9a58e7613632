"""A workspace whose settings name a simulated authority on loopback."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from muniment.archive.outside import NamedAuthority, Outside
from muniment.archive.workspace import write_settings
from muniment.testing.simulated_authority import NAME, SimulatedAuthority

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace


@contextmanager
def time_stamped(workspace: Workspace, **named: str) -> Iterator[SimulatedAuthority]:
    """Name an authority that serves as long as the context lasts; `named` are further settings."""
    from tests.server.conftest import enter

    with SimulatedAuthority.serving() as authority:
        assert authority.urls
        pem = authority.root.certificate.public_bytes(Encoding.PEM)
        (workspace.root / "root.pem").write_bytes(pem)
        one = NamedAuthority(NAME, authority.urls.stamps, "root.pem", **named)  # type: ignore[arg-type]  # texts alone
        outside = Outside(networks=("127.0.0.0/8",), authorities=(one,))
        write_settings(replace(workspace, outside=outside))
        enter(replace(workspace, outside=outside))
        yield authority
