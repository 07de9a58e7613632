"""The import contracts are kept; and each, broken on purpose in a copy, is seen to fail.

- A contract that cannot fail protects nothing: a typing error in a module's name would do it.
- The copy holds only Python files, so that nothing made at set-up is needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, SRC

RUN = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
# Contract, file of the copy that is made or added to, line that breaks the contract.
BREAKS = [
    ("library-alone", "muniment/errors.py", "import django"),
    ("library-alone", "muniment/archive/stray.py", "import muniment_server.settings"),
    ("library-layers", "muniment/errors.py", "import muniment.evidence.canonical"),
    ("library-layers", "muniment/custody/leaf.py", "import muniment.archive.layout"),
    ("library-layers", "muniment/verify/stray.py", "import muniment.capture.file"),
    ("library-layers", "muniment/egress/stray.py", "import muniment.sandbox"),
    ("library-layers", "muniment/stray.py", ""),
    ("verifier-apart", "muniment/verify/stray.py", "import muniment.evidence.canonical"),
    ("verifier-apart", "muniment/verify/stray.py", "import muniment.custody.merkle"),
    ("plugins-apart", "muniment/capture/folder.py", "import muniment.capture.file"),
    ("app-layers", "muniment_server/custody/models.py", "import muniment_server.catalogue.models"),
    ("app-layers", "muniment_server/database/lock.py", "import muniment_server.custody.models"),
    ("app-layers", "muniment_server/stray.py", ""),
    (
        "app-anatomy",
        "muniment_server/catalogue/models.py",
        "import muniment_server.catalogue.services",
    ),
    ("app-anatomy", "muniment_server/cases/stray.py", ""),
    (
        "tables-inside",
        "muniment_server/catalogue/views.py",
        "import muniment_server.catalogue.models",
    ),
    ("tables-inside", "muniment_server/commands/stray.py", "import muniment_server.custody.models"),
]


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Runs the linter over the sources in a folder, with the project's own configuration."""
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    return subprocess.run(
        [*RUN, "--no-cache", "--config", str(ROOT / "pyproject.toml"), *chosen],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The Python files of src/ in a folder of their own."""
    for path in SRC.rglob("*.py"):
        target = tmp_path / "src" / path.relative_to(SRC)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return tmp_path


def contracts() -> set[str]:
    """The identifiers of the contracts in the configuration."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"] for contract in configuration["tool"]["importlinter"]["contracts"]}


def test_the_contracts_are_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_is_broken_below() -> None:
    assert {contract for contract, _, _ in BREAKS} == contracts()


@pytest.mark.parametrize(("contract", "file", "line"), BREAKS)
def test_a_broken_contract_fails(copy: Path, contract: str, file: str, line: str) -> None:
    broken = copy / "src" / file
    before = broken.read_text(encoding="utf-8") if broken.is_file() else ""
    broken.write_text(f"{before}\n{line}\n", encoding="utf-8")
    result = lint(copy, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 broken" in result.stdout, result.stdout + result.stderr
