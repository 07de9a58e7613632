"""Removing what acts took out: keys, lines of details, bytes, and what a database leaves behind.

- What is to go is named in the transaction of the act. A worker does it, begins anew after its own
  death, and says that it is done only when nothing is left.
- Copies that the workspace's settings name as replicas are erased too; a copy that is not there is
  said and tried again. Backups elsewhere are for whoever keeps them (docs).
- Bytes that another item holds stay: the same file can have come twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from muniment.archive.details import DetailsLine
from muniment.archive.erasing import remove_objects, replace_lines
from muniment.archive.mending import replica_of
from muniment.errors import InvalidInput, MunimentError, Unavailable
from muniment_server.catalogue.models import Part, Rendition
from muniment_server.custody import queries as custody
from muniment_server.custody.acting.work import working
from muniment_server.custody.ledger import sealing, withdrawing
from muniment_server.custody.queries.jobs import held
from muniment_server.custody.services import jobs
from muniment_server.database.closed import keyring, split_stored, stored_of
from muniment_server.database.sweeping import sweep
from muniment_server.oversight import queries
from muniment_server.oversight.models import Draft, Erasure, Withdrawn
from muniment_server.oversight.services.moving import settle_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from uuid import UUID

    from muniment_server.custody.models import Leaf

SELECTION: Final = "selection"
TAKING_OUT: Final = frozenset({"item.shredded", "item.destroyed", "item.restricted"})
_FINISHED: Final = frozenset({"VERIFY.md", "bag-info.txt", "data/record.json"})
#: the tables that held something of an item, for the database that is swept table by table
_TABLES = (
    "custody_leaf",
    "custody_job",
    "catalogue_item",
    "catalogue_part",
    "catalogue_rendition",
    "catalogue_finding",
    "oversight_draft",
    "oversight_erasure",
)


def ask_to_erase(item: UUID, digests: Iterable[str]) -> None:
    """Have a worker erase what an act took out; call it in the transaction of the act."""
    rows = [Erasure(item=item, sha256=one) for one in sorted(set(digests))]
    Erasure.objects.bulk_create(rows, ignore_conflicts=True)
    jobs.enqueue(queries.ERASE, [item])


def erase_entry(entry: UUID) -> None:
    """Erase what a worker's entry of the queue names; raises as `erase`."""
    for job in held(entry):
        erase(job.subject)


def erase(item: UUID) -> None:
    """Erase what acts took out of an item; done again, it does nothing more.

    Raises `Unavailable` where something cannot be erased now: all that can be is erased before.
    """
    withdrawn = queries.withdrawn_entries(item)
    archives, away = _archives()
    with sealing.alone():
        lines = {index: _line(index) for index in withdrawn}
        for archive in archives:
            replace_lines(archive, lines)
    if Withdrawn.objects.filter(item=item, sealed__isnull=True).exists():
        keys = keyring()
        if keys.founded:
            keys.destroy(item.hex)
    settle_key(item)
    _remove(item, archives, forget=not away)
    sweep(_TABLES)
    if away:
        raise Unavailable(
            _("{place} is not there: what was taken out stands in it still").format(place=away[0]),
            code="replica.away",
            hint=_("Attach it, then run `muniment request erase`; or take it out of the settings."),
        )


def finish(item: UUID) -> None:
    """Erase now what was asked of a worker; raises as `erase`, and then the worker goes on."""
    erase(item)
    jobs.drop(queries.ERASE, [item])


def erase_rest() -> dict[UUID, str]:
    """Erase whatever is left of anything taken out; return why not, by item, where some stays."""
    told = {item: erase_now(item) for item in queries.erasing()}
    return {item: why for item, why in told.items() if why}


def erase_now(item: UUID) -> str:
    """Erase now what was asked of a worker; return why not where a worker has to go on."""
    try:
        finish(item)
    except MunimentError as error:
        return str(error)
    return ""


def resume() -> int:
    """Name again what acts of the log took out, after a rebuild; return of how many items.

    The archive can have been copied before a worker came to it: then it is erased from here too.
    """
    found = 0
    for leaf in custody.leaves_of(TAKING_OUT):
        told = withdrawing.opened_act(leaf).groups.get("withdrawn")
        if not isinstance(told, dict):
            continue
        named = {name: _leaves(indexes) for name, indexes in told.items()}
        own, exports = named.get("entries", []), named.get("selections", [])
        digests = {one for each in named.get("objects", []) for one in withdrawing.objects_of(each)}
        digests |= {one for each in exports for one in finished_files(each)}
        if own or exports:
            withdraw(leaf.obj, own, exports)
        ask_to_erase(leaf.obj, digests)
        found += 1
    return found


def withdraw(item: UUID, own: list[Leaf], exports: list[Leaf]) -> None:
    """Take out of the tables what opens an item's own entries, and the selections it was in."""
    rows = [Withdrawn(index=leaf.index, item=item) for leaf in (*own, *exports)]
    Withdrawn.objects.bulk_create(rows, ignore_conflicts=True)
    withdrawing.withdraw_entries(own)
    withdrawing.withdraw_selections(exports)


def seal_earlier(item: UUID, own: list[Leaf], stored: Mapping[str, str]) -> None:
    """Seal in the tables what opens an item's entries, which stood in clear."""
    rows = [Withdrawn(index=leaf.index, item=item, sealed=True) for leaf in own]
    Withdrawn.objects.bulk_create(rows, ignore_conflicts=True)
    key = keyring().open_subject(item.hex)
    withdrawing.seal_entries(own, item.hex, key, stored)


def finished_files(closing: Leaf) -> Iterator[str]:
    """Give the digests of the files that were finished for one export and kept for it alone.

    What is the same in every bundle, such as the verifier, stays; of a closed export nothing does,
    because no other export can have the same sealed bytes.
    """
    sealed = split_stored(stored_of(closing.disclosures))[1]
    yield from sealed.objects if sealed else ()
    selection = withdrawing.opened_act(closing).groups.get(SELECTION)
    files = selection.get("files", ()) if isinstance(selection, dict) else ()
    for one in files:
        if one["path"] in _FINISHED:
            yield str(one["sha256"])


def _leaves(indexes: Iterable[int]) -> list[Leaf]:
    return [leaf for leaf in map(custody.leaf, indexes) if leaf is not None]


def _archives() -> tuple[list[Path], list[Path]]:
    """Return the archives that can be erased from, and the replicas that are away."""
    workspace = custody.workspace()
    found, away = [workspace.archive], []
    for one in workspace.replicas:
        try:
            found.append(replica_of(one))
        except InvalidInput:
            away.append(one)
    return found, away


def _line(index: int) -> DetailsLine:
    [(_index, leaf, disclosures)] = custody.details(index, index + 1)
    return DetailsLine(index, leaf, *split_stored(stored_of(disclosures)))


def _remove(item: UUID, archives: Iterable[Path], *, forget: bool) -> None:
    """Remove the objects, while nobody else can say that they hold one of them."""
    with working() as work:
        work.lock()
        digests = queries.left_to_erase(item)
        free = [one for one in digests if not _needed(one, item)]
        for archive in archives:
            remove_objects(archive, free)
        if forget:
            Erasure.objects.filter(item=item).delete()


def _needed(sha256: str, item: UUID) -> bool:
    """Say whether a standing part or rendition of another item, or a draft, is this object."""
    this = Q(stored_sha256=sha256) | Q(stored_sha256__isnull=True, sha256=sha256)
    parts = Part.objects.filter(this, ended__isnull=True).exclude(item=item)
    made = Rendition.objects.filter(this, ended__isnull=True).exclude(part__item=item)
    return parts.exists() or made.exists() or Draft.objects.filter(this).exists()
