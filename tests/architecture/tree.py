"""What the architecture tests look at: the files of the project, and Python as syntax trees."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
TESTS = ROOT / "tests"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is or could be committed: what git tracks, and what it does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = (ROOT / name for name in listed.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def python_files(folder: Path) -> list[Path]:
    """The project's Python files under a folder."""
    return [
        path for path in project_files() if path.suffix == ".py" and path.is_relative_to(folder)
    ]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_bytes(), filename=str(path))


def functions(path: Path) -> list[Function]:
    """Every function and method of a file, inner ones included."""
    return [node for node in ast.walk(parsed(path)) if isinstance(node, Function)]


def shown(path: Path) -> str:
    """The path as a person writes it, from the root of the project."""
    return path.relative_to(ROOT).as_posix()
