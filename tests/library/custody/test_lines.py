from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.lines import base64_text, parse_base64, parse_decimal


@given(st.binary(max_size=80))
def test_base64_reads_back(data: bytes) -> None:
    assert parse_base64(base64_text(data)) == data


@pytest.mark.parametrize(
    "text",
    ["A", "AA", "AA=", "AB==", "AAB=", "AA==\n", " AA==", "A A==", "AA==AA==", "-_8=", "é==="],
)
def test_another_spelling_of_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_base64(text)


@given(st.integers(0, 2**63 - 1))
def test_a_decimal_reads_back(number: int) -> None:
    assert parse_decimal(str(number)) == number


@pytest.mark.parametrize(
    "text",
    ["", "00", "01", "-1", "+1", " 1", "1 ", "1_0", "1.0", "0x1", "١", "²", str(2**63), "9" * 5000],
)
def test_another_spelling_of_a_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        parse_decimal(text)
