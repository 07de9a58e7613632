"""Signed notes (C2SP signed-note): a text and the signature lines under it.

- Strict: UTF-8, no control characters but newline, exact lines, one spelling of every signature,
  so that a parsed note writes the same bytes again.
- Signatures of unknown keys are ignored; a known key that fails makes the whole note false.

Not its job: what the text says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.custody.keys import ED25519, is_key_name
from muniment.custody.lines import base64_text, parse_base64
from muniment.errors import InvalidInput, TamperSuspected

if TYPE_CHECKING:
    from muniment.custody.keys import SigningKey, VerifierKey

MAX_BYTES = 1_000_000
MAX_SIGNATURES = 100

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DASH = "\N{EM DASH} "
_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who is said to have signed, and the signature."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, without line end."""
        return f"{_DASH}{self.name} {base64_text(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, ending in a newline, and its signatures in the order they stand."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Return the bytes of the note."""
        lines = "".join([one.line + "\n" for one in self.signatures])
        return f"{self.text}\n{lines}".encode()

    def with_signature(self, signature: NoteSignature) -> Note:
        """Return the note with one more signature line."""
        return Note(self.text, (*self.signatures, signature))


def parse_note(data: bytes) -> Note:
    """Return what the bytes of a note say, nothing being checked; raises InvalidInput."""
    try:
        return _parsed(data)
    except ValueError:
        message = "this is not a signed note"
        raise InvalidInput(message, code="note.form") from None


def sign_note(text: str, key: SigningKey) -> Note:
    """Return a note with the signature of an Ed25519 key (0x01); raises InvalidInput."""
    if not text.endswith("\n") or _CONTROL.search(text) or key.type != ED25519:
        message = "a note is plain text ending in a newline, signed by an Ed25519 key"
        raise InvalidInput(message, code="note.text")
    signature = key.sign(text.encode())
    return Note(text, (NoteSignature(key.name, key.verifier.key_id, signature),))


def check_note(note: Note, key: VerifierKey) -> bool:
    """Say whether this Ed25519 key (0x01) signed the note.

    False when no line names the key; raises TamperSuspected when a line does and is not its
    signature, for then the note is not what was signed.
    """
    if key.type != ED25519:
        message = f"a key of type 0x{key.type:02x} does not sign notes by itself"
        raise InvalidInput(message, code="note.key_type")
    lines = [one for one in note.signatures if names(one, key)]
    text = note.text.encode()
    if not all(key.signed(text, one.signature) for one in lines):
        message = f"the signature of {key.name} is not that of this text"
        raise TamperSuspected(message, code="note.signature")
    return bool(lines)


def names(signature: NoteSignature, key: VerifierKey) -> bool:
    """Say whether a signature line claims to be of this key, by name and key id."""
    return signature.name == key.name and signature.key_id == key.key_id


def _parsed(data: bytes) -> Note:
    if len(data) > MAX_BYTES:
        raise ValueError
    content = data.decode()
    text, blank, lines = content.rpartition("\n\n")
    if not blank or _CONTROL.search(content) or not lines.endswith("\n"):
        raise ValueError
    signatures = tuple([_signature(line) for line in lines[:-1].split("\n")])
    if len(signatures) > MAX_SIGNATURES:
        raise ValueError
    return Note(text + "\n", signatures)


def _signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    content = parse_base64(encoded)
    if not line.startswith(_DASH) or not space or not is_key_name(name):
        raise ValueError
    if len(content) <= _ID_BYTES:
        raise ValueError
    return NoteSignature(name, content[:_ID_BYTES], content[_ID_BYTES:])
