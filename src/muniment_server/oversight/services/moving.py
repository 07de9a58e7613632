"""Keys and bytes of what moves inward, is sealed, or comes back.

- Bytes of an open item are stored again sealed before the act that moves it; the plain ones go
  after it (`erasing`). Copies that were made before may exist: the page says so.
- What a key opens follows the record, not the other way round: a process that dies between the two
  is finished by a worker (`settle_key`).
"""

from __future__ import annotations

import hashlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from muniment.archive.age_format import Identity
from muniment.archive.keyring import DESTROYED, ESCROW
from muniment.archive.objects import FolderStore
from muniment.archive.sealed import seal_stream
from muniment.errors import TamperSuspected
from muniment_server.catalogue import queries as catalogue
from muniment_server.catalogue.models import Item, Part, Rendition
from muniment_server.custody import queries as custody
from muniment_server.database.closed import keyring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO
    from uuid import UUID

    from muniment_server.custody.models import Compartment


def store_sealed(item: Item, home: Compartment) -> dict[str, str]:
    """Store an open item's bytes again, sealed to its key; return the new digests by the old ones.

    Raises `TamperSuspected` where an object is no longer what was recorded, `Unavailable`.
    """
    obj = item.pk.hex
    keys = keyring()
    if keys.home_of(obj) not in {None, home.pk.hex}:
        keys.rewrap(obj, home.pk.hex)  # an earlier move was not approved in the end
    key = keys.ensure_subjects([obj], home.pk.hex)[obj]
    store = FolderStore(custody.workspace().archive)
    stored: dict[str, str] = {}
    rows: list[Part | Rendition] = [*catalogue.parts_of(item), *catalogue.renditions_of(item)]
    for row in rows:
        digest = hashlib.sha256()
        with closing(store.open(row.sha256)) as stream:
            sealed = seal_stream(_Hashed(stream, digest), row.size, key.recipient)  # type: ignore[arg-type]  # it reads
            stored[row.sha256] = store.put_stream(sealed).sha256
        if digest.hexdigest() != row.sha256:
            raise TamperSuspected(
                f"the object {row.sha256} is not what was recorded",
                code="object.damaged",
                hint="Run `muniment check --repair`; nothing was moved.",
            )
    return stored


class _Hashed:
    """A stream of which a digest is taken while it is read."""

    def __init__(self, stream: BinaryIO, digest: hashlib._Hash) -> None:
        self._stream = stream
        self._digest = digest

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        return data


def settle_key(item: UUID) -> None:
    """Have an item's key wrapped for whom its row says: its compartment, or the escrow alone."""
    row = Item.objects.filter(pk=item, ended__isnull=True).first()
    keys = keyring()
    home = keys.home_of(item.hex) if keys.founded else None
    if row is None or home in {None, DESTROYED}:
        return
    wanted = ESCROW if row.sealed is not None else row.compartment_id.hex
    if home not in {wanted, ESCROW} and custody.is_closed(row.compartment_id):
        keys.rewrap(item.hex, wanted)


@contextmanager
def brought_from_escrow(item: Item, escrow: str) -> Iterator[None]:
    """Have an item's key wrapped for its compartment again; it goes back where the act fails.

    Raises `InvalidInput` for what is no key, `TamperSuspected` for another one.
    """
    keys = keyring()
    keys.rewrap(item.pk.hex, item.compartment_id.hex, using=[Identity.parse(escrow.strip())])
    try:
        yield
    except BaseException:
        keys.rewrap(item.pk.hex, ESCROW)
        raise
