"""Canonical JSON: the two readers accept the same bytes, and `rfc8785` writes them."""

from __future__ import annotations

import json
import string
from typing import TYPE_CHECKING, Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from muniment.export.verifier import jcs
from muniment.export.verifier.fault import Fault as AloneFault
from muniment.verify.canonical import parse_canonical
from muniment.verify.fault import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from tests.library.verify.second_writer import Tree

VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def both(data: bytes) -> tuple[Any, Any]:
    """What each reader makes of these bytes; None where it refuses."""
    found: list[Any] = []
    for parse, refusal in ((parse_canonical, Fault), (jcs.parse_json, AloneFault)):
        try:
            found.append(parse(data))
        except refusal:
            found.append(None)
    return found[0], found[1]


@given(VALUES)
def test_what_rfc8785_writes_is_read_by_both(value: Tree) -> None:
    data = rfc8785.dumps(value)
    assert both(data) == (value, value)


@given(VALUES, st.data())
def test_any_change_is_refused_or_another_value(value: Tree, data: st.DataObject) -> None:
    text = bytearray(rfc8785.dumps(value))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] = data.draw(st.integers(0, 255))
    one, other = both(bytes(text))
    assert one == other
    assert type(one) is type(other)
    if one is not None:
        assert rfc8785.dumps(one) == text


@given(st.text(alphabet='{}[]:,"\\ubfnrt0123456789.-eEtrufalsn \u00e9', max_size=12))
def test_the_readers_agree_on_any_text(text: str) -> None:
    one, other = both(text.encode())
    assert (one, type(one)) == (other, type(other))


@given(st.binary(max_size=12))
def test_the_readers_agree_on_any_bytes(data: bytes) -> None:
    one, other = both(data)
    assert (one, type(one)) == (other, type(other))


REFUSED = [
    b"",
    b"null",
    b"[null]",
    b"1.0",
    b"1e2",
    b"-0",
    b"01",
    b"+1",
    b" 1",
    b"1 ",
    b"9007199254740992",
    b"-9007199254740992",
    b"1" * 400,
    b"1" * 5000,
    b"NaN",
    b"Infinity",
    b"True",
    b"[1,]",
    b"[,1]",
    b"[1",
    b'{"a":1,}',
    b'{"a":1,"a":2}',
    b'{"b":1,"a":2}',
    b'{"a" :1}',
    b"{a:1}",
    b'{"a":1}{}',
    b'"a',
    b'"\\u0061"',
    b'"\\/"',
    b'"\\u000a"',
    b'"\\u001F"',
    b'"\\u0008"',
    b'"\\ud83d\\ude00"',
    b'"\\ud800"',
    b'"\xed\xa0\x80"',
    b'"\xff"',
    b'"\x00"',
    b'"\n"',
    b"\xef\xbb\xbf1",
    '{"\uff61":1,"\U00010000":2}'.encode(),
    b"[" * 33 + b"]" * 33,
    b"[" * 32 + b"1" + b"]" * 32,
    b"[" * 100_000,
    b'{"a":' * 40 + b"1" + b"}" * 40,
]


def test_other_spellings_are_refused_by_both() -> None:
    for data in REFUSED:
        assert both(data) == (None, None), data[:40]


ACCEPTED: list[tuple[bytes, Any]] = [
    (b"0", 0),
    (b"-1", -1),
    (b"9007199254740991", 2**53 - 1),
    (b"true", True),
    (b"false", False),
    (b"[]", []),
    (b"{}", {}),
    (b'""', ""),
    (b'"\\b\\t\\n\\f\\r\\"\\\\\\u0000\\u000b\\u001f\x7f/"', '\b\t\n\f\r"\\\0\x0b\x1f\x7f/'),
    ('{"\U00010000":1,"\uff61":2}'.encode(), {"\U00010000": 1, "\uff61": 2}),
]


def test_the_one_spelling_is_read_by_both() -> None:
    for data, value in ACCEPTED:
        one, other = both(data)
        assert one == other
        assert (one, type(one)) == (value, type(value)), data


def test_thirty_two_levels_are_read() -> None:
    one, other = both(b"[" * 32 + b"]" * 32)
    assert one == other
    assert one is not None


def test_foreign_vectors(shared: Path) -> None:
    """Their numbers go beyond ours: those files are refused, the others read back."""
    folder = shared / "vectors/jcs/testdata"
    read = 0
    for file in sorted((folder / "output").glob("*.json")):
        data = file.read_bytes()
        one, other = both(data)
        assert one == other
        if set(data.decode()) & set(".") or b"null" in data or file.name == "values.json":
            assert one is None
        else:
            assert one == json.loads((folder / "input" / file.name).read_bytes())
            read += 1
        spelled_otherwise = (folder / "input" / file.name).read_bytes()
        assert spelled_otherwise == data or both(spelled_otherwise) == (None, None)
    assert read >= 3


def test_a_long_text_of_escapes_is_read_in_one_pass() -> None:
    text = string.printable * 2000
    assert both(rfc8785.dumps(text)) == (text, text)
