"""Every write of the catalogue: its acts, and what is composed of them."""

from __future__ import annotations

from muniment_server.catalogue.models import Finding, Item
from muniment_server.catalogue.services.acts import (
    Arrival,
    Examined,
    add_to_collection,
    describe_item,
    make_collection,
    receive,
    record_examinations,
    rows_of,
)
from muniment_server.catalogue.services.deposit import (
    Provenance,
    Received,
    receive_files,
    receive_uploads,
)
from muniment_server.catalogue.services.examination import examine_items

__all__ = [
    "Arrival",
    "Examined",
    "Finding",
    "Item",
    "Provenance",
    "Received",
    "add_to_collection",
    "describe_item",
    "examine_items",
    "make_collection",
    "receive",
    "receive_files",
    "receive_uploads",
    "record_examinations",
    "rows_of",
]
