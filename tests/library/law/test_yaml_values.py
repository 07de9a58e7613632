"""YAML is read as what was written, and whatever else it can say is refused in a sentence."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import InvalidInput
from muniment.law.yaml_values import read_value

# JSON writes what lies above as a pair of surrogates, which is no escape in YAML.
TEXTS = st.text(st.characters(max_codepoint=0xD7FF), max_size=8)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def test_norway_stays_norway_and_a_date_stays_text() -> None:
    text = "a: NO\nb: 2022-03-09\nc: 1.10\nd: 012\ne: 12\nf:\ng: true\nh: 'true'\ni: 12:30:45\nj: y"
    assert read_value(text, "f") == {
        "a": "NO",
        "b": "2022-03-09",
        "c": "1.10",
        "d": "012",
        "e": 12,
        "f": None,
        "g": True,
        "h": "true",
        "i": "12:30:45",
        "j": "y",
    }


@given(PLAIN)
def test_what_json_says_is_what_is_read(value: object) -> None:
    # JSON escapes are YAML escapes, and a quoted text is never read as anything else.
    assert read_value(json.dumps({"x": value}), "f") == {"x": value}


def test_the_c_parser_is_used_where_there_is_one() -> None:
    from muniment.law import yaml_values

    assert yaml.__with_libyaml__
    assert yaml_values._LOADER.__name__ == "CSafeLoader"


def test_the_slow_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from muniment.law import yaml_values

    text = "a: NO\nb: 'x'\nc: [1, two, {d: ~}]\n"
    fast = read_value(text, "f")
    monkeypatch.setattr(yaml_values, "_LOADER", yaml.SafeLoader)
    assert read_value(text, "f") == fast


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", "f: line 2 writes `a` a second time."),
        ("a: &x 1", "f: line 1 has an anchor, an alias or a tag."),
        ("a: &x [*x]", "f: line 1 has an anchor, an alias or a tag."),
        ("a: !!python/object:os.system x", "f: line 1 has an anchor, an alias or a tag."),
        ("a: !!str 5", "f: line 1 has an anchor, an alias or a tag."),
        ("? [1, 2]\n: 3", "f: line 1 has a key that is not text."),
        ("a: b\n---\nc: d", "f: line 2 a second document begins."),
        ("a: [b\nc: d", "f cannot be read in line 2: did not find expected ',' or ']'."),
        ("a: " + "[" * 60_000, "f: line 1 is nested too deeply."),
        ("a: " + "{b: " * 60_000, "f: line 1 is nested too deeply."),
        ("a: \x00", "f cannot be read: it is not YAML."),
    ],
)
def test_what_yaml_can_hide_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_value(text, "f")
    assert str(caught.value) == said
    assert caught.value.code == "law.data"
    assert caught.value.hint
