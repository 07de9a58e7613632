"""Small modules and short functions: nine in ten modules within 250 lines, none over 400.

Migrations are left out: Django writes them, and nobody edits what a database has already done.
"""

from __future__ import annotations

from pathlib import Path

from tests.architecture.tree import SRC, functions, python_files, shown

LONGEST_MODULE = 400
NINE_IN_TEN_WITHIN = 250
LONGEST_FUNCTION = 50


def written_by_hand() -> list[Path]:
    """The modules of src/ that people write."""
    return [path for path in python_files(SRC) if path.parent.name != "migrations"]


def test_no_module_is_longer_than_the_cap() -> None:
    lengths = {shown(path): path.read_bytes().count(b"\n") for path in written_by_hand()}
    assert {path: n for path, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_nine_modules_in_ten_are_small() -> None:
    lengths = sorted(path.read_bytes().count(b"\n") for path in written_by_hand())
    assert lengths[len(lengths) * 9 // 10] <= NINE_IN_TEN_WITHIN


def test_no_function_is_longer_than_the_cap() -> None:
    too_long = {
        f"{shown(path)}:{function.lineno} {function.name}": length
        for path in written_by_hand()
        for function in functions(path)
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1)
        > LONGEST_FUNCTION
    }
    assert too_long == {}
