"""Folders and files as they are found: all of them, in order, and nothing from elsewhere."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.archive.outcome import Refused
from muniment.capture.api import Capture, Capturer, Survey
from muniment.capture.file import FileCapturer, capture_file
from muniment.capture.folder import FolderCapturer
from tests.library.archive.processes import as_nobody

NAMES = st.binary(min_size=1, max_size=20).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in {b".", b".."}
)


def captured(folder: Path, capturer: FolderCapturer | None = None) -> list[Capture | Refused]:
    return list((capturer or FolderCapturer()).captures(str(folder)))


def codes(folder: Path) -> dict[str, str]:
    """What each thing in a folder came to: a refusal's code, or `taken`."""
    return {
        os.fsdecode(os.path.relpath(one.path, os.fsencode(folder))): one.code
        if isinstance(one, Refused)
        else "taken"
        for one in captured(folder)
    }


def test_both_ways_in_are_capturers() -> None:
    for way in (FileCapturer(), FolderCapturer()):
        assert isinstance(way, Capturer)


@settings(max_examples=50)
@given(tree=st.dictionaries(st.lists(NAMES, min_size=1, max_size=4).map(tuple), st.binary()))
def test_every_file_is_found_once_in_the_order_of_bytes(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[tuple[bytes, ...], bytes]
) -> None:
    top = tmp_path_factory.mktemp("tree")
    made = {}
    for parts, data in tree.items():
        path = top.joinpath(*map(os.fsdecode, parts))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as handle:
                handle.write(data)
        except OSError:
            continue  # a name that stands for a folder and a file, or is too long
        made[parts] = path
    found = [one for one in FolderCapturer().captures(str(top)) if isinstance(one, Capture)]
    places = [tuple(filter(None, (*one.folder.split(b"/"), one.name))) for one in found]
    assert places == sorted(made)
    for place, one in zip(places, found, strict=True):
        facts = made[place].stat()
        assert one.path == os.fsencode(made[place])
        assert (one.device, one.inode) == (facts.st_dev, facts.st_ino)
        assert (one.size, one.modified_ns) == (len(tree[place]), facts.st_mtime_ns)


def test_everything_that_is_no_file_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "outside").write_bytes(b"not ours")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "inside").touch()
    (folder / "empty").touch()
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
    (folder / "to file").symlink_to(tmp_path / "outside")
    (folder / "to folder").symlink_to(tmp_path / "elsewhere")
    (folder / "to nothing").symlink_to("nowhere")
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    (folder / "up").symlink_to("..")
    (folder / "below").mkdir()
    (folder / "below" / "back").symlink_to(folder)
    expected = {
        "below/back": "file.link_loop",
        "empty": "taken",
        "one": "file.link_loop",
        "pipe": "file.special",
        "socket": "file.special",
        "to file": "file.link",
        "to folder": "file.link",
        "to nothing": "file.link",
        "two": "file.link_loop",
        "up": "file.link",
    }
    if os.geteuid() == 0:
        os.mknod(folder / "device", 0o600 | 0o020000, os.makedev(1, 5))
        expected["device"] = "file.special"
    assert codes(folder) == expected
    assert FolderCapturer().survey(str(folder)) == Survey(1, 0)


def test_a_folder_that_is_named_through_a_link_is_meant(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("real")
    assert codes(tmp_path / "link") == {"file": "taken"}


def test_a_folder_that_may_not_be_read_is_reported_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    (tmp_path / "b").chmod(0)
    tmp_path.chmod(0o755)

    def walk() -> str:
        return " ".join(f"{path}={code}" for path, code in codes(Path()).items())

    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert as_nobody(walk) == "a/file=taken b=folder.unreadable c/file=taken"
    finally:
        os.chdir(here)
        (tmp_path / "b").chmod(0o700)


def test_a_folder_replaced_by_a_link_while_walking_is_not_entered(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    for made in (folder, folder / "b", outside):
        made.mkdir()
    (folder / "a").touch()
    (folder / "b" / "mine").touch()
    (outside / "secret").touch()
    found = FolderCapturer().captures(str(folder))
    first = next(found)
    assert isinstance(first, Capture)
    (folder / "b").rename(tmp_path / "moved")
    (folder / "b").symlink_to(outside)
    (rest,) = found
    assert isinstance(rest, Refused)
    assert rest.code == "file.link"


@pytest.mark.parametrize("replacement", ["link", "folder", "file", "nothing"])
def test_a_folder_replaced_after_it_was_listed_is_not_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replacement: str
) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    (folder / "b").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret").touch()
    open_ = os.open

    def swapping(path: bytes, flags: int) -> int:
        if path == os.fsencode(folder / "b"):
            (folder / "b").rename(tmp_path / "moved")
            if replacement == "link":
                (folder / "b").symlink_to(outside)
            elif replacement == "folder":
                outside.rename(folder / "b")
            elif replacement == "file":
                (outside / "secret").rename(folder / "b")
        return open_(path, flags)

    monkeypatch.setattr(os, "open", swapping)
    (refusal,) = captured(folder)
    assert isinstance(refusal, Refused)
    assert refusal.code == "folder.changed"


def test_a_file_that_vanishes_while_walking_is_reported(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
    found = FolderCapturer().captures(str(tmp_path))
    next(found)
    (tmp_path / "b").unlink()
    gone, last = found
    assert isinstance(gone, Refused)
    assert gone.code == "file.missing"
    assert isinstance(last, Capture)


def test_a_folder_that_is_left_out_is_reported_and_not_entered(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "object").touch()
    (tmp_path / "file").touch()
    facts = (tmp_path / "workspace").stat()
    found = captured(tmp_path, FolderCapturer([(facts.st_dev, facts.st_ino)]))
    assert [getattr(one, "code", "taken") for one in found] == ["taken", "folder.excluded"]
    assert [one.exit_code for one in found if isinstance(one, Refused)] == [0]


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, code in (("file", "folder.none"), ("never", "file.missing")):
        (refusal,) = captured(tmp_path / name)
        assert isinstance(refusal, Refused)
        assert refusal.code == code


def test_a_file_that_is_named_through_links_is_meant(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"bytes")
    (tmp_path / "link").symlink_to("file")
    found = capture_file(os.fsencode(tmp_path / "link"))
    assert isinstance(found, Capture)
    facts = (tmp_path / "file").stat()
    assert (found.name, found.folder, found.size) == (b"link", b"", 5)
    assert (found.device, found.inode) == (facts.st_dev, facts.st_ino)


def test_one_thing_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    way = FileCapturer()
    for path, code in (
        (tmp_path / "pipe", "file.special"),
        (tmp_path / "loop", "file.link_loop"),
        (tmp_path, "file.folder"),
        (tmp_path / "never", "file.missing"),
        (Path("/dev/null"), "file.special"),
    ):
        (refusal,) = way.captures(str(path))
        assert isinstance(refusal, Refused)
        assert (refusal.code, refusal.exit_code) == (code, 2)
        assert str(path) in refusal.message
        assert refusal.hint
        assert way.survey(str(path)) == Survey(0, 0)


def test_each_way_in_knows_its_targets(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    taken = {
        name: (FileCapturer().takes(str(path)), FolderCapturer().takes(str(path)))
        for name, path in (
            ("file", tmp_path / "file"),
            ("folder", tmp_path),
            ("dangling", tmp_path / "dangling"),
            ("never", tmp_path / "never"),
        )
    }
    assert taken == {
        "file": (True, False),
        "folder": (False, True),
        "dangling": (True, False),
        "never": (False, False),
    }
