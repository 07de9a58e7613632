"""Words that would claim too much, and lookups that work on one database only."""

from __future__ import annotations

import ast
import re

from tests.architecture.tree import SRC, parsed, project_files, python_files, shown

# An item whose digests and proofs check is intact; "verified" is a judgement on content that a
# second person makes, so the library, which judges no content, does not have the word (it may
# quote it, to say so).
CLAIM = re.compile(r"(?<![\"'`“])\bverified\b", re.IGNORECASE)
# SQLite folds ASCII only: these find Cyrillic on PostgreSQL and not on SQLite.
FOLDING = re.compile(r"(?:^|__)i(?:contains|exact|startswith|endswith|regex)$")


def test_the_library_calls_nothing_verified() -> None:
    found = [
        f"{shown(path)}:{number} {line.strip()}"
        for path in project_files()
        if path.is_relative_to(SRC / "muniment")
        and not path.is_relative_to(SRC / "muniment" / "law" / "data")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CLAIM.search(line)
    ]
    assert found == []


def test_no_lookup_folds_case_in_the_database() -> None:
    found = []
    for path in python_files(SRC / "muniment_server"):
        for node in ast.walk(parsed(path)):
            word = node.arg if isinstance(node, ast.keyword) else None
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                word = node.value
            if word and FOLDING.search(word):
                found.append(f"{shown(path)}:{node.lineno} {word}")  # type: ignore[attr-defined]  # both node types have it
    assert found == []
