"""Requests that come twice: one act for one key, the same answer, a conflict for other bytes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from muniment.errors import Conflict
from muniment.evidence.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponseBase
    from django.test import Client

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

TEMPLATES = Path(__file__).resolve().parents[3] / "src" / "muniment_server" / "templates"


def source(name: str = "SPECIMEN witness") -> dict[str, str]:
    return {"name": name, "kind": "victim", "reliability": "F"}


def size() -> int:
    from muniment_server.custody import queries

    return queries.custody_head().size


def kinds(start: int) -> list[str]:
    from muniment_server.custody.models import Leaf

    return list(
        Leaf.objects.filter(index__gte=start).order_by("index").values_list("kind", flat=True)
    )


def send(client: Client, path: str, key: str, body: object) -> HttpResponseBase:
    return client.post(
        path, json.dumps(body), content_type="application/json", headers={"idempotency-key": key}
    )


def test_an_operation_sent_twice_is_one_act_with_one_answer(
    browser: Callable[..., Client],
) -> None:
    client, key, before = browser("analyst"), new_id(), size()
    first = send(client, "/api/sources", key, source())
    assert first.status_code == 200, first.content  # type: ignore[attr-defined]  # not streamed
    after = size()
    again = send(client, "/api/sources", key, source())
    assert (again.status_code, again.content) == (200, first.content)  # type: ignore[attr-defined]  # not streamed
    assert size() == after == before + 1


def test_the_answer_is_complete_although_it_is_made_before_the_commit(
    browser: Callable[..., Client],
) -> None:
    client = browser("analyst")
    keyed = json.loads(send(client, "/api/incidents", new_id(), {"title": "SPECIMEN a"}).content)  # type: ignore[attr-defined]  # not streamed
    shown = json.loads(client.get(f"/api/incidents/{keyed['number']}").content)
    assert keyed.items() <= shown.items()
    assert keyed["index"] is not None


def test_the_same_key_with_other_bytes_is_a_conflict_and_changes_nothing(
    browser: Callable[..., Client],
) -> None:
    client, key = browser("analyst"), new_id()
    send(client, "/api/sources", key, source())
    before = size()
    for path, body in (
        ("/api/sources", source("SPECIMEN other")),
        ("/api/incidents", {"title": "SPECIMEN witness"}),
    ):
        refused = send(client, path, key, body)
        assert refused.status_code == 409
        assert json.loads(refused.content)["error"]["code"] == "key.used"  # type: ignore[attr-defined]  # not streamed
    assert size() == before


def test_two_people_may_have_the_same_key(browser: Callable[..., Client]) -> None:
    key, before = new_id(), size()
    for handle in ("first", "second"):
        assert (
            send(browser("analyst", handle), "/api/sources", key, source(handle)).status_code == 200
        )
    assert kinds(before).count("source.recorded") == 2


@pytest.mark.parametrize("key", ["7", "z" * 32, "0" * 31])
def test_a_key_that_is_not_128_bits_is_refused(browser: Callable[..., Client], key: str) -> None:
    client = browser("analyst")
    before = size()
    refused = send(client, "/api/sources", key, source("SPECIMEN"))
    assert (refused.status_code, size()) == (400, before)
    assert json.loads(refused.content)["error"]["code"] == "key.form"  # type: ignore[attr-defined]  # not streamed


def test_what_was_refused_may_be_asked_again_with_the_same_key(
    browser: Callable[..., Client],
) -> None:
    client, key = browser("analyst"), new_id()
    assert send(client, "/api/sources", key, source(" ")).status_code == 400
    assert send(client, "/api/sources", key, source("SPECIMEN")).status_code == 200


def test_a_form_carries_a_key_and_a_double_click_is_one_act(browser: Callable[..., Client]) -> None:
    client = browser("analyst")
    page = client.get("/sources/add/")
    assert page.status_code == 200
    found = re.search(r'name="idempotency_key" value="([0-9a-f]{32})"', page.content.decode())
    assert found is not None
    given = {**source(), "idempotency_key": found[1]}
    before = size()
    first = client.post("/sources/add/", given)
    assert first.status_code == 302, first.content.decode()
    again = client.post("/sources/add/", given)
    assert (again.status_code, again["Location"]) == (302, first["Location"])
    assert kinds(before) == ["source.recorded"]
    other = client.post("/sources/add/", {**given, "name": "SPECIMEN other"})
    assert (other.status_code, kinds(before)) == (409, ["source.recorded"])


def test_a_form_that_was_refused_may_be_mended_and_sent_with_its_key(
    browser: Callable[..., Client],
) -> None:
    client, key, before = browser("analyst"), new_id(), size()
    refused = client.post("/sources/add/", {**source(""), "idempotency_key": key})
    assert (refused.status_code, size()) == (400, before)
    mended = client.post("/sources/add/", {**source(), "idempotency_key": key})
    assert (mended.status_code, kinds(before)) == (302, ["source.recorded"])


def test_every_form_of_ours_has_a_key() -> None:
    #: forms of the log-in, of the language, and of the counted look at a picture ask for no act
    without = {"account/", "mfa/", "usersessions/", "components/languages", "components/account"}
    without |= {"components/veil"}
    for path in TEMPLATES.rglob("*.html"):
        name = path.relative_to(TEMPLATES).as_posix()
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL):
            assert name.startswith(tuple(without)) or "{% form_key %}" in form, name


def test_a_token_told_once_is_told_again_to_its_key_and_cannot_be_read_from_the_table(
    browser: Callable[..., Client],
) -> None:
    from muniment_server.custody.models import Receipt

    client, key = browser("analyst"), new_id()
    first = json.loads(send(client, "/api/tokens", key, {"title": "script"}).content)  # type: ignore[attr-defined]  # not streamed
    again = json.loads(send(client, "/api/tokens", key, {"title": "script"}).content)  # type: ignore[attr-defined]  # not streamed
    assert first == again
    assert len(json.loads(client.get("/api/tokens").content)["records"]) == 1
    (row,) = Receipt.objects.all()
    assert first["token"].encode() not in bytes(row.answer or b"")
    assert key not in (row.key, row.digest)


def _upload(client: Client, path: str, content: bytes, **fields: str) -> HttpResponseBase:
    given: dict[str, Any] = {"files": SimpleUploadedFile("a.txt", content), "source": "tests"}
    headers = {"idempotency-key": fields.pop("key")} if "key" in fields else {}
    return client.post(path, {**given, **fields}, headers=headers)


def test_files_sent_twice_are_received_once(browser: Callable[..., Client]) -> None:
    client, key, before = browser("investigator"), new_id(), size()
    first = _upload(client, "/api/items", b"SPECIMEN one", key=key)
    assert first.status_code == 200, first.content  # type: ignore[attr-defined]  # not streamed
    after = size()
    again = _upload(client, "/api/items", b"SPECIMEN one", key=key)
    assert (again.content, size()) == (first.content, after)  # type: ignore[attr-defined]  # not streamed
    assert kinds(before) == ["item.received", "batch.closed"]
    assert _upload(client, "/api/items", b"SPECIMEN two", key=key).status_code == 409
    assert size() == after


def test_an_export_sent_twice_is_one_export_and_the_same_bytes(
    browser: Callable[..., Client], items: Callable[..., list[Item]]
) -> None:
    (item,) = items("a.txt")
    client, key = browser("lawyer"), new_id()
    asked = {"items": [item.number], "recipient": "the court"}
    before = size()
    first = send(client, "/api/packages", key, asked)
    assert first.status_code == 200
    bundle = b"".join(first)
    again = send(client, "/api/packages", key, asked)
    assert b"".join(again) == bundle
    assert kinds(before) == ["item.exported", "batch.closed", "package.prepared"]
    assert send(client, "/api/packages", key, {**asked, "recipient": "x"}).status_code == 409


def _in_child(work: Callable[[], None]) -> int:
    """Do something in a process of its own, with connections of its own; return how it ended."""
    from django.db import connections

    connections.close_all()
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work()
    except BaseException:  # noqa: BLE001 - a child of a test must never return into the test
        os._exit(70)
    os._exit(0)


def _record(by: Actor, key: str, name: str = "SPECIMEN") -> bytes:
    from muniment_server.custody.services.resending import once, sent
    from muniment_server.incidents import services

    def make() -> bytes:
        return services.record_source(
            by, name=name, kind=services.SourceKind("victim")
        ).number.encode()

    return once(sent(by.agent, key, [name.encode()]), make)


@pytest.mark.parametrize("dies", ["before the commit", "before the signature", "before the answer"])
def test_who_dies_before_the_answer_finds_the_act_again(
    machine: Actor, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    from muniment_server.custody.ledger import sealing
    from muniment_server.custody.models import Receipt

    key, before = new_id(), size()
    before_seal = sealing.seal

    def die() -> None:
        if dies == "before the answer":
            before_seal()
        os._exit(9)

    def crash() -> None:
        if dies == "before the commit":
            monkeypatch.setattr(Receipt, "save", lambda *_a, **_k: os._exit(9))
        monkeypatch.setattr(sealing, "seal", die)
        _record(machine, key)

    assert _in_child(crash) == 9
    assert size() == before + (dies != "before the commit")
    number = _record(machine, key)
    assert kinds(before) == ["source.recorded"]
    assert _record(machine, key) == number
    assert sealing.sealer().signer.last().size == size()  # type: ignore[union-attr]  # signed by now
    with pytest.raises(Conflict):
        _record(machine, key, name="other")


def test_sixteen_processes_with_one_key_make_one_act(machine: Actor, tmp_path: Path) -> None:
    key, before = new_id(), size()

    from django.db import connections

    connections.close_all()
    children = []
    for number in range(16):
        child = os.fork()
        if not child:
            code = 70
            try:
                (tmp_path / str(number)).write_bytes(_record(machine, key))
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in children] == [0] * 16
    answers = {(tmp_path / str(number)).read_bytes() for number in range(16)}
    assert (len(answers), kinds(before)) == (1, ["source.recorded"])


def test_an_act_that_failed_inside_takes_everything_back(machine: Actor) -> None:
    from muniment_server.custody.services.resending import NothingDone, once, sent
    from muniment_server.incidents import services

    before = size()

    def make() -> bytes:
        services.record_source(machine, name="SPECIMEN", kind=services.SourceKind("victim"))
        with pytest.raises(Conflict):
            _fails(machine)
        return b"done"

    with pytest.raises(NothingDone):
        once(sent(machine.agent, new_id(), [b""]), make)
    assert size() == before


def _fails(by: Actor) -> None:
    from muniment_server.custody import services

    services.create_compartment(by, name="open", title="again")


def test_receipts_go_after_their_time(machine: Actor) -> None:
    from muniment_server.custody.models import Receipt
    from muniment_server.custody.services.resending import LIFETIME

    key = new_id()
    _record(machine, key)
    row = Receipt.objects.get()
    Receipt.objects.update(begun=row.begun - LIFETIME)
    _record(machine, new_id())
    assert not Receipt.objects.filter(pk=row.pk).exists()


def test_add_with_a_key_gives_the_same_document_after_a_crash(
    workspace: Workspace,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from muniment.cli.main import main
    from muniment_server.custody.ledger import publishing

    folder = tmp_path / "found"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / name).write_bytes(b"SPECIMEN " + name.encode())
    (folder / "d").write_bytes(b"SPECIMEN a")  # twice the same bytes
    words = ["-w", str(workspace.root), "add", "-r", str(folder), "--key", new_id(), "--json"]

    def crash() -> None:
        monkeypatch.setattr("muniment_server.commands.add._refusal", None)
        monkeypatch.setattr("muniment_server.commands.add._Added.to_bytes", lambda _: os._exit(9))
        main(words)

    before = size()
    assert _in_child(crash) == 9
    after = size()
    assert after == before + 4
    publishing.publish()
    assert main(words) == 0
    first = json.loads(capsys.readouterr().out)
    assert [one["status"] for one in first["items"]] == ["received"] * 3 + ["already_held"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert size() == after
    (folder / "a").write_bytes(b"SPECIMEN changed")
    assert main(words) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "key.used"
    assert size() == after
