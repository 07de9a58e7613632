"""Two people at a terminal: one asks, another approves, and nothing is left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from muniment.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

GROUNDS = ("--authority", "Order 4/2026", "--reason", "no lawful basis")


@pytest.fixture
def run(
    workspace: Workspace,
    asker: Actor,
    giver: Actor,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[int, Any]]:
    """Run a command as a person; return its exit code and its document."""
    from muniment_server.accounts import queries, services

    tokens = {}
    for handle in ("asker", "giver"):
        person = queries.person(handle)
        assert person is not None
        tokens[handle] = services.new_token(person, "for this test")[1]

    def command(who: str, *words: str | Path) -> tuple[int, Any]:
        at = ["-w", str(workspace.root)]
        if who:
            monkeypatch.setenv("MUNIMENT_TOKEN", tokens[who])
            at += ["--as", who]
        capsys.readouterr()
        code = main([*at, *(str(word) for word in words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def test_two_people_shred(
    run: Callable[..., tuple[int, Any]], item: Item, workspace: Workspace
) -> None:
    code, told = run("asker", "request", "ask", "shred", item.number, *GROUNDS)
    assert code == 0
    [request] = told["requests"]
    assert (request["act"], request["stage"]) == ("item.shredded", "asked")
    answered = ("request", "approve", request["id"], "--reason", "I read the order")
    assert run("asker", *answered)[0] == 2
    code, told = run("giver", *answered)
    assert (code, told["requests"][0]["stage"]) == (0, "given")
    assert run("giver", *answered)[1]["error"]["code"] == "approval.answered"
    assert not list(workspace.archive.glob("objects/*/*"))
    code, told = run("", "check")
    assert (code, told["problems"]) == (0, [])
    assert run("", "request", "erase")[0] == 0


def test_the_machine_is_none_of_the_two(run: Callable[..., tuple[int, Any]], item: Item) -> None:
    code, told = run("", "request", "ask", "shred", item.number, *GROUNDS)
    assert (code, told["error"]["code"]) == (2, "approval.program")


def test_a_hold_stands_until_two_release_it(
    run: Callable[..., tuple[int, Any]], item: Item
) -> None:
    code, told = run("giver", "hold", "set", item.number, *GROUNDS)
    assert code == 0
    [hold] = told["holds"]
    shred = ("request", "ask", "shred", item.number, *GROUNDS)
    assert run("asker", *shred)[1]["error"]["code"] == "hold.stands"
    [request] = run("asker", "hold", "release", hold["id"], *GROUNDS)[1]["requests"]
    assert run("giver", "request", "approve", request["id"], "--reason", "it is over")[0] == 0
    assert run("asker", "hold", "list")[1] == {"holds": []}
    assert run("asker", *shred)[0] == 0


def test_a_redaction_is_a_rendition_and_the_original_stays(
    run: Callable[..., tuple[int, Any]], item: Item, tmp_path: Path
) -> None:
    from muniment_server.catalogue import queries

    left = tmp_path / "redacted.txt"
    left.write_bytes(b"SPECIMEN ***")
    asked = ("request", "ask", "redact", item.number, "--file", left, "--removed", "a name")
    [request] = run("asker", *asked, *GROUNDS)[1]["requests"]
    assert queries.renditions_of(item) == []
    assert run("giver", "request", "approve", request["id"], "--reason", "one name is gone")[0] == 0
    [part], [made] = queries.parts_of(item), queries.renditions_of(item)
    assert (made.kind, made.parent_sha256) == ("redaction", part.sha256)
    assert made.parameters == {"removed": "a name"}
    code, told = run("", "check")
    assert (code, told["problems"]) == (0, [])


def test_a_refused_redaction_leaves_no_bytes(
    run: Callable[..., tuple[int, Any]], item: Item, tmp_path: Path, workspace: Workspace
) -> None:
    left = tmp_path / "redacted.txt"
    left.write_bytes(b"SPECIMEN ***")
    asked = ("request", "ask", "redact", item.number, "--file", left, "--removed", "a name")
    [request] = run("asker", *asked, *GROUNDS)[1]["requests"]
    assert len(list(workspace.archive.glob("objects/*/*"))) == 2
    assert run("giver", "request", "refuse", request["id"], "--reason", "the name is there")[0] == 0
    assert run("", "request", "erase")[0] == 0
    assert len(list(workspace.archive.glob("objects/*/*"))) == 1


def test_what_is_deposited_aside_is_opened_by_nobody(
    run: Callable[..., tuple[int, Any]], tmp_path: Path
) -> None:
    unopened = tmp_path / "unopened.bin"
    unopened.write_bytes(b"\x00\x01")
    [item] = run("", "add", unopened, "--aside")[1]["items"]
    assert run("", "examine")[1] == {"findings": []}
    code, told = run("", "export", item["number"], "--to", tmp_path / "out.zip")
    assert (code, told["error"]["code"]) == (2, "item.barred")
