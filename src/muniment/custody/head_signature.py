"""The signatures of a log on its own head: Ed25519 for today, ML-DSA-44 for 2050 (custody-log §1).

- Ed25519 (0x01) is over the note's text. ML-DSA-44 (0x06) is over C2SP tlog-cosignature's
  `cosigned_message`, made by the log itself with time zero: the log gives order, and time comes
  from tokens of others.
- Each line is under a key of its own with the log's name. Readers who know one of the two check
  that one; a line of a known key that fails makes the head false.

Not its job: cosignatures of witnesses (`cosignature`), which heads may be signed (`muniment.seal`).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.keys import ML_DSA_44
from muniment.custody.note import NoteSignature, check_note, names, sign_note
from muniment.errors import InvalidInput, TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment.custody.checkpoint import Checkpoint
    from muniment.custody.keys import SigningKey, VerifierKey
    from muniment.custody.note import Note

_LABEL = b"subtree/v1\n\0"
_NO_TIME = bytes(8)
_LONGEST_NAME = 255
_START = 0  # of a checkpoint: it covers the log from its first leaf


def sign_head(head: Checkpoint, keys: Sequence[SigningKey]) -> Note:
    """Return a head signed by each key of its log, the Ed25519 key first.

    Raises InvalidInput where the first is none.
    """
    first, *others = keys
    note = sign_note(head.text, first)
    for key in others:
        signature = key.sign(cosigned_message(head, key.name))
        line = NoteSignature(key.name, key.verifier.key_id, _NO_TIME + signature)
        note = note.with_signature(line)
    return note


def check_head(note: Note, key: VerifierKey) -> bool:
    """Say whether this key of the log signed a head.

    False when no line names the key; raises TamperSuspected when a line does and is not its
    signature, InvalidInput where the note is no head or the key is that of a witness.
    """
    if key.type != ML_DSA_44:
        return check_note(note, key)
    head = parse_checkpoint(note.text)
    lines = [one.signature for one in note.signatures if names(one, key)]
    if not all(_signed(head, key, line) for line in lines):
        text = f"the ML-DSA-44 signature of {key.name} is not that of this head"
        raise TamperSuspected(text, code="note.signature")
    return bool(lines)


def _signed(head: Checkpoint, key: VerifierKey, line: bytes) -> bool:
    """Say whether a line is what the log of this key says of its own head, at no time."""
    if head.origin != key.name or line[: len(_NO_TIME)] != _NO_TIME:
        return False
    return key.signed(cosigned_message(head, key.name), line[len(_NO_TIME) :])


def cosigned_message(head: Checkpoint, cosigner: str) -> bytes:
    """Return what an ML-DSA-44 cosigner signs of a whole tree, at no time (C2SP tlog-cosignature).

    Raises InvalidInput for names that are longer than it can say: 255 bytes.
    """
    return b"".join(
        (
            _LABEL,
            _short(cosigner),
            _NO_TIME,
            _short(head.origin),
            struct.pack(">QQ", _START, head.size),
            head.root,
        )
    )


def _short(text: str) -> bytes:
    data = text.encode()
    if len(data) > _LONGEST_NAME:
        message = "a log whose name has more than 255 bytes has no ML-DSA-44 key"
        raise InvalidInput(message, code="checkpoint.origin")
    return struct.pack(">B", len(data)) + data
