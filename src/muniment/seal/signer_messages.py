"""What is said to a signer that is a process of its own, and what it answers.

    request     muniment signer 1 / key | last / <origin>
                muniment signer 1 / sign / <origin> / <size> / <root> [/ <proof hash>…]
    answer      muniment signer 1 / done / <payload>
                muniment signer 1 / refused / <kind> / <code> / <message> / <hint>

- A message is UTF-8 lines, each ended, behind its length in four bytes: a torn one is never taken
  for a shorter one. Hashes are base64 in the one spelling of C2SP.
- Payloads are the log's own formats: verifier keys a line each, a checkpoint's three lines (none
  before the first head), a signed note.
- Every request has few bytes and few seconds, counted from the first wait to the last byte.

Not its job: sockets' names, peers, signing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import is_key_name
from muniment.custody.lines import base64_text, parse_base64, parse_decimal
from muniment.custody.merkle import HASH_BYTES
from muniment.errors import (
    Conflict,
    InvalidInput,
    MunimentError,
    NotFound,
    TamperSuspected,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from socket import socket  # noqa: TID251 - a Unix socket, connected by others

MOST_BYTES: Final = 1 << 14
KEY, LAST, SIGN = "key", "last", "sign"

_FIRST = "muniment signer 1"
_DONE, _REFUSED = "done", "refused"
_LENGTH = struct.Struct(">I")
_MOST_HASHES = 128  # two paths of a tree of 2⁶³ leaves
_KINDS: Final[dict[str, type[MunimentError]]] = {
    kind.__name__: kind for kind in (InvalidInput, NotFound, Conflict, Unavailable, TamperSuspected)
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of which log; a head and its proof where it is to be signed."""

    what: str
    origin: str
    head: Checkpoint | None = None
    consistency: tuple[bytes, ...] = ()


def format_request(what: str, origin: str) -> bytes:
    """Return the message that asks for the key or the last head of a log."""
    return _lines(_FIRST, what, origin)


def format_sign(head: Checkpoint, consistency: Sequence[bytes]) -> bytes:
    """Return the message that asks for the signature of a head."""
    hashes = [base64_text(one) for one in consistency]
    return _lines(_FIRST, SIGN, head.origin, str(head.size), base64_text(head.root), *hashes)


def parse_request(data: bytes) -> Request:
    """Return what a request says; raises InvalidInput for anything but exactly a request."""
    try:
        return _requested(data.decode())
    except ValueError:
        message = "this is no request to a signer"
        raise InvalidInput(message, code="signer.request") from None


def format_done(payload: bytes) -> bytes:
    """Return the answer that gives what was asked for."""
    return _lines(_FIRST, _DONE) + payload


def format_refused(error: MunimentError) -> bytes:
    """Return the answer that says why not."""
    kind = next((name for name, one in _KINDS.items() if isinstance(error, one)), "")
    said = [" ".join(text.split()) for text in (error.code, error.message, error.hint)]
    return _lines(_FIRST, _REFUSED, kind or Unavailable.__name__, *said)


def parse_answer(data: bytes) -> bytes:
    """Return the payload of an answer; raises what the signer refused with, ValueError for others.

    A refusal is raised as it was there: TamperSuspected for a head that does not extend the last.
    """
    done = _lines(_FIRST, _DONE)
    if data.startswith(done):
        return data.removeprefix(done)
    first, refused, kind, code, message, hint, end = data.decode().split("\n")
    if first != _FIRST or refused != _REFUSED or kind not in _KINDS or end:
        raise ValueError
    raise _KINDS[kind](message, code=code, hint=hint)


def send(peer: socket, message: bytes, deadline: float) -> None:
    """Send a message whole before an instant of the monotonic clock; raises OSError."""
    peer.settimeout(_left(deadline))
    peer.sendall(_LENGTH.pack(len(message)) + message)


def receive(peer: socket, deadline: float) -> bytes:
    """Return one message whole; raises OSError, ValueError for one that is torn or too long."""
    (length,) = _LENGTH.unpack(_exactly(peer, _LENGTH.size, deadline))
    if length > MOST_BYTES:
        raise ValueError
    return _exactly(peer, length, deadline)


def _exactly(peer: socket, count: int, deadline: float) -> bytes:
    data = b""
    while len(data) < count:
        peer.settimeout(_left(deadline))
        part = peer.recv(count - len(data))
        if not part:
            raise ValueError
        data += part
    return data


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _requested(text: str) -> Request:
    first, what, origin, *rest, end = text.split("\n")
    if first != _FIRST or end or not is_key_name(origin):
        raise ValueError
    if what in {KEY, LAST} and not rest:
        return Request(what, origin)
    if what != SIGN:
        raise ValueError
    size, root, *hashes = rest
    head = Checkpoint(origin, parse_decimal(size), parse_base64(root))
    return Request(what, origin, head, _hashes(hashes))


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    hashes = tuple([parse_base64(line) for line in lines])
    if len(hashes) > _MOST_HASHES or any(len(one) != HASH_BYTES for one in hashes):
        raise ValueError
    return hashes


def _lines(*lines: str) -> bytes:
    return "".join([f"{line}\n" for line in lines]).encode()
