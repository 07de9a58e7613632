"""`muniment add` of a folder around the workspace: everything but the workspace itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from muniment.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.archive.workspace import Workspace


def test_the_workspace_is_left_out_and_a_line_says_so(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "film.mp4").write_bytes(b"SPECIMEN")
    code = main(["-w", str(workspace.root), "--json", "add", "-r", str(tmp_path)])
    assert code == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert [one["name"] for one in told["items"]] == ["card/film.mp4"]
    (left_out,) = told["errors"]
    assert left_out["code"] == "folder.excluded"
    assert left_out["path"] == str(workspace.root)
    assert f"{workspace.root} is left out: it is this workspace" in printed.err


def test_a_workspace_cannot_be_added_to_itself(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-w", str(workspace.root), "--json", "add", "-r", str(workspace.root)])
    told = json.loads(capsys.readouterr().out)
    assert (code, told["items"]) == (2, [])
    assert [one["code"] for one in told["errors"]] == ["folder.own"]
