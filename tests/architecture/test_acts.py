"""Nothing is written but by an act: services write through the seam, doors do not write at all."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from muniment.evidence.acts import ACTS
from tests.architecture.tree import SRC, Function, parsed, python_files, shown

SERVER = SRC / "muniment_server"
SEAM = {"act", "act_many"}
DOORS = {"views", "api", "tasks", "admin", "commands", "templatetags", "doors", "urls"}
ON_ROWS = {"save", "delete"}
ON_QUERIES = {
    "create",
    "bulk_create",
    "get_or_create",
    "update",
    "update_or_create",
    "bulk_update",
    "delete",
}
# The limit that acts are measured against: the same rows without a log, in a workspace of its own.
MEASURES_WITHOUT_A_LOG = {"src/muniment_server/commands/benchmarks/acts_rows.py"}
# The local class of models: how people sign in, and what waits for a worker. Not in the archive, so
# written without an act. And what is derived from acts, where a service writes it inside them.
LOCAL = {
    "DBTaskResult",
    "Draft",
    "Enrolment",
    "Erasure",
    "Job",
    "Mark",
    "Receipt",
    "Token",
    "User",
    "Withdrawn",
}


def part_of_app(path: Path) -> str:
    """Which part of its app's anatomy a module belongs to: `services`, `views`, …"""
    inside = path.relative_to(SERVER).with_suffix("").parts
    return inside[1] if len(inside) > 1 and inside[0] not in DOORS else inside[0]


def written(tree: ast.AST) -> list[str]:
    """The calls in a tree that write recorded rows to the database."""
    writes = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        asked, word = ast.unparse(node.func.value), node.func.attr
        model = re.match(r"(\w+)\.(objects|_default_manager)\b", asked)
        if word in ON_QUERIES and ("objects" in asked or "filter(" in asked):
            if not (model and model[1] in LOCAL):
                writes.append(ast.unparse(node.func))
        # Given a place to save to, it is a picture or a file.
        elif word in ON_ROWS and not node.args and asked.capitalize() not in LOCAL:
            writes.append(ast.unparse(node.func))
    return writes


def seam(function: Function) -> list[str]:
    """The kinds of act that a function is."""
    return [
        str(decorator.args[0].value)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func) in SEAM
        and isinstance(decorator.args[0], ast.Constant)
    ]


def services() -> list[tuple[Path, Function]]:
    """Every function that stands at the top of a services module."""
    return [
        (path, node)
        for path in python_files(SERVER)
        if part_of_app(path) == "services"
        for node in parsed(path).body
        if isinstance(node, Function)
    ]


def test_services_are_acts() -> None:
    found = [kind for _, function in services() for kind in seam(function)]
    assert len(found) > 10, "the services were not found"
    assert set(found) - set(ACTS) == set()


def test_no_service_writes_past_the_seam() -> None:
    past = {
        f"{shown(path)} {function.name}": written(function)
        for path, function in services()
        if written(function)
    }
    assert past == {}


def test_local_models_are_not_recorded() -> None:
    recorded = {"Recorded", "Root", "Relation"}
    for path in python_files(SERVER):
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef) and node.name in LOCAL:
                assert recorded.isdisjoint(ast.unparse(base) for base in node.bases), node.name


def test_no_door_writes() -> None:
    past = {
        shown(path): written(parsed(path))
        for path in python_files(SERVER)
        if part_of_app(path) in DOORS
        and written(parsed(path))
        and shown(path) not in MEASURES_WITHOUT_A_LOG
    }
    assert past == {}


def test_acts_take_who_acts_first_and_a_reason_where_they_undo() -> None:
    wrong = []
    for path, function in services():
        for kind in seam(function):
            arguments = function.args
            first = arguments.args[0].arg if arguments.args else ""
            named = {argument.arg for argument in arguments.kwonlyargs}
            undoes = kind.split(".")[1] in {"revoked", "removed", "ended", "declassified"}
            if first != "by" or (undoes and "reason" not in named):
                wrong.append(f"{shown(path)} {function.name}")
    assert wrong == []
