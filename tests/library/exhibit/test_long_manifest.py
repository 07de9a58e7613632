"""A bundle that asks for it lists its files by SHA-512 too, and every reader checks that list."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256, sha512
from io import BytesIO
from pathlib import Path

import bagit
import pytest

from muniment.export.exhibit import Exhibit, write_folder
from muniment.export.verifier_assembly import assemble
from muniment.verify import verify
from tests.library.exhibit.story import NAME, Plan, Told, tell

LIST = "manifest-sha512.txt"
ASKED = b"Payload-Manifest-Algorithms: sha256, sha512\n"


@pytest.fixture(scope="module")
def told() -> Told:
    return tell(Plan(sha512=True, verifier=assemble().encode()))


@pytest.fixture
def bag(told: Told, tmp_path: Path) -> Path:
    """The bag unpacked, its ZIP beside it."""
    told.write(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path)
    return tmp_path / NAME


def test_it_lists_every_file_of_the_payload(bag: Path) -> None:
    payload = sorted(path for path in (bag / "data").rglob("*") if path.is_file())
    lines = [
        f"{sha512(path.read_bytes()).hexdigest()}  {path.relative_to(bag)}" for path in payload
    ]
    assert (bag / LIST).read_text().splitlines() == lines
    assert len(lines) > 3
    assert ASKED in (bag / "bag-info.txt").read_bytes()


def test_other_tools_check_it(bag: Path) -> None:
    subprocess.run(["sha512sum", "--quiet", "--strict", "-c", LIST], cwd=bag, check=True)
    subprocess.run([sys.executable, "-m", "bagit", "--validate", "--quiet", str(bag)], check=True)
    listed = bagit.Bag(str(bag))
    assert sorted(listed.algorithms) == ["sha256", "sha512"]


def test_both_readers_of_ours_check_it(told: Told, bag: Path) -> None:
    assert verdicts(bag) == ("intact_self_attested", 0)
    (bag / LIST).write_bytes((bag / LIST).read_bytes().replace(b"1", b"2"))
    again = manifest_of_tags(bag)
    (bag / "tagmanifest-sha256.txt").write_bytes(again)
    assert verdicts(bag) == ("refused", 1)
    assert LIST in verify(bag, log_keys=(), require=frozenset()).verdicts["bytes_intact"].detail


def verdicts(bag: Path) -> tuple[str, int]:
    """What `muniment verify` says, and how `verify.py` ends."""
    report = verify(bag, log_keys=(), require=frozenset())
    program = [sys.executable, "-I", "verify.py"]
    done = subprocess.run(program, cwd=bag, capture_output=True, check=False)
    return report.verdict.value, done.returncode


def manifest_of_tags(bag: Path) -> bytes:
    files = {str(path.relative_to(bag)): path for path in bag.rglob("*") if path.is_file()}
    tags = sorted(path for path in files if not path.startswith(("data/", "tagmanifest")))
    return "".join(
        f"{sha256(files[path].read_bytes()).hexdigest()}  {path}\n" for path in tags
    ).encode()


def test_the_same_act_asks_for_it_again(told: Told, bag: Path, tmp_path: Path) -> None:
    objects = {sha256(data).hexdigest(): data for data in told.prepared.kept}
    for file in told.prepared.payload:
        with file.open() as source:
            objects[file.sha256] = source.read()
    again = Exhibit().resume(told.prepared.selection, lambda digest: BytesIO(objects[digest]))
    written = replace(told, prepared=again).write(tmp_path / "b.zip")
    assert written == (tmp_path / "a.zip").read_bytes()


def test_the_folder_has_it_too(told: Told, bag: Path, tmp_path: Path) -> None:
    write_folder(told.prepared, told.custody, tmp_path / "folder")
    for name in (LIST, "tagmanifest-sha256.txt"):
        assert (tmp_path / "folder" / name).read_bytes() == (bag / name).read_bytes()


def test_nobody_gets_it_who_did_not_ask(tmp_path: Path) -> None:
    tell().write(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert f"{NAME}/{LIST}" not in archive.namelist()
        assert b"Algorithms" not in archive.read(f"{NAME}/bag-info.txt")
