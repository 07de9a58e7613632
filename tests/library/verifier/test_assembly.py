"""The one file: what it may use, that it stays itself, that it runs where nothing of ours is."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from muniment.export import verifier_assembly
from muniment.export.verifier_assembly import assemble
from tests.library.verify.exhibits import exhibit
from tests.library.verify.second_writer import LOG_KEY

if TYPE_CHECKING:
    from pathlib import Path

TEXT = assemble()
MODULE = ast.parse(TEXT)
PARTS = {
    part: ast.parse((files("muniment.export") / "verifier" / f"{part}.py").read_text("utf-8"))
    for part in verifier_assembly._PARTS
}


def test_it_is_the_same_text_each_time() -> None:
    assert assemble() == TEXT


def test_all_parts_are_in_it() -> None:
    found = {
        path.name.removesuffix(".py") for path in (files("muniment.export") / "verifier").iterdir()
    }
    assert found - {"__init__", "__pycache__"} == set(PARTS)


def code(module: ast.Module) -> list[str]:
    """What a module does, statement by statement, without imports and headings."""
    return [
        ast.unparse(statement)
        for statement in module.body
        if not isinstance(statement, ast.Import | ast.ImportFrom | ast.If | ast.Expr)
    ]


def test_it_does_what_its_parts_do() -> None:
    assert code(MODULE) == [line for module in PARTS.values() for line in code(module)]


def test_it_is_free_to_keep_and_says_so() -> None:
    assert TEXT.startswith("#!/usr/bin/env python3\n# SPDX-License-Identifier: 0BSD\n")
    for part in PARTS:
        source = (files("muniment.export") / "verifier" / f"{part}.py").read_text("utf-8")
        assert source.startswith("# SPDX-License-Identifier: 0BSD\n")


def test_it_imports_the_standard_library_alone() -> None:
    imported: set[str] = set()
    for node in ast.walk(MODULE):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module).partition(".")[0])
    assert imported <= sys.stdlib_module_names
    assert not imported & {"socket", "urllib", "http", "ctypes", "pickle", "zipfile"}


def test_parts_import_only_parts_before_them() -> None:
    before: set[str] = set()
    for part, module in PARTS.items():
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("muniment"):
                package, _, name = str(node.module).rpartition(".")
                assert package == "muniment.export.verifier", part
                assert name in before, part
                assert all(alias.asname is None for alias in node.names), part
        before.add(part)


def test_no_name_stands_twice() -> None:
    names: Counter[str] = Counter()
    for statement in MODULE.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names[statement.name] += 1
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                names.update(node.id for node in ast.walk(target) if isinstance(node, ast.Name))
    assert [name for name, count in names.items() if count > 1] == []


def test_it_is_python_3_8() -> None:
    ast.parse(TEXT, feature_version=(3, 8))
    # Methods and functions that came later, by name, as far as this program could want them.
    later = r"\.(removeprefix|removesuffix|bit_count|hardlink_to|walk)\(|zip\(.*strict|pairwise"
    assert not re.search(later, TEXT)


def test_it_writes_nothing_and_runs_nothing_but_openssl() -> None:
    # custody-log §8: it calls openssl for time tokens where that exists, which the standard library
    # cannot check. One function does, for a reader who brought a root, on copies of its own.
    (asking,) = [
        node
        for node in MODULE.body
        if isinstance(node, ast.FunctionDef) and node.name == "openssl_accepts"
    ]
    (run,) = [
        node
        for node in ast.walk(MODULE)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("subprocess.")
    ]
    assert run in [*ast.walk(asking)]
    assert ast.unparse(run.args[0]).startswith("[program, *words,")
    rest = [node for node in MODULE.body if node is not asking]
    called = {
        ast.unparse(node.func)
        for one in rest
        for node in ast.walk(one)
        if isinstance(node, ast.Call)
    }
    assert not called & {"eval", "exec", "compile", "open", "__import__"}
    methods = {name.rpartition(".")[2] for name in called}
    assert not methods & {"write_bytes", "write_text", "mkdir", "unlink", "rename", "remove"}
    assert not methods & {"system", "popen", "spawn", "fork", "execv"}
    modes = [
        argument.value
        for node in ast.walk(MODULE)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "open"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    ]
    assert modes
    assert set(modes) == {"rb"}


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", *words], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """A bag that carries the real program, which the log signed with the rest."""
    from tests.library.verify import exhibits

    def with_program(files: dict[str, bytes]) -> dict[str, bytes]:
        return {**files, "verify.py": TEXT.encode()}

    plan = exhibits.Plan(hooks={"selected": with_program})
    return exhibit(plan).extract(tmp_path / "bag")


def test_it_checks_the_folder_it_lies_in(bag: Path) -> None:
    done = run("verify.py", cwd=bag)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()[:2]
    assert first.startswith("SPECIMEN · intact_self_attested: ")
    assert second == "This says nothing about whether the content is true."
    assert sorted(path.name for path in bag.iterdir()) == sorted(
        path.name for path in bag.iterdir() if path.name != "__pycache__"
    )


def test_it_says_the_same_from_elsewhere(bag: Path, tmp_path: Path) -> None:
    done = run(str(bag / "verify.py"), "--json", "--log-key", LOG_KEY.text, cwd=tmp_path)
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["verdict"] == "intact_anchored"
    assert set(report) == {"verdict", "log_key", "verdicts"}


def test_it_refuses_with_exit_code_1(bag: Path) -> None:
    (bag / "VERIFY.md").write_bytes(b"changed")
    done = run("verify.py", cwd=bag)
    assert done.returncode == 1
    assert done.stdout.startswith("SPECIMEN · refused: bytes_intact failed: ")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["none.zip"], "verify.not_found"),
        (["--require", "truth"], "verify.require"),
        (["--log-key", "none"], "verify.log_key"),
        (["--log-key", "empty.txt"], "verify.log_key"),
        (["--log-key", "wrong.txt"], "verify.log_key"),
        (["--bogus"], "verify.usage"),
        (["/dev/null"], "verify.unreadable"),
    ],
)
def test_it_says_what_is_wrong_with_the_request(bag: Path, words: list[str], code: str) -> None:
    (bag.parent / "empty.txt").write_bytes(b"# no keys\n")
    (bag.parent / "wrong.txt").write_bytes(b"no key\n")
    program = str(bag / "verify.py")
    done = run(program, *words, cwd=bag.parent)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("verify.py: ")
    assert len(done.stderr.splitlines()) == 2
    as_json = run(program, *words, "--json", cwd=bag.parent)
    assert (as_json.returncode, as_json.stderr) == (2, "")
    assert json.loads(as_json.stdout)["error"]["code"] == code
    assert set(json.loads(as_json.stdout)["error"]) == {"code", "message", "hint"}
