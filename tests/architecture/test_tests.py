"""The rules that tests themselves keep: none is skipped, none is excused, none times anything."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.tree import TESTS, parsed, python_files, shown

EXCUSES = re.compile(
    r"(pytest|mark|unittest|self)\.(skip|skipif|xfail|importorskip|skipTest|SkipTest|expectedFailure)"
)
CLOCKS = {"perf_counter", "perf_counter_ns", "process_time", "process_time_ns", "timeit"}
# What may skip where it is absent, and must fail in continuous integration: shared material, Go,
# a PostgreSQL server, strace and mounts of one's own.
MAY_SKIP = {"tests/conftest.py", "tests/faults/conftest.py", "tests/server/conftest.py"}


def words(path: Path) -> set[str]:
    """Every name and attribute that a file uses or imports."""
    used: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
        elif isinstance(node, ast.alias):
            used.add(node.name)
    return used


def excuses(path: Path) -> set[str]:
    """Where a file skips or excuses a test, by whichever name it imports that."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Attribute) and EXCUSES.fullmatch(ast.unparse(node)):
            found.add(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom) and node.module in {"pytest", "unittest"}:
            found |= {alias.name for alias in node.names if EXCUSES.match(f"self.{alias.name}")}
    return found


def test_no_test_is_skipped_or_excused() -> None:
    found = {
        shown(path): sorted(excuses(path))
        for path in python_files(TESTS)
        if excuses(path) and shown(path) not in MAY_SKIP
    }
    assert found == {}


def test_what_may_skip_fails_in_continuous_integration() -> None:
    for name in MAY_SKIP:
        text = (TESTS.parent / name).read_text(encoding="utf-8")
        skips = text.count("pytest.skip(")
        assert skips == text.count("pytest.fail(") == text.count('environ.get("CI")') > 0, name


def test_no_test_times_anything() -> None:
    found = {
        shown(path): sorted(words(path) & CLOCKS)
        for path in python_files(TESTS)
        if words(path) & CLOCKS
    }
    assert found == {}


def test_every_test_file_holds_a_test() -> None:
    empty = [
        shown(path)
        for path in python_files(TESTS)
        if path.name.startswith("test_")
        and not any(
            isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            for node in ast.walk(parsed(path))
        )
        and "TestCase" not in words(path)
        and not any(word.endswith("Contract") for word in words(path))
    ]
    assert empty == []
