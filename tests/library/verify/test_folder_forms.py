"""An extracted bag: plain files and folders, and nothing else."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from muniment.export.verifier.fault import Fault as AloneFault
from muniment.export.verifier.fault import Malformed as AloneMalformed
from muniment.export.verifier.opening import Bundle, File, _demand_safe, _file_blocks
from muniment.verify.contents import Contents, Measured, read_contents
from muniment.verify.fault import Fault, Malformed
from muniment.verify.folder import Folder
from muniment.verify.layout import check_paths
from tests.library.verify.exhibits import exhibit
from tests.library.verify.readers import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = exhibit()
PHOTO = "data/original/M-00871/001.jpg"


def link(bag: Path) -> None:
    place = bag / PHOTO
    place.rename(bag.parent / "elsewhere.jpg")
    place.symlink_to(bag.parent / "elsewhere.jpg")


def hard_to_say(bag: Path) -> None:
    (bag / "data" / "same").symlink_to(bag / "data" / "original")


def loop(bag: Path) -> None:
    (bag / "data" / "again").symlink_to("..")


def pipe(bag: Path) -> None:
    os.mkfifo(bag / "data" / "pipe")


def empty_folder(bag: Path) -> None:
    (bag / "data" / "renditions" / "M-00872").mkdir()


def strange_name(bag: Path) -> None:
    (bag / "data" / "a b.txt").write_bytes(b"")


def name_that_is_no_text(bag: Path) -> None:
    with open(os.fsencode(bag) + b"/data/\xff\xfe", "wb"):  # noqa: PTH123  # a name of bytes
        pass


def hidden_file(bag: Path) -> None:
    (bag / ".DS_Store").write_bytes(b"")


def capitals(bag: Path) -> None:
    (bag / "Record.html").write_bytes(b"")


def nothing(bag: Path) -> None:
    shutil.rmtree(bag)
    bag.mkdir()


MALFORMED: dict[str, Callable[[Path], None]] = {
    "a link to a file": link,
    "a link to a folder": hard_to_say,
    "a loop of links": loop,
    "a pipe": pipe,
    "an empty folder": empty_folder,
    "a name with a space": strange_name,
    "a name that is no text": name_that_is_no_text,
    "a hidden file": hidden_file,
    "a difference in case": capitals,
    "nothing": nothing,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_folder_with_something_else_in_it_is_no_bundle(tmp_path: Path, name: str) -> None:
    bag = GOOD.extract(tmp_path / "bag")
    MALFORMED[name](bag)
    outcome = read(bag)
    assert outcome.verdict == "refused"
    assert outcome.failed == {"bytes_intact"}
    assert outcome.details["bytes_intact"].startswith("this is no well-formed bundle: ")


def test_the_folder_may_have_another_name(tmp_path: Path) -> None:
    assert read(GOOD.extract(tmp_path / "Exhibit 7 (copy)")).verdict == "intact_self_attested"


def test_the_folder_above_the_bag_is_no_bundle(tmp_path: Path) -> None:
    GOOD.extract(tmp_path / "bags" / "exhibit-00007")
    assert read(tmp_path / "bags").verdict == "refused"


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    bag = GOOD.extract(tmp_path / "bag")
    folder = Folder(bag)
    with (bag / PHOTO).open("ab") as photo:
        photo.write(b"more")
    assert read_contents(folder).faults == (f"{PHOTO} changed while it was read",)


def test_the_stand_alone_reader_sees_a_file_grow_too(tmp_path: Path) -> None:
    photo = tmp_path / "001.jpg"
    photo.write_bytes(b"more than it was")
    with pytest.raises(AloneFault, match="changed while it was read"):
        list(_file_blocks(photo, 4, "001.jpg"))


def test_too_many_files_are_no_bundle() -> None:
    paths = [f"data/{number}" for number in range(1_000_001)]
    with pytest.raises(Malformed, match="too many"):
        check_paths(paths)
    with pytest.raises(AloneMalformed, match="too many"):
        _demand_safe(paths)


def test_a_text_beyond_all_measure_is_not_held(tmp_path: Path) -> None:
    """Half a gigabyte of manifest is hashed like any file, and refused as a text."""
    measured = {"bagit.txt": Measured(1 << 30, "", "")}
    with pytest.raises(Fault, match="larger than a bundle needs"):
        Contents(None, measured, {}, ()).text("bagit.txt")
    with pytest.raises(AloneFault, match="larger than a bundle needs"):
        Bundle(None, {"bagit.txt": File(1 << 30, "", "", None)}, None).text("bagit.txt")
