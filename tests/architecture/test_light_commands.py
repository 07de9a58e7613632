"""Help and `verify` start light: a judge's laptop needs no Django, and none is ever loaded."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from muniment.cli.main import main
try:
    code = main({arguments!r})
except SystemExit as ended:
    code = ended.code
print("loaded:", *sorted({{name.split(".")[0] for name in sys.modules}}), file=sys.stderr)
sys.exit(code)
"""


def loaded(*arguments: str, code: int) -> set[str]:
    """The packages that a command line loads."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(arguments=list(arguments))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("loaded:"))
    return set(line.split()[1:])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["verify", "--help"], 0),
        (["verify", "no-such-file.zip"], 2),
        (["law", "crimes"], 0),
    ],
)
def test_what_a_court_runs_never_loads_django(arguments: list[str], code: int) -> None:
    names = loaded(*arguments, code=code)
    assert "muniment" in names
    assert names.isdisjoint({"django", "allauth", "ninja", "sqlite3", "PIL", "c2pa", "magic"})


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"]])
def test_help_loads_neither_cryptography_nor_yaml(arguments: list[str]) -> None:
    assert loaded(*arguments, code=0).isdisjoint({"cryptography", "yaml"})


def test_adding_files_loads_neither_the_web_nor_the_network(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence.txt"
    evidence.write_bytes(b"SPECIMEN")
    loaded("init", str(tmp_path / "w"), code=0)
    names = loaded("-w", str(tmp_path / "w"), "add", str(evidence), code=0)
    assert "django" in names
    assert names.isdisjoint({"ninja", "httpcore", "granian"})
