"""Bech32 (BIP 173), the spelling of age keys, without the limit of 90 characters.

Not its job: what the bytes are (`age_format`).
"""

from __future__ import annotations

from typing import Final

from muniment.errors import InvalidInput

_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM: Final = 6


def encode_bech32(prefix: str, data: bytes) -> str:
    """Return bytes under a lower-case prefix, such as `age`."""
    values = _regrouped(data, 8, 5)
    summed = _polymod([*_expanded(prefix), *values, *[0] * _CHECKSUM]) ^ 1
    values += [summed >> 5 * (_CHECKSUM - 1 - place) & 31 for place in range(_CHECKSUM)]
    return f"{prefix}1" + "".join([_LETTERS[value] for value in values])


def decode_bech32(prefix: str, text: str) -> bytes:
    """Return the bytes under a prefix; raises InvalidInput unless text is exactly one spelling."""
    lower = text.lower()
    start, _, letters = lower.rpartition("1")
    if text not in {lower, text.upper()} or start != prefix or not set(letters) <= set(_LETTERS):
        raise _unusable(prefix)
    values = [_LETTERS.index(letter) for letter in letters]
    if len(values) < _CHECKSUM or _polymod([*_expanded(prefix), *values]) != 1:
        raise _unusable(prefix)
    found = _regrouped(values[:-_CHECKSUM], 5, 8)
    if _regrouped(found, 8, 5) != values[:-_CHECKSUM]:
        raise _unusable(prefix)  # padding that is too long, or not of zeros
    return bytes(found)


def _expanded(prefix: str) -> list[int]:
    return [*[ord(one) >> 5 for one in prefix], 0, *[ord(one) & 31 for one in prefix]]


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, number in enumerate(_GENERATOR):
            checksum ^= number if top >> place & 1 else 0
    return checksum


def _regrouped(values: bytes | list[int], width: int, to: int) -> list[int]:
    """Return bits in groups of another width; what is short at the end is filled or left out."""
    held = bits = 0
    found: list[int] = []
    for value in values:
        held = held << width | value
        bits += width
        while bits >= to:
            bits -= to
            found.append(held >> bits & (1 << to) - 1)
    if bits and to < width:
        found.append(held << (to - bits) & (1 << to) - 1)
    return found


def _unusable(prefix: str) -> InvalidInput:
    return InvalidInput(
        f"this is no key that begins with {prefix}1",
        code="age.key",
        hint="Copy it whole; a single wrong letter is noticed.",
    )
