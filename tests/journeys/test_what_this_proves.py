"""The sceptic's tour is true: each command passes a fresh bundle, and fails tampered ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from muniment.testing.simulated_authority import SimulatedAuthority
from muniment.testing.tampering.format import EVIDENCE, OTHER_EVIDENCE, Files
from muniment.testing.tampering.keeper import Keeper

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "what-this-proves.md"
BLOCK = re.compile(r"^## (\d+) |^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENTRIES, CHECKPOINT, OLD = "custody/entries.jsonl", "custody/checkpoint", "custody/consistency/3-8"

Change = Callable[[Files], Files]


def blocks() -> dict[str, str]:
    """The commands of the page by the number of their claim; a second one is `6b`."""
    found: dict[str, str] = {}
    claim = ""
    for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if match[1]:
            claim = match[1]
        else:
            found[f"{claim}b" if claim in found else claim] = match[2]
    return found


BLOCKS = blocks()


@pytest.fixture(scope="module")
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture(scope="module")
def whole(keeper: Keeper) -> Files:
    return keeper.exhibit(EVIDENCE)


@pytest.fixture
def place(keeper: Keeper, whole: Files, tmp_path: Path) -> Path:
    """What a reader has at hand: the three things from elsewhere, and an earlier bundle."""
    (tmp_path / "log.key").write_text(keeper.log_key + "\n", encoding="ascii")
    (tmp_path / "policy").write_bytes(keeper.policy)
    (tmp_path / "root.pem").write_bytes(keeper.time_root)
    laid(tmp_path / "earlier", whole)
    return tmp_path


def laid(folder: Path, files: Files) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def run(claim: str, bundle: Path) -> subprocess.CompletedProcess[str]:
    """Run the command of a claim as a reader pastes it; none of our programs is on the way."""
    programs = bundle.parent / "programs"
    programs.mkdir(exist_ok=True)
    for name, where in (
        ("bagit.py", Path(sys.executable).parent / "bagit.py"),
        ("python3", Path(sys.base_prefix) / "bin" / "python3"),
    ):
        if not (programs / name).exists():
            (programs / name).symlink_to(where)
    environment = {"PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin", "LANG": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-c", BLOCKS[claim]],
        cwd=bundle,
        env={**environment, "HOME": str(bundle.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_claim_has_its_command() -> None:
    assert list(BLOCKS) == ["1", "2", "3", "4", "5", "6", "6b", "7", "8", "9", "10"]
    assert not any("muniment" in block or "verify.py" in block for block in BLOCKS.values())


@pytest.mark.parametrize("claim", BLOCKS)
def test_a_fresh_bundle_passes(claim: str, place: Path, whole: Files) -> None:
    done = run(claim, laid(place / "bundle", whole))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (done.stdout + done.stderr).strip()


def changed(path: str, edit: Callable[[bytes], bytes]) -> Change:
    def change(files: Files) -> Files:
        assert edit(files[path]) != files[path]
        return {**files, path: edit(files[path])}

    return change


def without(path: str) -> Change:
    return lambda files: {one: data for one, data in files.items() if one != path}


def more(path: str, data: bytes) -> Change:
    return lambda files: {**files, path: data}


def entries(edit: Callable[[list[Any]], list[Any]]) -> Change:
    def change(files: Files) -> Files:
        lines = [json.loads(line) for line in files[ENTRIES].splitlines()]
        made = "".join(f"{json.dumps(line)}\n" for line in edit(lines))
        return {**files, ENTRIES: made.encode()}

    return change


def dropped(place: int) -> Change:
    return entries(lambda lines: [one for n, one in enumerate(lines) if n != place])


def retold(place: int) -> Change:
    """An act says that it happened two years earlier."""

    def tell(lines: list[Any]) -> list[Any]:
        text = lines[place]["disclosures"][0]
        said = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        said[2]["t"] = said[2]["t"].replace("2026", "2024")
        new = urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
        lines[place]["disclosures"][0] = new
        return lines

    return entries(tell)


def another_leaf(lines: list[Any]) -> list[Any]:
    """The first act bears another identifier in its leaf."""
    leaf = json.loads(b64decode(lines[0]["leaf"]))
    leaf["eid"] = "0" * 32
    lines[0]["leaf"] = b64encode(json.dumps(leaf).encode()).decode()
    return lines


def digest_gone(lines: list[Any]) -> list[Any]:
    """The first leaf no longer commits to one of the things that are said of it."""
    leaf = json.loads(b64decode(lines[0]["leaf"]))
    leaf["_sd"].pop()
    lines[0]["leaf"] = b64encode(json.dumps(leaf).encode()).decode()
    return lines


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def larger(data: bytes) -> bytes:
    return data.replace(b"\n8\n", b"\n9\n")


def told_by(keeper: Keeper) -> Change:
    """Another story, by a keeper of the same name."""
    return lambda _: keeper.exhibit(OTHER_EVIDENCE)


def taken(path: str, other: Change) -> Change:
    """One file of another bundle."""
    return lambda files: {**files, path: other(files)[path]}


def moved(path: str, to: str) -> Change:
    return lambda files: {**files, to: files[path]}


def a_line_less(files: Files) -> Files:
    """A proof without its last hash."""
    return {**files, OLD: files[OLD].rsplit(b"\n", 2)[0] + b"\n"}


def a_witness_less(files: Files) -> Files:
    lines = files[OLD].split(b"\n")
    gone = next(line for line in lines if line.startswith("— w0".encode()))
    return {**files, OLD: b"\n".join(line for line in lines if line != gone)}


THIEF = told_by(Keeper(who="thief"))
WITH_THE_KEY = told_by(Keeper(witnesses="thief"))
PART = "data/original/M-00001/001.jpg"
TOKEN = "custody/tsa/3-1.tsr"
TAMPERED: dict[str, dict[str, Change]] = {
    "1": {
        "a bit of a file": changed(PART, flipped),
        "a file lost": without(PART),
        "a file more": more("data/original/M-00001/009.jpg", b"more"),
        "a word of the record": changed("data/record.json", lambda data: data + b" "),
    },
    "2": {
        "a bit of a file": changed(PART, flipped),
        "a file lost": without(PART),
        "a file more": more("data/original/M-00001/009.jpg", b"more"),
        "another verifier": changed("verify.py", lambda data: b"print('intact')\n" + data),
        "the export cut off": dropped(7),
    },
    "3": {"another time": retold(0), "a digest gone": entries(digest_gone)},
    "4": {
        "another leaf": entries(another_leaf),
        "another size": changed(CHECKPOINT, larger),
        "the proof of another act": moved(
            "custody/proofs/2.tlog-proof", "custody/proofs/1.tlog-proof"
        ),
    },
    "5": {"another size": changed(CHECKPOINT, larger), "a log of somebody else": THIEF},
    "6": {
        "an earlier head of another log": taken(OLD, THIEF),
        "a proof cut short": a_line_less,
        "no earlier head": without(OLD),
    },
    "6b": {"an earlier head of somebody else": taken(OLD, THIEF)},
    "7": {
        "an act left out": dropped(3),
        "the export left out": dropped(4),
        "an act dated before the one it follows": retold(3),
    },
    "8": {
        "witnesses of one's own": WITH_THE_KEY,
        "a witness less": a_witness_less,
        "a cosignature from elsewhere": taken(OLD, WITH_THE_KEY),
    },
    "9": {
        "a token of somebody else": lambda _: Keeper(stamped=SimulatedAuthority()).exhibit(
            EVIDENCE
        ),
        "a token over another head": taken(TOKEN, WITH_THE_KEY),
        "no token": without(TOKEN),
    },
    "10": {"a second log under the stolen key": WITH_THE_KEY},
}
EACH = [(claim, name) for claim, changes in TAMPERED.items() for name in changes]


@pytest.mark.parametrize(("claim", "name"), EACH)
def test_a_tampered_bundle_does_not(claim: str, name: str, place: Path, whole: Files) -> None:
    done = run(claim, laid(place / "bundle", TAMPERED[claim][name](whole)))
    assert done.returncode != 0, done.stdout


def test_every_claim_is_tried_on_tampered_bundles() -> None:
    assert list(TAMPERED) == list(BLOCKS)
