# SPDX-License-Identifier: 0BSD
"""Canonical JSON (RFC 8785), read by a scanner that knows one spelling of each value.

- Strings, arrays, objects, true, false and whole numbers below 2**53 in size: nothing else.
- No white space, no second way to write a character, names in UTF-16 order and none twice: two
  different texts never mean the same value, and one text never means two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from muniment.export.verifier.fault import Fault, demand

if TYPE_CHECKING:
    from typing import NoReturn, TypeAlias

    Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json]"

# RFC 8785 3.2.2.2: a control character by its short escape where there is one, else \u00xx.
_PLAIN = r'[^"\\\x00-\x1f]*'
_ESCAPE = r'\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))'
_STRING = re.compile(f'"({_PLAIN}(?:{_ESCAPE}{_PLAIN})*)"')
_ESCAPED = re.compile(r"\\(u....|.)")
_NUMBER = re.compile(r"-?[1-9][0-9]{0,15}|0", re.ASCII)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_TOO_DEEP = 32


def parse_json(data: bytes) -> Json:
    """The value that these bytes spell in canonical form, or `Fault`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault("JSON that is not UTF-8") from error
    scanner = _Scanner(text)
    value = scanner.value(0)
    demand(scanner.at == len(text), "JSON with something after its end")
    return value


class _Scanner:
    """Reads one value after another from a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def _refuse(self) -> NoReturn:
        raise Fault(f"JSON that is not canonical at character {self.at}")

    def _taken(self, mark: str) -> bool:
        """Step over the mark if it stands here."""
        if not self._text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def value(self, depth: int) -> Json:
        """The value that begins here."""
        demand(depth < _TOO_DEEP, "JSON that is nested too deep")
        here = self._text[self.at : self.at + 1]
        if here == '"':
            return self._string()
        if here == "{":
            return self._object(depth)
        if here == "[":
            return self._array(depth)
        if self._taken("true"):
            return True
        if self._taken("false"):
            return False
        return self._number()

    def _string(self) -> str:
        found = _STRING.match(self._text, self.at)
        if not found:
            self._refuse()
        self.at = found.end()
        return _ESCAPED.sub(_unescaped, found[1]) if "\\" in found[1] else found[1]

    def _number(self) -> int:
        found = _NUMBER.match(self._text, self.at)
        if not found or abs(int(found[0])) >= 1 << 53:
            self._refuse()
        self.at = found.end()
        return int(found[0])

    def _array(self, depth: int) -> list[Json]:
        self.at += 1
        values: list[Json] = []
        while not self._taken("]"):
            if values and not self._taken(","):
                self._refuse()
            values.append(self.value(depth + 1))
        return values

    def _object(self, depth: int) -> dict[str, Json]:
        self.at += 1
        members: dict[str, Json] = {}
        last = b""
        while not self._taken("}"):
            if members and not self._taken(","):
                self._refuse()
            name = self._string()
            rank = name.encode("utf-16-be")
            if not self._taken(":") or (members and rank <= last):
                self._refuse()
            last = rank
            members[name] = self.value(depth + 1)
        return members


def _unescaped(escape: re.Match[str]) -> str:
    letter = escape[1]
    return chr(int(letter[1:], 16)) if letter[0] == "u" else _SHORT.get(letter, letter)


def members_of(value: Json, names: str, what: str) -> dict[str, Json]:
    """The members of an object that has exactly these names, given with spaces between them."""
    if not isinstance(value, dict) or sorted(value) != sorted(names.split()):
        raise Fault(f"{what} does not have exactly the members {names}")
    return value


def text_of(value: Json | None, what: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise Fault(f"{what} is not a text")
    return value


def texts_of(value: Json | None, what: str) -> list[str]:
    """A list of strings."""
    return [text_of(one, what) for one in list_of(value, what)]


def list_of(value: Json | None, what: str) -> list[Json]:
    """A list."""
    if not isinstance(value, list):
        raise Fault(f"{what} is not a list")
    return value


def count_of(value: Json | None, what: str) -> int:
    """A whole number of 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Fault(f"{what} is not a number of things")
    return value
