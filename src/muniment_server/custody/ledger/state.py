"""The state codec: a recorded row as the canonical values that its act discloses.

- The same row gives the same bytes on SQLite and PostgreSQL (custody-log §3): identifiers as hex,
  times as RFC 3339 UTC with microseconds, decimals as strings, bytes as base64url, null omitted.
- `seq` is no part of the state: it is read from the index of the subject's first leaf. Neither
  are folded columns, which are computed from their text, nor the form in which words are sealed.
- A value the codec does not know is a programming error and raises at once.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import uuid
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from muniment.evidence.folding import fold
from muniment.evidence.instant import parse as parse_instant
from muniment.evidence.instant import to_micros
from muniment_server.custody.models import Keeping, Recorded
from muniment_server.database.closed_rows import COLUMN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from muniment.evidence.canonical import Json

PUBLIC = "public"
FOLDED = "_folded"
GROUPS = (PUBLIC, "source", "handling", "identity")


@dataclass(frozen=True, slots=True)
class _Column:
    """One field of a model: its name in the state, its group, and both conversions."""

    name: str
    attribute: str
    group: str
    encode: Callable[[Any], Json] | None
    decode: Callable[[Any], Any] | None


def _unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _hex(value: uuid.UUID) -> str:
    return value.hex


def _day(value: datetime.date) -> str:
    return value.isoformat()


_CONVERSIONS: tuple[
    tuple[type[models.Field[Any, Any]], Callable[[Any], Json] | None, Callable[[Any], Any] | None],
    ...,
] = (
    (models.UUIDField, _hex, uuid.UUID),
    (models.DateTimeField, to_micros, parse_instant),
    (models.DateField, _day, datetime.date.fromisoformat),
    (models.DecimalField, str, decimal.Decimal),
    (models.BinaryField, _unpadded, _bytes),
    (models.BooleanField, None, None),
    (models.IntegerField, None, None),
    (models.CharField, None, None),
    (models.TextField, None, None),
    (models.JSONField, None, None),
)


def _conversion(field: models.Field[Any, Any]) -> tuple[Any, Any]:
    target: Any = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    for kind, encode, decode in _CONVERSIONS:
        if isinstance(target, kind):
            return encode, decode
    message = f"the state codec has no form for {field}"
    raise TypeError(message)


@cache
def columns(model: type[models.Model]) -> tuple[_Column, ...]:
    """Return how each field of a recorded model is written, in the order of the model."""
    groups: Mapping[str, str] = {"compartment": "handling", **getattr(model, "groups", {})}
    found: list[_Column] = []
    for field in model._meta.concrete_fields:
        if field.name in {"seq", COLUMN} or field.name.endswith(FOLDED):
            continue
        encode, decode = _conversion(field)
        group = groups.get(field.name, PUBLIC)
        found.append(_Column(field.name, field.attname, group, encode, decode))
    return tuple(found)


@cache
def label(model: type[models.Model]) -> str:
    """Return the name a model has in the log, such as `catalogue.item`."""
    return model._meta.label_lower


def recorded_models() -> tuple[type[Recorded], ...]:
    """Return every model whose rows are in the log, in the order of their installation."""
    return tuple(
        model
        for model in apps.get_models()
        if issubclass(model, Recorded) and model.keeping is Keeping.RECORDED
    )


def encode(row: Recorded) -> dict[str, dict[str, Json]]:
    """Return the row's state as group -> field -> value; empty groups are left out."""
    state: dict[str, dict[str, Json]] = {}
    read, written = _encoding(type(row))
    for (name, group, write), value in zip(written, read(row), strict=True):
        if value is None:
            continue
        if group not in state:
            state[group] = {}
        state[group][name] = value if write is None else write(value)
    return state


@cache
def _encoding(
    model: type[models.Model],
) -> tuple[
    Callable[[Any], tuple[Any, ...]], tuple[tuple[str, str, Callable[[Any], Json] | None], ...]
]:
    """Return what reads all values of a row, and each one's name, group and conversion."""
    found = columns(model)
    read = attrgetter(*[column.attribute for column in found])
    return read, tuple((column.name, column.group, column.encode) for column in found)


def decode(model: type[Recorded], fields: Mapping[str, Any]) -> Recorded:
    """Return a row, not saved, from the fields of all its groups together."""
    values: dict[str, Any] = {}
    for column in columns(model):
        value = fields.get(column.name)
        if value is not None and column.decode is not None:
            value = column.decode(value)
        values[column.attribute] = value
    row = model(**values)
    fold_text([row])
    return row


@cache
def _folded(model: type[models.Model]) -> tuple[tuple[str, str], ...]:
    names = [field.attname for field in model._meta.concrete_fields]
    return tuple((name, name.removesuffix(FOLDED)) for name in names if name.endswith(FOLDED))


def fold_text(rows: Iterable[Recorded]) -> None:
    """Fill each row's folded columns from the text they stand beside."""
    for row in rows:
        for folded, name in _folded(type(row)):
            setattr(row, folded, fold(getattr(row, name)))


def is_folded(row: Recorded) -> bool:
    """Say whether a row's folded columns are those of its text."""
    return all(
        getattr(row, folded) == fold(getattr(row, name)) for folded, name in _folded(type(row))
    )
