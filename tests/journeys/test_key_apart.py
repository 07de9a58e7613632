"""A workspace whose log key is another user's: every command works, and none can read the key."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.journeys.serving import muniment
from tests.library.seal.signing_process import (
    APPLICATION,
    SIGNER,
    SignerProcess,
    give,
    needs_other_users,
    place_for_others,
    python_of_others,
    run_as,
    started_as,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APART = ("log.key", "signed-heads", "access.key", "signed-access-heads")


class Office:
    """A workspace of the application's user beside a signer of its own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.folder = place / "home" / "workspace"
        self.folder.parent.mkdir()
        give(self.folder.parent, APPLICATION)
        self.origin = str(self.asked("init", str(self.folder), "--name", "SPECIMEN")["origin"])
        self.log_key = self.said("log", "key")
        self.signer = SignerProcess(place, [APPLICATION], SIGNER)
        for name in APART:
            (self.folder / "keys" / name).rename(self.signer.keys / name)
        self.signer.own()
        with (self.folder / "muniment.toml").open("a") as settings:
            settings.write(f'\n[signer]\nsocket = "{self.signer.socket}"\n')
        assert self.origin in self.signer.start()

    def said(self, *words: str, code: int = 0) -> str:
        """What a command of the application's user prints; it must end with this code."""
        done = run_as(
            APPLICATION, str(python_of_others()), "-m", "muniment", "-w", str(self.folder), *words,
            cwd=self.folder.parent,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def asked(self, *words: str, code: int = 0) -> dict[str, Any]:
        return dict(json.loads(self.said(*words, "--json", code=code)))

    def paper(self, text: str) -> str:
        path = self.folder.parent / f"{text}.txt"
        path.write_text(f"SPECIMEN {text}\n")
        return str(path)


@pytest.fixture
def office() -> Iterator[Office]:
    with place_for_others() as place:
        made = Office(place)
        yield made
        made.signer.kill()


@needs_other_users
def test_everything_works_and_nothing_reads_the_key(office: Office) -> None:
    assert office.said("log", "key") == office.log_key
    assert office.asked("add", office.paper("one"))["items"][0]["status"] == "received"
    office.said("work", "--once")
    assert office.asked("check")["ok"]
    bundle = str(office.folder.parent / "exhibit.zip")
    office.said("export", "M-00001", "--to", bundle)
    assert len(office.log_key.splitlines()) == 2
    given = ("--log-key", office.log_key)
    assert office.asked("verify", bundle, *given)["verdict"] == "intact_anchored"

    for name in APART:
        reading = run_as(APPLICATION, "cat", str(office.signer.keys / name), cwd=office.place)
        assert "Permission denied" in reading.stderr
        assert not (office.folder / "keys" / name).exists()


@pytest.mark.slow
@needs_other_users
def test_a_signer_that_was_killed_is_missed_and_nothing_is_lost(office: Office) -> None:
    office.said("add", office.paper("one"))
    office.signer.kill()
    refused = office.asked("add", office.paper("two"), code=3)
    assert "signer.silent" in json.dumps(refused)
    office.said("log", "key", code=3)
    office.signer.start()
    office.said("add", office.paper("two"))
    report = office.asked("check")
    assert report["ok"]
    assert report["objects"] == 2


@needs_other_users
def test_an_old_copy_put_back_is_refused_by_the_signer_alone(office: Office) -> None:
    """Everything the application's user may write is of yesterday: only the signer knows better."""
    before = office.place / "before"
    shutil.copytree(office.folder, before)
    office.said("add", office.paper("one"))
    shutil.rmtree(office.folder)
    shutil.copytree(before, office.folder)
    give(office.folder, APPLICATION)
    refused = office.asked("add", office.paper("two"), code=1)
    assert refused["error"]["code"] == "workspace.refused"


@pytest.mark.slow
@needs_other_users
def test_a_workspace_comes_back_from_its_copy(office: Office) -> None:
    office.said("add", office.paper("one"))
    copies, again = office.folder.parent / "copies", office.folder.parent / "again"
    office.said("backup", str(copies))
    restored = office.asked("restore", str(copies), str(again))
    assert restored["problems"] == []
    rebuilt = office.folder.parent / "rebuilt"
    words = ["rebuild", "--from", str(office.folder / "archive"), "--keys"]
    words += [str(office.folder / "keys"), "--signer", str(office.signer.socket), str(rebuilt)]
    assert office.asked(*words)["objects"] == 1
    office.folder = rebuilt
    assert office.asked("add", office.paper("two"))["items"][0]["number"] == "M-00002"


@pytest.mark.slow
@needs_other_users
def test_the_pages_are_served_without_the_key(office: Office) -> None:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    words = ["-m", "muniment", "-w", str(office.folder), "serve", "--port", str(port)]
    with started_as(APPLICATION, str(python_of_others()), *words, cwd=office.folder) as server:
        page = fetched(f"http://localhost:{port}/log-in/login/", server)
    assert "<form" in page
    report = office.asked("check")
    assert report["ok"]


def fetched(address: str, server: subprocess.Popen[bytes]) -> str:
    """What a server says once it does."""
    for _ in range(480):
        assert server.poll() is None, "the server stopped"
        with suppress(URLError), urlopen(address) as answer:
            return str(answer.read().decode())
        time.sleep(0.25)
    raise TimeoutError(address)


def test_the_recovery_sheet_names_both_keys(tmp_path: Path) -> None:
    made = muniment(tmp_path / "workspace", "init", str(tmp_path / "workspace"))
    first, second = muniment(tmp_path / "workspace", "log", "key").stdout.splitlines()
    assert first in made.stderr
    assert hashlib.sha256(second.encode()).hexdigest() in made.stderr


@needs_other_users
def test_a_key_that_is_in_both_places_is_not_used(office: Office) -> None:
    shutil.copy(office.signer.keys / "log.key", office.folder / "keys" / "log.key")
    refused = office.asked("add", office.paper("one"), code=2)
    assert refused["error"]["code"] == "signer.key_here"
