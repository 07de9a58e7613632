from __future__ import annotations

import enum
import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import InvalidInput
from muniment.evidence.canonical import Json, canonical, parse_canonical

if TYPE_CHECKING:
    from pathlib import Path

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
# Names on both sides of where code points and UTF-16 code units sort differently.
names = text | st.text("a\u00e9\ud7ff\ue000\uffff\U00010000\U0001f600", max_size=3)
values = st.recursive(
    text | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(names, inner, max_size=5)
    ),
    max_leaves=20,
)


def thawed(value: Json) -> Json:
    """The value with lists for tuples, as JSON gives them back."""
    if isinstance(value, list | tuple):
        return [thawed(one) for one in value]
    if isinstance(value, dict):
        return {name: thawed(one) for name, one in value.items()}
    return value


def number(text: str) -> int | float:
    """A number as RFC 8785 writes it: without a fraction where it has none."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


@given(values)
def test_values_have_the_bytes_that_an_independent_writer_gives_them(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_values_read_back(value: Json) -> None:
    assert parse_canonical(canonical(value)) == thawed(value)


@given(st.text(max_size=30))
def test_text_of_every_kind_is_written_as_the_oracle_does_or_refused(value: str) -> None:
    if any("\ud800" <= one <= "\udfff" for one in value):
        with pytest.raises(InvalidInput) as caught:
            canonical(value)
        assert caught.value.code == "canonical.surrogate"
    else:
        assert canonical(value) == rfc8785.dumps(value)


def test_every_character_up_to_the_surrogates_is_written_as_the_oracle_does() -> None:
    value = "".join(map(chr, range(0xD800)))
    assert canonical(value) == rfc8785.dumps(value)


def test_names_sort_by_code_units_and_not_by_code_points() -> None:
    value = {"\ue000": 1, "\U00010000": 2, "z": 3}
    assert canonical(value) == '{"z":3,"\U00010000":2,"\ue000":1}'.encode()


VECTORS = ["arrays", "french", "structures", "unicode", "values", "weird"]
# These hold null or fractions, which evidence never does.
NOT_OURS = {"arrays", "values"}


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_the_authors_agree(shared: Path, name: str) -> None:
    folder = shared / "vectors/jcs/testdata"
    value = json.loads((folder / "input" / f"{name}.json").read_text("utf-8"), parse_float=number)
    expected = (folder / "output" / f"{name}.json").read_bytes()
    if name in NOT_OURS:
        with pytest.raises(InvalidInput, match="no form for"):
            canonical(value)
        with pytest.raises(InvalidInput, match="no form for"):
            parse_canonical(expected)
    else:
        assert canonical(value) == expected
        assert parse_canonical(expected) == value


class Colour(enum.StrEnum):
    RED = "red"


class Count(enum.IntEnum):
    TWO = 2


def test_what_stands_in_for_a_plain_value_is_written_as_one() -> None:
    value: Json = {"colour": Colour.RED, "count": Count.TWO, "more": OrderedDict(b=1, a=2)}
    expected = b'{"colour":"red","count":2,"more":{"a":2,"b":1}}'
    assert canonical(value) == expected
    assert canonical(Colour.RED) == b'"red"'


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "canonical.type"),
        (1.0, "canonical.type"),
        (float("nan"), "canonical.type"),
        (b"bytes", "canonical.type"),
        ({1, 2}, "canonical.type"),
        ([None], "canonical.type"),
        ({"a": {"b": (1, 2.5)}}, "canonical.type"),
        (2**53, "canonical.integer"),
        (-(2**53), "canonical.integer"),
        ([10**400], "canonical.integer"),
        ({1: "a"}, "canonical.name"),
        ({None: "a"}, "canonical.name"),
        ({True: "a"}, "canonical.name"),
        ({"a": 1, 2: 3}, "canonical.name"),
        ("\ud800", "canonical.surrogate"),
        ({"\udfff": 1}, "canonical.surrogate"),
        (["a\udc00"], "canonical.surrogate"),
    ],
)
def test_a_value_without_canonical_form_is_refused(value: Json, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        canonical(value)
    assert caught.value.code == code


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InvalidInput) as caught:
        canonical(value)
    assert caught.value.code == "canonical.depth"


def test_the_largest_integers_are_written() -> None:
    assert canonical([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1 ",
        b"1\n",
        b"01",
        b"-0",
        b"1.0",
        b"1e3",
        b"null",
        b"NaN",
        b"9007199254740992",
        b"1" * 5000,
        b"[1, 2]",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a" :1}',
        b'"\\u0061"',
        b'"\\/"',
        b'"\\u000A"',
        b'"\\u000a"',
        b'"\\uD83D\\uDE00"',
        b'"\\ud800"',
        b'"\n"',
        b"'a'",
        b"\xef\xbb\xbf1",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        '"é"'.encode("latin-1"),
        '"é"'.encode("utf-16"),
        b"[" * 100_000,
        b"[" * 2000 + b"]" * 2000,
    ],
)
def test_bytes_in_any_other_form_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_canonical(data)


@given(st.binary(max_size=40) | text.map(str.encode))
def test_noise_is_refused_or_written_again_as_it_was(data: bytes) -> None:
    try:
        assert canonical(parse_canonical(data)) == data
    except InvalidInput:
        return
