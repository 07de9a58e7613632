"""The empty log of a new workspace: its head, before the first act."""

from __future__ import annotations

from muniment.custody.merkle import Frontier
from muniment_server.custody.ledger.appending import CUSTODY
from muniment_server.custody.models import Head


def open_log(origin: str) -> None:
    """Write the head of an empty log under its origin."""
    Head.objects.create(log=CUSTODY, origin=origin, size=0, frontier=Frontier().to_bytes(), t=None)
