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
from muniment_server.catalogue.services.examination import (
    ask_for_examination,
    examine_entry,
    examine_items,
    examine_new,
    notice_items,
)
from muniment_server.catalogue.services.mending import record_mended

__all__ = [
    "Arrival",
    "Examined",
    "Finding",
    "Item",
    "Provenance",
    "Received",
    "add_to_collection",
    "ask_for_examination",
    "describe_item",
    "examine_entry",
    "examine_items",
    "examine_new",
    "make_collection",
    "notice_items",
    "receive",
    "receive_files",
    "receive_uploads",
    "record_examinations",
    "record_mended",
    "rows_of",
]
