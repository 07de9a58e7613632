"""Asking a witness to cosign a head of ours (C2SP tlog-witness, the client's side).

- Where the witness says that it last cosigned another size, it is asked again with the proof from
  there: that is how a client learns the size, and all that it needs to keep.
- Whatever answers, only a line that this witness's key signed over exactly this head is taken;
  lines of other keys mean nothing.
- A witness that knows a larger head, or says that ours does not follow, is an alarm: an old copy of
  the log was put back, history was rewritten, or the witness errs. It is never retried.

Not its job: which witnesses to ask and keeping what they say (`archive.witnessing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.cosignature import check_cosignature
from muniment.custody.lines import parse_decimal
from muniment.custody.note import NoteSignature, names, parse_note
from muniment.egress import Limits, Request
from muniment.errors import Conflict, InvalidInput, NotFound, TamperSuspected, Unavailable
from muniment.evidence.instant import now
from muniment.seal.witness_request import format_submission, submission

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from muniment.custody.keys import VerifierKey
    from muniment.custody.note import Note
    from muniment.egress import Egress

_ATTEMPTS = 4  # another caller may have been faster, a few times
_SIZE_TYPE = "text/x.tlog.size"
_CLOCKS_APART = timedelta(hours=1)
_LIMITS = Limits(bytes=64 * 1024, seconds=20.0, redirects=0)
_HINT = "What the witness answered is not trusted; ask who runs it."


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answered; `media_type` without parameters, in lower case."""

    status: int
    media_type: str
    body: bytes


class Transport(Protocol):
    """Whatever carries a request to a witness: the one way out, or a test."""

    def __call__(self, url: str, body: bytes, /) -> Reply:
        """POST a body and return what came back; raises Unavailable where nothing did."""
        ...


def through(egress: Egress) -> Transport:
    """Return the transport that goes out under the one rule for outbound requests."""

    def post(url: str, body: bytes) -> Reply:
        headers = (("Content-Type", "text/plain; charset=utf-8"),)
        answer = egress.fetch(Request(url, "POST", headers, body), _LIMITS)
        return Reply(answer.status, answer.media_type, answer.body)

    return post


def ask(
    transport: Transport,
    prefix: str,
    witness: VerifierKey,
    note: Note,
    proof: Callable[[int], Sequence[bytes]],
    old: int = 0,
    newest: Callable[[], int] = lambda: 0,
    clock: Callable[[], datetime] = now,
) -> NoteSignature:
    """Return the cosignature of the witness at a submission prefix on a head of ours.

    `proof(size)` is the consistency proof from that size, above 0, to the head. `old` is the size
    this witness is thought to have cosigned last, `newest()` how large our log is by now. Raises
    TamperSuspected where the witness
    contradicts us (`witness.ahead`, `witness.refused`), NotFound where it does not know our log,
    InvalidInput where it finds the request or the signature wrong, Conflict where others are always
    faster, Unavailable where it answers nothing that can be used.
    """
    head = parse_checkpoint(note.text)
    url = prefix.rstrip("/") + "/add-checkpoint"
    for _ in range(_ATTEMPTS):
        hashes = proof(old) if old > 0 else ()
        reply = transport(url, format_submission(submission(old, hashes, note)))
        if reply.status != 409:  # noqa: PLR2004 - another size, C2SP tlog-witness
            return _cosignature(reply, witness, note, clock())
        old = _size(reply)
        if old > max(head.size, newest()):
            message = f"{witness.name} cosigned {old} leaves of this log, which has {head.size}"
            raise TamperSuspected(
                message,
                code="witness.ahead",
                hint="An old copy was put back or leaves were removed. Stop, and find out.",
            )
        if old > head.size:
            break
    message = f"{witness.name} was asked by others at the same time"
    raise Conflict(message, code="witness.busy", hint="Ask again in a moment.")


def _size(reply: Reply) -> int:
    try:
        if reply.media_type == _SIZE_TYPE and reply.body.endswith(b"\n"):
            return parse_decimal(reply.body[:-1].decode("ascii"))
    except ValueError:
        pass
    message = "the witness says that it knows another size, and not which"
    raise Unavailable(message, code="witness.reply", hint=_HINT)


def _cosignature(reply: Reply, witness: VerifierKey, note: Note, time: datetime) -> NoteSignature:
    """Return the line of this witness in an answer; raises for every other answer."""
    match reply.status:
        case 200:
            return _line(reply.body, witness, note, time)
        case 404:
            raise NotFound(
                f"{witness.name} does not watch this log",
                code="witness.unknown_log",
                hint="Give its keeper the log key that `muniment log key` prints.",
            )
        case 400 | 403:
            raise InvalidInput(
                f"{witness.name} refuses the request with status {reply.status}",
                code="witness.rejected",
                hint="It may know another key of this log; compare `muniment log key`.",
            )
        case 422:
            raise TamperSuspected(
                f"{witness.name} says that this head does not extend what it cosigned",
                code="witness.refused",
                hint="History was rewritten, or the witness errs. Stop, and compare both heads.",
            )
        case _:
            raise Unavailable(
                f"{witness.name} answers with status {reply.status}",
                code="witness.reply",
                hint="Try again later.",
            )


def _line(body: bytes, witness: VerifierKey, note: Note, time: datetime) -> NoteSignature:
    try:
        answered = parse_note(note.text.encode() + b"\n" + body)
        found = check_cosignature(answered, witness)
    except (InvalidInput, TamperSuspected):
        found, answered = None, note
    if found is None:
        message = f"{witness.name} answered without a cosignature of this head by its key"
        raise Unavailable(message, code="witness.cosignature", hint=_HINT)
    if found.time.timestamp() <= 0 or found.time - time > _CLOCKS_APART:
        message = f"{witness.name} cosigned at a time that cannot be: {found.time:%Y-%m-%d %H:%M}"
        raise Unavailable(message, code="witness.time", hint=_HINT)
    return next(line for line in answered.signatures if names(line, witness))
