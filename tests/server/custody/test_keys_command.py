"""Keys from the command line: a closed workspace, its sheet, rotation, and the way back."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from muniment.archive.keyring import Keyring
from muniment.archive.workspace import read_settings
from muniment.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.archive.workspace import Workspace

CANARY = b"canary-3c11 she saw the convoy from her kitchen"
_SHARE = re.compile(r"RECOVERY-SHARE-1[A-Z0-9]+")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command and return exit code and both outputs."""

    def command(*words: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let somebody type these lines."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def files(folder: Path) -> bytes:
    """Every byte below a folder."""
    return b"".join([path.read_bytes() for path in folder.rglob("*") if path.is_file()])


def test_a_compartment_is_made_used_and_given_a_new_key(
    workspace: Workspace, run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """What was added before the rotation is still there after it; the old key is on no file."""
    note = tmp_path / "note.txt"
    note.write_bytes(CANARY)
    at = ("-w", workspace.root)
    assert run(*at, "compartment", "add", "witnesses", "--title", "Witnesses")[0] == 0
    code, out, _ = run(*at, "add", "--json", "--compartment", "witnesses", note)
    assert code == 0
    [item] = json.loads(out)["items"]
    assert item["sha256"] not in "".join(p.name for p in workspace.archive.rglob("*"))
    assert CANARY not in files(workspace.root)
    [path] = workspace.keys.glob("compartment-*.key")
    old = path.read_text().splitlines()[1].encode()
    code, out, _ = run(*at, "keys", "rotate", "witnesses", "--json")
    assert (code, json.loads(out)) == (0, {"compartments": {"witnesses": 2}})  # item and its batch
    assert old not in files(workspace.keys)
    assert run(*at, "check")[0] == 0
    assert (
        run(*at, "export", item["number"], "--to", tmp_path / "one.zip", "--recipient", "x")[0] == 0
    )
    assert CANARY in (tmp_path / "one.zip").read_bytes()
    assert run(*at, "add", "--compartment", "nowhere", note)[0] == 2
    assert run(*at, "compartment", "add", "No Name")[0] == 2


def test_a_closed_workspace_comes_back_with_two_of_three_shares(
    run: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    template: Workspace,
) -> None:
    """The sheet holds what brings lost keys back; one share alone brings nothing back."""
    assert template.root.exists()
    root = tmp_path / "workspace"
    code, out, sheet = run("init", root, "--closed", "--shares", "2-of-3", "--json")
    shares = _SHARE.findall(sheet)
    assert code == 0
    assert len(shares) == 3
    assert "SHARE" not in out
    assert "SECRET" not in out + sheet
    workspace = read_settings(root)
    assert workspace.closed
    for share in shares:
        assert share.encode() not in files(root)
    note = tmp_path / "note.txt"
    note.write_bytes(CANARY)
    at = ("-w", root)
    assert run(*at, "add", note)[0] == 0
    assert CANARY not in files(root)
    assert run(*at, "check")[0] == 0

    [path] = workspace.keys.glob("compartment-*.key")
    path.unlink()
    assert run(*at, "check")[0] == 1
    typed(monkeypatch, shares[1])
    assert run(*at, "keys", "recover")[0] == 2
    other = tmp_path / "other"
    strange = _SHARE.findall(run("init", other, "--shares", "2-of-3")[2])
    typed(monkeypatch, strange[0], strange[1])
    assert run(*at, "keys", "recover")[0] == 2
    typed(monkeypatch, shares[2], shares[0])
    code, out, _ = run(*at, "keys", "recover", "--json")
    assert (code, json.loads(out)["compartments"]["closed"] > 0) == (0, True)
    assert run(*at, "check")[0] == 0
    assert len(Keyring(workspace.keys).compartments()) == 1


def test_the_sheet_is_printed_whole_without_shares(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, template: Workspace
) -> None:
    """And the machine keeps neither of the two private keys."""
    assert template.root.exists()
    _, out, sheet = run("init", tmp_path / "workspace", "--json")
    secrets = re.findall(r"AGE-SECRET-KEY-1[A-Z0-9]+", sheet)
    assert len(secrets) == 2
    assert not any(one in out for one in secrets)
    assert not any(one.encode() in files(tmp_path / "workspace") for one in secrets)
    assert run("init", tmp_path / "another", "--shares", "two")[0] == 2
    assert not (tmp_path / "another").exists()
