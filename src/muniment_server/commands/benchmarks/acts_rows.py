"""The rows that the seam's measurement writes: with the log, and without it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from django.db import transaction

from muniment.evidence.instant import now
from muniment_server.catalogue import services
from muniment_server.custody.ledger.state import fold_text
from muniment_server.custody.queries import open_compartment_id

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor

_numbers = itertools.count()


def _arrivals(count: int) -> list[services.Arrival]:
    return [
        services.Arrival(b"f%08d.jpg" % n, f"{n:064x}", 100_000)
        for n in itertools.islice(_numbers, count)
    ]


def through_the_seam(by: Actor, groups: int, size: int) -> None:
    """Receive items in groups, each one transaction with its leaves and a signed head."""
    waiting = (_arrivals(size) for _ in range(groups))
    for _group in services.receive(by, waiting, source="bench", reason="bench"):
        pass


def plain_rows(groups: int, size: int) -> None:
    """Write the same items and parts in the same transactions, without log, head or signature."""
    home = open_compartment_id()
    for _ in range(groups):
        received = now()
        items, parts = [], []
        for arrival in _arrivals(size):
            item, part = services.rows_of(arrival, received, source="bench")
            item.compartment_id = home
            item.number = f"B-{next(_numbers):09d}"
            items.append(item)
            parts.append(part)
        fold_text(items)
        with transaction.atomic():
            type(items[0]).objects.bulk_create(items)
            type(parts[0]).objects.bulk_create(parts)
