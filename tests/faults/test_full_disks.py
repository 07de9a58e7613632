"""A disk that is full, has no inodes left, or turns read-only: a clean refusal, and no loss.

- Each case runs on a small file system of its own, in a child with mounts of its own.
- What cannot be written is refused in one sentence, with exit code 3, before it is acknowledged.
- While the disk is still full, everything acknowledged is read, and proved from what is published.
- Once there is room again the workspace opens, checks, and takes the same files.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from muniment.archive.workspace import write_settings
from tests.faults import drill
from tests.faults.counts import cases, tell
from tests.faults.drill import Said
from tests.faults.small_disk import apart, mount, remount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from muniment.archive.workspace import Workspace

CASES = cases(20, 120)
FULL, INODES, READ_ONLY = "full", "inodes", "read-only"
_ROOM = "size=256m,nr_inodes=100000"
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Case:
    """One disk: what runs out, and how much of it is left at the beginning (bytes or inodes)."""

    number: int
    kind: str
    left: int


def drawn(count: int) -> Iterator[Case]:
    """Give so many disks, from nothing left to nearly enough."""
    chance = random.Random(20261121)
    kinds = (FULL, FULL, INODES, INODES, READ_ONLY)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        left = chance.randrange(0, 400) * _PAGE if kind == FULL else chance.randrange(0, 90)
        yield Case(number, kind, left)


def attempted(template: Workspace, folder: Path, case: Case, work: drill.Work) -> dict[str, Any]:
    """Run the drill on such a disk; return all that went wrong, and how it was refused."""
    from muniment_server.commands import session

    mount(folder, _ROOM)
    workspace = drill.lay_out(template, folder / "disk")
    write_settings(replace(workspace, reserve_mib=0))  # here the disk itself runs out
    lines: list[str] = []
    drill.answer(workspace.root, "add", "-r", str(folder / "disk" / "few"))
    if case.kind == READ_ONLY:
        drill.leave()  # nothing that is written to turns read-only
        remount(folder, _ROOM, read_only=True)
    else:
        _stay_open(workspace)
        remount(folder, _bounded(folder, case))
    code = work(folder / "disk", lines.append)
    said = Said.read("".join(f"{line}\n" for line in lines))
    wrong = [*_refusal(code, said)]
    wrong += _read(workspace, said, rows=case.kind != READ_ONLY)
    drill.leave()
    session.start_django = drill.enter_anew
    remount(folder, _ROOM)
    wrong += drill.violations(workspace, said)
    again: list[str] = []
    (folder / "disk" / "out" / drill.BUNDLE).unlink(missing_ok=True)
    if drill.perform(folder / "disk", again.append):
        wrong.append(f"with room again it still fails: {again[-1:]}")
    codes = [one["code"] for one in said.errors]
    return {"wrong": wrong, "codes": codes, "items": len(said.items), "code": code}


def _stay_open(workspace: Workspace) -> None:
    """Let the commands work through databases that are open already, as a server's are."""
    from muniment_server.catalogue.models import Item
    from muniment_server.commands import session

    drill.enter_anew(workspace)
    assert Item.objects.count() == drill.FEW
    session.start_django = lambda workspace: None


def _bounded(folder: Path, case: Case) -> str:
    """Return options that leave so much of it."""
    facts = os.statvfs(folder)
    used = (facts.f_blocks - facts.f_bfree) * facts.f_frsize
    inodes = facts.f_files - facts.f_ffree
    if case.kind == FULL:
        return f"size={used + case.left},nr_inodes=100000"
    return f"size=256m,nr_inodes={inodes + case.left}"


def _refusal(code: int, said: Said) -> Iterator[str]:
    if code not in {0, 3}:
        yield f"exit code {code}"
    if code and not said.errors:
        yield "it failed and did not say why"
    yield from [f"no answer: {one}" for one in said.broken]
    for one in said.errors:
        if one["code"] in {"uncaught", "system"} or "\n" in one["message"] or not one["message"]:
            yield f"no sentence: {one}"


def _read(workspace: Workspace, said: Said, *, rows: bool) -> Iterator[str]:
    """Say what cannot be read or proved while nothing can be written."""
    from muniment.archive.check import check_archive
    from muniment.archive.log_files import read_published
    from muniment.archive.objects import FolderStore
    from muniment.custody.checkpoint import parse_checkpoint
    from muniment.custody.proof import inclusion_proof, verify_inclusion
    from muniment.custody.tiles import TileReader
    from muniment.seal.key_file import read_key

    try:
        key = read_key(workspace.log_key)
        problems = check_archive(workspace.archive, key=key.verifier).problems
        yield from [f"while it lasts: {one}" for one in problems]
        store = FolderStore(workspace.archive)
        for digest in said.items.values():
            with store.open(digest) as file:
                file.read()
        note = read_published(workspace.archive)
        assert note is not None
        head = parse_checkpoint(note.text)
        tiles = TileReader(lambda name: (workspace.archive / "log" / name).read_bytes(), head.size)
        for index, leaf in enumerate(tiles.leaf_hashes(0, head.size)):
            proof = inclusion_proof(tiles, index, head.size)
            verify_inclusion(leaf, index, head.size, proof, head.root)
        if rows:
            yield from _rows(workspace, said)
    except Exception as error:  # noqa: BLE001 - whatever it is, it was not served
        yield f"reading: {error!r}"


def _rows(workspace: Workspace, said: Said) -> Iterator[str]:
    from muniment_server.catalogue.models import Item

    held = dict(Item.objects.values_list("number", "parts__sha256"))
    for number, digest in said.items.items():
        if held.get(number) != digest:
            yield f"{number} cannot be read while the disk is full"


@pytest.fixture
def mounted(place: Path) -> Path:
    """A folder to mount on."""
    (place / "mounted").mkdir()
    return place / "mounted"


def run(
    template: Workspace, mounted: Path, some: list[Case], work: drill.Work = drill.perform
) -> dict[Case, dict[str, Any]]:
    """Run the cases, each in a child."""
    drill.preload()
    drill.leave()
    return {case: apart(partial(attempted, template, mounted, case, work)) for case in some}


@pytest.mark.slow
def test_a_full_disk_refuses_cleanly_and_loses_nothing(
    template: Workspace, mounted: Path, small_disks: None, capsys: pytest.CaptureFixture[str]
) -> None:
    results = run(template, mounted, list(drawn(CASES)))
    failed = [one["failed"] for one in results.values() if "failed" in one]
    assert failed == []
    codes = Counter(code for one in results.values() for code in one["codes"])
    refused = sum(1 for one in results.values() if one["code"])
    wrong = {str(case): one["wrong"] for case, one in results.items() if one["wrong"]}
    tell(
        capsys,
        f"{len(results)} full, inode-less and read-only disks: {refused} refusals {dict(codes)}, "
        f"{len(wrong)} violations",
    )
    assert wrong == {}
    assert refused > len(results) // 2


@pytest.mark.slow
def test_the_suite_catches_a_full_disk_that_is_believed(
    template: Workspace, mounted: Path, small_disks: None
) -> None:
    def sabotaged(folder: Path, say: Callable[[str], None]) -> int:
        drill.swallow("commit")
        return drill.perform(folder, say)

    some = [Case(left, FULL, left * _PAGE) for left in range(40, 200, 32)]
    results = run(template, mounted, some, sabotaged)
    assert [one for one in results.values() if one.get("wrong")]
