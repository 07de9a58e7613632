"""Disclosures: salted commitments to named values (RFC 9901, custody-log §2).

- The text is base64url without padding of the canonical `[salt, name, value]`; the digest is the
  base64url SHA-256 of that ASCII text. A digest without its text tells nothing, not even by
  guessing: the salt has at least 128 bits.
- `_sd` and `...` are reserved and never names (RFC 9901 4.2).

Not its job: who may see which disclosure; where a digest must stand.
"""

from __future__ import annotations

import os
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from muniment.errors import InvalidInput
from muniment.evidence.canonical import Json, canonical, parse_canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

RESERVED = frozenset({"_sd", "..."})
SALT_BYTES = 16

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_+/", b"+/  ")  # a space, so that `+` and `/` are refused
_PARTS = 3


class Disclosure(NamedTuple):
    """A commitment and what opens it; a tuple because a dozen are made for each act."""

    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What a disclosure says."""

    salt: bytes
    name: str
    value: Json
    digest: str


def disclose(name: str, value: Json, salt: bytes | None = None) -> Disclosure:
    """Commit to a named value; without a salt a fresh random one is taken.

    Raises InvalidInput for a reserved name, a salt under 128 bits, or a value without canonical
    form.
    """
    if salt is None:
        salt = os.urandom(SALT_BYTES)
    elif len(salt) < SALT_BYTES:
        message = f"the salt of a disclosure has at least {SALT_BYTES} bytes, not {len(salt)}"
        raise InvalidInput(message, code="disclosure.salt")
    if name in RESERVED:
        message = f"{name!r} is reserved and cannot name a disclosed value"
        raise InvalidInput(message, code="disclosure.name")
    text = _encode(canonical([_encode(salt).decode(), name, value]))
    return Disclosure(text.decode(), _encode(sha256(text).digest()).decode())


def digest_of(text: str) -> str:
    """Return the digest of a disclosure's text, without opening it."""
    return _encode(sha256(text.encode()).digest()).decode()


def open_disclosure(text: str) -> Opened:
    """Return what a disclosure says; raises InvalidInput unless it has exactly the one form."""
    content = parse_canonical(_decode(text))
    if isinstance(content, list) and len(content) == _PARTS:
        salt, name, value = content
        if isinstance(salt, str) and isinstance(name, str) and name not in RESERVED:
            opened = Opened(_decode(salt), name, value, digest_of(text))
            if len(opened.salt) >= SALT_BYTES:
                return opened
    message = "a disclosure holds a salt of 128 bits or more, a name that is free, and a value"
    raise InvalidInput(message, code="disclosure.form")


def sd(disclosures: Iterable[Disclosure]) -> list[str]:
    """Return the digests of disclosures as an `_sd` array has them: sorted by ASCII."""
    return sorted([one.digest for one in disclosures])


def _encode(data: bytes) -> bytes:
    """Return base64url without padding: both substitutions and the stripping in one pass."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE, b"=")


def _decode(text: str) -> bytes:
    try:
        data = a2b_base64(
            text.encode("ascii").translate(_STANDARD) + b"=" * (-len(text) % 4), strict_mode=True
        )
    except (Base64Error, UnicodeEncodeError):
        data = None
    if data is None or _encode(data).decode() != text:
        message = "a disclosure is written in base64url without padding"
        raise InvalidInput(message, code="disclosure.base64")
    return data
