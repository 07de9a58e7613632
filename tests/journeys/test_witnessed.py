"""A log watched by others: a worker asks them, pages say so, a bundle proves it to every reader."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.serving import muniment, served
from tests.library.exhibit.browser import chromium, reader
from tests.library.verify.readers import assembled, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("north", "south", "east")
LATER = "an ML-DSA-44 signature is present and was not checked"


def asked(workspace: Path, *words: str, code: int = 0) -> dict[str, Any]:
    """What a command says with --json; it must end with this code."""
    done = subprocess.run(
        [sys.executable, "-m", "muniment", "-w", str(workspace), *words, "--json"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


@contextmanager
def watching(workspace: Path, name: str) -> Iterator[str]:
    """Run a witness that watches a workspace's log; gives its address."""
    state = workspace.parent / name
    words = [sys.executable, "-m", "muniment", "log", "witness", "serve", "--port", "0"]
    words += ["--state", str(state), "--log-key", str(workspace.parent / "log.pub"), "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        try:
            yield str(json.loads(server.stdout.readline())["url"])
        finally:
            server.terminate()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with a file, whose settings let this machine be reached, and three witnesses."""
    folder = tmp_path / "workspace"
    muniment(folder, "init", str(folder), "--name", "SPECIMEN archive")
    with (folder / "muniment.toml").open("a") as settings:
        settings.write('\n[egress]\nnetworks = ["127.0.0.0/8"]\n')
    (tmp_path / "log.pub").write_text(muniment(folder, "log", "key").stdout)
    for name in NAMES:
        made = muniment(
            folder,
            "log",
            "witness",
            "init",
            "--state",
            str(tmp_path / name),
            "--name",
            f"{name}.invalid",
        )
        (tmp_path / f"{name}.pub").write_text(made.stdout)
    paper = tmp_path / "SPECIMEN.txt"
    paper.write_text("SPECIMEN: seen at noon\n")
    muniment(folder, "add", str(paper))
    return folder


def name_witnesses(workspace: Path, addresses: dict[str, str]) -> None:
    """Write the policy: two of the three."""
    lines = [
        f"witness {name} {(workspace.parent / f'{name}.pub').read_text().strip()} {addresses[name]}"
        for name in NAMES
    ]
    text = "\n".join([*lines, f"group partners 2 {' '.join(NAMES)}", "quorum partners", ""])
    (workspace / "witnesses.policy").write_text(text)


@pytest.mark.slow
def test_add_work_export_and_every_reader_says_who_saw_it(workspace: Path, tmp_path: Path) -> None:
    log_key = (tmp_path / "log.pub").read_text().strip()
    bundle, later = tmp_path / "exhibit.zip", tmp_path / "later.zip"
    with watching(workspace, "north") as north, watching(workspace, "south") as south:
        name_witnesses(workspace, {"north": north, "south": south, "east": "http://127.0.0.1:9"})
        worked = asked(workspace, "work", "--once", code=3)  # one of the three does not answer
        assert (worked["done"], worked["jobs"]) == (1, [])
        stand = {one["name"]: one for one in worked["witnesses"]}
        assert [stand[name]["failures"] for name in NAMES] == [0, 0, 1]
        assert asked(workspace, "work", "--list")["witnesses"] == worked["witnesses"]
        asked(workspace, "export", "M-00001", "--to", str(bundle))
        waited = asked(workspace, "export", "M-00001", "--to", str(later), "--wait", "60")
    _check(bundle, log_key, tmp_path / "a", "2 of 3")
    _check(later, log_key, tmp_path / "b", "2 of 3")
    again = tmp_path / "again.zip"
    asked(workspace, "export", "--act", waited["act"], "--to", str(again))
    assert again.read_bytes() == later.read_bytes()
    assert asked(workspace, "check")["ok"]
    # Nobody answers any more: the act stays and the bundle comes when somebody does.
    late = tmp_path / "late.zip"
    error = asked(workspace, "export", "M-00001", "--to", str(late), "--wait", "0", code=3)["error"]
    assert error["code"] == "export.not_witnessed"
    assert not late.exists()
    with watching(workspace, "north") as north, watching(workspace, "south") as south:
        name_witnesses(workspace, {"north": north, "south": south, "east": "http://127.0.0.1:9"})
        act = error["hint"].split("--act ")[1].split()[0]
        asked(workspace, "export", "--act", act, "--to", str(late), "--wait", "60")
    _check(late, log_key, tmp_path / "c", "2 of 3")


def _check(bundle: Path, log_key: str, folder: Path, count: str) -> None:
    """All three readers must say that the bundle was witnessed, and by how many."""
    outcome = read(bundle, keys=[log_key], require=["witnessed"], stand_alone=assembled())
    assert outcome.verdict == "intact_anchored", outcome.details
    assert outcome.states["witnessed"] == "proved"
    assert count in outcome.details["witnessed"]
    assert count in outcome.stand_alone["witnessed"]
    with zipfile.ZipFile(bundle) as held:
        held.extractall(folder)
    (page,) = folder.glob("*/record.html")
    with chromium() as browser, reader(browser) as recipient:
        recipient.open(page)
        recipient.hand_over(bundle)
        assert recipient.bring_key(log_key) == "intact_anchored"
        said = recipient.verdicts["witnessed"]
        assert said["state"] == "proved"
        assert count in said["detail"]
        assert LATER in recipient.verdicts["included"]["detail"]
        assert recipient.errors == []
    assert LATER in outcome.stand_alone["included"]
    assert "signed with ML-DSA-44 as well" in outcome.details["included"]


@pytest.mark.slow
def test_a_worker_beside_the_server_asks_by_itself(workspace: Path) -> None:
    with watching(workspace, "north") as north, watching(workspace, "south") as south:
        name_witnesses(workspace, {"north": north, "south": south, "east": "http://127.0.0.1:9"})
        with served(workspace):
            until = time.monotonic() + 120
            while not _signed(workspace):
                assert time.monotonic() < until, "nobody signed"
                time.sleep(0.5)
    assert asked(workspace, "check")["ok"]


def _signed(workspace: Path) -> bool:
    """Whether the published head bears the lines of two witnesses."""
    log = workspace / "archive" / "log"
    size = (log / "checkpoint").read_text().split("\n")[1]
    kept = (log / "checkpoints" / size).read_text()
    return "north.invalid" in kept and "south.invalid" in kept
