"""Cosignatures of witnesses: `cosignature/v1` over a checkpoint (C2SP tlog-cosignature, type 0x04).

- A cosignature says: at this time, this was the largest head of that log that the witness had
  seen, and it extends every head it saw before.
- The time is the witness's word; it is covered by its signature.

Not its job: which witnesses matter (`policy`); how a witness decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from muniment.custody.checkpoint import parse_head_lines
from muniment.custody.keys import COSIGNATURE_V1
from muniment.custody.note import NoteSignature, names
from muniment.errors import InvalidInput, TamperSuspected

if TYPE_CHECKING:
    from muniment.custody.keys import SigningKey, VerifierKey
    from muniment.custody.note import Note

_TIME_BYTES = 8
_LAST_SECOND = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A checked cosignature: which witness, and when it says it saw the head."""

    witness: VerifierKey
    time: datetime


def cosign(note: Note, key: SigningKey, time: datetime) -> NoteSignature:
    """Return a witness's signature line for a checkpoint at a time, in whole seconds.

    Extension lines of foreign logs are covered, as the specification has it. Raises InvalidInput
    where the note is no checkpoint or the key is not of type 0x04.
    """
    _require_type(key.type, key.name)
    parse_head_lines(note.text)
    seconds = int(time.timestamp())
    if time.utcoffset() is None or seconds <= 0:  # C2SP tlog-witness: never zero
        message = "the time of a cosignature is an instant after 1970"
        raise InvalidInput(message, code="cosignature.time")
    signature = key.sign(_message(seconds, note.text))
    return NoteSignature(
        key.name, key.verifier.key_id, seconds.to_bytes(_TIME_BYTES, "big") + signature
    )


def check_cosignature(note: Note, key: VerifierKey) -> Cosignature | None:
    """Return the cosignature of a witness on a checkpoint, the earliest where there are several.

    None when no line names the key; raises TamperSuspected when a line does and is not its
    signature, InvalidInput where the note is no checkpoint or the key is not of type 0x04.
    """
    _require_type(key.type, key.name)
    parse_head_lines(note.text)
    times = [_time(note.text, one, key) for one in note.signatures if names(one, key)]
    return Cosignature(key, min(times)) if times else None


def _time(text: str, line: NoteSignature, key: VerifierKey) -> datetime:
    seconds = int.from_bytes(line.signature[:_TIME_BYTES], "big")
    signed = key.signed(_message(seconds, text), line.signature[_TIME_BYTES:])
    if signed and seconds <= _LAST_SECOND:
        return datetime.fromtimestamp(seconds, UTC)
    message = f"the cosignature of {key.name} is not of this checkpoint"
    raise TamperSuspected(message, code="cosignature.signature")


def _message(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _require_type(kind: int, name: str) -> None:
    if kind != COSIGNATURE_V1:
        message = f"the key of {name} has type 0x{kind:02x}; witnesses cosign with type 0x04"
        raise InvalidInput(message, code="cosignature.key_type")
