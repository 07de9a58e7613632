"""The body of `add-checkpoint`: an old size, a consistency proof, a checkpoint (C2SP tlog-witness).

- Read exactly: one spelling of every number and hash, at most 63 proof lines, nothing beside.
- What is read is not checked here; a size or root that no log can have is still a request.

Not its job: whether the checkpoint is signed or follows the last one (`witness`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.custody.checkpoint import HeadLines, parse_head_lines
from muniment.custody.lines import base64_text, parse_base64, parse_decimal
from muniment.custody.merkle import HASH_BYTES
from muniment.custody.note import Note, parse_note
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_HASHES = 63
MAX_BYTES = 128 * 1024  # the proof, and a checkpoint with sixteen post-quantum signatures

_OLD = "old "


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint handed to a witness, and the proof that it follows a log of `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    head: HeadLines


def submission(old: int, proof: Sequence[bytes], note: Note) -> Submission:
    """Return a request to cosign a checkpoint; raises InvalidInput where the note is none."""
    return Submission(old, tuple(proof), note, parse_head_lines(note.text))


def parse_submission(data: bytes) -> Submission:
    """Return what the body of a request says; raises InvalidInput."""
    try:
        return _parsed(data)
    except ValueError:
        message = "this is not a request to a witness: old size, proof, empty line, checkpoint"
        raise InvalidInput(
            message,
            code="witness.request",
            hint="Its form is that of add-checkpoint in c2sp.org/tlog-witness.",
        ) from None


def format_submission(request: Submission) -> bytes:
    """Return the body that says a request."""
    return _opening(request.old, request.proof) + request.note.to_bytes()


def parse_proof_lines(text: str) -> tuple[bytes, ...]:
    """Return the hashes of a proof, one a line in base64; raises InvalidInput."""
    try:
        return _hashes(text.removesuffix("\n").split("\n") if text else [])
    except ValueError:
        message = f"a proof is at most {MAX_HASHES} lines, each one hash in base64"
        raise InvalidInput(message, code="witness.proof_form") from None


def _opening(old: int, proof: Sequence[bytes]) -> bytes:
    return "\n".join([f"{_OLD}{old}", *map(base64_text, proof), "", ""]).encode()


def _parsed(data: bytes) -> Submission:
    opening, blank, checkpoint = data.partition(b"\n\n")
    old, *proof = opening.decode("ascii").split("\n")
    if len(data) > MAX_BYTES or not blank or not old.startswith(_OLD):
        raise ValueError
    size = parse_decimal(old.removeprefix(_OLD))
    try:
        return submission(size, _hashes(proof), parse_note(checkpoint))
    except InvalidInput:
        raise ValueError from None


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    hashes = tuple([parse_base64(line) for line in lines])
    if len(hashes) > MAX_HASHES or any(len(one) != HASH_BYTES for one in hashes):
        raise ValueError
    return hashes
