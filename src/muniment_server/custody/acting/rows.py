"""Keeping rows inside an act: the only place that saves a recorded row."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext as _

from muniment.errors import InvalidInput
from muniment_server.custody import queries
from muniment_server.custody.acting.placing import home_of
from muniment_server.custody.ledger import closing
from muniment_server.custody.ledger.state import fold_text
from muniment_server.custody.models import (
    Counter,
    Recorded,
    Relation,
    Root,
)
from muniment_server.database.closed_rows import shut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from muniment.evidence.canonical import Json
    from muniment_server.custody.ledger.appending import PendingAct

R = TypeVar("R", bound=Recorded)

_current: ContextVar[PendingAct | None] = ContextVar("act", default=None)


@contextmanager
def recording(pending: PendingAct) -> Iterator[PendingAct]:
    """Let `keep` and `attach` speak to this act for the length of a body."""
    token = _current.set(pending)
    try:
        yield pending
    finally:
        _current.reset(token)


def current() -> PendingAct:
    """Return the act whose body runs."""
    pending = _current.get()
    if pending is None:
        message = "a recorded row may only be kept inside an act"
        raise RuntimeError(message)
    return pending


def keep(row: R) -> R:
    """Save a row as part of the running act and return it.

    A new root is numbered here, placed in the usual compartment unless it names another, and
    becomes the act's subject where the act has none; a new relation always does.
    """
    pending = current()
    fresh = row._state.adding
    prepare([row])
    if isinstance(row, Root):
        place([row])
        if fresh and not row.number:
            row.number = take_numbers(type(row), 1)[0]
    pending.home = pending.home or home_of([row])
    if (fresh and isinstance(row, Relation)) or (not pending.obj and hasattr(row, "seq")):
        pending.obj, pending.fresh = row.pk.hex, fresh
    with shut(closing.keyed_rows(pending.home, {pending.obj: [row]})):
        row.save(force_insert=fresh, force_update=not fresh)
    pending.rows.append(row)
    return row


def attach(group: str, value: Mapping[str, Json]) -> None:
    """Add a disclosed group (`object`, `source`, `handling`, `selection`) to the running act."""
    groups = current().groups
    known = groups.get(group)
    groups[group] = {**known, **value} if isinstance(known, dict) else dict(value)


def place(rows: Iterable[Root]) -> None:
    """Give rows without a compartment the usual one."""
    for row in rows:
        placed: UUID | None = row.compartment_id
        if placed is None:
            row.compartment_id = queries.default_compartment_id()


def take_numbers(model: type[Root], count: int) -> list[str]:
    """Take the next numbers of a model's series, such as M-00871."""
    counter = Counter.objects.filter(series=model.prefix)
    if not counter.update(last=F("last") + count):
        Counter.objects.get_or_create(series=model.prefix)
        counter.update(last=F("last") + count)
    last = counter.values_list("last", flat=True).get()
    return [f"{model.prefix}-{n:0{model.digits}d}" for n in range(last - count + 1, last + 1)]


def prepare(rows: Sequence[Recorded]) -> None:
    r"""Write NUL as `\x00` (one database would refuse it, the other cut the text), and fold.

    Raises `InvalidInput` for text that is longer than its column: one database would refuse it, the
    other keep it.
    """
    for row in rows:
        for name, longest in _text_fields(type(row)):
            value = getattr(row, name)
            if not isinstance(value, str):
                continue
            if "\x00" in value:
                value = value.replace("\x00", "\\x00")
                setattr(row, name, value)
            if len(value) > longest:
                raise _too_long(row, name, longest)
    fold_text(rows)


def _too_long(row: Recorded, name: str, longest: int) -> InvalidInput:
    field = row._meta.get_field(name)
    what = str(getattr(field, "verbose_name", name))
    return InvalidInput(
        _("{what}: no more than {n} characters fit here").format(what=what, n=longest),
        code="text.too_long",
        hint=_("Say it shorter, or use a field for longer texts, such as a note."),
    )


_texts: dict[type[Recorded], tuple[tuple[str, int], ...]] = {}


def _text_fields(model: type[Recorded]) -> tuple[tuple[str, int], ...]:
    """Return the columns that take text, each with the number of characters that fit."""
    if model not in _texts:
        _texts[model] = tuple(
            (field.attname, field.max_length or sys.maxsize)
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
        )
    return _texts[model]
