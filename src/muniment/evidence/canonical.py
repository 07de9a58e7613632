"""Canonical JSON: the one byte form of a value that is hashed or signed (RFC 8785, restricted).

- Strings, arrays, objects, booleans and integers below 2⁵³ in magnitude; nothing else. Floats and
  null are refused, because what they mean differs between readers (custody-log §1, §3).
- Object members are sorted by the UTF-16 code units of their names (RFC 8785 3.2.3).
- `parse_canonical` accepts exactly the bytes that `canonical` produces.

Not its job: what the values mean.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring as _quote
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import orjson

from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json]"

_LIMIT = 2**53
_RFC_8785 = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_SCALARS = frozenset({str, int, bool})


def canonical(value: Json) -> bytes:
    """Return the canonical bytes of a value made of str, int, bool, list or tuple, and dict.

    Raises InvalidInput for floats, null, integers of 2⁵³ and more, names that are not strings,
    text with lone surrogates, any other type, and nesting too deep to write.
    """
    try:
        if _is_plain(value):
            return orjson.dumps(value, option=_RFC_8785)
    except (orjson.JSONEncodeError, RecursionError, TypeError):
        pass  # written the long way, which says what is wrong
    try:
        return _text(value).encode()
    except UnicodeEncodeError:
        message = "text holds a lone surrogate, which has no UTF-8 form"
        raise InvalidInput(message, code="canonical.surrogate") from None
    except RecursionError:
        message = "a value is nested too deeply, or holds itself"
        raise InvalidInput(message, code="canonical.depth") from None


def parse_canonical(data: bytes) -> Json:
    """Return the value of canonical bytes; raises InvalidInput for bytes in any other form.

    Repeated names need no check of their own: a value read from them has other canonical bytes.
    """
    try:
        value = cast("Json", json.loads(data.decode()))
    except (ValueError, RecursionError):
        message = "these bytes are not JSON in UTF-8"
        raise InvalidInput(message, code="canonical.syntax") from None
    if canonical(value) != data:
        message = "these bytes are JSON, but not in canonical form"
        raise InvalidInput(message, code="canonical.form")
    return value


def _is_plain(value: Any) -> bool:  # noqa: ANN401 - anything may stand where JSON should
    """Say whether orjson writes this value as RFC 8785 does, which is so for nearly all of ours.

    It would take floats and null, and sorts names by code point: the same order for ASCII.
    """
    kind: type[object] = type(value)  # pyright: ignore[reportUnknownVariableType]  # of anything
    if kind is dict:
        if not "".join(value).isascii():
            return False
        value = value.values()
    elif kind is not list and kind is not tuple:
        return isinstance(value, str | int)
    for one in value:  # noqa: SIM110 - a generator inside `all` takes twice as long
        if type(one) not in _SCALARS and not _is_plain(one):
            return False
    return True


def _text(value: object) -> str:
    """Write one value of any kind, or say what is wrong with it."""
    if isinstance(value, str):
        written = _quote(value)
    elif isinstance(value, bool):
        written = "true" if value else "false"
    elif isinstance(value, int):
        written = _integer(int(value))
    elif isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        written = "[" + ",".join([_text(one) for one in items]) + "]"
    elif isinstance(value, dict):
        written = _object(cast("dict[str, object]", value))
    else:
        message = f"canonical JSON has no form for {type(value).__name__}"
        raise InvalidInput(message, code="canonical.type")
    return written


def _object(members: dict[str, object]) -> str:
    try:
        "".join(members)
    except TypeError:
        message = "the names in an object must be strings"
        raise InvalidInput(message, code="canonical.name") from None
    named = [f"{_quote(name)}:{_text(members[name])}" for name in sorted(members, key=_code_units)]
    return "{" + ",".join(named) + "}"


def _code_units(name: str) -> bytes:
    return name.encode("utf-16-be")


def _integer(value: int) -> str:
    if -_LIMIT < value < _LIMIT:
        return str(value)
    message = "integers must lie between -2^53 and 2^53, both excluded; write this one as text"
    raise InvalidInput(message, code="canonical.integer")
