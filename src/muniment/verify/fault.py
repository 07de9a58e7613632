"""How a check says that it did not hold.

- A `Fault` is raised where the check is made and becomes the reason of a failed verdict.
- A `Malformed` says that the path opens but holds no well-formed bundle: nothing else is checked.
- An `Unchecked` says that a check could not be made because another had already failed.
- None of them leaves `muniment.verify`; inability to read is `muniment.errors`, not a fault.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_LONGEST = 120


class Fault(Exception):
    """A check that does not hold; the text is the reason, in one sentence without a full stop."""


class Malformed(Fault):
    """The path opens but is no well-formed bundle."""


class Unchecked(Exception):
    """A check that needs what another check could not give; the text says what is missing."""


@contextlib.contextmanager
def about(what: str) -> Generator[None]:
    """Say of every `Fault` raised inside what it is about."""
    try:
        yield
    except Fault as fault:
        raise Fault(f"{what}: {fault}") from fault


def shown(text: object) -> str:
    """Text from a bundle made safe for a terminal: ASCII, escaped, quoted, at most 120 characters.

    A hostile bundle may carry escape sequences, bidirectional overrides or megabytes.
    """
    plain = ascii(text)
    return plain if len(plain) <= _LONGEST else plain[:_LONGEST] + "…"


def as_given(text: str) -> str:
    r"""A word of the reader's own request, as they know it: only what cannot be printed is escaped.

    Bytes that are not UTF-8 appear as `\xNN` (cli.md).
    """
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(letter: str) -> str:
    byte = ord(letter) - 0xDC00  # how Python keeps a byte that is not UTF-8
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else ascii(letter)[1:-1]  # noqa: PLR2004 - bytes that are not ASCII
