"""A secret in shares: any k of n give it back, fewer say nothing about it (Shamir 1979).

    RECOVERY-SHARE-1QQ…   prefix, then in bech32: k, x, two bytes that name the set, the share

- Each byte is shared on its own over GF(2⁸) with the polynomial of AES, 0x11b: one random
  polynomial of degree k-1 whose value at 0 is the byte; share x is its value at x.
- A wrong letter is noticed (bech32), and so are shares of different sets. Shares that were forged
  are noticed by whoever compares the public half of what comes out.

Not its job: what the secret is, and who holds which share.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from muniment.archive.bech32 import decode_bech32, encode_bech32
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST: Final = 16
_SET: Final = 2
_MODULUS: Final = 0x11B


@dataclass(frozen=True, slots=True)
class Share:
    """One of n parts of a secret."""

    needed: int
    place: int
    name: bytes  # of the set it belongs to
    value: bytes = field(repr=False)

    def text(self, prefix: str) -> str:
        """Return it as it is printed, in capitals."""
        data = bytes([self.needed, self.place]) + self.name + self.value
        return encode_bech32(prefix, data).upper()

    @classmethod
    def parse(cls, prefix: str, text: str) -> Share:
        """Return the share that was printed; raises InvalidInput."""
        data = decode_bech32(prefix, "".join(text.split()))
        share = cls(data[0] if data else 0, data[1] if data[1:] else 0, data[2:4], data[4:])
        if not (1 < share.needed <= MOST and 0 < share.place <= MOST and share.value):
            raise InvalidInput("this is no share of a key", code="share.form")
        return share


def split(secret: bytes, needed: int, count: int) -> list[Share]:
    """Return `count` shares, any `needed` of which give the secret back; raises InvalidInput."""
    if not 1 < needed <= count <= MOST:
        raise InvalidInput(
            f"{needed} of {count} shares cannot be made",
            code="share.number",
            hint=f"At least 2 are needed of at most {MOST}, such as 2-of-3.",
        )
    name = sha256(b"muniment share\n" + secret).digest()[:_SET]
    higher = [secrets.token_bytes(len(secret)) for _ in range(needed - 1)]
    return [
        Share(needed, place, name, _value(secret, higher, place)) for place in range(1, count + 1)
    ]


def join(shares: Sequence[Share]) -> bytes:
    """Return the secret of shares of one set; raises InvalidInput for too few, or of several."""
    places = {share.place: share for share in shares}
    kinds = {(share.needed, share.name, len(share.value)) for share in shares}
    if len(kinds) != 1:
        raise InvalidInput(
            "these shares do not belong together",
            code="share.mixed",
            hint="Use shares that were printed at the same time.",
        )
    needed = next(iter(kinds))[0]
    if len(places) < needed:
        raise InvalidInput(
            f"{needed} different shares are needed, and {len(places)} are here",
            code="share.few",
            hint="Fetch another one; with fewer nobody learns anything.",
        )
    some = sorted(places)[:needed]
    size = len(places[some[0]].value)
    secret = bytearray(size)
    for place in some:
        weight = _weight(place, some)
        for at, byte in enumerate(places[place].value):
            secret[at] ^= multiply(weight, byte)
    if sha256(b"muniment share\n" + secret).digest()[:_SET] != places[some[0]].name:
        raise InvalidInput(
            "these shares give no key: one of them is not what was printed",
            code="share.wrong",
            hint="Try another pair, and find out which share was changed.",
        )
    return bytes(secret)


def multiply(first: int, second: int) -> int:
    """Return the product of two elements of GF(2⁸), in time that does not depend on them."""
    product = 0
    for _ in range(8):
        product ^= first & -(second & 1)
        first = (first << 1) ^ (_MODULUS & -(first >> 7))
        second >>= 1
    return product


def _value(secret: bytes, higher: Sequence[bytes], place: int) -> bytes:
    """Evaluate the polynomials of all bytes at a place (Horner)."""
    value = bytes(len(secret))
    for coefficients in (*reversed(higher), secret):
        pairs = zip(value, coefficients, strict=True)
        value = bytes([multiply(one, place) ^ other for one, other in pairs])
    return value


def _weight(place: int, places: Sequence[int]) -> int:
    """Return the Lagrange coefficient at 0 of one place among these."""
    weight = 1
    for other in places:
        if other != place:
            weight = multiply(weight, multiply(other, _inverse(other ^ place)))
    return weight


def _inverse(element: int) -> int:
    """Return the 254th power, which is the inverse."""
    result = 1
    for _ in range(254):
        result = multiply(result, element)
    return result
