"""Signed notes and the tree heads in them (C2SP signed-note, tlog-checkpoint; custody-log §8 1-2).

- A note is UTF-8 without control characters but LF: text, a blank line, signature lines.
- A head is exactly three lines: origin, size without leading zeros, 32-byte root; no extensions.
- A signature line by an unknown key proves nothing and, in a bundle, is a line too many.
- A signature by a known key that does not check is fatal, whatever the others say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.verify.fault import Fault, shown
from muniment.verify.keys import (
    COSIGNATURE,
    ED25519,
    ML_DSA_44,
    VerifierKey,
    decode_base64,
    is_key_name,
    signed,
)
from muniment.verify.merkle import HASH

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LARGEST_NOTE = 1 << 20
_MOST_SIGNATURES = 64
_LINES = 3  # origin, size, root
_ID = 4  # bytes of key id before a signature
_STAMP = 8  # bytes of POSIX time before a cosignature
_LAST_TIME = 1 << 53  # seconds; beyond it a browser does not count exactly


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who claims to have signed, and the bytes."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """A signed tree head: what the log says it holds."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[Signature, ...]

    def signature_of(self, key: VerifierKey) -> Signature | None:
        """The signature line by this key, if there is one."""
        for signature in self.signatures:
            if (signature.name, signature.key_id) == (key.name, key.key_id):
                return signature
        return None


def parse_head(data: bytes, what: str = "the checkpoint") -> Head:
    """The tree head in a signed note; `Fault` unless every byte is as it must be."""
    if len(data) > _LARGEST_NOTE:
        raise Fault(f"{what} is too long to be a checkpoint")
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault(f"{what} is not UTF-8") from error
    if _CONTROL.search(note):
        raise Fault(f"{what} has control characters")
    text, blank, tail = note.rpartition("\n\n")
    lines = text.split("\n")
    if not blank or not tail.endswith("\n") or len(lines) != _LINES:
        raise Fault(f"{what} is not three lines, a blank line and signature lines")
    origin, size, root = lines
    if not origin or not _SIZE.fullmatch(size):
        raise Fault(f"{what} has no origin or a size that is not written plainly")
    digest = decode_base64(root, f"the root in {what}")
    if len(digest) != HASH:
        raise Fault(f"the root in {what} is not 32 bytes")
    signatures = tuple(_signature(line, what) for line in tail[:-1].split("\n"))
    named = {(one.name, one.key_id) for one in signatures}
    if len(named) != len(signatures) or len(signatures) > _MOST_SIGNATURES:
        raise Fault(f"{what} has two signatures by one key, or too many")
    return Head(origin, int(size), digest, text + "\n", signatures)


def _signature(line: str, what: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    value = decode_base64(encoded, f"a signature in {what}")
    if dash != "\N{EM DASH}" or not is_key_name(name) or len(value) <= _ID:
        raise Fault(f"{what} has a line that is not a signature: {shown(line)}")
    return Signature(name, value[:_ID], value[_ID:])


def check_signatures(
    head: Head, what: str, *, signers: Sequence[VerifierKey], named: Sequence[VerifierKey]
) -> None:
    """`Fault` unless every signer signed this head and every line belongs to a key in `named`.

    Cosignatures are only matched to their keys here; `witnesses` checks them.
    """
    for key in signers:
        if head.signature_of(key) is None:
            raise Fault(f"{what} is not signed by the log key {key.text}")
    known = {(key.name, key.key_id): key for key in named}
    for signature in head.signatures:
        owner = known.get((signature.name, signature.key_id))
        if owner is None:
            raise Fault(f"{what} has a signature line by no known key: {shown(signature.name)}")
        if owner.kind == ED25519 and not signed(owner, signature.value, head.text.encode()):
            raise Fault(f"the signature by {shown(owner.name)} on {what} does not check")
        if owner.kind == ML_DSA_44 and not _signed_by_ml_dsa(head, owner, signature.value):
            raise Fault(f"the ML-DSA-44 signature by {shown(owner.name)} on {what} does not check")


def _signed_by_ml_dsa(head: Head, key: VerifierKey, value: bytes) -> bool:
    """Whether this log signed its head with ML-DSA-44: at no time, the tree from its first leaf."""
    # C2SP tlog-cosignature: label, cosigner, time, origin, start, end, root
    try:
        name, origin = _short(key.name), _short(head.origin)
    except OverflowError:
        return False
    size = head.size.to_bytes(8, "big")
    message = b"subtree/v1\n\0" + name + bytes(8) + origin + bytes(8) + size + head.root
    return value[:_STAMP] == bytes(_STAMP) and signed(key, value[_STAMP:], message)


def _short(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(1, "big") + data


def cosigned_at(head: Head, witness: VerifierKey) -> int | None:
    """POSIX time of this witness's cosignature on this head, or None if it made none.

    `Fault` if it is there and does not check (C2SP tlog-cosignature, cosignature/v1).
    """
    signature = head.signature_of(witness)
    if signature is None or witness.kind != COSIGNATURE:
        return None
    time = int.from_bytes(signature.value[:_STAMP], "big")
    message = f"cosignature/v1\ntime {time}\n{head.text}".encode()
    if time >= _LAST_TIME or not signed(witness, signature.value[_STAMP:], message):
        raise Fault(f"the cosignature by {shown(witness.name)} does not check")
    return time
