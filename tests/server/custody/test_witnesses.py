"""Witnesses in the application: on pages, in the API, in a check, and in what leaves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from muniment.archive.witnessing import keep, read_policy
from muniment.custody.cosignature import cosign
from muniment.custody.keys import COSIGNATURE_V1, SigningKey
from muniment.custody.note import Note, parse_note
from muniment.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.disclosure.models import Package

TIME = datetime(2026, 11, 21, 8, 40, 12, tzinfo=UTC)
KEYS = [SigningKey(f"w{n}.example", COSIGNATURE_V1, bytes([n + 1]) * 32) for n in range(4)]


class Watch:
    """Witnesses of a workspace who sign when a test says so."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def name(self, count: int, quorum: int) -> None:
        """Name so many witnesses in the policy, of whom so many are a quorum."""
        names = [f"w{n}" for n in range(count)]
        lines = [
            f"witness {name} {key.verifier.text}" for name, key in zip(names, KEYS, strict=False)
        ]
        lines += [f"group g {quorum} {' '.join(names)}", "quorum g", ""]
        self.workspace.witness_policy.write_text("\n".join(lines))

    def sign(self, *numbers: int, size: int | None = None) -> int:
        """Let witnesses sign a kept head, the published one unless a size is given."""
        from muniment.archive.log_files import published_size, read_kept
        from muniment_server.custody.ledger import publishing, sealing

        publishing.publish()
        archive = self.workspace.archive
        size = size or published_size(archive)
        note = parse_note(read_kept(archive, size))
        lines = [cosign(note, KEYS[number], TIME) for number in numbers]
        log = sealing.sealer().signer.verifier
        policy = read_policy(self.workspace.witness_policy, log)
        keep(archive, Note(note.text, (*note.signatures, *lines)), policy, log)
        return size


@pytest.fixture
def watch(workspace: Workspace) -> Watch:
    """Witnesses whom a test names and lets sign."""
    return Watch(workspace)


def verdict(client: Client, item: Item) -> dict[str, str]:
    """What an item's page says of witnesses."""
    page = client.get(f"/items/{item.number}/")
    (found,) = [one for one in page.context["proof"]["verdicts"] if one["name"] == "witnessed"]
    assert found["detail"] in page.content.decode()
    return {"state": found["state"], "detail": found["detail"]}


def test_record_pages_say_k_of_n_and_hide_nothing(
    watch: Watch, items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    (film,) = items("film")
    client = browser("investigator")
    nobody = {"state": "absent", "detail": "not yet witnessed"}
    assert verdict(client, film) == nobody
    watch.name(3, 2)
    assert verdict(client, film) == {"state": "absent", "detail": "not yet witnessed, 0 of 3"}
    size = watch.sign(1)
    assert verdict(client, film) == {"state": "absent", "detail": "not yet witnessed, 1 of 3"}
    watch.sign(2, size=size)
    seen = {"state": "proved", "detail": f"2 of 3, at {size} entries"}
    assert verdict(client, film) == seen
    (later,) = items("later")
    assert verdict(client, later) == {"state": "absent", "detail": "not yet witnessed, 0 of 3"}
    assert verdict(client, film) == seen
    newer = watch.sign(0, 1, 2)
    for one in (film, later):
        assert verdict(client, one) == {"state": "proved", "detail": f"3 of 3, at {newer} entries"}
    watch.workspace.witness_policy.write_text("quorum nobody\n")
    broken = {"state": "absent", "detail": "the witness policy cannot be used"}
    assert verdict(client, film) == broken
    watch.workspace.witness_policy.unlink()
    assert verdict(client, film) == nobody


def test_a_policy_that_asks_for_nobody_proves_nothing(
    watch: Watch, items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    (film,) = items("film")
    watch.name(2, 2)
    text = watch.workspace.witness_policy.read_text()
    watch.workspace.witness_policy.write_text(text.replace("quorum g", "quorum none"))
    watch.sign(0, 1)
    told = verdict(browser("investigator"), film)
    assert told == {"state": "absent", "detail": "not yet witnessed, 2 of 2"}


def test_the_log_page_names_who_signed_and_who_was_in_the_way(
    watch: Watch, items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    (film,) = items("film")
    client = browser("administrator")
    page = client.get("/log/").content.decode()
    assert "not yet witnessed" in page
    watch.name(2, 2)
    size = watch.sign(0, 1)
    told: dict[str, Any] = {
        "name": "w1",
        "size": size,
        "asked": "2026-11-21T08:40:12Z",
        "due": "2026-11-21T08:40:27Z",
        "failures": 3,
        "code": "egress.connect",
        "error": "w1.example does not answer",
        "alarm": False,
    }
    watch.workspace.witness_state.write_text(json.dumps([told]))
    page = client.get("/log/").content.decode()
    for shown in ("w0", "w1", "2026-11-21T08:40:12Z", "2 of 2", "w1.example does not answer"):
        assert shown in page, shown
    answer = client.get("/api/log").json()["witnessed"]
    assert (answer["k"], answer["n"], answer["quorum_met"], answer["size"]) == (2, 2, True, size)
    assert answer["witnesses"][0] == {"name": "w0", "time": "2026-11-21T08:40:12Z"}
    assert [one["error"] for one in answer["questions"]] == ["w1.example does not answer"]

    index = film.seq or 0
    assert client.get(f"/api/log/{index}").json()["witnessed"]["k"] == 2
    assert "2 of 2" in client.get(f"/log/{index}/").content.decode()
    items("later")
    newest = client.get("/api/log").json()["records"][0]["index"]
    told = client.get(f"/api/log/{newest}").json()["witnessed"]
    assert (told["k"], told["n"], told["quorum_met"]) == (0, 2, False)


def test_a_cosignature_that_was_changed_is_found_and_shown(
    watch: Watch, items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    from muniment_server.commands.check import examine_workspace

    (film,) = items("film")
    watch.name(2, 1)
    size = watch.sign(0)
    assert examine_workspace(watch.workspace)["ok"]
    kept = watch.workspace.archive / "log" / "checkpoints" / str(size)
    text = kept.read_text()
    start = text.index("w0.example ") + len("w0.example ")
    place = start + 40
    other = "A" if text[place] != "A" else "B"
    kept.chmod(0o644)
    kept.write_text(text[:place] + other + text[place + 1 :])
    found = examine_workspace(watch.workspace)
    assert [one["code"] for one in found["problems"]] == ["checkpoint.cosignature"]
    assert found["problems"][0]["subject"] == f"log/checkpoints/{size}"
    told = verdict(browser("investigator"), film)
    assert told == {"state": "failed", "detail": "a cosignature does not check"}


def test_a_check_says_that_the_policy_cannot_be_used(
    watch: Watch, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.commands.check import examine_workspace

    items("film")
    watch.workspace.witness_policy.write_text("quorum nobody\n")
    found = examine_workspace(watch.workspace)
    assert [(one["code"], one["subject"]) for one in found["problems"]] == [
        ("policy.line", "witnesses.policy")
    ]


class Export:
    """Exports items, once and again."""

    def __init__(self, by: Actor, folder: Path) -> None:
        self.by = by
        self.folder = folder
        self._made = 0

    def _to(self) -> Path:
        self._made += 1
        return self.folder / f"exhibit-{self._made}.zip"

    def new(self, items: list[Item], wait: Any = None) -> tuple[Package, bytes]:  # noqa: ANN401 - a way to wait
        from muniment.plugins import exporters
        from muniment_server.disclosure import services

        order = services.Order("Prosecutor of Halvia", wait=wait)
        package, written = services.export(
            self.by, items, order, exporters()["exhibit"], self._to()
        )
        return package, written.path.read_bytes()

    def again(self, package: Package, wait: Any = None) -> bytes:  # noqa: ANN401 - a way to wait
        from muniment.plugins import exporters
        from muniment_server.disclosure import services

        exporter = exporters()["exhibit"]
        return services.export_again(
            self.by, package, exporter, self._to(), wait=wait
        ).path.read_bytes()

    def said(self, data: bytes) -> tuple[str, str, str]:
        """What the readers say of a bundle: overall, and state and words on witnesses."""
        from tests.library.verify.readers import read

        path = self._to()
        path.write_bytes(data)
        outcome = read(path)
        return outcome.verdict, outcome.states["witnessed"], outcome.details["witnessed"]


@pytest.fixture
def export(machine: Actor, tmp_path: Path) -> Export:
    """A way to export, and to ask readers about it."""
    (tmp_path / "exports").mkdir()
    return Export(machine, tmp_path / "exports")


def test_an_export_rests_on_the_first_head_that_a_quorum_signed(
    watch: Watch, items: Callable[..., list[Item]], export: Export
) -> None:
    (first,) = items("first")
    watch.name(3, 2)
    watch.sign(0)  # no quorum
    items("between")
    size = watch.sign(1, 2)
    (second,) = items("second")
    watch.sign(0, 1, 2)
    package, data = export.new([first, second])
    verdict, state, words = export.said(data)
    assert (verdict, state) == ("intact_self_attested", "proved")
    assert (
        f"2 of 3 witnesses named in the bundle, a quorum, signed the old head of size {size},"
        in words
    )

    # What came later changes nothing: another line on that head, another policy, no policy.
    watch.sign(0, size=size)
    assert export.again(package) == data
    watch.name(4, 4)
    watch.sign(3, size=size)
    assert export.again(package) == data
    watch.workspace.witness_policy.unlink()
    assert export.again(package) == data


def test_an_export_of_what_nobody_has_signed_yet_says_so_and_stays_so(
    watch: Watch, items: Callable[..., list[Item]], export: Export
) -> None:
    (film,) = items("film")
    package, unwatched = export.new([film])
    assert export.said(unwatched)[1:] == (
        "absent",
        "the policy asks for no witness; 0 of 0 signed the checkpoint",
    )
    watch.name(3, 2)
    size = watch.sign(0)
    later, data = export.new([film])
    verdict, state, words = export.said(data)
    assert (verdict, state) == ("intact_self_attested", "absent")
    assert "no quorum" in words
    watch.sign(1, 2, size=size)
    watch.sign(0, 1, 2)
    assert export.again(package) == unwatched
    assert export.again(later) == data


def test_who_waits_gets_a_head_that_was_signed_after_the_act(
    watch: Watch, items: Callable[..., list[Item]], export: Export
) -> None:
    (film,) = items("film")
    watch.name(3, 2)
    asked: list[bool] = []

    def wait(done: Callable[[], bool]) -> None:
        asked.append(done())
        watch.sign(2, 0)
        asked.append(done())

    package, data = export.new([film], wait)
    assert asked == [False, True]
    verdict, state, words = export.said(data)
    assert (verdict, state) == ("intact_self_attested", "proved")
    assert words == "2 of 3 witnesses named in the bundle signed the checkpoint"
    watch.sign(1)
    items("later")
    watch.sign(0, 1, 2)
    watch.name(1, 1)
    assert export.again(package) == data


def test_who_waits_too_short_keeps_the_act(
    watch: Watch, items: Callable[..., list[Item]], export: Export
) -> None:
    from muniment_server.disclosure import queries

    (film,) = items("film")
    with pytest.raises(InvalidInput) as nobody:
        export.new([film], lambda _done: None)
    assert nobody.value.code == "export.unwatched"
    assert queries.packages(export.by).total == 0

    watch.name(2, 2)
    with pytest.raises(Unavailable) as late:
        export.new([film], lambda _done: None)
    assert (late.value.code, late.value.exit_code) == ("export.not_witnessed", 3)
    (package,) = queries.packages(export.by).rows
    assert package.eid.hex in late.value.hint
    assert list(export.folder.iterdir()) == []
    with pytest.raises(Unavailable):
        export.again(package)
    watch.sign(0, 1)
    data = export.again(package)
    assert export.said(data)[:2] == ("intact_self_attested", "proved")
    assert export.again(package) == data


def test_a_worker_tells_how_witnesses_stand(
    watch: Watch, items: Callable[..., list[Item]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.commands import watching

    items("film")
    assert watching.ask_now(watch.workspace) == []
    watch.name(1, 1)
    text = watch.workspace.witness_policy.read_text()
    line = KEYS[0].verifier.text
    watch.workspace.witness_policy.write_text(text.replace(line, f"{line} http://127.0.0.1:9"))
    records = watching.ask_now(watch.workspace)
    assert [(one["name"], one["failures"], one["code"]) for one in records] == [
        ("w0", 1, "egress.address")
    ]
    assert watching.exit_code(records) == 3
    (told,) = watching.lines(records)
    assert told.startswith("w0: ")
    assert "will be asked again after" in told
    assert watching.standings(watch.workspace) == records
    alarm = [{**records[0], "alarm": True}]
    assert watching.exit_code(alarm) == 1
    assert "ALARM" in watching.lines(alarm)[0]
