"""The exact text forms in C2SP files: standard base64 and decimals, each value in one way only.

- Strict in both directions, since a second spelling of the same value is a second byte sequence
  that someone may have signed.
- Raises ValueError: the module that knows what the line was for says so to people.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

_MAX_DECIMAL_DIGITS = 19


def base64_text(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 §4)."""
    return b2a_base64(data, newline=False).decode("ascii")


def parse_base64(text: str) -> bytes:
    """Return the bytes of base64 as `base64_text` writes it; raises ValueError."""
    data = a2b_base64(text.encode("ascii"), strict_mode=True)
    if base64_text(data) != text:
        message = "unused bits of base64 must be zero"
        raise ValueError(message)
    return data


def parse_decimal(text: str) -> int:
    """Return a number below 2⁶³ written without sign or leading zeros; raises ValueError."""
    if text.isdecimal() and len(text) <= _MAX_DECIMAL_DIGITS:
        number = int(text)
        if str(number) == text and number < 2**63:
            return number
    message = "not a decimal number below 2^63 in its shortest form"
    raise ValueError(message)
