"""Names of files as they were received: bytes, and a text that people can read safely.

- The bytes are the name; they are recorded in base64url. The text stands beside them.
- The text holds nothing that hides or reorders what is around it: control characters, line and
  paragraph separators, direction marks and invisible characters are written as escapes. Joiners,
  which Arabic and Indic scripts need to spell, stay.
- Different names have different texts: a backslash is doubled.
"""

from __future__ import annotations

import unicodedata
from base64 import urlsafe_b64encode

_JOINERS = "\u200c\u200d"
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp"})


def display_name(raw: bytes) -> str:
    r"""Return a text for people: bytes that are not UTF-8 become `\xNN`, hidden characters too."""
    if raw.isascii() and b"\\" not in raw and (plain := raw.decode()).isprintable():
        return plain
    written: list[str] = []
    for one in raw.decode("utf-8", "surrogateescape"):
        if "\udc80" <= one <= "\udcff":  # a byte that is not UTF-8 (PEP 383)
            written.append(f"\\x{ord(one) - 0xDC00:02x}")
        elif one == "\\":
            written.append("\\\\")
        elif unicodedata.category(one) in _HIDDEN and one not in _JOINERS:
            written.append(_escaped(ord(one)))
        else:
            written.append(one)
    return "".join(written)


def raw_name_text(raw: bytes) -> str:
    """Return the exact name in base64url without padding, as it is recorded."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _escaped(code: int) -> str:
    if code < 0x80:  # noqa: PLR2004 - ASCII: one byte in the name, and one in the escape
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - as Python
