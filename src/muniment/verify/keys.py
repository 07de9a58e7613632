"""Verifier keys and their signatures (C2SP signed-note; custody-log §6, §8 step 2).

- A key is written `<name>+<8 hex>+<base64(type‖public key)>`, and its id is SHA-256(name LF type
  public key)[:4]; a text whose id differs is no key.
- Types: 0x01 Ed25519 over the note, 0x04 Ed25519 cosignature, 0x06 ML-DSA-44 over what a head says
  (FIPS 204; C2SP tlog-cosignature), with which a log signs its heads a second time.
- A name is visible ASCII without a plus: what can be read can be compared.
- Signatures are checked strictly (RFC 8032; s below the group order, R compared as bytes), and a
  public key of small order, under which anyone can sign, is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from muniment.errors import InvalidInput
from muniment.verify.fault import Fault, as_given, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

ED25519, COSIGNATURE, ML_DSA_44 = 0x01, 0x04, 0x06
_LENGTHS = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}

_PRIME = 2**255 - 19
# y of the points whose order divides 8 (RFC 8032 curve): 0, 1, -1 and the two of order 8.
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL = frozenset({0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8})
_KEY_NAME = re.compile(r"[!-*,-~]+", re.ASCII)
_LONGEST_FILE = 1 << 20


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under; `text` is its C2SP form."""

    name: str
    key_id: bytes
    kind: int
    public: bytes
    text: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key's text, in hex: short enough to be read aloud and compared."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def parse_key(text: str) -> VerifierKey:
    """The key that a verifier-key line spells; `Fault` unless it is written exactly."""
    name, _, rest = text.partition("+")
    digits, _, encoded = rest.partition("+")
    material = decode_base64(encoded, "a key")
    if not is_key_name(name) or not material or len(material) - 1 != _LENGTHS.get(material[0]):
        raise Fault(f"{shown(text)} is not a verifier key of a kind known here")
    key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if digits != key_id.hex():
        raise Fault(f"the key {shown(text)} does not carry its own id")
    if material[0] in (ED25519, COSIGNATURE):
        y = int.from_bytes(material[1:], "little") & (1 << 255) - 1
        if y >= _PRIME or y in _SMALL:
            raise Fault(f"the key {shown(text)} is one under which anyone could sign")
    return VerifierKey(name, key_id, material[0], material[1:], text)


def is_key_name(name: str) -> bool:
    """Whether a key may have this name: visible ASCII without a plus."""
    return _KEY_NAME.fullmatch(name) is not None


def decode_base64(text: str, what: str) -> bytes:
    """The bytes of standard base64 with padding, in its one canonical spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Fault(f"{what} is not in base64") from error
    if base64.b64encode(data).decode() != text:
        raise Fault(f"{what} is not in canonical base64")
    return data


def signed(key: VerifierKey, signature: bytes, message: bytes) -> bool:
    """Whether this key made this signature over this message."""
    kind = MLDSA44PublicKey if key.kind == ML_DSA_44 else Ed25519PublicKey
    try:
        kind.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def read_log_keys(text: str) -> tuple[VerifierKey, ...]:
    """What `--log-key` was given: a log's keys, a line each, or a file of them with `#` comments.

    Raises `InvalidInput` if it is neither, or holds no Ed25519 key.
    """
    try:
        return _of_log(text.strip().split("\n"))
    except Fault:
        pass
    try:
        with Path(text).open("rb") as file:
            lines = file.read(_LONGEST_FILE).decode("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"'{as_given(text)}' is neither a log key nor a readable file of log keys.",
            code="verify.log_key",
            hint="A log key looks like <origin>+<8 hex>+<base64>; `muniment log key` prints it.",
        ) from error
    found = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    try:
        keys = _of_log(found) if found else ()
    except Fault as error:
        raise InvalidInput(
            f"In '{as_given(text)}', {error}.",
            code="verify.log_key",
            hint="Each line is one log key as `muniment log key` prints it, or a # comment.",
        ) from error
    if not keys:
        raise InvalidInput(
            f"'{as_given(text)}' holds no log key.",
            code="verify.log_key",
            hint="Each line is one log key as `muniment log key` prints it, or a # comment.",
        )
    return keys


def _of_log(lines: Sequence[str]) -> tuple[VerifierKey, ...]:
    """The keys of logs: each of ML-DSA-44 stands beside an Ed25519 key, which is what anchors."""
    keys = tuple(parse_key(line) for line in lines)
    names = {key.name for key in keys if key.kind == ED25519}
    for key in keys:
        if key.kind == COSIGNATURE or key.name not in names:
            raise Fault(f"the key {shown(key.text)} is not an Ed25519 key (type 1)")
    return keys
