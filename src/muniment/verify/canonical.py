"""Reads canonical JSON (RFC 8785 restricted as in custody-log §1) and refuses every other spelling.

- Values are strings, arrays, objects, true, false and integers below 2⁵³ in size: no null, no
  fractions, no exponents.
- Bytes are accepted only if they are the canonical form of the value they spell, so equal values
  have equal bytes and nobody can hide a second reading in a duplicate key or an escape.
- At most 32 levels deep: deeper text is refused, not followed.
"""

from __future__ import annotations

import json
from operator import lt
from typing import NoReturn, TypeAlias

from muniment.verify.fault import Fault

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json]"

_DEEPEST = 32
_LIMIT = 2**53


def parse_canonical(data: bytes) -> Json:
    """The value that these bytes spell; `Fault` unless they are its canonical form."""
    try:
        text = data.decode("utf-8")
        value: Json = _DECODER.decode(text)
    except RecursionError as error:
        raise Fault(f"JSON is nested deeper than {_DEEPEST} levels") from error
    except ValueError as error:  # includes UnicodeDecodeError and JSONDecodeError
        raise Fault("bytes are not JSON in UTF-8") from error
    _check_types(value, _DEEPEST)
    # The order of keys was checked while they were read; json writes the rest as RFC 8785 does.
    if _ENCODER.encode(value) != text:
        raise Fault("JSON is not in canonical form (RFC 8785)")
    return value


def _ordered(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    # RFC 8785 3.2.3: sorted by UTF-16 code units; strictly, so that no name stands twice.
    if len(pairs) > 1:
        names = [name for name, _ in pairs]
        if "".join(names).isascii():  # where this order is that of the strings themselves
            ordered = all(map(lt, names, names[1:]))
        else:
            keys = [name.encode("utf-16-be", "surrogatepass") for name in names]
            ordered = all(map(lt, keys, keys[1:]))
        if not ordered:
            raise Fault("JSON object has a repeated or misplaced name")
    return dict(pairs)


def _no_fraction(_: str) -> NoReturn:
    raise Fault("JSON has a number that is not a whole number")


def _check_types(value: Json | None, levels: int) -> None:
    if isinstance(value, dict | list):
        if levels == 1 and value:
            raise Fault(f"JSON is nested deeper than {_DEEPEST} levels")
        for member in value.values() if isinstance(value, dict) else value:
            if not isinstance(member, str):
                _check_types(member, levels - 1)
    elif isinstance(value, int):
        if not -_LIMIT < value < _LIMIT:
            raise Fault("JSON has an integer of 2⁵³ or more")
    elif value is None:
        raise Fault("JSON has a null")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_ordered, parse_float=_no_fraction, parse_constant=_no_fraction
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))


def as_object(value: Json, what: str, *names: str) -> dict[str, Json]:
    """The value as an object with exactly these names; `Fault` names what it was meant to be."""
    if not isinstance(value, dict) or set(value) != set(names):
        raise Fault(f"{what} is not an object of {', '.join(names)}")
    return value


def as_list(value: Json, what: str) -> list[Json]:
    """The value as an array."""
    if not isinstance(value, list):
        raise Fault(f"{what} is not an array")
    return value


def as_text(value: Json, what: str) -> str:
    """The value as a string."""
    if not isinstance(value, str):
        raise Fault(f"{what} is not a string")
    return value


def as_count(value: Json, what: str) -> int:
    """The value as an integer of 0 or more; `true` is not 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Fault(f"{what} is not a whole number of 0 or more")
    return value


def as_texts(value: Json, what: str) -> list[str]:
    """The value as an array of strings."""
    return [as_text(member, what) for member in as_list(value, what)]
