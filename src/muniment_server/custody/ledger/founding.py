"""The logs of a workspace that begins, or begins again from its archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.archive.log_files import LogFiles, read_published
from muniment.archive.signing import open_signer, public_key
from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.merkle import Frontier
from muniment.custody.note import check_note
from muniment.errors import TamperSuspected
from muniment.seal.signer import FileSigner
from muniment_server.custody import queries
from muniment_server.custody.ledger.appending import CUSTODY
from muniment_server.custody.ledger.readings import rebuild_readings
from muniment_server.custody.models import Head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment_server.custody.queries import Log


def open_log(origin: str) -> None:
    """Write the head of an empty custody log under its origin."""
    Head.objects.create(log=CUSTODY, origin=origin, size=0, frontier=Frontier().to_bytes(), t=None)


def open_access_log(origin: str) -> None:
    """Make key, folder and head of an empty access log under its origin."""
    log = queries.access_log()
    FileSigner.create(log.key, log.memory, origin)
    _begin(log, origin)


def _begin(log: Log, origin: str) -> None:
    LogFiles(log.archive)
    log.heads._default_manager.using(log.using).create(
        log=log.name, origin=origin, size=0, frontier=Frontier().to_bytes(), t=None
    )


def continue_access_log(progress: Callable[[int], None]) -> str:
    """Rebuild the access log from the archive, or begin a new one where it cannot go on.

    It cannot where the archive has none, or where its signer signed readings that the archive does
    not have: the same key would sign a second history. What there is of it is then set aside, under
    a name of its own, and the new log has a new key. Returns what is lost, in words; empty for
    nothing. Raises `TamperSuspected` where what the archive holds does not fit.
    """
    log, place = queries.access_log(), queries.workspace()
    note = read_published(log.archive)
    if note is None:
        return _continue_unpublished(log)
    head = parse_checkpoint(note.text)
    if not check_note(note, public_key(place, head.origin, log.key)):
        raise TamperSuspected(
            "the head of the access log is not signed by this key",
            code="rebuild.access_key",
            hint="Use the keys folder that belongs to this archive.",
        )
    if log.key.exists() and not log.memory.exists():
        FileSigner.restore(log.key, log.memory, note)
    signed = open_signer(place, head.origin, log.key, log.memory).last()
    if signed is not None and signed.size > head.size:
        _set_aside(log)
        open_access_log(_next_origin())
        return (
            f"the access log: {signed.size} readings were signed and the archive has {head.size}; "
            f"it was set aside in {place.archive.name}, and a new one was begun"
        )
    rebuild_readings(head, progress)
    return ""


def _continue_unpublished(log: Log) -> str:
    place = queries.workspace()
    if place.signer is None and not log.key.exists():  # an archive from before there was one
        open_access_log(_next_origin())
        return ""
    signed = open_signer(place, place.access_origin, log.key, log.memory).last()
    if signed is None or signed.size == 0:
        _begin(log, place.access_origin)
        return ""
    _set_aside(log)
    open_access_log(_next_origin())
    return (
        f"the access log: {signed.size} readings were signed and the archive has none; "
        "a new one was begun"
    )


def _ended(number: int) -> Path:
    archive = queries.workspace().access_archive
    return archive.with_name(f"{archive.name}-ended-{number}")


def _following() -> int:
    number = 1
    while _ended(number).exists():
        number += 1
    return number


def _next_origin() -> str:
    place, number = queries.workspace(), _following()
    return place.access_origin if number == 1 else f"{place.access_origin}-{number}"


def _set_aside(log: Log) -> None:
    """Keep what there is of a log that cannot go on, with the key that its heads are checked by."""
    if not log.key.exists() and not log.archive.exists():
        return
    number = _following()
    log.archive.mkdir(exist_ok=True)
    for one in (log.key, log.memory):
        if one.exists():
            one.rename(one.with_name(f"{one.stem}-ended-{number}{one.suffix}"))
    log.archive.rename(_ended(number))
