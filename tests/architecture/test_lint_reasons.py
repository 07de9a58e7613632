"""No rule is off without a reason beside it: in the configuration or on the line."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

from tests.architecture.tree import ROOT, SRC, TESTS, python_files, shown

RULE = re.compile(r'^\s*"[A-Z]+[0-9]*",(?P<rest>.*)$')
REASON = re.compile(r"^\s*#\s*\w+")
# `noqa: S608 - why`, `noqa: S608  # why`, `type: ignore[attr-defined]  # why`
SILENCED = re.compile(r"#\s*(?:noqa\b|type:\s*ignore|pyright:\s*ignore)(?P<rest>.*)$")
GIVEN = re.compile(r"^(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*|\[[\w, -]+\])\s*[-#:,]+\s*[`(]?\w+")


def comments(path: Path) -> list[tuple[int, str]]:
    """Each comment of a Python file with its line number."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def test_every_rule_that_is_off_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.isort]")]
    rules = [line for line in section.splitlines() if RULE.match(line) and '"ALL"' not in line]
    bare = [line for line in rules if not REASON.match(RULE.match(line)["rest"])]  # type: ignore[index]  # all match
    assert rules, "the ignore lists were not found"
    assert bare == []


def test_every_silenced_line_has_a_reason() -> None:
    bare = [
        f"{shown(path)}:{line} {comment}"
        for folder in (SRC, TESTS, ROOT / "tools")
        for path in python_files(folder)
        for line, comment in comments(path)
        if (silenced := SILENCED.search(comment)) and not GIVEN.match(silenced["rest"])
    ]
    assert bare == []


def test_no_baseline_and_no_excluded_file() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    linters = text[text.index("[tool.ruff]") : text.index("[tool.pytest]")]
    assert not re.search(r"^\s*(extend-)?exclude|baseline", linters, re.MULTILINE)
