"""What a worker does for the access log, and when; and the command that does it by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from muniment.archive.access_rules import AccessRules
from muniment.archive.workspace import write_settings
from muniment.cli.main import main
from tests.server.conftest import enter

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


def test_each_step_has_its_time_and_a_failure_is_told(
    workspace: Workspace,
    machine: Actor,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from muniment.errors import Unavailable
    from muniment_server.commands.tending import Tending
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.services import retention

    enter(replace(workspace, access_rules=AccessRules(keep_days=365)))
    done: list[str] = []
    now = [0.0]

    def busy(_by: Actor) -> None:
        done.append("end")
        raise Unavailable("somebody reads", code="database.not_swept")

    monkeypatch.setattr(publishing, "keep_readings", lambda: done.append("keep"))
    monkeypatch.setattr(retention, "flag_volumes", lambda _by: done.append("count"))
    monkeypatch.setattr(retention, "expire_readings", busy)
    tending = Tending(machine, lambda: now[0])
    for moment in (0.0, 0.5, 1.0, 600.0, 90_000.0):
        now[0] = moment
        tending.step()
        done.append("|")
    assert "".join(one[0] for one in done) == "kce||k|kc|kce|"
    assert "somebody reads" in capsys.readouterr().err


def test_without_a_rule_nothing_is_ended(machine: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    from muniment_server.commands.tending import Tending
    from muniment_server.custody.services import retention

    ended: list[Actor] = []
    monkeypatch.setattr(retention, "expire_readings", ended.append)
    Tending(machine).step()
    assert ended == []


def test_the_command_shows_and_ends(
    workspace: Workspace,
    machine: Actor,
    items: Callable[..., list[Item]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    from muniment_server.catalogue import queries

    def run(*words: str) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        code = main(["-w", str(workspace.root), "--json", "readings", *words])
        return code, json.loads(capsys.readouterr().out)

    (item,) = items("a")
    queries.item(machine, item.number)
    code, shown = run("list")
    records: list[dict[str, object]] = shown["records"]  # type: ignore[assignment]  # a document
    assert (code, [(one["kind"], one["on"]) for one in records]) == (
        0,
        [("listed", "accesses"), ("viewed", item.number)],
    )
    code, shown = run("unusual")
    assert (code, shown["records"]) == (0, [])
    code, shown = run("expire")
    assert (code, shown["error"]["code"]) == (2, "access.no_rule")  # type: ignore[index]  # as above
    write_settings(replace(workspace, access_rules=AccessRules(keep_days=365)))
    assert run("expire") == (0, {"removed": 0, "held": 0})


def test_the_log_of_readings_speaks_the_same_formats(
    workspace: Workspace,
    machine: Actor,
    items: Callable[..., list[Item]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    from muniment.custody.keys import VerifierKey
    from muniment.custody.note import check_note, parse_note
    from muniment_server.catalogue import queries
    from muniment_server.custody.ledger import publishing

    (item,) = items("a")
    for _ in range(3):
        queries.item(machine, item.number)
    publishing.publish_readings()

    def run(*words: str) -> str:
        capsys.readouterr()
        assert main(["-w", str(workspace.root), "log", "--access", *words]) == 0
        return capsys.readouterr().out

    key = VerifierKey.parse(run("key").splitlines()[0])
    assert key.name == f"{workspace.origin}/access"
    note = run("checkpoint")
    assert check_note(parse_note(note.encode()), key)
    proof = run("proof", "1")
    assert proof.startswith("c2sp.org/tlog-proof@v1\n")
    assert note in proof
    assert run("consistency", "1", "3")
    assert main(["-w", str(workspace.root), "log", "--access", "witness", "request"]) == 2
