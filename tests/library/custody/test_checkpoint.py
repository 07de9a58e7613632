from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.checkpoint import Checkpoint, HeadLines, parse_checkpoint, parse_head_lines
from muniment.custody.keys import is_key_name
from muniment.custody.merkle import EMPTY_ROOT
from muniment.errors import InvalidInput

# C2SP tlog-checkpoint, the example
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_example_of_the_specification_reads_back() -> None:
    head = parse_checkpoint(TEXT)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert head.root.hex().startswith("0ac5186a")
    assert head.text == TEXT


@given(
    st.text(min_size=1, max_size=30).filter(is_key_name),
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
def test_any_head_reads_back(origin: str, size: int, root: bytes) -> None:
    head = Checkpoint(origin, size, root)
    assert parse_checkpoint(head.text) == head


def test_an_empty_log_has_a_head() -> None:
    head = Checkpoint("a", 0, EMPTY_ROOT)
    assert head.text == "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    assert parse_checkpoint(head.text) == head


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "extension",
        TEXT + "extension\n",
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", "+1"),
        TEXT.replace("20852163", " 20852163"),
        TEXT.replace("20852163", ""),
        TEXT.replace("20852163", "2٠"),
        TEXT.replace("20852163", str(2**63)),
        TEXT.replace("20852163", "0"),
        TEXT.replace("example.com/behind-the-sofa", ""),
        TEXT.replace("behind-the", "behind the"),
        TEXT.replace("q2I=", "q2J="),
        TEXT.replace("q2I=", "q2I"),
        TEXT.replace("CsUY", ""),
        TEXT.replace("q2I=", "q2IA"),
        "\n" + TEXT,
    ],
)
def test_a_text_in_any_other_form_is_no_head(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, b"x" * 32), ("a", -1, b"x" * 32), ("a", 2**63, b"x" * 32), ("a", 1, b"x" * 31)],
)
def test_a_head_that_no_log_can_have_is_not_made(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(InvalidInput):
        Checkpoint(origin, size, root)


def test_the_head_of_a_foreign_log_may_have_extension_lines() -> None:
    head = parse_checkpoint(TEXT)
    assert parse_head_lines(TEXT) == HeadLines(head.origin, head.size, head.root)
    assert parse_head_lines(TEXT + "one\nand two\n").extensions == ("one", "and two")
    with pytest.raises(InvalidInput):
        parse_checkpoint(TEXT + "one\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "one\n\ntwo\n",
        TEXT.replace("example.com/behind-the-sofa", ""),
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("=", ""),
        TEXT.replace("CsUY", ""),
    ],
)
def test_no_other_lines_are_a_head(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_head_lines(text)
