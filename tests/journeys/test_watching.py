"""The guide for witnesses is true: its commands are run as they stand there, in two places."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from muniment.archive.workspace import Workspace, write_settings
from muniment.custody.keys import SigningKey
from muniment.seal.key_file import write_new
from tests.library.archive.ledger import ORIGIN, Ledger

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "watch-a-log.md"
COMMANDS = re.compile(r"^<!-- run in: (\w+) -->\n```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STICK = "/media/stick"


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A workspace `log` with a published log, a folder `witness`, and what is carried between."""
    workspace = Workspace(tmp_path / "log", "Test", ORIGIN, "0" * 32)
    for folder in (workspace.root, workspace.archive, workspace.keys):
        folder.mkdir()
    for name in ("witness", "stick"):
        (tmp_path / name).mkdir()
    write_settings(workspace)
    ledger = Ledger(workspace.archive, SigningKey.generate(ORIGIN))
    write_new(workspace.log_key, ledger.key.text.encode() + b"\n")
    ledger.append(7)
    ledger.publish()
    return tmp_path


def run(places: Path, where: str, text: str) -> str:
    """Run a block of the page in one of the two places, as a shell does."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text.replace(STICK, str(places / "stick"))],
        cwd=places / where,
        env={"PATH": path, "HOME": str(places), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_of_the_page_get_a_head_cosigned_and_kept(places: Path) -> None:
    blocks = COMMANDS.findall(PAGE.read_text(encoding="utf-8"))
    assert [where for where, _ in blocks] == ["witness", "log", "witness", "log", "log"]
    said = ""
    for where, text in blocks:
        if "--witness west" in text:
            key = (places / "witness" / "witness.pub").read_text().strip()
            policy = f"witness west {key}\nquorum west\n"
            (places / "log" / "witnesses.policy").write_text(policy)
        said = run(places, where, text)
    assert said == "7 entries: 1 of 1 witnesses cosigned, a quorum; 1 new.\n"
    kept = (places / "log" / "archive" / "log" / "checkpoints" / "7").read_text()
    assert kept == (places / "stick" / "cosigned").read_text()
    assert "— witness.example.org/w1 " in kept
