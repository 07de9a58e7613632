# SPDX-License-Identifier: 0BSD
"""Keys, signed notes and the heads of the log in them (C2SP signed-note, tlog-checkpoint).

- A key is written <name>+<8 hex>+<base64(type, public key)>; the hex is its id, the first four
  bytes of SHA-256(name, line feed, type, public key).
- A note is text, a blank line, and signature lines; the text of a head is three lines: the log's
  name, the number of its entries, the root of its tree.
- Names of keys are visible ASCII without a plus: a name that can be read can be compared.
- Types: 1 Ed25519, 4 Ed25519 with a time (an outside witness), 6 ML-DSA-44, which is not checked
  here but reported as present.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

from muniment.export.verifier.ed25519 import is_weak_key, signature_holds
from muniment.export.verifier.fault import Fault, demand, shown
from muniment.export.verifier.merkle import HASH_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LOG_SIGNATURE, WITNESS_SIGNATURE, ML_DSA_SIGNATURE = 1, 4, 6
_PUBLIC_LENGTHS = {LOG_SIGNATURE: 32, WITNESS_SIGNATURE: 32, ML_DSA_SIGNATURE: 1312}
_KEY_ID_LENGTH = 4
_STAMP_LENGTH = 8
_LAST_TIME = 1 << 53  # seconds; beyond it a browser does not count exactly
_KEY_LINE = re.compile(r"([!-*,-~]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)")
_HEAD = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]+)\n", re.ASCII)
_SIGNATURE_LINE = re.compile("\N{EM DASH} ([!-*,-~]+) ([A-Za-z0-9+/]+=*)")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x09\x0b-\x1f]")
_MOST_SIGNATURES = 64
_MOST_KEYS = 256
_LONGEST_NOTE = 1 << 20


class Key(NamedTuple):
    """A public key and the name it signs under; `text` is how it is written."""

    name: str
    key_id: bytes
    kind: int
    public: bytes
    text: str


class Head(NamedTuple):
    """A head of the log: how many entries, under which root; signatures by (name, key id)."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: dict[tuple[str, bytes], bytes]

    def signed_by(self, key: Key) -> bool:
        """Whether there is a signature line by this key; it may still not hold."""
        return (key.name, key.key_id) in self.signatures


def from_base64(text: str, what: str) -> bytes:
    """The bytes of padded base64 in its one spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError as error:
        raise Fault(f"{what} is not in base64") from error
    demand(base64.b64encode(data).decode() == text, f"{what} is not in proper base64")
    return data


def read_key(text: str) -> Key:
    """The key that a line spells."""
    found = _KEY_LINE.fullmatch(text)
    if not found:
        raise Fault(f"{shown(text)} is not a verifier key")
    material = from_base64(found[3], "a key")
    expected = _PUBLIC_LENGTHS.get(material[0]) if material else None
    demand(len(material) - 1 == expected, f"{shown(text)} is not a key of a known kind")
    key_id = hashlib.sha256(found[1].encode() + b"\n" + material).digest()[:_KEY_ID_LENGTH]
    demand(key_id.hex() == found[2], f"the key {shown(text)} does not carry its own id")
    if material[0] in (LOG_SIGNATURE, WITNESS_SIGNATURE):
        demand(not is_weak_key(material[1:]), f"anyone could sign under the key {shown(text)}")
    return Key(found[1], key_id, material[0], material[1:], text)


def read_head(data: bytes, what: str) -> Head:
    """The head in a signed note, in which every byte is as it must be."""
    demand(len(data) <= _LONGEST_NOTE, f"{what} is too long")
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault(f"{what} is not UTF-8") from error
    demand(not _CONTROL_CHARACTER.search(note), f"{what} has control characters")
    found = _HEAD.match(note)
    if not found or note[found.end() : found.end() + 1] != "\n" or not note.endswith("\n"):
        raise Fault(f"{what} is not three lines, a blank line and signature lines")
    root = from_base64(found[3], f"the root of {what}")
    demand(len(root) == HASH_LENGTH, f"the root of {what} is not 32 bytes")
    lines = note[found.end() + 1 : -1].split("\n")
    signatures = dict(_signature_in(line, what) for line in lines)
    few = len(signatures) == len(lines) <= _MOST_SIGNATURES
    demand(few, f"{what} has two signatures by one key, or too many")
    return Head(found[1], int(found[2]), root, found[0], signatures)


def _signature_in(line: str, what: str) -> tuple[tuple[str, bytes], bytes]:
    found = _SIGNATURE_LINE.fullmatch(line)
    if not found:
        raise Fault(f"{what} has a line that is not a signature: {shown(line)}")
    data = from_base64(found[2], f"a signature on {what}")
    demand(len(data) > _KEY_ID_LENGTH, f"a signature on {what} is empty")
    return (found[1], data[:_KEY_ID_LENGTH]), data[_KEY_ID_LENGTH:]


def demand_signed(head: Head, signers: Iterable[Key], known: Iterable[Key], what: str) -> None:
    """`Fault` unless each signer signed this head and each line belongs to a known key.

    A signature by a known key that does not hold is fatal, whatever the others say.
    """
    for signer in signers:
        demand(head.signed_by(signer), f"{what} is not signed by the log key {signer.text}")
    owners = {(key.name, key.key_id): key for key in known}
    for (name, key_id), signature in head.signatures.items():
        owner = owners.get((name, key_id))
        if owner is None:
            raise Fault(f"{what} has a signature line by {shown(name)}, which is no known key")
        if owner.kind == LOG_SIGNATURE:
            holds = signature_holds(owner.public, signature, head.text.encode())
            demand(holds, f"the signature by {shown(name)} on {what} does not hold")


def is_cosigned(head: Head, witness: Key) -> bool:
    """Whether the witness signed this head with a time; `Fault` if it did and it does not hold."""
    # C2SP tlog-cosignature, cosignature/v1
    data = head.signatures.get((witness.name, witness.key_id))
    if data is None or witness.kind != WITNESS_SIGNATURE:
        return False
    time = int.from_bytes(data[:_STAMP_LENGTH], "big")
    message = f"cosignature/v1\ntime {time}\n{head.text}".encode()
    holds = time < _LAST_TIME and signature_holds(witness.public, data[_STAMP_LENGTH:], message)
    demand(holds, f"the cosignature by {shown(witness.name)} does not hold")
    return True


class Trust(NamedTuple):
    """Under whose keys the bundle stands: `signers` must each have signed every head."""

    log_key: Key
    anchored: bool
    signers: Sequence[Key]
    known: Sequence[Key]


def read_keys(data: bytes) -> list[Key]:
    """The keys in `custody/keys`: the log's own first, and nothing but keys."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault("the key file is not UTF-8") from error
    ended = text.endswith("\n") and text.count("\n") <= _MOST_KEYS
    demand(ended, "the key file is empty, too long, or its last line is not ended")
    keys = [read_key(line) for line in text[:-1].split("\n")]
    demand(keys[0].kind == LOG_SIGNATURE, "the key file does not begin with an Ed25519 key")
    names = {(key.name, key.key_id) for key in keys}
    demand(len(names) == len(keys), "the key file names a key twice")
    return keys


def settle_trust(
    head: Head, own: Sequence[Key], witnesses: Sequence[Key], brought: Sequence[Key]
) -> Trust:
    """Which keys count for this bundle; `Fault` unless they signed its checkpoint."""
    ours = [key for key in brought if key.name == head.origin and head.signed_by(key)]
    anchors = [key for key in ours if key.kind == LOG_SIGNATURE]
    demand(bool(anchors) or not brought, "the checkpoint is not signed by the log key you brought")
    signers = [own[0]] + [key for key in anchors if key != own[0]]
    known = [*own, *witnesses, *ours]
    trust = Trust(anchors[0] if anchors else own[0], bool(anchors), signers, known)
    demand_trusted(head, trust, "the checkpoint")
    return trust


def demand_trusted(head: Head, trust: Trust, what: str) -> None:
    """`Fault` unless this head is of the trusted log and signed by its keys."""
    demand(head.origin == trust.log_key.name, f"{what} is of another log, {shown(head.origin)}")
    demand_signed(head, trust.signers, trust.known, what)


def demand_keys_used(own: Sequence[Key], witnesses: Sequence[Key], heads: Sequence[Head]) -> None:
    """`Fault` if a key in the key file signs nothing here, or cosigns without being asked."""
    for key in own:
        asked = key.kind != WITNESS_SIGNATURE or key in witnesses
        demand(asked, f"the policy does not name the witness {shown(key.name)} of the key file")
        used = any(head.signed_by(key) for head in heads)
        demand(used, f"the key {shown(key.name)} in the key file signs nothing in the bundle")
