"""An exhibit is written whole, the same every time, and only if it holds what the log says."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import zipfile
from dataclasses import replace
from functools import partial
from hashlib import sha256
from io import BytesIO, FileIO
from pathlib import Path
from typing import BinaryIO

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import Conflict, InvalidInput, MunimentError, TamperSuspected, Unavailable
from muniment.evidence.canonical import Json
from muniment.export.api import Exporter, OldHead, PayloadFile
from muniment.export.exhibit import Exhibit, copying, destination, write_folder
from tests.library.exhibit.story import NAME, Plan, Told, items, part_of, tell


@pytest.fixture(scope="module")
def told() -> Told:
    return tell()


def written(told: Told, to: Path) -> dict[str, bytes]:
    told.write(to)
    with zipfile.ZipFile(to) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_story_gives_the_same_bytes(tmp_path: Path) -> None:
    assert tell().write(tmp_path / "a.zip") == tell().write(tmp_path / "b.zip")


def test_the_exporter_keeps_its_promise_and_says_what_it_wrote(told: Told, tmp_path: Path) -> None:
    exporter: Exporter = Exhibit()
    result = exporter.write(told.prepared, told.custody, tmp_path / "a.zip")
    data = result.path.read_bytes()
    assert (result.sha256, result.size) == (sha256(data).hexdigest(), len(data))


def test_another_writer_of_zip_gives_the_same_bytes(told: Told, tmp_path: Path) -> None:
    members = written(told, tmp_path / "a.zip")
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, members[name])
    assert buffer.getvalue() == (tmp_path / "a.zip").read_bytes()


def test_an_export_made_again_from_what_was_kept_gives_the_same_bytes(
    told: Told, tmp_path: Path
) -> None:
    objects = {sha256(data).hexdigest(): data for data in told.prepared.kept}
    for file in told.prepared.payload:
        with file.open() as source:
            objects[file.sha256] = source.read()
    again = Exhibit().resume(told.prepared.selection, lambda digest: BytesIO(objects[digest]))
    assert replace(told, prepared=again).write(tmp_path / "b.zip") == told.write(tmp_path / "a.zip")


def test_what_was_kept_must_be_what_was_recorded(told: Told) -> None:
    with pytest.raises(TamperSuspected) as caught:
        Exhibit().resume(told.prepared.selection, lambda digest: BytesIO(b"something else"))
    assert caught.value.code == "exhibit.kept"


def test_the_folder_and_the_zip_hold_the_same_files(told: Told, tmp_path: Path) -> None:
    write_folder(told.prepared, told.custody, tmp_path / NAME)
    members = written(told, tmp_path / "a.zip")
    found = {
        str(path.relative_to(tmp_path)): path.read_bytes()
        for path in (tmp_path / NAME).rglob("*")
        if path.is_file()
    }
    assert found == members


def test_other_tools_find_the_bag_whole(told: Told, tmp_path: Path) -> None:
    names = list(written(told, tmp_path / "a.zip"))
    seen = subprocess.run(
        ["unzip", "-Z1", "a.zip"], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert seen.stdout.split("\n")[:-1] == names
    subprocess.run(["unzip", "-q", "a.zip"], cwd=tmp_path, check=True)
    bag = tmp_path / NAME
    assert bagit.Bag(str(bag)).validate(completeness_only=False)
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run(["sha256sum", "--quiet", "--strict", "-c", manifest], cwd=bag, check=True)


def test_paths_are_plain_whatever_the_files_were_called(told: Told, tmp_path: Path) -> None:
    for name in written(told, tmp_path / "a.zip"):
        for part in name.split("/"):
            assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", part), name


HOSTILE = st.binary(max_size=40) | st.sampled_from(
    [
        b"../../etc/passwd",
        b"C:\\x.exe",
        b"a/b",
        b"\x00",
        b"con.txt",
        b".",
        b"",
        b"x" * 300,
        b"\xff.JPG",
    ]
)


@given(st.lists(HOSTILE, min_size=1, max_size=5), st.lists(HOSTILE, max_size=3))
def test_hostile_names_stay_names(originals: list[bytes], renditions: list[bytes]) -> None:
    parts = [part_of(f"o{n}", name, b"x") for n, name in enumerate(originals)]
    parts += [part_of(f"r{n}", name, b"y", "o0") for n, name in enumerate(renditions)]
    item = replace(items()[0], parts=tuple(parts))
    prepared = Exhibit().prepare(replace(tell().dossier, items=(item,)))
    paths = [file.path for file in prepared.payload]
    assert len(set(paths)) == len(parts)
    form = re.compile(r"data/(?:original|renditions)/M-00871/[0-9]{3}(?:\.[a-z0-9]{1,8})?")
    assert all(form.fullmatch(path) for path in paths)


def test_a_withheld_part_keeps_its_number_and_tells_nothing(tmp_path: Path) -> None:
    told = tell(Plan(withheld_part="photo"))
    members = written(told, tmp_path / "a.zip")
    assert f"{NAME}/data/original/M-00871/001.jpg" not in members
    assert f"{NAME}/data/original/M-00871/002.txt" in members
    assert told.prepared.selection["withheld"] == ["data/original/M-00871/001.jpg"]
    assert b"IMG_0871.jpg" not in members[f"{NAME}/data/record.json"]


# What must not leave, and what is left behind when it cannot: nothing.


def refused(told: Told, folder: Path, code: str) -> MunimentError:
    with pytest.raises(MunimentError) as caught:
        Exhibit().write(told.prepared, told.custody, folder / "a.zip")
    assert caught.value.code == code
    assert list(folder.iterdir()) == []
    return caught.value


def with_source(told: Told, number: int, source: BinaryIO) -> Told:
    payload = list(told.prepared.payload)
    payload[number] = replace(payload[number], open=lambda: source)
    return replace(told, prepared=replace(told.prepared, payload=tuple(payload)))


@pytest.mark.parametrize("change", ["changed", "shorter", "longer", "empty"])
@pytest.mark.parametrize("kind", ["file", "stream"])
def test_other_bytes_than_recorded_are_an_alarm(
    told: Told, tmp_path: Path, change: str, kind: str
) -> None:
    with told.prepared.payload[3].open() as source:
        data = source.read()
    other = {
        "changed": data[:1000] + b"\x00" + data[1001:],
        "shorter": data[:-1],
        "longer": data + b"\x00",
        "empty": b"",
    }[change]
    stored = tmp_path / "stored"
    stored.write_bytes(other)
    source = stored.open("rb") if kind == "file" else BytesIO(other)
    folder = tmp_path / "out"
    folder.mkdir()
    error = refused(with_source(told, 3, source), folder, "exhibit.payload")
    assert isinstance(error, TamperSuspected)
    assert told.prepared.payload[3].path in str(error)


def test_a_missing_object_is_an_alarm(told: Told, tmp_path: Path) -> None:
    missing = replace(told.prepared.payload[0], open=lambda: (tmp_path / "gone").open("rb"))
    prepared = replace(told.prepared, payload=(missing, *told.prepared.payload[1:]))
    refused(replace(told, prepared=prepared), tmp_path, "exhibit.payload")


def test_files_are_copied_by_the_kernel_or_without_it(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = told.write(tmp_path / "streams.zip")
    stored: list[PayloadFile] = []
    for number, file in enumerate(told.prepared.payload):
        place = tmp_path / str(number)
        with file.open() as source:
            place.write_bytes(source.read())
        stored.append(replace(file, open=partial(FileIO, place)))
    on_disk = replace(told, prepared=replace(told.prepared, payload=tuple(stored)))
    assert on_disk.write(tmp_path / "kernel.zip") == expected

    calls = []

    def cannot(*args: int, **more: int) -> int:
        calls.append(args)
        raise OSError(errno.EXDEV, "not between these")

    monkeypatch.setattr(os, "copy_file_range", cannot)
    assert on_disk.write(tmp_path / "through.zip") == expected
    assert calls
    monkeypatch.setattr(os, "copy_file_range", lambda *args, **more: 0)
    assert on_disk.write(tmp_path / "nothing.zip") == expected


def test_nothing_is_overwritten(told: Told, tmp_path: Path) -> None:
    there = tmp_path / "a.zip"
    there.write_bytes(b"someone's")
    with pytest.raises(Conflict) as caught:
        Exhibit().write(told.prepared, told.custody, there)
    assert caught.value.code == "export.exists"
    assert there.read_bytes() == b"someone's"
    assert list(tmp_path.iterdir()) == [there]


def test_a_file_that_comes_first_is_not_overwritten(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def late(source: Path, to: Path) -> None:
        to.write_bytes(b"someone's")
        link(source, to)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(Conflict):
        Exhibit().write(told.prepared, told.custody, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == b"someone's"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_place_without_links_gets_the_same_file(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: Path, to: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    expected = told.write(tmp_path / "a.zip")
    monkeypatch.setattr(os, "link", no_links)
    assert told.write(tmp_path / "b.zip") == expected
    with pytest.raises(Conflict):
        Exhibit().write(told.prepared, told.custody, tmp_path / "b.zip")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_place_that_is_none_is_said_to_be_none(told: Told, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        Exhibit().write(told.prepared, told.custody, tmp_path / "nowhere" / "a.zip")
    assert caught.value.code == "export.to"


def test_a_full_disk_leaves_nothing(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite

    def full(descriptor: int, data: bytes, at: int) -> int:
        if at > 50_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return pwrite(descriptor, data, at)

    monkeypatch.setattr(os, "pwrite", full)
    error = refused(told, tmp_path, "export.write")
    assert isinstance(error, Unavailable)


def test_writing_is_durable_before_the_name_is_given(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, place = os.fsync, destination._place

    def noted_fsync(descriptor: int) -> None:
        order.append("fsync")
        fsync(descriptor)

    def noted_place(building: Path, to: Path) -> None:
        order.append("place")
        place(building, to)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(destination, "_place", noted_place)
    told.write(tmp_path / "a.zip")
    assert order == ["fsync", "place", "fsync"]


def flipped(hashes: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return (bytes([hashes[0][0] ^ 1]) + hashes[0][1:], *hashes[1:])


def test_proofs_that_do_not_prove_are_an_alarm(told: Told, tmp_path: Path) -> None:
    proofs = {**told.custody.proofs, 2: flipped(told.custody.proofs[2])}
    refused(
        replace(told, custody=replace(told.custody, proofs=proofs)), tmp_path, "proof.inclusion"
    )
    old = told.custody.old_heads[0]
    heads = (OldHead(old.note, flipped(old.proof)), *told.custody.old_heads[1:])
    bad = replace(told, custody=replace(told.custody, old_heads=heads))
    refused(bad, tmp_path, "proof.consistency")


def test_custody_that_contradicts_the_act_is_an_alarm(told: Told, tmp_path: Path) -> None:
    custody = told.custody
    stranger = tell(Plan(secret="another")).custody
    for changed, code in (
        (replace(custody, old_heads=custody.old_heads[1:]), "exhibit.custody"),
        (replace(custody, entries=custody.entries[:-1]), "exhibit.custody"),
        (replace(custody, entries=custody.entries[::-1]), "exhibit.custody"),
        (replace(custody, entries=()), "exhibit.custody"),
        (replace(custody, keys=()), "exhibit.custody"),
        (replace(custody, keys=stranger.keys), "exhibit.custody"),
        (replace(custody, checkpoint=custody.checkpoint.replace(b"15", b"16")), "note.signature"),
    ):
        refused(replace(told, custody=changed), tmp_path, code)
    other = {**told.prepared.selection, "recipient": "someone else"}
    changed_act = replace(told, prepared=replace(told.prepared, selection=other))
    refused(changed_act, tmp_path, "exhibit.custody")
    of_another_log = tell(Plan(origin="specimen.muniment.invalid/other-00000000"))
    mixed = replace(of_another_log.custody, entries=custody.entries)
    refused(replace(told, custody=mixed), tmp_path, "exhibit.custody")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"name": "Exhibit 1"}, "exhibit.name", id="name"),
        pytest.param({"name": "../x"}, "exhibit.name", id="name that climbs"),
        pytest.param({"items": ()}, "exhibit.items", id="no item"),
        pytest.param({"items": (items()[0], items()[0])}, "exhibit.items", id="item twice"),
        pytest.param(
            {"items": (replace(items()[0], number="m-00872"), items()[1])},
            "exhibit.items",
            id="numbers that differ in case",
        ),
        pytest.param(
            {"items": (replace(items()[0], number="CON"),)}, "exhibit.number", id="device"
        ),
        pytest.param(
            {"items": (replace(items()[0], number="a/b"),)}, "exhibit.number", id="number with /"
        ),
        pytest.param(
            {"items": (replace(items()[0], parts=items()[0].parts[:1] * 1000),)},
            "exhibit.parts",
            id="a thousand parts",
        ),
        pytest.param({"eid": "x"}, "exhibit.id", id="id"),
        pytest.param({"organisation": "two\nlines"}, "exhibit.bag_info", id="two lines"),
        pytest.param({"organisation": " edges "}, "exhibit.bag_info", id="spaces at the edges"),
    ],
)
def test_a_dossier_that_cannot_leave_is_refused(
    told: Told, change: dict[str, object], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        Exhibit().prepare(replace(told.dossier, **change))  # type: ignore[arg-type]  # by design
    assert caught.value.code == code


@pytest.mark.parametrize("lost", ["heads", "name"])
def test_a_selection_without_its_parts_is_not_written(
    told: Told, lost: str, tmp_path: Path
) -> None:
    selection = {**told.prepared.selection, lost: {}}
    prepared = replace(told.prepared, selection=selection)
    refused(replace(told, prepared=prepared), tmp_path, "exhibit.selection")


@pytest.mark.parametrize("lost", ["files", "template"])
def test_a_selection_without_its_parts_is_not_resumed(told: Told, lost: str) -> None:
    kept = {sha256(data).hexdigest(): data for data in told.prepared.kept}
    strange: list[Json] = [{}, [{"path": "bagit.txt"}]]
    for value in strange:
        selection = {**told.prepared.selection, lost: value}
        with pytest.raises(TamperSuspected) as caught:
            Exhibit().resume(selection, lambda digest: BytesIO(kept[digest]))
        assert caught.value.code == "exhibit.selection"


def test_a_source_that_shrinks_while_it_is_read_is_an_alarm(tmp_path: Path) -> None:
    target = os.open(tmp_path / "t", os.O_RDWR | os.O_CREAT)
    file = PayloadFile(
        "data/original/M-1/001", sha256(b"abc").hexdigest(), 3, lambda: BytesIO(b"ab")
    )
    with pytest.raises(TamperSuspected):
        copying.copy_into(target, 0, file)
    os.close(target)
