"""`verify.py --time-root`: openssl is asked for a reader who brought a root, and agrees with us.

Nobody else's openssl is run, and without openssl the verdict stays open (custody-log §8).
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from muniment.export.verifier import program
from muniment.testing.simulated_authority import SimulatedAuthority
from tests.library.verify.exhibits import Plan, exhibit
from tests.library.verify.test_time_tokens import (
    AUTHORITY,
    NOW,
    SECOND,
    judged,
    made,
    pem,
    right,
    two,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.library.verify.second_writer import Bundle

STRANGER = SimulatedAuthority(NOW)


def asked(bundle: Bundle, folder: Path, *roots: SimulatedAuthority) -> tuple[str, str]:
    """State and reason of `existed_before` as the stand-alone reader gives them."""
    path = folder / "asked.zip"
    path.write_bytes(bundle.zipped())
    words = [str(path), "--json"]
    for number, one in enumerate(roots):
        root = folder / f"root-{number}.pem"
        root.write_bytes(pem(one.root.certificate))
        words += ["--time-root", str(root)]
    code, output, complaint = program.run(words)
    assert complaint == ""
    found = json.loads(output)["verdicts"]["existed_before"]
    assert code == (found["state"] == "failed")
    return found["state"], found["detail"]


@pytest.mark.parametrize(
    ("tokens", "stamps", "roots", "state"),
    [
        ((2, 4), right, (AUTHORITY,), "proved"),
        ((4,), right, (AUTHORITY,), "proved"),
        ((2,), right, (AUTHORITY,), "absent"),
        ((4,), right, (STRANGER,), "absent"),
        ((4,), right, (STRANGER, AUTHORITY), "proved"),
        ((4,), two, (SECOND,), "proved"),
        ((4,), right, (), "absent"),
    ],
)
def test_both_readers_say_the_same_under_the_same_roots(
    tmp_path: Path,
    tokens: tuple[int, ...],
    stamps: Callable[[str, bytes], dict[str, bytes]],
    roots: tuple[SimulatedAuthority, ...],
    state: str,
) -> None:
    bundle = made(tokens, stamps)
    found, words = asked(bundle, tmp_path, *roots)
    assert (found, judged(bundle, tmp_path, *roots)[0]) == (state, state), words
    assert ("says custody/tsa/" in words) is (state == "proved" or tokens == (2,)), words


def test_a_signature_that_does_not_hold_is_not_accepted(tmp_path: Path) -> None:
    def spoilt(stem: str, note: bytes) -> dict[str, bytes]:
        files = right(stem, note)
        reply = files[f"{stem}-1.tsr"]
        return {**files, f"{stem}-1.tsr": reply[:-1] + bytes([reply[-1] ^ 1])}

    bundle = exhibit(Plan(tokens=(4,), stamps=spoilt))
    state, words = asked(bundle, tmp_path, AUTHORITY)
    assert (state, "openssl refuses custody/tsa/4-1.tsr" in words) == ("failed", True)
    assert asked(bundle, tmp_path)[0] == "absent"  # without a root nobody is asked


def test_openssl_is_run_only_for_who_brought_a_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools, trace = tmp_path / "tools", tmp_path / "trace"
    tools.mkdir()
    (tools / "openssl").write_text(f"#!/bin/sh\necho \"$@\" >> '{trace}'\nexit 1\n")
    (tools / "openssl").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    assert asked(made(), tmp_path)[0] == "absent"
    assert not trace.exists()
    assert asked(made(), tmp_path, AUTHORITY)[0] == "absent"
    assert trace.read_text().startswith("ts -verify -data note -in reply -untrusted path -CAfile")


def test_a_program_that_says_nothing_has_accepted_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "openssl").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "openssl").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert asked(made(), tmp_path, AUTHORITY)[0] == "absent"


def test_without_openssl_it_says_so_and_gives_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    state, words = asked(made(), tmp_path, AUTHORITY)
    assert state == "absent"
    assert words.startswith("openssl is not installed here: custody/tsa/4-1.tsr states")
    assert "check with openssl ts -verify" in words


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_root_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "root.pem").write_bytes(content)
    code, output, _ = program.run(["--json", "--time-root", str(tmp_path / "root.pem")])
    assert (code, json.loads(output)["error"]["code"]) == (2, "verify.time_root")
