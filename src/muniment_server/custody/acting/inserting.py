"""Inserting many new rows of one model: the statement is prepared once and run per row.

Django's `bulk_create` writes a statement of thousands of parameters and asks each field twice for
each value; for the rows of a bulk act that cost more than everything else together. Here each
field says once, per model and database, how its values are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db import connection, models

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from muniment_server.custody.models import Recorded

#: Fields whose Python values both databases take as they are.
_AS_THEY_ARE = (
    models.BinaryField,
    models.BooleanField,
    models.CharField,
    models.IntegerField,
    models.TextField,
)


def insert_rows(model: type[Recorded], rows: Sequence[Recorded]) -> None:
    """Insert new rows, all of this model, in the transaction that is open.

    Their fields are complete: nothing is filled in by the database. Raises what Django raises for
    a row that the database refuses.
    """
    plan = _plan(model, connection.vendor)
    with connection.cursor() as cursor:
        cursor.executemany(plan.statement, [_values(row, plan) for row in rows])
    for row in rows:
        row._state.adding = False
        row._state.db = connection.alias


@dataclass(frozen=True, slots=True)
class _Plan:
    """How rows of a model are inserted: the statement, its values, and those written otherwise."""

    statement: str
    values: Callable[[Recorded], tuple[Any, ...]]
    written: tuple[tuple[int, Callable[[Any], object]], ...]


def _values(row: Recorded, plan: _Plan) -> list[Any]:
    values = list(plan.values(row))
    for place, write in plan.written:
        if values[place] is not None:
            values[place] = write(values[place])
    return values


@cache
def _plan(model: type[Recorded], vendor: str) -> _Plan:
    fields = model._meta.concrete_fields
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - names of our models
    writers = [(place, _writer(field, vendor)) for place, field in enumerate(fields)]
    return _Plan(
        statement,
        attrgetter(*[field.attname for field in fields]),
        tuple((place, write) for place, write in writers if write is not None),
    )


def _writer(field: models.Field[Any, Any], vendor: str) -> Callable[[Any], object] | None:
    target: models.Field[Any, Any] = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, _AS_THEY_ARE):
        return None
    if isinstance(target, models.UUIDField) and vendor == "sqlite":
        return lambda value: value.hex
    if isinstance(target, models.DateTimeField):
        return _written_once(target)
    return lambda value: target.get_db_prep_save(value, connection)


def _written_once(field: models.DateTimeField[Any, Any]) -> Callable[[Any], object]:
    """Remember the last times written: the rows of one act share theirs."""
    return lru_cache(maxsize=16)(lambda value: field.get_db_prep_save(value, connection))
