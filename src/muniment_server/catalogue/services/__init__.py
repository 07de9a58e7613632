"""Every write of the catalogue: its acts, and what is composed of them."""

from __future__ import annotations

from muniment_server.catalogue.services.acts import (
    Arrival,
    Examined,
    add_to_collection,
    describe_item,
    make_collection,
    receive,
    record_examinations,
)

__all__ = [
    "Arrival",
    "Examined",
    "add_to_collection",
    "describe_item",
    "make_collection",
    "receive",
    "record_examinations",
]
