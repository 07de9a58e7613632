"""The words in rows of closed records: sealed in one column, blank in their own.

- Text, file names, readings of files and digests of content go into `closed_text`, sealed to the
  act's subject; what orders, numbers, links and places a row stays as it is.
- A row that is read is opened in memory. Where no key opens it (shredded, in escrow), it is blank.
- Nothing can search in what is sealed: words of closed records are found by nobody (decision 0019).
- The same row gives the same bytes under the same key, so that a rebuilt table is equal. A digest
  of content is kept as one that only this workspace can compare.
"""

from __future__ import annotations

import base64
import hmac
import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from django.db import models

from muniment.errors import MunimentError
from muniment.evidence.folding import fold
from muniment_server.database.closed import keyring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from muniment.archive.age_format import Identity

COLUMN: Final = "closed_text"
FOLDED: Final = "_folded"
_DIGESTS: Final = frozenset({"sha256", "parent_sha256"})
#: what says nothing of the content, and what lists are filtered and counted by
_CLEAR: Final = frozenset(
    {"number", "kind", "media_type", "tool", "version", "rules", "examination"}
    | {"stored_sha256", COLUMN}
)
_SHUT: Final = "_words_shut"
_NAME: Final = 16
_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is sealed, and what stands in it then."""

    name: str
    blank: Callable[[], Any]
    binary: bool = False


@contextmanager
def shut(rows: Iterable[tuple[models.Model, str, Identity | None]]) -> Iterator[None]:
    """Have rows written with their words sealed; in memory they are as before afterwards.

    Each row comes with the name of its subject's data key, and the key; without one its words are
    left out for good.
    """
    before: list[tuple[models.Model, dict[str, Any]]] = []
    try:
        for row, name, key in rows:
            before.append((row, _seal(row, name, key)))
        yield
    finally:
        for row, values in before:
            for column, value in values.items():
                setattr(row, column, value)


def open_row(row: models.Model) -> None:
    """Put the words of a row that was read in their places; leave them blank where none can."""
    sealed = row.__dict__.get(COLUMN)
    if not sealed:
        return
    data = bytes(sealed)
    name, nonce, text = data[:_NAME], data[_NAME : _NAME + _NONCE], data[_NAME + _NONCE :]
    try:
        key = keyring().open_subject(name.hex())
        opened = _cipher(key).decrypt(nonce, text, _about(row))
    except (MunimentError, InvalidTag):
        opened = b"{}"
        row.__dict__[_SHUT] = True
    words = json.loads(opened)
    for column in _columns(type(row)):
        value = words.get(column.name, column.blank())
        setattr(row, column.name, base64.b64decode(value) if column.binary else value)
    for column in _columns(type(row)):
        if column.name.endswith(FOLDED):
            setattr(row, column.name, fold(getattr(row, column.name.removesuffix(FOLDED))))


def is_shut(row: models.Model) -> bool:
    """Say whether a row that was read has words that no key here opens."""
    return bool(row.__dict__.get(_SHUT))


def keyed(digests: Iterable[str]) -> dict[str, str]:
    """Return digests of content as closed rows hold them, each with the digest itself."""
    keys = keyring()
    if not keys.founded or not keys.compartments():
        return {}
    return {kept: one for one, kept in keys.keyed_digests(digests).items()}


def _seal(row: models.Model, name: str, key: Identity | None) -> dict[str, Any]:
    """Blank the columns of a row that are sealed, and return what stood in them."""
    columns = _columns(type(row))
    before = {column.name: getattr(row, column.name) for column in columns}
    setattr(row, COLUMN, None)
    words = {
        column.name: _written(before[column.name], binary=column.binary)
        for column in columns
        if not column.name.endswith(FOLDED) and before[column.name] != column.blank()
    }
    if words and key is None:
        setattr(row, COLUMN, UUID(name).bytes)
    elif words and key is not None:
        text = json.dumps(words, sort_keys=True).encode()
        nonce = hmac.digest(_derived(key, b"nonce"), _about(row) + text, sha256)[:_NONCE]
        sealed = _cipher(key).encrypt(nonce, text, _about(row))
        setattr(row, COLUMN, UUID(name).bytes + nonce + sealed)
    for column in columns:
        kept = before[column.name]
        told = column.name in _DIGESTS and kept and key is not None
        setattr(row, column.name, keyring().keyed_digest(kept) if told else column.blank())
    return before


@cache
def _columns(model: type[models.Model]) -> tuple[_Column, ...]:
    """Return the columns of a model that hold words."""
    bound = _bound(model)
    found: list[_Column] = []
    for field in model._meta.concrete_fields:
        if field.name in _CLEAR or field.name in bound or field.unique or field.choices:
            continue
        if isinstance(field, models.JSONField):
            found.append(_Column(field.attname, field.get_default))
        elif isinstance(field, models.BinaryField):
            found.append(_Column(field.attname, bytes, binary=True))
        elif isinstance(field, models.CharField | models.TextField) and not field.is_relation:
            found.append(_Column(field.attname, (lambda: None) if field.null else str))
    return tuple(found)


def _bound(model: type[models.Model]) -> set[str]:
    """Return the fields that the database itself compares: sealed, it would refuse them."""
    found: set[str] = set()
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            found.update(constraint.fields)
        condition = getattr(constraint, "condition", None)
        if isinstance(condition, models.Q):
            found.update(str(one[0]).partition("__")[0] for one in _leaves(condition))
    return found


def _leaves(condition: models.Q) -> Iterator[tuple[Any, ...]]:
    for child in condition.children:
        if isinstance(child, models.Q):
            yield from _leaves(child)
        elif isinstance(child, tuple):
            yield child


def _about(row: models.Model) -> bytes:
    return f"{row._meta.label_lower}/{row.pk}".encode()


def _cipher(key: Identity) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(_derived(key, b"rows"))


def _derived(key: Identity, info: bytes) -> bytes:
    return hmac.digest(key.secret, b"muniment/" + info, sha256)


def _written(value: Any, *, binary: bool) -> Any:
    return base64.b64encode(bytes(value)).decode() if binary else value
