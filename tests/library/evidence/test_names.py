from __future__ import annotations

import codecs
import unicodedata
from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.evidence.names import display_name, raw_name_text

raw_names = st.binary(max_size=30) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=20
).map(str.encode)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"bridge.jpg", "bridge.jpg"),
        ("міст під обстрілом.mp4".encode(), "міст під обстрілом.mp4"),
        ("حي سكني.jpg".encode(), "حي سكني.jpg"),
        ("می‌خواهم.txt".encode(), "می‌خواهم.txt"),  # a joiner that Persian needs
        (b"caf\xe9.txt", r"caf\xe9.txt"),
        (b"a\0b\nc\x1b[2J\x7f", r"a\x00b\x0ac\x1b[2J\x7f"),
        ("photo\u202egpj.exe".encode(), r"photo\u202egpj.exe"),
        ("a\u200bb\ufeffc\u2028d\U000e0041".encode(), r"a\u200bb\ufeffc\u2028d\U000e0041"),
        (rb"C:\temp\x41", r"C:\\temp\\x41"),
        (b"", ""),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
    ],
)
def test_a_name_is_shown_so_that_nothing_hides(raw: bytes, text: str) -> None:
    assert display_name(raw) == text


@given(raw_names, raw_names)
def test_different_names_are_shown_differently(one: bytes, other: bytes) -> None:
    assert (display_name(one) == display_name(other)) is (one == other)


@given(raw_names)
def test_what_is_shown_can_be_stored_and_shown_anywhere(raw: bytes) -> None:
    text = display_name(raw)
    text.encode()
    assert not {unicodedata.category(one) for one in text} & {"Cc", "Cs", "Zl", "Zp"}


@given(raw_names)
def test_the_exact_name_stands_beside_it(raw: bytes) -> None:
    text = raw_name_text(raw)
    assert "=" not in text
    assert urlsafe_b64decode(text + "=" * (-len(text) % 4)) == raw


def test_ascii_escapes_are_those_every_reader_knows() -> None:
    raw = bytes(range(128))
    assert codecs.decode(display_name(raw), "unicode_escape") == raw.decode("ascii")
