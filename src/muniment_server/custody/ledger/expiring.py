"""Taking out of the access log who read what, once its time is over: rows, details, free pages.

- The leaf stays in its place, and so does every proof of it; nothing that opens it does.
- Only what an act names goes (`Expiry`), so that anything else that is gone is a finding.
- Doing it again does nothing more: whoever was interrupted begins anew.
- It never runs beside a backup, which copies the files that are written anew here.

Not its job: the rule, and the act (`services.retention`).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from muniment.archive.details import DetailsLine
from muniment.archive.erasing import replace_lines
from muniment_server.custody import queries
from muniment_server.custody.ledger import sealing
from muniment_server.custody.models import Access
from muniment_server.database.durability import waiting
from muniment_server.database.lock import lock_for
from muniment_server.database.sweeping import sweep

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator

_TABLE = "custody_access"
_AT_ONCE = 500
_NOTHING = {
    "at": None,
    "by": None,
    "via": "",
    "session": "",
    "kind": "",
    "model": "",
    "obj": None,
    "detail": "",
    "subject": None,
    "n": None,
    "disclosures": "",
}


@contextmanager
def files_at_rest() -> Iterator[None]:
    """Keep backups and the rule from running at once, whichever processes run them."""
    with lock_for(str(queries.workspace().root / "access.expiry")).held():
        yield


def candidates(before: datetime.datetime, start: int, limit: int) -> list[Access]:
    """Return entries from a place on whose time is over and that still say who and what."""
    rows = Access.objects.using("access").filter(at__lt=before, index__gte=start)
    return list(rows.only("index", "obj", "by", "subject").order_by("index")[:limit])


def unfinished() -> list[int]:
    """Return entries that an act names and that still say who and what."""
    found: list[int] = []
    for first, last in queries.expired().parts:
        rows = Access.objects.using("access").filter(index__gte=first, index__lte=last)
        found += rows.exclude(disclosures="").values_list("index", flat=True)
    return sorted(found)


def remove_details(indexes: list[int]) -> None:
    """Remove who and what from entries that an act names, in the archive and in the database.

    The archive comes first: what still stands in the database is found again.
    """
    log = queries.access_log()
    for start in range(0, len(indexes), _AT_ONCE):
        some = indexes[start : start + _AT_ONCE]
        rows = Access.objects.using(log.using).filter(index__in=some)
        lines = {
            index: DetailsLine(index, bytes(data), ())
            for index, data in rows.values_list("index", "data")
        }
        with sealing.alone(log):
            replace_lines(log.archive, lines)
            with waiting(log.using):
                rows.update(**_NOTHING)


def leave_nothing() -> None:
    """Write the database anew without what was removed; raises `Unavailable` where it cannot."""
    sweep([_TABLE], using=queries.access_log().using)
