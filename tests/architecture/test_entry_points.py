"""Commands and plugins of ours are found the way a stranger's are: by entry point, each of them."""

from __future__ import annotations

import ast
import importlib
import tomllib

from tests.architecture.tree import ROOT, SRC, parsed, python_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMMANDS = {"HELP", "configure", "run"}


def top_level_names(module: ast.Module) -> set[str]:
    """What a module defines: functions and assigned names."""
    names = {node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def test_every_command_module_is_an_entry_point_and_every_entry_point_a_command_module() -> None:
    modules = {
        path.relative_to(SRC).with_suffix("").as_posix().replace("/", ".")
        for folder in (SRC / "muniment" / "cli", SRC / "muniment_server")
        for path in python_files(folder)
        if top_level_names(parsed(path)) >= COMMANDS
    }
    assert modules == set(PROJECT["entry-points"]["muniment.commands"].values())


def test_every_entry_point_leads_to_something() -> None:
    for group, entries in PROJECT["entry-points"].items():
        for value in entries.values():
            module, _, name = value.partition(":")
            found = importlib.import_module(module)
            assert not name or hasattr(found, name), f"{group}: {value}"
