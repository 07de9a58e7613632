"""What a refusal promises: its kind, a stable code, a hint, and the record that it happened."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from muniment.errors import NotFound, NotPermitted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.errors import MunimentError


def denials() -> int:
    """How many refusals the record of readings holds."""
    from muniment_server.custody.models import Access

    return Access.objects.using("access").filter(kind=Access.Kind.DENIED).count()


def entries() -> int:
    """How many acts the log holds."""
    from muniment_server.custody.models import Leaf

    return Leaf.objects.count()


@contextmanager
def refused(kind: type[MunimentError], code: str) -> Iterator[None]:
    """Expect a refusal of this code, with a hint, that leaves nothing in the log."""
    before = entries()
    with pytest.raises(kind) as raised:
        yield
    assert raised.value.code == code
    assert raised.value.hint
    assert str(raised.value)
    assert entries() == before


@contextmanager
def not_permitted() -> Iterator[None]:
    """Expect that an act is refused for want of a permission, and that the attempt is recorded."""
    before = denials()
    with refused(NotPermitted, "act.not_permitted"):
        yield
    assert denials() == before + 1


@contextmanager
def unseen(code: str = "record.not_found") -> Iterator[None]:
    """Expect that a record is not there for whoever asks, and that the attempt is recorded."""
    before = denials()
    with refused(NotFound, code):
        yield
    assert denials() == before + 1
