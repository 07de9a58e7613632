"""Closed compartments for whoever reads and writes in them: where records go, and their bytes.

- Bytes of a closed subject are opened in memory, for a reader who was let in by the same rule as to
  its record; no door writes them to a disk.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

from muniment.archive.objects import FolderStore, StoredObject
from muniment.archive.sealed import open_sealed, seal_chunks
from muniment.errors import NotFound
from muniment_server.custody.models import Compartment
from muniment_server.custody.policies import CLOSED
from muniment_server.custody.queries.need_to_know import open_compartment_id, workspace
from muniment_server.database.closed import keyring

if TYPE_CHECKING:
    from uuid import UUID

    from muniment_server.custody.policies import Actor


@lru_cache(maxsize=8)
def _home_of(_database: str) -> UUID:
    return Compartment.objects.get(name=CLOSED).pk


def default_compartment_id() -> UUID:
    """Return where records go whose compartment nobody names: open, or closed from the start."""
    if not workspace().closed:
        return open_compartment_id()
    return _home_of(str(settings.DATABASES["default"]["NAME"]))


def compartment_named(by: Actor, name: str) -> Compartment:
    """Return a compartment by name; the usual one for no name.

    Raises NotFound for one that is not there or that the actor may not know of.
    """
    rows = Compartment.objects.filter(pk__in=by.compartments, ended__isnull=True)
    found = rows.filter(name=name) if name else rows.filter(pk=default_compartment_id())
    compartment = found.first()
    if compartment is None:
        raise _unknown(name or "for everything that is put nowhere else")
    return compartment


def placed(by: Actor, compartment: UUID | None) -> UUID:
    """Return where an actor's records go: where they say, else the usual compartment.

    Raises NotFound for one that they are not cleared for: nobody writes what they may not read.
    """
    home = compartment or default_compartment_id()
    if home not in by.compartments:
        raise _unknown(home.hex)
    return home


def _unknown(which: str) -> NotFound:
    return NotFound(
        f"there is no compartment '{which}' here, or you are not cleared for it",
        code="compartment.not_found",
        hint="Ask an administrator; leave the name away for the usual one.",
    )


def is_closed(compartment: UUID) -> bool:
    """Say whether what lies in a compartment is sealed."""
    return compartment != open_compartment_id()


def open_object(subject: UUID, sha256: str, stored_sha256: str | None) -> BinaryIO:
    """Open the content of an object; raises NotFound, Unavailable, TamperSuspected."""
    store = FolderStore(workspace().archive)
    if not stored_sha256:
        return store.open(sha256)
    key = keyring().open_subject(subject.hex)  # first: without it nothing is opened
    return open_sealed(store.open(stored_sha256), key)


def put_object(subject: UUID, data: bytes, home: UUID) -> StoredObject:
    """Store bytes, sealed to their subject where its compartment is closed; raises Unavailable.

    Digest and size are those of the object as stored.
    """
    store = FolderStore(workspace().archive)
    if not is_closed(home):
        return store.put_bytes(data)
    key = keyring().ensure_subjects([subject.hex], home.hex)[subject.hex]
    return store.put_stream(seal_chunks(data, key.recipient))
