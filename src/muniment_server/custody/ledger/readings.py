"""The access log read back: rows from leaves, the check of every row, rebuilding.

- A row says what its leaf commits to, column for column, or nothing where an act of the rule names
  its index (`Expiry`); anything else is a finding.
- What is rebuilt comes from the archive's own folder of the access log, details and all.

Not its job: tiles and heads in the archive (`muniment.archive.check`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from muniment.archive.details import Gap, read_details, scan_details
from muniment.archive.problem import Problem
from muniment.custody.leaf import leaf_hash, parse_leaf
from muniment.custody.merkle import Frontier
from muniment.errors import MunimentError, TamperSuspected
from muniment.evidence.instant import parse as parse_instant
from muniment_server.custody import queries
from muniment_server.custody.ledger.checking import UNREADABLE, each_row
from muniment_server.custody.ledger.reading import read_act
from muniment_server.custody.models import Access
from muniment_server.custody.queries.recording import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from muniment.archive.details import DetailsLine
    from muniment.custody.checkpoint import Checkpoint
    from muniment_server.custody.queries import Log
    from muniment_server.custody.queries.expiries import Ranges

_TOLD = ("eid", "at", "by", "via", "session", "kind", "model", "obj", "detail", "subject", "n")
_AT_ONCE = 512


def row_of(index: int, data: bytes, disclosures: Sequence[str]) -> Access:
    """Return the row that a leaf and its disclosures stand for; without these, an expired one.

    Raises `TamperSuspected` where they do not fit.
    """
    if not disclosures:
        eid = UUID(parse_leaf(data).eid)
        return Access(index=index, eid=eid, hash=leaf_hash(data), data=data)
    act = read_act(index, data, disclosures)
    chain, handling, asked = act.chain, act.groups["handling"], act.groups["reading"]
    subject = UUID(chain["obj"])
    return Access(
        index=index,
        eid=UUID(act.eid),
        at=parse_instant(chain["t"]),
        by=None if chain["by"] == NOBODY else UUID(chain["by"]),
        via=handling["via"],
        session=handling["session"],
        kind=str(chain["act"]).removeprefix("reading."),
        model=asked["model"],
        obj=subject if asked["record"] else None,
        detail=asked["detail"],
        subject=subject,
        n=chain["n"],
        hash=leaf_hash(data),
        data=data,
        disclosures="\n".join(disclosures),
    )


def check_readings(progress: Callable[[int], None]) -> list[Problem]:
    """Compare every reading with its leaf, and all of them with the head and the rule's acts."""
    log = queries.access_log()
    gone = queries.expired()
    problems: list[Problem] = []
    frontier = Frontier()
    following = 0
    for row in each_row(Access, lambda key: f"reading #{key}", "access.unreadable", log.using):
        progress(1)
        if isinstance(row, Problem):
            problems.append(row)
            continue
        problems.extend(_gap(following, row.index))
        following = row.index + 1
        problems.extend(_check_row(row, gone))
        frontier = frontier.appended([leaf_hash(bytes(row.data))])
    problems.extend(_check_head(log, frontier))
    problems.extend(_check_removed(log, gone))
    return problems


def _check_row(row: Access, gone: Ranges) -> Iterator[Problem]:
    subject, data = f"reading #{row.index}", bytes(row.data)
    if leaf_hash(data) != bytes(row.hash):
        yield Problem("access.leaf", subject, "the leaf does not have the digest in the tree")
        return
    lines = row.disclosures.split("\n") if row.disclosures else []
    if not lines and row.index not in gone:
        yield Problem("access.removed", subject, "who read what is gone, and no rule removed it")
        return
    if lines and row.index in gone:
        message = "the rule removed who read what, and it is still there; run it again"
        yield Problem("access.not_removed", subject, message)
    try:
        told = row_of(row.index, data, lines)
    except (MunimentError, *UNREADABLE, KeyError) as error:
        yield Problem("access.details", subject, f"it is not what the leaf commits to: {error}")
        return
    if any(getattr(told, name) != getattr(row, name) for name in _TOLD):
        yield Problem("access.columns", subject, "the row differs from what its leaf says")


def _gap(start: int, end: int) -> Iterator[Problem]:
    if start < end:
        what = f"reading #{start}" if start + 1 == end else f"readings #{start} to #{end - 1}"
        yield Problem("access.missing", what, "it is not in the database")


def _check_head(log: Log, frontier: Frontier) -> Iterator[Problem]:
    try:
        head = log.head()
        found = (head.size, bytes(head.frontier))
    except (ObjectDoesNotExist, *UNREADABLE) as error:
        yield Problem("access.head", log.name, f"the head cannot be read: {error}")
        return
    if found != (frontier.size, frontier.to_bytes()):
        message = "the head is not the root of the readings in the database"
        yield Problem("access.head", head.origin, message)


def _check_removed(log: Log, gone: Ranges) -> Iterator[Problem]:
    """Look in the archive for what the rule removed."""
    for first, last in gone.parts:
        try:
            for line in scan_details(log.archive, first, last + 1):
                if not isinstance(line, Gap) and line.disclosures:
                    message = "the rule removed who read what, and the archive still has it"
                    yield Problem("access.not_removed", f"reading #{line.index}", message)
        except MunimentError as error:
            yield Problem(error.code, f"readings #{first} to #{last}", error.message)


def rebuild_readings(head: Checkpoint, progress: Callable[[int], None]) -> None:
    """Fill the empty access log from the archive, whose head was checked.

    The custody log is rebuilt already: it names what a rule removed. Raises `TamperSuspected` where
    the details do not give the root that was signed, or lack what no rule removed.
    """
    log, gone, frontier = queries.access_log(), queries.expired(), Frontier()
    t = None
    with transaction.atomic(using=log.using, durable=True):
        for rows in _some(read_details(log.archive, 0, head.size), gone):
            Access.objects.using(log.using).bulk_create(rows)
            frontier = frontier.appended([bytes(row.hash) for row in rows])
            t = max((row.at for row in rows if row.at), default=t)
            progress(len(rows))
        if (frontier.size, frontier.root()) != (head.size, head.root):
            raise TamperSuspected(
                "the details of the access log do not give the root that was signed",
                code="rebuild.access_root",
                hint="Restore archive/access from a copy.",
            )
        log.heads._default_manager.using(log.using).create(
            log=log.name, origin=head.origin, size=head.size, frontier=frontier.to_bytes(), t=t
        )


def _some(lines: Iterable[DetailsLine], gone: Ranges) -> Iterator[list[Access]]:
    some: list[Access] = []
    for line in lines:
        if not line.disclosures and line.index not in gone:
            raise TamperSuspected(
                f"the archive lacks who read what in reading #{line.index}, and no rule removed it",
                code="rebuild.access_details",
                hint="Restore archive/access from a copy.",
            )
        some.append(row_of(line.index, line.leaf, line.disclosures))
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def nobody_read() -> bool:
    """Say whether the access log is empty, as far as it can be read."""
    try:
        return not queries.access_log().hashes(0, 1)
    except UNREADABLE:
        return False


def archive_problems(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Give what the check of the access log's archive found, told apart from the custody log's.

    That details which a rule removed are incomplete is no problem.
    """
    gone: Any = queries.expired()
    for one in problems:
        entry = one.subject.removeprefix("#")
        if one.code == "details.incomplete" and entry.isdecimal() and int(entry) in gone:
            continue
        yield Problem(one.code, f"access/{one.subject}", one.message)
