"""The two logs of a workspace, told apart by values only: the code that keeps them is the same.

- `custody`: every change. `access`: who looked at what. Each has its own origin, key, signer's
  memory, database and folder of the archive.
- Both are read here alike: heads, hashes, leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from muniment_server.custody.models import Access, AccessHead, Head, Leaf
from muniment_server.custody.queries.need_to_know import workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.db.models import QuerySet

    from muniment_server.custody.models import LogHead

CUSTODY = "custody"
ACCESS = "access"


@dataclass(frozen=True, slots=True)
class Log:
    """One log: where its leaves, its archive and its key are."""

    name: str
    using: str
    archive: Path
    key: Path
    memory: Path
    heads: type[LogHead]
    leaves: type[Leaf | Access]

    @property
    def guard(self) -> str:
        """What the lock is named after that keeps all but one signer out, on SQLite.

        Writers of the custody log hold it from before their transaction; readings never wait for a
        signature.
        """
        name = str(settings.DATABASES[self.using]["NAME"])
        return name if self.name == CUSTODY else f"{name}.signing"

    def head(self) -> LogHead:
        """Return the head as the database has it; raises the model's `DoesNotExist`."""
        found: LogHead = self.heads._default_manager.using(self.using).get(pk=self.name)
        return found

    def hashes(self, start: int, end: int) -> list[bytes]:
        """Return the leaf hashes of some entries, in order."""
        rows = self._rows(start, end).values_list("hash", flat=True)
        return [bytes(one) for one in rows]

    def hashed(self, start: int, end: int) -> Iterator[tuple[int, bytes, bytes]]:
        """Give index, leaf and its stored hash in index order, streaming."""
        for index, data, digest in (
            self._rows(start, end).values_list("index", "data", "hash").iterator(512)
        ):
            yield index, bytes(data), bytes(digest)

    def details(self, start: int, end: int) -> Iterator[tuple[int, bytes, str]]:
        """Give index, leaf and disclosures as they are stored, in index order, streaming."""
        rows = self._rows(start, end).annotate(stored=Cast("disclosures", TextField()))
        for index, data, stored in rows.values_list("index", "data", "stored").iterator(512):
            yield index, bytes(data), stored

    def _rows(self, start: int, end: int) -> QuerySet[Any]:
        rows = self.leaves._default_manager.using(self.using)
        return rows.filter(index__gte=start, index__lt=end).order_by("index")


def custody_log() -> Log:
    """Return the log of every change."""
    place = workspace()
    return Log(
        name=CUSTODY,
        using="default",
        archive=place.archive,
        key=place.log_key,
        memory=place.signed_heads,
        heads=Head,
        leaves=Leaf,
    )


def access_log() -> Log:
    """Return the log of every reading."""
    place = workspace()
    return Log(
        name=ACCESS,
        using="access",
        archive=place.access_archive,
        key=place.access_key,
        memory=place.signed_access_heads,
        heads=AccessHead,
        leaves=Access,
    )
