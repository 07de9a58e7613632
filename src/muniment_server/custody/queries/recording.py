"""Recording a reading: one leaf of the access log, committed before the answer goes out.

- Each reading is one transaction: leaf, row and head together, under the head's lock, so that the
  log has no gap and no fork whichever processes write it.
- Of open material the commit does not wait for the disk. It survives the death of the process at
  once, and a power cut within a second, when heads are signed; where nobody got round to that for
  five seconds, the next reading waits. Of closed material every reading waits (custody-log §1).
- What cannot be recorded is not served: these functions raise, and their callers have not answered.
- Nothing here can be switched off.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connections
from django.db.utils import DatabaseError, DataError, IntegrityError, ProgrammingError
from django.utils.translation import gettext as _

from muniment.custody.leaf import leaf_bytes, leaf_hash
from muniment.custody.merkle import Frontier
from muniment.errors import MunimentError, TamperSuspected, Unavailable
from muniment.evidence.disclosure import Disclosure, disclose, sd
from muniment.evidence.identifiers import new_id
from muniment.evidence.instant import now, to_seconds
from muniment_server.custody.models import Access, AccessHead, Leaf, Recorded, Root
from muniment_server.custody.policies import Refused
from muniment_server.custody.queries.logs import ACCESS
from muniment_server.custody.queries.need_to_know import open_compartment_id, workspace
from muniment_server.database import durability

if TYPE_CHECKING:
    from django.db.models import Model

    from muniment.evidence.canonical import Json
    from muniment_server.custody.policies import Actor

USING = "access"
NOBODY = "0" * 32
"""Who acts in a leaf where nobody was signed in."""

_LONGEST = 2000
_PATIENCE = 5.0  # seconds that a committed reading may wait for somebody to make it durable


@dataclass(frozen=True, slots=True)
class _Reading:
    kind: str
    by: UUID | None = None
    via: str = ""
    session: str = ""
    model: str = ""
    obj: UUID | None = None
    detail: str = ""


def note(by: Actor | None, kind: Access.Kind, record: Recorded | None, *, detail: str = "") -> None:
    """Record one reading; raises `Unavailable` where it cannot be recorded."""
    model = "" if record is None else record._meta.label_lower
    obj = None if record is None else record.pk
    _record(_by(by, kind, model, obj, detail), wait=_is_closed(by, record))


def note_list(by: Actor, model: type[Model], *, detail: str = "") -> None:
    """Record that a list was read or, where words were sought, searched; raises `Unavailable`."""
    kind = Access.Kind.SEARCHED if detail else Access.Kind.LISTED
    _record(_by(by, kind, model._meta.label_lower, None, detail), wait=_is_closed(by, None))


def note_accesses_read(by: Actor) -> None:
    """Record that somebody read who reads."""
    note_list(by, Access)


def note_log_read(by: Actor, index: int | None = None) -> None:
    """Record that somebody read acts of the custody log, or one of them."""
    kind = Access.Kind.LISTED if index is None else Access.Kind.VIEWED
    detail = "" if index is None else f"#{index}"
    _record(_by(by, kind, Leaf._meta.label_lower, None, detail), wait=_is_closed(by, None))


def note_refused(error: MunimentError, what: str) -> MunimentError:
    """Record that somebody was refused at a door, and return the error to tell them.

    What was refused elsewhere is recorded already. Where it cannot be recorded, that is told.
    """
    if isinstance(error, Refused) and error.by is not None:
        try:
            note(error.by, Access.Kind.DENIED, None, detail=what)
        except Unavailable as unrecorded:
            return unrecorded
    return error


def note_log_in(agent: UUID, via: str, session: str) -> None:
    """Record that somebody logged in; raises `Unavailable`, and then they did not."""
    known = Access.Kind.LOGGED_IN
    _record(_Reading(known, by=agent, via=via, session=_digest(session)), wait=False)


def note_log_in_refused(agent: UUID | None, via: str) -> None:
    """Record that a log-in failed, and whose it would have been where there is such a person.

    What was typed is not kept: it may be a password in the wrong field.
    """
    _record(_Reading(Access.Kind.LOGIN_REFUSED, via=via, obj=agent), wait=False)


def note_flag(by: Actor, agent: UUID, detail: str) -> None:
    """Record that a program found somebody's readings unusually many."""
    _record(_by(by, Access.Kind.FLAGGED, "", agent, detail), wait=False)


def make_durable() -> None:
    """Wait until every reading committed so far is on the disk; raises `Unavailable`."""
    name = _database()
    since = _unsettled.pop(name, None)
    try:
        durability.settle(USING)
    except BaseException:
        if since is not None:
            _unsettled.setdefault(name, since)
        raise


_unsettled: dict[str, float] = {}
"""Since when (monotonic) readings of this process wait to be made durable, by database."""
_guard = threading.Lock()


def _record(reading: _Reading, *, wait: bool) -> None:
    name, at = _database(), time.monotonic()
    with _guard:
        since = _unsettled.setdefault(name, at)
    wait = wait or at - since > _PATIENCE
    committing = durability.waiting if wait else durability.without_waiting
    try:
        with committing(USING):
            _append(reading)
    except (DataError, IntegrityError, ProgrammingError):
        raise  # our own mistakes, which show where they were made; nothing is served either
    except (DatabaseError, Unavailable) as error:
        raise Unavailable(
            _("this reading cannot be recorded, so nothing is shown"),
            code="access.not_recorded",
            hint=_("Nothing is read here without a trace. Check the disk of the access log."),
        ) from error
    if wait:
        _unsettled.pop(name, None)


def _append(reading: _Reading) -> None:
    """Add a leaf and advance the head, in the transaction that is open."""
    head = _locked_head()
    current = now().replace(microsecond=0)
    t = current if head.t is None or current > head.t else head.t
    subject = reading.obj or reading.by or UUID(workspace().agent)
    chain = Access.objects.using(USING).filter(subject=subject).order_by("-n")
    last = chain.only("n", "hash").first()
    n = 0 if last is None or last.n is None else last.n + 1
    told = [
        disclose(
            "chain",
            {
                "act": f"reading.{reading.kind}",
                "by": reading.by.hex if reading.by else NOBODY,
                "n": n,
                "obj": subject.hex,
                "prev": bytes(last.hash).hex() if last else "",
                "t": to_seconds(t),
            },
        ),
        *_rest(reading),
    ]
    eid = new_id()
    data = leaf_bytes(head.origin, eid, sd(told))
    digest = leaf_hash(data)
    Access(
        index=head.size,
        eid=UUID(eid),
        at=t,
        by=reading.by,
        via=reading.via,
        session=reading.session,
        kind=reading.kind,
        model=reading.model,
        obj=reading.obj,
        detail=reading.detail,
        subject=subject,
        n=n,
        hash=digest,
        data=data,
        disclosures="\n".join([one.text for one in told]),
    ).save(using=USING, force_insert=True)
    head.frontier = Frontier.from_bytes(bytes(head.frontier)).appended([digest]).to_bytes()
    head.size += 1
    head.t = t
    head.save(using=USING, force_update=True)


def _rest(reading: _Reading) -> tuple[Disclosure, Disclosure]:
    """Return what is said beside the chain: through which door, and what was asked for."""
    handling = {"session": reading.session, "via": reading.via}
    asked: dict[str, Json] = {
        "detail": reading.detail,
        "model": reading.model,
        "record": reading.obj is not None,
    }
    return disclose("handling", handling), disclose("reading", asked)


def _locked_head() -> AccessHead:
    try:
        return AccessHead.objects.using(USING).select_for_update().get(pk=ACCESS)
    except AccessHead.DoesNotExist:
        raise TamperSuspected(
            "the access log has no head in the database",
            code="access.no_head",
            hint="Restore the workspace from a copy, or rebuild it from its archive.",
        ) from None


def _by(by: Actor | None, kind: str, model: str, obj: UUID | None, detail: str) -> _Reading:
    words = detail[:_LONGEST].replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
    if by is None:
        return _Reading(kind, model=model, obj=obj, detail=words)
    return _Reading(kind, by.agent, by.via.value, _digest(by.session), model, obj, words)


def _is_closed(by: Actor | None, record: Recorded | None) -> bool:
    """Say whether an answer may hold closed material: if in doubt, yes."""
    home = open_compartment_id()
    if isinstance(record, Root):
        return record.compartment_id != home
    return by is not None and not by.compartments <= {home}


def _digest(session: str) -> str:
    """Return what tells sessions apart: the key itself would let its reader take one over."""
    return hashlib.sha256(session.encode()).hexdigest()[:32] if session else ""


def _database() -> str:
    return str(connections[USING].settings_dict["NAME"])
