from __future__ import annotations

import pytest

from muniment.evidence.identifiers import is_id, new_id


def test_new_identifiers_differ_and_have_the_form() -> None:
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(map(is_id, made))


@pytest.mark.parametrize(
    "text", ["", "0" * 31, "0" * 33, "0" * 31 + "A", "0" * 31 + "g", "0" * 32 + "\n", "٠" * 32]
)
def test_other_texts_are_no_identifiers(text: str) -> None:
    assert not is_id(text)
