"""VERIFY.md tells the truth: its commands run as printed, pass an exhibit and fail a forgery."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from muniment.export.exhibit import write_folder
from muniment.seal.rfc3161.stamped import new_query
from muniment.testing.simulated_authority import SimulatedAuthority
from tests.library.exhibit.story import Told, tell


@pytest.fixture(scope="module")
def told() -> Told:
    return tell()


@pytest.fixture
def bag(told: Told, tmp_path: Path) -> Path:
    write_folder(told.prepared, told.custody, tmp_path / "bag")
    return tmp_path / "bag"


def run(bag: Path, holding: str) -> subprocess.CompletedProcess[str]:
    """Run the one block of commands that holds this text, as a reader would paste it."""
    text = (bag / "VERIFY.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    (block,) = [block for block in blocks if holding in block]
    return subprocess.run(
        ["bash", "-c", block], cwd=bag, capture_output=True, text=True, check=False
    )


def test_it_names_the_exhibit_and_the_log(bag: Path, told: Told) -> None:
    text = (bag / "VERIFY.md").read_text(encoding="utf-8")
    assert told.dossier.name in text
    assert told.dossier.origin in text
    assert "{{" not in text
    assert "says whether the content is true" in text


def test_openssl_checks_a_time_token_and_notices(bag: Path) -> None:
    assert run(bag, "openssl ts").stdout == "there is no time token here\n"
    authority = SimulatedAuthority(datetime(2020, 5, 1, 12, tzinfo=UTC))
    note = (bag / "custody" / "checkpoint").read_bytes()
    folder = bag / "custody" / "tsa"
    folder.mkdir()
    (folder / "9.note").write_bytes(note)
    (folder / "9-1.tsr").write_bytes(authority.reply(new_query(note).data))
    signer, root = (
        one.certificate.public_bytes(Encoding.PEM) for one in (authority.signer, authority.root)
    )
    (folder / "9-1.pem").write_bytes(signer + root)
    (bag.parent / "root.pem").write_bytes(root)
    printed = run(bag, "openssl ts").stdout
    assert "Verification: OK" in printed
    assert "May  1 12:00:00 2020 GMT" in printed
    (bag.parent / "root.pem").write_bytes(signer)
    assert "Verification: OK" not in run(bag, "openssl ts").stdout
    (bag.parent / "root.pem").write_bytes(root)
    (folder / "9.note").write_bytes(note + b"x")
    assert "Verification: OK" not in run(bag, "openssl ts").stdout


def test_the_fingerprint_is_that_of_the_key_line(bag: Path, told: Told) -> None:
    printed = run(bag, "head -n 1 custody/keys | tr").stdout.split()[0]
    assert printed == sha256(told.custody.keys[0].encode()).hexdigest()


def test_sha256sum_passes_and_notices(bag: Path) -> None:
    assert run(bag, "sha256sum --quiet").stdout == ""
    assert run(bag, "sha256sum --quiet").returncode == 0
    part = bag / "data/original/M-00871/001.jpg"
    part.write_bytes(part.read_bytes() + b"x")
    assert run(bag, "sha256sum --quiet").returncode != 0


def test_the_selection_can_be_read_with_standard_tools(bag: Path, told: Told) -> None:
    shown = run(bag, '"selection"').stdout
    for file in told.prepared.payload:
        assert f'"path":"{file.path}","sha256":"{file.sha256}","size":{file.size}' in shown


def change(path: str, edit: Callable[[str], str]) -> Callable[[Path], None]:
    def apply(bag: Path) -> None:
        text = (bag / path).read_text(encoding="utf-8")
        assert edit(text) != text
        (bag / path).write_text(edit(text), encoding="utf-8")

    return apply


def test_openssl_accepts_the_signature(bag: Path) -> None:
    assert run(bag, "pkeyutl").returncode == 0


@pytest.mark.parametrize(
    "tamper",
    [
        change("custody/checkpoint", lambda text: text.replace("\n15\n", "\n16\n")),
        change("custody/keys", lambda text: text[:-6] + "AAAA=\n"),
    ],
    ids=["text", "key"],
)
def test_openssl_refuses_another_text_or_key(bag: Path, tamper: Callable[[Path], None]) -> None:
    tamper(bag)
    assert run(bag, "pkeyutl").returncode != 0


def test_each_act_is_found_in_the_log(bag: Path, told: Told) -> None:
    lines = run(bag, "NOT IN THE LOG").stdout.splitlines()
    assert lines == [f"act at {entry.index}: in the log" for entry in told.custody.entries]


def test_an_act_that_is_not_in_the_log_is_said_not_to_be(bag: Path) -> None:
    proof = bag / "custody/proofs/5.tlog-proof"
    proof.write_bytes((bag / "custody/proofs/6.tlog-proof").read_bytes())
    lines = run(bag, "NOT IN THE LOG").stdout.splitlines()
    assert "act at 5: NOT IN THE LOG" in lines
    assert "act at 6: in the log" in lines
