"""The signer of a log in another process: the same promises as the one in files, and no key here.

- One connection to a request. What comes back is checked: a signature of another head, or of
  another key than the one it named first, is an alarm.
- A signer that does not answer is `Unavailable`: what was committed is not acknowledged, and is
  signed when it is back.

Not its job: the process (`signer_service`).
"""

from __future__ import annotations

import os
import socket  # noqa: TID251 - a Unix socket: nothing leaves the machine
from time import monotonic
from typing import TYPE_CHECKING

from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.head_signature import check_head
from muniment.custody.keys import ED25519, ML_DSA_44, parse_keys
from muniment.custody.note import parse_note
from muniment.errors import InvalidInput, TamperSuspected, Unavailable
from muniment.seal.signer_messages import (
    KEY,
    LAST,
    format_request,
    format_sign,
    parse_answer,
    receive,
    send,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from muniment.custody.checkpoint import Checkpoint
    from muniment.custody.keys import VerifierKey
    from muniment.custody.note import Note

_SECONDS = 30.0  # behind others who sign; an answer takes milliseconds


class SocketSigner:
    """The signer of one log behind a Unix socket."""

    def __init__(self, path: Path, origin: str) -> None:
        """Ask for the log's keys; raises Unavailable where nobody answers, NotFound without one."""
        self._path = path
        self._origin = origin
        self._verifiers = self._keys()

    @property
    def verifier(self) -> VerifierKey:
        """The public Ed25519 key of the log."""
        return self._verifiers[0]

    @property
    def verifiers(self) -> tuple[VerifierKey, ...]:
        """Every public key of the log, the Ed25519 key first."""
        return self._verifiers

    def last(self) -> Checkpoint | None:
        """Return the last head signed, or None before the first."""
        said = self._ask(format_request(LAST, self._origin))
        try:
            head = parse_checkpoint(said.decode()) if said else None
        except (InvalidInput, UnicodeDecodeError):
            raise self._wrong() from None
        if head is not None and head.origin != self._origin:
            raise self._wrong()
        return head

    def sign(self, head: Checkpoint, consistency: Sequence[bytes] = ()) -> Note:
        """Return the signed head, as `Signer` promises."""
        if head.origin != self._origin:
            message = f"this signer is asked for heads of {self._origin}, not of {head.origin}"
            raise InvalidInput(message, code="signer.origin")
        said = self._ask(format_sign(head, consistency))
        try:
            note = parse_note(said)
            signed = [check_head(note, key) for key in self._verifiers]
        except (InvalidInput, TamperSuspected):
            raise self._wrong() from None
        if note.text != head.text or not all(signed):
            raise self._wrong()
        return note

    def _keys(self) -> tuple[VerifierKey, ...]:
        said = self._ask(format_request(KEY, self._origin))
        try:
            keys = tuple(parse_keys(said.decode()))
        except (InvalidInput, UnicodeDecodeError):
            raise self._wrong() from None
        ours = [key.name == self._origin for key in keys]
        if not all(ours) or [key.type for key in keys] not in ([ED25519], [ED25519, ML_DSA_44]):
            raise self._wrong()
        return keys

    def _ask(self, request: bytes) -> bytes:
        """Return what the signer answers; raises what it refuses with, Unavailable."""
        deadline = monotonic() + _SECONDS
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
                peer.settimeout(_SECONDS)
                peer.connect(os.fspath(self._path))
                send(peer, request, deadline)
                return parse_answer(receive(peer, deadline))
        except OSError as error:
            said = error.strerror or "it takes too long"
            raise self._silent(said) from None
        except ValueError:
            raise self._silent("it closed the connection") from None

    def _silent(self, why: str) -> Unavailable:
        return Unavailable(
            f"the signer at {self._path} does not answer: {why}",
            code="signer.silent",
            hint="See that it runs and allows this user; then do it again.",
        )

    def _wrong(self) -> TamperSuspected:
        return TamperSuspected(
            f"the signer at {self._path} answered something else than it was asked",
            code="signer.answer",
            hint="Stop working here, and see who listens at this socket.",
        )
