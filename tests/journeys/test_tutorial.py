"""The tutorial is true: every console block on the page is run, and prints what the page shows."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.journeys.console import differences, steps

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "tutorial" / "first-exhibit.md"


def environment(home: Path) -> dict[str, str]:
    """A reader's environment: the programs of this installation, a home, and nothing else."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"HOME": str(home), "LANG": "C.UTF-8", "PATH": programs, "COLUMNS": "80"}


@pytest.mark.slow
def test_first_exhibit_in_ten_minutes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    folder = tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    page = PAGE.read_text(encoding="utf-8")
    assert len(steps(page)) >= 10, "the page's commands were not found"
    assert "\n\n".join(differences(page, folder, environment(home))) == ""
