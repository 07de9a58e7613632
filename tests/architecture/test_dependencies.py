"""What the source imports is declared, and what is declared has its line in decision 0010."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.tree import ROOT, SRC, parsed, python_files, shown

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {"muniment", "muniment_server"}
DISTRIBUTIONS = packages_distributions()


def named(requirements: list[str]) -> set[str]:
    """The distributions that requirements name, as the index spells them for comparing."""
    words = (re.split(r"[\[<>=~!; ]", requirement, maxsplit=1)[0] for requirement in requirements)
    return {normal(word) for word in words} - {"muniment"}


def normal(name: str) -> str:
    """A distribution's name without differences that do not count."""
    return re.sub(r"[-_.]+", "-", name).lower()


GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
CORE = named(PROJECT["dependencies"])
EXTRAS = {name: named(listed) for name, listed in PROJECT["optional-dependencies"].items()}


def imported(path: Path) -> set[str]:
    """The top-level packages of others that a file imports."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - OURS - sys.stdlib_module_names


def undeclared(folder: Path, declared: set[str]) -> dict[str, set[str]]:
    """Files of a folder that import what is not declared."""
    found = {}
    for path in python_files(folder):
        foreign = {
            package
            for package in imported(path)
            if declared.isdisjoint(normal(name) for name in DISTRIBUTIONS.get(package, []))
        }
        if foreign:
            found[shown(path)] = foreign
    return found


def test_the_library_imports_what_it_declares() -> None:
    assert undeclared(SRC / "muniment", CORE | EXTRAS["examine"]) == {}


def test_only_examinations_import_what_examines() -> None:
    looking = {SRC / "muniment" / "examine", SRC / "muniment" / "sandbox"}
    found = {
        path: foreign
        for path, foreign in undeclared(SRC / "muniment", CORE).items()
        if not any((ROOT / path).is_relative_to(folder) for folder in looking)
    }
    assert found == {}


def test_the_application_imports_what_it_declares() -> None:
    found = undeclared(SRC / "muniment_server", CORE.union(*EXTRAS.values()))
    assert {path: foreign for path, foreign in found.items() if "/benchmarks/" not in path} == {}


def test_benchmarks_import_no_peer_that_development_does_not_lock() -> None:
    folder = SRC / "muniment_server" / "commands" / "benchmarks"
    assert undeclared(folder, CORE.union(named(GROUPS["dev"]), *EXTRAS.values())) == {}


def test_every_dependency_has_its_line() -> None:
    page = (ROOT / "docs" / "decisions" / "0010-dependencies.md").read_text(encoding="utf-8")
    rows = {normal(word) for word in re.findall(r"[\w.-]+", page)}
    assert CORE.union(*EXTRAS.values()) - rows == set()


def locked(lock: str) -> set[str]:
    """The distributions of a lock."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return {normal(name) for name in re.findall(r"^([\w.-]+)==", text, flags=re.MULTILINE)}


def test_every_lock_holds_what_it_is_for() -> None:
    served = CORE.union(*EXTRAS.values())
    assert CORE - locked("library.txt") == set()
    assert served - locked("server.txt") == set()
    assert (served | named(GROUPS["dev"])) - locked("dev.txt") == set()
    assert named(GROUPS["node"]) - locked("node.txt") == set()
