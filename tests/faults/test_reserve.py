"""The reserve of a disk: new files are refused before it is touched; all else goes on from it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from muniment.archive.reserve import USUAL, Reserve, read_reserve, room
from muniment.archive.workspace import read_settings, write_settings
from muniment.errors import InvalidInput, Unavailable
from tests.faults import drill
from tests.faults.counts import cases, tell
from tests.faults.small_disk import apart, mount
from tests.server.conftest import browser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.http import HttpResponseBase
    from django.test import Client

    from muniment.archive.workspace import Workspace

__all__ = ["browser"]

MIB = 1 << 20
RESERVE = 6  # MiB; the disk is large enough for that to be less than a tenth of it
DISK = "size=100m,nr_inodes=4000"
KEPT_INODES, FOR_A_FILE, INODES = 400, 3, 10
#: what is left above the reserve (MiB, or tens of inodes), and how much is added (KiB)
DISKS = [
    (kind, left, size)
    for size in (1, 700, 2500, 9000)
    for left in (-4, -1, 4, 20)
    for kind in ("bytes", "inodes")
]
CASES = cases(8, len(DISKS))


def attempted(template: Workspace, folder: Path, kind: str, left: int, size: int) -> dict[str, Any]:
    """Add a file to a disk with so much left, then do all that must still work."""
    mount(folder, DISK)
    workspace = drill.lay_out(template, folder / "disk")
    write_settings(replace(workspace, reserve_mib=RESERVE))
    drill.enter_anew(read_settings(workspace.root))
    _run(workspace, "add", "-r", str(folder / "disk" / "few"))
    new = folder / "disk" / "new"
    new.write_bytes(os.urandom(size * 1024))
    _fill(folder, kind, left)
    before = _objects(workspace)
    code, said = _run(workspace, "add", "--source", "new", str(new))
    fits = left * MIB >= size * 1024 if kind == "bytes" else INODES * left >= FOR_A_FILE
    wrong = []
    if (code, said.get("error", {}).get("code")) != ((0, None) if fits else REFUSED):
        wrong.append(f"fits is {fits}, and it answered {code}: {said}")
    if code and _objects(workspace) != before:
        wrong.append("something was stored of what was refused")
    wrong += _goes_on(workspace, folder / "disk" / "out")
    shutil.rmtree(folder / "ballast")
    for words in (("add", "--source", "new", str(new)), ("check",)):
        again, told = _run(workspace, *words)
        wrong += [f"with room again, {words[0]}: {told}"] if again else []
    drill.leave()
    return {"wrong": wrong, "code": code}


REFUSED = (3, "storage.reserve")


def _run(workspace: Workspace, *words: str) -> tuple[int, dict[str, Any]]:
    code, said = drill.answer(workspace.root, *words)
    return code, said or {}


def _fill(folder: Path, kind: str, left: int) -> None:
    """Leave so much above the reserve."""
    ballast = folder / "ballast"
    ballast.mkdir()
    if kind == "inodes":
        for number in range(os.statvfs(folder).f_favail - KEPT_INODES - INODES * left):
            (ballast / str(number)).touch()
        return
    facts = os.statvfs(folder)
    with (ballast / "bytes").open("wb") as file:
        more = facts.f_bavail * facts.f_frsize - (RESERVE + left) * MIB
        os.posix_fallocate(file.fileno(), 0, more)


def _objects(workspace: Workspace) -> set[str]:
    return {one.name for one in (workspace.archive / "objects").rglob("*") if one.is_file()}


def _goes_on(workspace: Workspace, out: Path) -> list[str]:
    """Acts without files, lists, an export that fits, and a check, on what is left."""
    from muniment_server.accounts import queries
    from muniment_server.catalogue.services import make_collection

    wrong = []
    make_collection(queries.machine_actor(workspace.agent), title="SPECIMEN")
    export = ("export", "M-00001", "--to", str(out / "small.zip"), "--recipient", "SPECIMEN")
    for words in (("list", "item"), export, ("show", "M-00002"), ("check",)):
        code, said = _run(workspace, *words)
        wrong += [f"{words[0]}: {said}"] if code else []
    code, said = _run(workspace, "check")
    disks = {one["name"]: one["takes_files"] for one in said["disks"]}
    room = os.statvfs(workspace.archive)
    takes = room.f_bavail * room.f_frsize >= RESERVE * MIB
    takes = takes and room.f_favail - FOR_A_FILE >= KEPT_INODES
    if disks != {"archive": takes, "workspace": takes}:
        wrong.append(f"check says of the disks: {disks}")
    return wrong


@pytest.mark.slow
def test_new_files_are_refused_before_the_reserve_and_all_else_goes_on(
    template: Workspace, place: Path, small_disks: None, capsys: pytest.CaptureFixture[str]
) -> None:
    drill.preload()
    drill.leave()
    (place / "mounted").mkdir()
    some = DISKS[:: len(DISKS) // CASES][:CASES]
    results = [apart(partial(attempted, template, place / "mounted", *one)) for one in some]
    assert [one["failed"] for one in results if "failed" in one] == []
    wrong = {str(case): one["wrong"] for case, one in zip(some, results, strict=True)}
    refused = sum(one["code"] != 0 for one in results)
    tell(capsys, f"{len(some)} disks near their reserve: {refused} deposits refused, all else done")
    assert {case: told for case, told in wrong.items() if told} == {}
    assert 0 < refused < len(some)


def test_the_web_answers_507_before_the_reserve_and_keeps_working(
    browser: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.custody import queries

    client, auditor = browser("investigator"), browser("auditor")

    def send() -> HttpResponseBase:
        given = {"files": SimpleUploadedFile("a.txt", b"SPECIMEN"), "source": "tests"}
        return client.post("/api/items", given)

    monkeypatch.setattr(os, "statvfs", _nearly_full)
    before = queries.custody_head().size
    refused = send()
    assert refused.status_code == 507
    assert json.loads(refused.content)["error"]["code"] == "storage.reserve"  # type: ignore[attr-defined]  # not streamed
    page = client.post(
        "/items/deposit/", {"files": SimpleUploadedFile("a.txt", b"SPECIMEN"), "source": "tests"}
    )
    assert (page.status_code, "only its reserve left" in page.content.decode()) == (507, True)
    assert queries.custody_head().size == before
    assert client.get("/items/").status_code == 200
    assert "takes no new files" in auditor.get("/log/state/").content.decode()
    disks = json.loads(auditor.get("/api/state").content)["disks"]
    assert [one["takes_files"] for one in disks] == [False, False]
    monkeypatch.undo()
    assert send().status_code == 200
    assert "takes no new files" not in auditor.get("/log/state/").content.decode()


def _nearly_full(_folder: object) -> SimpleNamespace:
    """A large disk with a gibibyte left, of which the usual reserve keeps two."""
    return SimpleNamespace(
        f_blocks=1 << 28, f_frsize=4096, f_bavail=1 << 18, f_files=1 << 24, f_favail=1 << 23
    )


@pytest.mark.parametrize("given", ["much", -1, True, 1.5])
def test_a_reserve_that_is_no_number_is_refused(tmp_path: Path, given: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_reserve(given)
    assert refusal.value.code == "workspace.reserve"


def test_the_reserve_is_a_setting_that_stays(template: Workspace, tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    for reserve in (0, 512, USUAL):
        made = replace(template, root=tmp_path / "workspace", reserve_mib=reserve)
        write_settings(made)
        assert read_settings(tmp_path / "workspace").reserve_mib == reserve


def test_a_small_disk_keeps_a_tenth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = SimpleNamespace(f_blocks=1000, f_frsize=4096, f_bavail=150, f_files=0, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda _folder: small)
    found = room(tmp_path, USUAL)
    assert (found.reserve, found.inode_reserve) == (409_600, 0)
    assert (found.takes(50 * 4096), found.takes(50 * 4096 + 1)) == (True, False)
    assert room(tmp_path, 0).takes(150 * 4096)


def test_what_is_under_way_counts_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = SimpleNamespace(f_blocks=1000, f_frsize=4096, f_bavail=200, f_files=0, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda _folder: facts)
    reserve = Reserve([tmp_path], USUAL)
    reserve.admit(60 * 4096)
    with pytest.raises(Unavailable):
        reserve.admit(60 * 4096)
    reserve.stored(60 * 4096)
    reserve.admit(60 * 4096)
