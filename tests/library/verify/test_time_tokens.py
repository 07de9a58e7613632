"""Time tokens in a bundle: both readers on form and bytes, `muniment verify` on all the rest.

The stand-alone reader has no signatures but Ed25519: it gives the command for the rest, and the
command is run here as it is printed.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from muniment.cli.main import main
from muniment.errors import InvalidInput
from muniment.seal.rfc3161.stamped import new_query
from muniment.testing.simulated_authority import SimulatedAuthority, time_stamping
from muniment.verify import verify
from muniment.verify.tokens import read_time_roots
from tests.library.verify.exhibits import Plan, exhibit
from tests.library.verify.readers import read_bundle, refused
from tests.library.verify.second_writer import LOG_KEY, Bundle, key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
AUTHORITY = SimulatedAuthority(NOW)
SECOND = SimulatedAuthority(NOW + timedelta(minutes=2))
STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
DAY = timedelta(days=1)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def right(stem: str, note: bytes) -> dict[str, bytes]:
    """A right token with its path."""
    reply = AUTHORITY.reply(new_query(note).data)
    path = pem(AUTHORITY.signer.certificate, AUTHORITY.root.certificate)
    return {f"{stem}-1.tsr": reply, f"{stem}-1.pem": path}


def two(stem: str, note: bytes) -> dict[str, bytes]:
    """Tokens of two authorities, and what the first said of revocation."""
    reply = SECOND.reply(new_query(note).data)
    path = pem(SECOND.signer.certificate, SECOND.root.certificate)
    more = {f"{stem}-2.tsr": reply, f"{stem}-2.pem": path, f"{stem}-1.crl": AUTHORITY.crl()}
    return right(stem, note) | more


def made(
    tokens: tuple[int, ...] = (4,),
    stamps: Callable[[str, bytes], dict[str, bytes]] | None = right,
) -> Bundle:
    return exhibit(Plan(tokens=tokens, stamps=stamps))


def judged(bundle: Bundle, folder: Path, *authorities: SimulatedAuthority) -> tuple[str, str]:
    """State and reason of `existed_before` under these roots."""
    path = folder / "bundle.zip"
    path.write_bytes(bundle.zipped())
    roots = [one.root.certificate for one in authorities]
    report = verify(path, log_keys=(), require=frozenset(), time_roots=roots)
    others = {name: one for name, one in report.verdicts.items() if name != "existed_before"}
    assert {str(one.state) for one in others.values()} <= {"proved", "absent"}, others
    found = report.verdicts["existed_before"]
    return str(found.state), found.detail


@pytest.mark.parametrize("stamps", [right, two], ids=["one", "two"])
@pytest.mark.parametrize("tokens", [(2,), (4,), (2, 4)], ids=["early", "late", "both"])
def test_without_a_root_both_readers_leave_it_open(
    tmp_path: Path, tokens: tuple[int, ...], stamps: Callable[[str, bytes], dict[str, bytes]]
) -> None:
    outcome = read_bundle(made(tokens, stamps), tmp_path)
    assert outcome.verdict == "intact_self_attested", outcome.details
    assert outcome.states["existed_before"] == "absent"
    assert "2026-11-21T13:00:00Z" in outcome.details["existed_before"]
    assert "--time-root" in outcome.details["existed_before"]
    assert "demonstration, proves nothing" in outcome.details["existed_before"]
    assert "2026-11-21T13:00:00Z" in outcome.stand_alone["existed_before"]


def test_a_requirement_is_not_met_by_a_token_alone(tmp_path: Path) -> None:
    outcome = read_bundle(made(), tmp_path, require=["existed_before"])
    assert outcome.verdict == "refused"


def test_under_a_root_that_was_brought_it_is_proved(tmp_path: Path) -> None:
    state, words = judged(made((2, 4)), tmp_path, AUTHORITY)
    assert state == "proved"
    assert words.count("2026-11-21T13:00:00Z") == 2
    assert judged(made((2, 4), two), tmp_path, SECOND)[0] == "proved"
    assert judged(made(), tmp_path, SECOND)[0] == "absent"


def test_a_head_that_does_not_cover_every_item_proves_nothing_of_the_others(tmp_path: Path) -> None:
    # Item b came as entry 2: a head of two entries does not know it.
    state, words = judged(made((2,)), tmp_path, AUTHORITY)
    assert (state, "not every item" in words) == ("absent", True)
    assert judged(made((4,)), tmp_path, AUTHORITY)[0] == "proved"


def test_the_command_that_is_printed_checks_the_token(tmp_path: Path) -> None:
    outcome = read_bundle(made(), tmp_path)
    words = outcome.stand_alone["existed_before"]
    found = re.search(r"openssl (ts -verify .*) -CAfile ROOT.pem", words)
    assert found
    command = ["openssl", *found[1].split(), "-CAfile", "root.pem"]
    for root, accepted in ((AUTHORITY, True), (SECOND, False)):
        (tmp_path / "bag" / "root.pem").write_bytes(pem(root.root.certificate))
        done = subprocess.run(command, cwd=tmp_path / "bag", capture_output=True, check=False)
        assert (done.returncode == 0) is accepted, done.stderr


def test_a_stamped_head_may_be_kept_though_no_item_rests_on_it(tmp_path: Path) -> None:
    bundle = exhibit(Plan(heads=(2, 4, 6), tokens=(6,), stamps=right))
    outcome = read_bundle(bundle, tmp_path)
    assert (outcome.failed, outcome.states["append_only"]) == (set(), "proved")
    assert judged(bundle, tmp_path, AUTHORITY)[0] == "proved"


def without(ending: str) -> Callable[[str, bytes], dict[str, bytes]]:
    return lambda stem, note: {
        path: data for path, data in right(stem, note).items() if not path.endswith(ending)
    }


def with_more(**files: bytes) -> Callable[[str, bytes], dict[str, bytes]]:
    return lambda stem, note: (
        right(stem, note)
        | {stem + name.replace("__", "-").replace("_", "."): data for name, data in files.items()}
    )


def for_other(stem: str, note: bytes) -> dict[str, bytes]:
    return right(stem, note + b"x")


def junk(stem: str, note: bytes) -> dict[str, bytes]:
    return right(stem, note) | {f"{stem}-1.tsr": b"\x30\x03\x02\x01\x00"}


def cut(stem: str, note: bytes) -> dict[str, bytes]:
    files = right(stem, note)
    return files | {f"{stem}-1.tsr": files[f"{stem}-1.tsr"][:-1]}


def refusal(stem: str, note: bytes) -> dict[str, bytes]:
    reply = AUTHORITY.reply(new_query(note).data, status=2)
    return right(stem, note) | {f"{stem}-1.tsr": reply}


def another_note(stem: str, note: bytes) -> dict[str, bytes]:
    other = note.replace(b"\n4\n", b"\n5\n")
    return right(stem, other) | {f"{stem}.note": other}


def cosigned_note(stem: str, note: bytes) -> dict[str, bytes]:
    other = note + b"\xe2\x80\x94 witness.invalid/w AAAAAAAA\n"
    return right(stem, other) | {f"{stem}.note": other}


BOTH: dict[str, tuple[tuple[int, ...], Callable[[str, bytes], dict[str, bytes]] | None]] = {
    "for other bytes": ((4,), for_other),
    "no reply": ((4,), junk),
    "cut": ((4,), cut),
    "a refusal": ((4,), refusal),
    "another note": ((4,), another_note),
    "a cosigned note": ((4,), cosigned_note),
    "no token": ((4,), without(".tsr")),
    "no path": ((4,), without(".pem")),
    "nothing": ((4,), lambda stem, note: {}),
    "a second path alone": ((4,), with_more(__2_pem=b"x")),
    "a third token without a second": ((4,), with_more(__3_tsr=b"x", __3_pem=b"x")),
    "revocation of no token": ((4,), with_more(__2_crl=b"x")),
    "a head that is not here": ((5,), right),
    "heads out of order": ((4, 2), right),
    "a head twice": ((4, 4), right),
}


@pytest.mark.parametrize("name", BOTH)
def test_both_readers_refuse_what_does_not_fit(tmp_path: Path, name: str) -> None:
    tokens, stamps = BOTH[name]
    assert refused(made(tokens, stamps), tmp_path, "existed_before").failed == {"existed_before"}


def test_a_file_too_many_is_refused(tmp_path: Path) -> None:
    for path in ("custody/tsa/4.tsr", "custody/tsa/x", "custody/tsa/9-1.tsr", "custody/tsa/9.note"):
        folder = tmp_path / path.replace("/", "-")
        folder.mkdir()
        assert (
            "existed_before"
            in refused(made().resealed({path: b"x"}), folder, "existed_before").failed
        )


@dataclass(frozen=True)
class Wrong:
    """A token that only the whole check finds wrong, and what it says of it."""

    make: Callable[[str, bytes], dict[str, bytes]]
    words: str


def signed_by(
    *purposes: x509.ObjectIdentifier, critical: bool = True, **dates: datetime
) -> Callable[[str, bytes], dict[str, bytes]]:
    def make(stem: str, note: bytes) -> dict[str, bytes]:
        extensions = time_stamping(*purposes, critical=critical)
        signer = AUTHORITY.issue(*extensions, **dates)  # type: ignore[arg-type]  # dates only
        reply = AUTHORITY.reply(new_query(note).data, signer=signer)
        path = pem(signer.certificate, AUTHORITY.root.certificate)
        return {f"{stem}-1.tsr": reply, f"{stem}-1.pem": path}

    return make


def with_path(*certificates: x509.Certificate) -> Callable[[str, bytes], dict[str, bytes]]:
    return lambda stem, note: right(stem, note) | {f"{stem}-1.pem": pem(*certificates)}


def turned(stem: str, note: bytes) -> dict[str, bytes]:
    files = right(stem, note)
    data = bytearray(files[f"{stem}-1.tsr"])
    data[-1] ^= 1
    return files | {f"{stem}-1.tsr": bytes(data)}


def restated(stem: str, note: bytes) -> dict[str, bytes]:
    files = right(stem, note)
    data = files[f"{stem}-1.tsr"].replace(b"20261121130000Z", b"20251121130000Z")
    return files | {f"{stem}-1.tsr": data}


LEAF = AUTHORITY.issue()
UNDER_LEAF = AUTHORITY.issue(issuer=LEAF)


def under_a_leaf(stem: str, note: bytes) -> dict[str, bytes]:
    reply = AUTHORITY.reply(new_query(note).data, signer=UNDER_LEAF)
    path = pem(UNDER_LEAF.certificate, LEAF.certificate, AUTHORITY.root.certificate)
    return {f"{stem}-1.tsr": reply, f"{stem}-1.pem": path}


WHOLE: dict[str, Wrong] = {
    "signature": Wrong(turned, "signature"),
    "time changed": Wrong(restated, "signature"),
    "purpose not critical": Wrong(signed_by(STAMPING, critical=False), "time stamping alone"),
    "two purposes": Wrong(
        signed_by(STAMPING, ExtendedKeyUsageOID.CODE_SIGNING), "time stamping alone"
    ),
    "another purpose": Wrong(signed_by(ExtendedKeyUsageOID.SERVER_AUTH), "time stamping alone"),
    "expired": Wrong(signed_by(STAMPING, end=NOW - DAY), "not valid"),
    "not yet valid": Wrong(signed_by(STAMPING, start=NOW + DAY), "not valid"),
    "another's path": Wrong(
        with_path(SECOND.signer.certificate, SECOND.root.certificate), "not the first"
    ),
    "path to another root": Wrong(
        with_path(AUTHORITY.signer.certificate, SECOND.root.certificate), "path"
    ),
    "path over a leaf": Wrong(under_a_leaf, "may issue none"),
    "root alone": Wrong(with_path(AUTHORITY.root.certificate), "not the first"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_check_finds_the_rest(tmp_path: Path, name: str) -> None:
    wrong = WHOLE[name]
    state, words = judged(made((4,), wrong.make), tmp_path, AUTHORITY)
    assert (state, wrong.words in words) == ("failed", True), words


def test_a_path_has_one_spelling(tmp_path: Path) -> None:
    def spelled(stem: str, note: bytes) -> dict[str, bytes]:
        files = right(stem, note)
        return files | {f"{stem}-1.pem": b"a remark\n" + files[f"{stem}-1.pem"]}

    for stamps in (spelled, with_more(__1_pem=b""), with_more(__1_pem=b"x")):
        assert judged(made((4,), stamps), tmp_path, AUTHORITY)[0] == "failed"


def test_a_head_that_the_log_did_not_sign_is_no_older_for_its_token(tmp_path: Path) -> None:
    stranger = key("stranger.invalid/x")
    bundle = exhibit(Plan(tokens=(4,), stamps=right, signers=(stranger,), keys=(stranger,)))
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle.zipped())
    report = verify(path, log_keys=(), require=frozenset(), time_roots=[AUTHORITY.root.certificate])
    assert str(report.verdicts["existed_before"].state) != "proved"
    assert stranger != LOG_KEY


def test_roots_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "roots.pem"
    path.write_bytes(pem(AUTHORITY.root.certificate, SECOND.root.certificate))
    assert read_time_roots(str(path)) == (AUTHORITY.root.certificate, SECOND.root.certificate)
    path.write_bytes(b"junk")
    for wrong in (path, tmp_path / "nothing", tmp_path):
        with pytest.raises(InvalidInput) as refused_:
            read_time_roots(str(wrong))
        assert refused_.value.code == "verify.time_root"


def test_the_command_takes_a_root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle, root = tmp_path / "bundle.zip", tmp_path / "root.pem"
    bundle.write_bytes(made().zipped())
    words = ["verify", str(bundle), "--require", "existed_before", "--time-root", str(root)]
    for authority, code in ((AUTHORITY, 0), (SECOND, 1)):
        root.write_bytes(pem(authority.root.certificate))
        assert main(words) == code
        assert ("existed_before  proved" in capsys.readouterr().out) is (code == 0)
    root.write_bytes(b"")
    assert main(words) == 2
