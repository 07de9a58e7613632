"""Whether an act is closed: does it name a record that lies in a closed compartment?

- An act is about its subject, and names what its rows refer to. Where any of these is closed, so
  are the act's details, in the first such compartment: who may read both ends reads through it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from muniment_server.custody import queries
from muniment_server.custody.models import Recorded, Root

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID


def home_of(records: Iterable[Recorded]) -> str:
    """Return the id of the first closed compartment that the records name; empty for none."""
    for record in records:
        for placed in _compartments(record):
            if placed is not None and queries.is_closed(placed):
                return placed.hex
    return ""


def _compartments(record: Recorded) -> Iterator[UUID | None]:
    if isinstance(record, Root):
        yield record.compartment_id
    for field, model in _references(type(record)):
        pk = getattr(record, field.attname)
        if pk is None:
            continue
        if field.is_cached(record):
            yield getattr(record, field.name).compartment_id
        else:
            yield from model._default_manager.filter(pk=pk).values_list("compartment", flat=True)


@cache
def _references(model: type[Recorded]) -> tuple[tuple[Any, type[Root]], ...]:
    """Return the fields of a model that name a root, each with the root's model."""
    fields = [(field, field.related_model) for field in model._meta.concrete_fields]
    return tuple(
        (field, to) for field, to in fields if isinstance(to, type) and issubclass(to, Root)
    )
