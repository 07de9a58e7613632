from __future__ import annotations

import pickle
import re

import pytest

from muniment import errors
from muniment.errors import (
    Conflict,
    InvalidInput,
    MunimentError,
    NotFound,
    NotPermitted,
    TamperSuspected,
    Unavailable,
)

EXITS = {
    InvalidInput: 2,
    NotPermitted: 2,
    NotFound: 2,
    Conflict: 2,
    Unavailable: 3,
    TamperSuspected: 1,
}


@pytest.mark.parametrize("kind", EXITS)
def test_an_error_says_what_happened_what_to_do_and_how_to_exit(kind: type[MunimentError]) -> None:
    error = kind("the file is empty", code="file.empty", hint="Choose another one.")
    assert str(error) == error.message == "the file is empty"
    assert (error.code, error.hint) == ("file.empty", "Choose another one.")
    assert error.exit_code == EXITS[kind]


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(TamperSuspected("a", code="b.c", hint="d")))
    assert isinstance(error, TamperSuspected)
    assert (str(error), error.code, error.hint) == ("a", "b.c", "d")


def test_an_error_needs_no_hint_but_a_code() -> None:
    assert NotFound("a", code="b.c").hint == ""
    with pytest.raises(TypeError):
        NotFound("a")  # type: ignore[call-arg]  # the code is left out on purpose


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = dict(re.findall(r"[├└]── (\w+) .* exit (\d)", errors.__doc__ or ""))
    assert drawn == {kind.__name__: str(kind.exit_code) for kind in MunimentError.__subclasses__()}
    assert drawn == {kind.__name__: str(code) for kind, code in EXITS.items()}
