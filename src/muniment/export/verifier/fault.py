# SPDX-License-Identifier: 0BSD
"""How a check says that it does not hold."""

from __future__ import annotations

_LONGEST_SHOWN = 120


class Fault(Exception):
    """A check that does not hold; its text is the reason that the report gives."""


class Malformed(Fault):
    """The path opens, but what is there is no well-formed bundle."""


class Unusable(Exception):
    """The request cannot be carried out: exit code 2."""

    def __init__(self, message: str, hint: str, code: str) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


def demand(holds: bool, reason: str) -> None:  # noqa: FBT001  # reads as a sentence
    """Raise `Fault` with this reason unless the condition holds."""
    if not holds:
        raise Fault(reason)


def shown(text: object) -> str:
    """Text from the bundle, made safe for a terminal: quoted, ASCII, not too long."""
    plain = ascii(text)
    return plain if len(plain) <= _LONGEST_SHOWN else plain[:_LONGEST_SHOWN] + "..."


def as_given(text: str) -> str:
    """A word of the reader's own request: only what cannot be printed is escaped."""
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
