"""Time tokens from the worker to the bundle: asked, kept, shown, handed on, the same for ever."""

from __future__ import annotations

import json
import subprocess
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from muniment.archive.time_tokens import KeptToken, tokens_over
from muniment.cli.main import main
from muniment.errors import InvalidInput
from muniment.seal.rfc3161 import Qualification, Standing
from muniment.testing.simulated_authority import NAME, SimulatedAuthority
from tests.server.timekeeping import time_stamped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.disclosure.models import Package


@pytest.fixture
def authority(workspace: Workspace) -> Iterator[SimulatedAuthority]:
    with time_stamped(workspace) as one:
        yield one


def stamp() -> int:
    """Publish and ask, as when the last head was chosen long ago; the size that was stamped."""
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.services.stamping import time_queue

    publishing.publish()
    queries.workspace().time_state.unlink(missing_ok=True)
    outcome = time_queue().ask()
    assert outcome.failed == {}
    return outcome.size if outcome.stamped else 0


def export(machine: Actor, items: list[Item], to: Path) -> tuple[Any, bytes]:
    from muniment.plugins import exporters
    from muniment_server.disclosure.services import Order, export

    package, written = export(machine, items, Order("a court"), exporters()["exhibit"], to)
    return package, written.path.read_bytes()


class Given(NamedTuple):
    """A film, the size of the head stamped above it, and what was given out with that token."""

    film: Item
    size: int
    package: Package
    data: bytes


@pytest.fixture
def given(
    authority: SimulatedAuthority, machine: Actor, items: Callable[..., list[Item]], tmp_path: Path
) -> Given:
    [film] = items("film")
    size = stamp()
    return Given(film, size, *export(machine, [film], tmp_path / "first.zip"))


def verdict(path: Path, *roots: SimulatedAuthority) -> tuple[str, str]:
    """What `muniment verify` says of time in a bundle, which is intact."""
    from muniment.verify import verify
    from muniment.verify.report import Overall

    brought = [one.root.certificate for one in roots]
    report = verify(path, log_keys=(), require=frozenset(), time_roots=brought)
    assert report.verdict is Overall.INTACT_SELF_ATTESTED
    found = report.verdicts["existed_before"]
    return str(found.state), found.detail


def inside(path: Path) -> list[str]:
    """The files of the tokens in a bundle."""
    with zipfile.ZipFile(path) as bag:
        return sorted(
            name.partition("/custody/tsa/")[2] for name in bag.namelist() if "/custody/tsa/" in name
        )


def test_a_bundle_carries_the_first_tokens_and_comes_again_the_same(
    authority: SimulatedAuthority,
    machine: Actor,
    items: Callable[..., list[Item]],
    tmp_path: Path,
) -> None:
    from muniment.plugins import exporters
    from muniment_server.disclosure.services import export_again

    early, bare = items("early"), tmp_path / "bare.zip"
    package, without = export(machine, early, bare)
    assert (verdict(bare, authority)[0], inside(bare)) == ("absent", [])
    first = stamp()
    late = items("late")
    second = stamp()
    assert 0 < first < second

    both = tmp_path / "both.zip"
    whole, data = export(machine, [*early, *late], both)
    expected = [f"{size}{end}" for size in (first, second)
                for end in ("-1.ocsp", "-1.pem", "-1.tsr", ".note")]  # fmt: skip
    assert inside(both) == sorted(expected)
    state, words = verdict(both, authority)
    assert (state, f"size {first}" in words, f"size {second}" in words) == ("proved", True, True)
    assert verdict(both, SimulatedAuthority())[0] == "absent"
    alone = tmp_path / "alone.zip"
    export(machine, early, alone)
    assert {name.partition("-")[0].partition(".")[0] for name in inside(alone)} == {str(first)}

    # Whatever is stamped later: each act gives what it gave.
    items("later still")
    assert stamp() > second
    for one, bytes_then in ((package, without), (whole, data)):
        again = tmp_path / f"{one.number}-again.zip"
        export_again(machine, one, exporters()["exhibit"], again)
        assert again.read_bytes() == bytes_then


def test_a_second_token_over_the_same_head_changes_no_earlier_export(
    authority: SimulatedAuthority,
    machine: Actor,
    given: Given,
    workspace: Workspace,
    tmp_path: Path,
) -> None:
    from muniment.plugins import exporters
    from muniment_server.disclosure.services import export_again

    film, size, package, data = given
    assert stamp() > size
    # Another token over the first head, kept after the export, as a second authority's would be.
    from muniment.archive.log_files import read_kept
    from muniment.archive.time_settings import authorities_of, egress_rule
    from muniment.egress import Egress
    from muniment.seal.rfc3161.client import request_stamp
    from muniment_server.custody import queries
    from muniment_server.custody.services import stamping

    named = queries.workspace()
    [asked] = authorities_of(named)
    late = request_stamp(Egress(egress_rule(named)), asked, read_kept(named.archive, size))
    stamping._keep(size, late, datetime.now(UTC), asked.url)
    assert len(tokens_over(workspace.archive, size)) == 2
    export_again(machine, package, exporters()["exhibit"], tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == data
    export(machine, [film], tmp_path / "second.zip")
    assert sum(name.endswith(".tsr") for name in inside(tmp_path / "second.zip")) == 2
    assert verdict(tmp_path / "second.zip", authority)[0] == "proved"


def test_it_comes_back_with_the_archive(
    machine: Actor, given: Given, workspace: Workspace, tmp_path: Path
) -> None:
    from muniment_server.commands.rebuild import rebuild
    from muniment_server.custody import queries
    from muniment_server.disclosure import services

    film, size, package, data = given
    rebuild(workspace.archive, workspace.keys, tmp_path / "rebuilt")
    from muniment.archive.workspace import read_settings
    from tests.server.conftest import enter

    enter(read_settings(tmp_path / "rebuilt"))
    assert [one.size for one in queries.time_tokens(film.seq or 0)] == [size]
    bundle = services.bundle_again(machine, package.number)
    with bundle.stream as again:
        assert again.read() == data


def said(page: str) -> str:
    """What a record page says of time: state and words."""
    start = page.index("existed before")
    return page[page.rindex("<li ", 0, start) : page.index("</li>", start)]


@pytest.mark.usefixtures("authority")
def test_pages_say_that_a_demonstration_proves_nothing(
    items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    [film] = items("film")
    auditor = browser("auditor")
    before = said(auditor.get(f"/items/{film.number}/").content.decode())
    assert 'data-state="absent"' in before
    assert "no time token yet" in before
    stamp()
    after = said(auditor.get(f"/items/{film.number}/").content.decode())
    assert 'data-state="absent"' in after
    assert f"UTC, by {NAME}" in after
    told = auditor.get(f"/api/log/{film.seq}/time").json()
    assert (told["state"], told["tokens"][0]["demonstration"]) == ("absent", True)
    assert told["tokens"][0]["standing"] == "not known"
    assert auditor.get("/api/log/99999/time").status_code == 404


def kept(**members: Any) -> KeptToken:  # noqa: ANN401 - any member of a token
    known = Qualification(Standing.QUALIFIED, "trusted list of Halvia")
    moment = datetime(2026, 11, 21, 13, tzinfo=UTC)
    token = KeptToken(7, 1, moment, "First", known, "0" * 64, 7, demonstration=False)
    from dataclasses import replace

    return replace(token, **members)


@pytest.mark.parametrize(
    ("tokens", "state", "words"),
    [
        ([kept()], "proved", "2026-11-21 13:00:00 UTC, by First, a qualified authority"),
        (
            [kept(qualification=Qualification(Standing.NOT_QUALIFIED, "asked them"))],
            "proved",
            "2026-11-21 13:00:00 UTC, by First, not a qualified authority",
        ),
        (
            [kept(qualification=Qualification())],
            "proved",
            "2026-11-21 13:00:00 UTC, by First, not known whether qualified",
        ),
        (
            [kept(), kept(demonstration=True, authority=NAME)],
            "proved",
            (
                "2026-11-21 13:00:00 UTC, by First, a qualified authority; "
                f"2026-11-21 13:00:00 UTC, by {NAME}"
            ),
        ),
        ([], "absent", "no time token yet"),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_pages_say_by_whom_and_whether_they_are_qualified(
    monkeypatch: pytest.MonkeyPatch,
    tokens: list[KeptToken],
    state: str,
    words: str,
) -> None:
    from muniment_server.custody import queries, schemas

    monkeypatch.setattr(queries, "time_tokens", lambda _: tokens)
    assert schemas.existed_before(7) == (state, words)


@pytest.mark.usefixtures("authority")
def test_a_page_shows_that_a_token_was_changed(
    items: Callable[..., list[Item]],
    browser: Callable[..., Client],
    workspace: Workspace,
) -> None:
    [film] = items("film")
    size = stamp()
    place = workspace.archive / "log" / "tsa" / str(size) / "1" / "about.json"
    place.chmod(0o600)
    place.write_text("{}", encoding="utf-8")
    auditor = browser("auditor")
    assert 'data-state="failed"' in said(auditor.get(f"/items/{film.number}/").content.decode())
    assert auditor.get(f"/api/log/{film.seq}/time").json()["state"] == "failed"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """A command in this process: its exit code and its document."""
    capsys.readouterr()
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_worker_asks_and_lists(
    authority: SimulatedAuthority,
    items: Callable[..., list[Item]],
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    items("film")
    there = ["-w", str(workspace.root), "work"]
    code, listed = run(capsys, *there, "--list")
    assert (code, listed["time"][0]["at"]) == (0, "")
    code, done = run(capsys, *there, "--once")
    assert (code, done["done"]) == (0, 1)
    [first] = done["time"]
    assert (first["authority"], first["failures"], first["error"]) == (NAME, 0, "")
    assert first["size"] > 0
    assert first["at"]
    # Everything that the worker itself did was published, and stamped with the rest.
    from muniment_server.custody import queries

    assert first["size"] == queries.custody_head().size

    # It goes away: seen, and the exit code of a timer says so.
    assert authority.urls
    settings = workspace.root / "muniment.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace(f":{authority.urls.port}/", ":1/"), encoding="utf-8")
    items("letter")
    workspace.time_state.unlink()
    code, done = run(capsys, *there, "--once")
    assert (code, done["done"], done["time"][0]["failures"]) == (3, 1, 1)
    assert "127.0.0.1" in done["time"][0]["error"]
    code, listed = run(capsys, *there, "--list")
    assert (code, listed["time"]) == (0, done["time"])
    capsys.readouterr()
    assert main([*there, "--list"]) == 0
    assert f"{NAME}: {first['size']} acts stamped at {first['at']}; " in capsys.readouterr().out


@pytest.mark.usefixtures("authority")
def test_settings_that_cannot_be_used_are_named(workspace: Workspace) -> None:
    from muniment_server.custody.services.stamping import time_queue

    (workspace.root / "root.pem").unlink()
    with pytest.raises(InvalidInput) as refused:
        time_queue()
    assert refused.value.code == "authority.roots"


@pytest.mark.usefixtures("authority")
def test_openssl_reads_what_a_bundle_carries(
    machine: Actor,
    items: Callable[..., list[Item]],
    workspace: Workspace,
    tmp_path: Path,
) -> None:
    film = items("film")
    size = stamp()
    export(machine, film, tmp_path / "exhibit.zip")
    with zipfile.ZipFile(tmp_path / "exhibit.zip") as bag:
        bag.extractall(tmp_path)
    [folder] = tmp_path.glob("exhibit-*")
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-data", f"{size}.note", "-in", f"{size}-1.tsr",
         "-untrusted", f"{size}-1.pem", "-CAfile", workspace.root / "root.pem"],
        cwd=folder / "custody" / "tsa", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Verification: OK" in done.stdout, done.stderr
