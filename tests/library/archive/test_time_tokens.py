"""Tokens that are kept: whole or not at all, never changed unseen, the same set for ever."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64decode, encodebytes
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.archive.check import check_archive
from muniment.archive.layout import Layout
from muniment.archive.problem import PROBLEMS
from muniment.archive.publication import publish_folder
from muniment.archive.time_tokens import (
    bundle_files,
    first_stamped,
    newest_token,
    stamped_sizes,
    tokens_over,
)
from muniment.errors import TamperSuspected, Unavailable
from muniment.testing.simulated_authority import NAME, SimulatedAuthority
from tests.library.archive.timekeeping import SECOND, Stamped, stamped_log

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def stamped(tmp_path: Path) -> Generator[Stamped]:
    """Heads of 5 and 9 entries, both stamped by both; one reply that does not hold."""
    with SimulatedAuthority.serving() as first, SimulatedAuthority.serving() as second:
        made = stamped_log(tmp_path, first, second)
        made.queue().ask()
        made.pass_time(minutes=9)
        made.grow(4)
        made.queue().ask()
        named = made.workspace.outside.authorities
        made.simulators[1].signer = SimulatedAuthority().signer
        made.pass_time(minutes=9)
        made.grow()
        made.queue().ask()
        made.name(*named)
        yield made


def test_the_first_stamped_head_above_an_entry_is_found(stamped: Stamped) -> None:
    archive = stamped.workspace.archive
    assert stamped_sizes(archive) == (5, 9, 10)
    found = {index: [one.size for one in first_stamped(archive, index)] for index in (0, 4, 5, 9)}
    assert found == {0: [5, 5], 4: [5, 5], 5: [9, 9], 9: [10]}
    assert first_stamped(archive, 10) == []
    newest = newest_token(archive, SECOND)
    assert newest is not None
    assert newest.size == 9
    assert newest.demonstration
    assert newest_token(archive, "another") is None


def test_which_tokens_were_there_is_known_for_ever(stamped: Stamped) -> None:
    archive = stamped.workspace.archive
    assert [one.entries for one in tokens_over(archive, 5)] == [5, 5]
    assert len(tokens_over(archive, 5, 5)) == 2
    assert tokens_over(archive, 5, 4) == []
    assert first_stamped(archive, 0, 4) == []
    before = bundle_files(archive, 5, 10)
    assert sorted(before) == [
        "5-1.ocsp", "5-1.pem", "5-1.tsr", "5-2.ocsp", "5-2.pem", "5-2.tsr", "5.note",
    ]  # fmt: skip
    stamped.simulators[1].signer = stamped.simulators[1].issue()
    stamped.pass_time(days=400)
    stamped.ledger.append(1)
    for _ in range(12):
        stamped.pass_time(days=400)
        stamped.queue().ask()
    assert bundle_files(archive, 5, 10) == before


def test_of_many_tokens_a_bundle_gets_the_first_and_the_last_eight(tmp_path: Path) -> None:
    with SimulatedAuthority.serving() as only:
        made = stamped_log(tmp_path, only)
        for _ in range(12):
            made.queue().ask()
            made.pass_time(days=366)
        place = made.workspace.archive / "log" / "tsa" / "5"
        files = bundle_files(made.workspace.archive, 5, 5)
        assert sum(name.endswith(".tsr") for name in files) == 9
        assert files["5-1.tsr"] == (place / "1" / "token.tsr").read_bytes()
        assert files["5-2.tsr"] == (place / "5" / "token.tsr").read_bytes()


def test_openssl_reads_what_is_kept(stamped: Stamped) -> None:
    for size in (5, 9):
        for number in (1, 2):
            folder = stamped.workspace.archive / "log" / "tsa" / str(size) / str(number)
            about = json.loads((folder / "about.json").read_bytes())
            port = about["url"].rpartition(":")[2].partition("/")[0]
            root = stamped.workspace.root / f"root-{port}.pem"
            for question in (["-data", "note"], ["-queryfile", "query.tsq"]):
                done = subprocess.run(
                    ["openssl", "ts", "-verify", *question, "-in", "token.tsr", "-CAfile", root,
                     "-untrusted", "token.pem"],
                    cwd=folder, capture_output=True, text=True, check=False,
                )  # fmt: skip
                assert "Verification: OK" in done.stdout, done.stderr
            said = subprocess.run(
                ["openssl", "ocsp", "-respin", "/dev/stdin", "-noverify", "-resp_text"],
                input=_der(folder / "token.ocsp"), capture_output=True, check=False,
            )  # fmt: skip
            assert b"Cert Status: good" in said.stdout


def _der(path: Path) -> bytes:
    return b64decode("".join(path.read_text("ascii").splitlines()[1:-1]))


def test_a_check_finds_nothing_where_nothing_was_changed(stamped: Stamped) -> None:
    assert check_archive(stamped.workspace.archive).problems == ()
    copied = stamped.workspace.root / "copy"
    shutil.copytree(stamped.workspace.archive, copied)
    assert check_archive(copied).problems == ()


def change(path: Path, edit: Callable[[bytes], bytes]) -> None:
    path.chmod(0o600)
    path.write_bytes(edit(path.read_bytes()))


def flipped(data: bytes) -> bytes:
    middle = len(data) * 3 // 5
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def about(**members: object) -> Callable[[Path], None]:
    def edit(tsa: Path) -> None:
        path = tsa / "5" / "1" / "about.json"
        value = {**json.loads(path.read_bytes()), **members}
        text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        change(path, lambda _: text.encode())

    return edit


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of the reply": (lambda tsa: change(tsa / "5/1/token.tsr", flipped), "time.token"),
    "the end of the reply": (
        lambda tsa: change(tsa / "5/1/token.tsr", lambda data: data[:-1]),
        "time.token",
    ),
    "no path": (lambda tsa: change(tsa / "5/1/token.pem", lambda _: b""), "time.damaged"),
    "no reply": (lambda tsa: (tsa / "5/1/token.tsr").unlink(), "time.damaged"),
    "another note": (lambda tsa: shutil.copy(tsa / "5/1/note", tsa / "9/2/note"), "time.head"),
    "another head's token": (lambda tsa: shutil.copytree(tsa / "5/1", tsa / "9/3"), "time.head"),
    "one gone": (lambda tsa: shutil.rmtree(tsa / "5/1"), "time.stray"),
    "one moved": (lambda tsa: (tsa / "5/1").rename(tsa / "5/7"), "time.stray"),
    "the head renamed": (lambda tsa: (tsa / "5").rename(tsa / "6"), "time.head"),
    "a strange name": (lambda tsa: (tsa / "05").mkdir(), "time.stray"),
    "a file": (lambda tsa: (tsa / "7").write_bytes(b""), "time.head"),
    "one file more": (lambda tsa: (tsa / "5/1/more").write_bytes(b""), "time.damaged"),
    "nothing said": (lambda tsa: (tsa / "5/1/about.json").unlink(), "time.damaged"),
    "another time": (about(at="2020-01-01T00:00:00Z"), "time.damaged"),
    "another root": (about(root="0" * 64), "time.damaged"),
    "another finding": (about(finding="clock"), "time.damaged"),
    "a strange standing": (about(standing="splendid"), "time.damaged"),
    "no time": (about(at="yesterday"), "time.damaged"),
    "refused without its note": (lambda tsa: (tsa / "refused/10-1/note").unlink(), "time.damaged"),
    "refused and changed": (
        lambda tsa: change(tsa / "refused/10-1/about.json", flipped),
        "time.damaged",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_check_names_what_was_changed(stamped: Stamped, name: str) -> None:
    damage, code = DAMAGE[name]
    tsa = stamped.workspace.archive / "log" / "tsa"
    for folder in tsa.rglob("*"):
        if folder.is_dir():
            folder.chmod(0o700)
    damage(tsa)
    found = check_archive(stamped.workspace.archive).problems
    assert code in {one.code for one in found}, found
    assert {one.code for one in found} <= set(PROBLEMS)
    assert all(one.subject.startswith("log/tsa") for one in found)


def test_a_revoked_certificate_in_what_was_kept_is_found(stamped: Stamped) -> None:
    simulator = stamped.simulators[0]
    serial = simulator.signer.certificate.serial_number
    simulator.revoked[serial] = (simulator.start, None)
    path = stamped.workspace.archive / "log" / "tsa" / "5" / "1"
    name = json.loads((path / "about.json").read_bytes())["authority"]
    if name != NAME:
        path = path.parent / "2"
    armour = (
        b"-----BEGIN X509 CRL-----\n" + encodebytes(simulator.crl()) + b"-----END X509 CRL-----\n"
    )
    (path / "token.crl").write_bytes(armour)
    [problem] = check_archive(stamped.workspace.archive).problems
    assert (problem.code, "revoked" in problem.message) == ("time.token", True)


def test_a_folder_appears_whole_or_not_at_all(
    stamped: Stamped, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout(stamped.workspace.archive)
    place = stamped.workspace.archive / "log" / "tsa" / "10" / "2"
    publish_folder(layout, "log/tsa/10/2", {"note": b"a", "token.tsr": b"b"})
    with pytest.raises(TamperSuspected):
        publish_folder(layout, "log/tsa/10/2", {"note": b"other"})
    assert {one.name: one.read_bytes() for one in place.iterdir()} == {
        "note": b"a", "token.tsr": b"b",
    }  # fmt: skip

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("muniment.archive.publication.sync_folder", fail)
    with pytest.raises(Unavailable):
        publish_folder(layout, "log/tsa/10/3", {"note": b"a"})
    assert not (place.parent / "3").exists()
    assert [*(stamped.workspace.archive / "tmp").iterdir()] == []
