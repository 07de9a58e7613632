"""Keys of logs and witnesses as C2SP writes them (signed-note, tlog-cosignature).

- A verifier key is `<name>+<8 hex>+<base64(type ‖ key)>`; the key id is the first four bytes of
  SHA-256(name ‖ LF ‖ type ‖ key), so a name is bound to its key.
- Types: 0x01 Ed25519 over a note, 0x04 Ed25519 with a time, 0x06 ML-DSA-44 (FIPS 204) over what a
  head says. The last is for readers who will no longer believe the first.
- A private key is `PRIVATE+KEY+<name>+<8 hex>+<base64(type ‖ seed)>`; it is never printed by
  `repr`.

Not its job: where private keys are kept; what is signed (`note`, `head_signature`, `cosignature`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from muniment.custody.lines import base64_text, parse_base64
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

ED25519 = 0x01
COSIGNATURE_V1 = 0x04
ML_DSA_44 = 0x06

_SEED_BYTES = 32
_PUBLIC_BYTES = {ED25519: 32, COSIGNATURE_V1: 32, ML_DSA_44: 1312}
_PRIVATE = "PRIVATE+KEY+"


def is_key_name(name: str) -> bool:
    """Say whether a name may stand in a signature line (C2SP signed-note)."""
    return bool(name) and all(
        one > " " and one != "+" and not one.isspace() and not "\ud800" <= one <= "\udfff"
        for one in name
    )


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the four bytes that name a key in signature lines."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key: what a reader must have from elsewhere to trust a signature."""

    name: str
    key_id: bytes
    type: int
    public: bytes

    @classmethod
    def of(cls, name: str, kind: int, public: bytes) -> VerifierKey:
        """Return the verifier key of a public key; raises InvalidInput."""
        _check(name, kind, public, _PUBLIC_BYTES.get(kind, 0))
        return cls(name, key_id(name, kind, public), kind, public)

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Return the key a line says; raises InvalidInput, `key.type` for a type not known here."""
        name, identifier, material = _split(text)
        key = cls.of(name, material[0], material[1:])
        if key.key_id.hex() != identifier:
            message = f"the key id of {name} is not that of its key"
            raise InvalidInput(message, code="key.id", hint="Copy the whole line again.")
        return key

    @property
    def text(self) -> str:
        """The key as one line, without line end."""
        return f"{self.name}+{self.key_id.hex()}+{base64_text(bytes([self.type]) + self.public)}"

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature of exactly this message (RFC 8032, FIPS 204)."""
        try:
            if self.type == ML_DSA_44:
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its name."""

    name: str
    type: int
    seed: bytes = field(repr=False)
    _sign: Callable[[bytes], bytes] = field(init=False, repr=False, compare=False)
    _public: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no key, and prepare to sign."""
        _check(self.name, self.type, self.seed, _SEED_BYTES)
        key: Ed25519PrivateKey | MLDSA44PrivateKey
        if self.type == ML_DSA_44:
            key = MLDSA44PrivateKey.from_seed_bytes(self.seed)
        else:
            key = Ed25519PrivateKey.from_private_bytes(self.seed)
        object.__setattr__(self, "_sign", key.sign)
        object.__setattr__(self, "_public", key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> SigningKey:
        """Return a new key; raises InvalidInput for an impossible name."""
        return cls(name, kind, secrets.token_bytes(_SEED_BYTES))

    @classmethod
    def from_text(cls, text: str) -> SigningKey:
        """Return the key a private key line says; raises InvalidInput."""
        name, identifier, material = _split(text.removeprefix(_PRIVATE))
        if not text.startswith(_PRIVATE):
            message = f"a private key begins with {_PRIVATE}"
            raise InvalidInput(message, code="key.form")
        key = cls(name, material[0], material[1:])
        if key.verifier.key_id.hex() != identifier:
            message = f"the key id of the private key of {name} is not that of its key"
            raise InvalidInput(message, code="key.id")
        return key

    @property
    def text(self) -> str:
        """The private key as one line, without line end. A secret."""
        material = base64_text(bytes([self.type]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{material}"

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey.of(self.name, self.type, self._public)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message: 64 bytes, or 2,420 of ML-DSA-44, new each time."""
        return self._sign(message)


def parse_keys(text: str) -> list[VerifierKey]:
    """Return the keys of a file of verifier key lines with `#` comments; raises InvalidInput."""
    lines = [line.strip() for line in text.split("\n")]
    return [VerifierKey.parse(line) for line in lines if line and not line.startswith("#")]


def _split(text: str) -> tuple[str, str, bytes]:
    """Return name, key id in hex, and type with material; the base64 itself may hold a plus."""
    try:
        name, identifier, material = text.split("+", 2)
        return name, identifier, _some(parse_base64(material))
    except ValueError:
        message = "a key is written <name>+<8 hexadecimal digits>+<base64>"
        raise InvalidInput(message, code="key.form", hint="Copy the whole line again.") from None


def _some(data: bytes) -> bytes:
    if not data:
        raise ValueError
    return data


def _check(name: str, kind: int, material: bytes, size: int) -> None:
    if not is_key_name(name):
        message = f"{name[:80]!r} cannot name a key: no spaces, no plus, not empty"
        raise InvalidInput(message, code="key.name")
    if kind not in _PUBLIC_BYTES:
        message = f"keys of type 0x{kind:02x} are not known here"
        raise InvalidInput(message, code="key.type")
    if len(material) != size:
        message = f"a key of type 0x{kind:02x} has {size} bytes, not {len(material)}"
        raise InvalidInput(message, code="key.size")
