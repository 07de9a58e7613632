"""The column of disclosures where an act's compartment is closed: sealed as it is stored.

    <chain>                     one disclosure a line, as everywhere
    ~{"age":"…","key":"…",…}    what only the data key opens (`muniment.archive.sealed_details`)

- What is read from the column is the text of all disclosures, opened here and in memory only; the
  stored form goes with it and is what is written again.
- Where no key opens it (shredded, in escrow, the keys folder absent) the text is what stands in
  clear, and `fault` says why the rest does not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import models

from muniment.archive.keyring import Keyring
from muniment.archive.sealed_details import MARK, parse_sealed
from muniment.errors import MunimentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from muniment.archive.sealed_details import SealedDetails
    from muniment.archive.workspace import Workspace


class Disclosed(str):
    """The disclosures of a closed act, as far as they open here."""

    __slots__ = ("fault", "stored")

    stored: str
    fault: MunimentError | None


def keyring() -> Keyring:
    """Return the keys of the workspace this process runs in."""
    return Keyring(cast("Workspace", settings.WORKSPACE).keys)


def stored_form(clear: Iterable[str], sealed: SealedDetails) -> str:
    """Return what is stored of an act: disclosures in clear, and those that are sealed."""
    return "\n".join([*clear, MARK + sealed.to_text()])


def split_stored(stored: str) -> tuple[tuple[str, ...], SealedDetails | None]:
    """Return the disclosures that stand in clear, and what is sealed; raises InvalidInput."""
    *clear, last = stored.split("\n") if stored else [""]
    if last.startswith(MARK):
        return tuple(clear), parse_sealed(json.loads(last.removeprefix(MARK)))
    return tuple([one for one in (*clear, last) if one]), None


def stored_of(disclosures: str) -> str:
    """Return the stored form of what was read from the column."""
    return disclosures.stored if isinstance(disclosures, Disclosed) else disclosures


def opened(stored: str) -> str:
    """Return the disclosures of a stored form, opened as far as the keys go."""
    if f"\n{MARK}" not in stored and not stored.startswith(MARK):
        return stored
    clear: Sequence[str] = ()
    texts: Sequence[str] = ()
    fault: MunimentError | None = None
    try:
        clear, sealed = split_stored(stored)
        if sealed is not None:
            texts = sealed.open(keyring().key_named)
    except MunimentError as error:
        fault = error
    found = Disclosed("\n".join([*clear, *texts]))
    found.stored = stored
    found.fault = fault
    return found


# Django's fields take parameters for the type checker only, unless some package patches them.
if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class DisclosuresField(_Text):
    """A text column whose sealed part is opened when it is read."""

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        """Open what was read."""
        return value if value is None else opened(value)

    def get_prep_value(self, value: Any) -> Any:
        """Write what was read as it was stored."""
        return super().get_prep_value(stored_of(value) if isinstance(value, str) else value)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Be a text column to migrations: what differs is not in the table."""
        name, _, positional, named = super().deconstruct()
        return name, "django.db.models.TextField", positional, named
