"""What witnesses said of our heads is kept with them, checked, and takes nothing else with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from muniment.archive.check import check_archive
from muniment.archive.log_files import LogFiles, read_cosigned, read_kept
from muniment.archive.witnessing import (
    ask_all,
    head_for_bundle,
    judged,
    keep,
    last_cosigned,
    published_head,
    read_policy,
    request_for,
)
from muniment.custody.checkpoint import Checkpoint
from muniment.custody.cosignature import cosign
from muniment.custody.keys import COSIGNATURE_V1, ED25519, SigningKey
from muniment.custody.merkle import Frontier
from muniment.custody.note import Note, NoteSignature, parse_note, sign_note
from muniment.custody.policy import Policy, parse_policy
from muniment.errors import Conflict, InvalidInput, NotFound, TamperSuspected, Unavailable
from muniment.seal.witness import Cosigned, OtherSize, Witness
from muniment.seal.witness_client import Reply
from muniment.seal.witness_request import parse_submission
from muniment.seal.witness_state import WitnessState

if TYPE_CHECKING:
    from pathlib import Path

    from tests.library.archive.ledger import Ledger

TIME = datetime(2026, 11, 21, 8, 40, 12, tzinfo=UTC)
KEYS = [SigningKey(f"w{n}.example", COSIGNATURE_V1, bytes([n]) * 32) for n in range(4)]
STRANGER = SigningKey("stranger.example", COSIGNATURE_V1, b"S" * 32)


def policy_of(keys: list[SigningKey], k: int = 2, address: str = "") -> Policy:
    lines = [f"witness w{n} {key.verifier.text} {address}" for n, key in enumerate(keys)]
    group = " ".join(f"w{n}" for n in range(len(keys)))
    return parse_policy("\n".join([*lines, f"group g {k} {group}", "quorum g", ""]).encode())


POLICY = policy_of(KEYS)


@pytest.fixture
def published(ledger: Ledger) -> Ledger:
    """A log with heads of 5, 9 and 300 entries."""
    for number in (5, 4, 291):
        ledger.append(number)
        ledger.publish()
    return ledger


def cosigned(note: Note, *keys: SigningKey) -> Note:
    return Note(note.text, (*note.signatures, *[cosign(note, key, TIME) for key in keys]))


def test_cosignatures_come_to_stand_under_the_kept_head(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    own = read_kept(archive, 300)
    note = parse_note(own)
    assert judged(archive, 300, POLICY).names == ()

    kept = keep(archive, cosigned(note, KEYS[2]), POLICY, log)
    assert (kept.size, kept.added) == (300, (b"w2",))
    assert not kept.witnessed.quorum_met
    kept = keep(archive, cosigned(note, KEYS[0], KEYS[2]), POLICY, log)
    assert kept.added == (b"w0",)
    assert kept.witnessed.quorum_met
    assert kept.witnessed.names == (b"w0", b"w2")
    assert kept.witnessed.of == 4
    assert keep(archive, cosigned(note, KEYS[0], KEYS[2]), POLICY, log).added == ()
    assert [one.name for one in read_cosigned(archive, 300).signatures] == [
        log.name,
        "w2.example",
        "w0.example",
    ]
    assert read_kept(archive, 300) == own  # what the log itself signed is what was stamped
    assert published_head(archive) == note


def test_an_older_head_can_still_be_witnessed(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    note = parse_note(read_kept(archive, 5))
    assert keep(archive, cosigned(note, *KEYS), POLICY, log).witnessed.quorum_met
    assert last_cosigned(archive, KEYS[0].verifier) == 5
    assert last_cosigned(archive, KEYS[0].verifier, among=1) == 0
    assert last_cosigned(archive, STRANGER.verifier) == 0


def test_the_archive_is_still_whole_and_publishing_goes_on(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    note = published_head(archive)
    keep(archive, cosigned(note, *KEYS), POLICY, log)
    LogFiles(archive).publish_checkpoint(note)  # again, as after a crash
    assert judged(archive, 300, POLICY).quorum_met
    published.append(3)
    published.publish()
    report = check_archive(archive, key=log)
    assert report.problems == ()


def test_lines_of_keys_that_the_policy_does_not_name_are_left_out(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    note = cosigned(published_head(archive), STRANGER, KEYS[1])
    assert keep(archive, note, POLICY, log).added == (b"w1",)
    assert "stranger" not in read_cosigned(archive, 300).to_bytes().decode()


def test_a_bundle_gets_the_lines_of_its_policy_only(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    keep(archive, cosigned(published_head(archive), *KEYS), POLICY, log)
    fewer = policy_of(KEYS[:2])
    names = [one.name for one in parse_note(head_for_bundle(archive, 300, fewer)).signatures]
    assert names == [log.name, "w0.example", "w1.example"]


def test_of_two_lines_of_a_witness_the_earliest_is_kept(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    note = published_head(archive)
    later = cosign(note, KEYS[0], TIME.replace(year=2027))
    twice = Note(note.text, (*note.signatures, later, cosign(note, KEYS[0], TIME)))
    kept = keep(archive, twice, POLICY, log)
    assert [one.time for one in kept.witnessed.cosignatures] == [TIME]
    assert len(read_cosigned(archive, 300).signatures) == 2


def other_root(size: int, ledger: Ledger) -> Note:
    return sign_note(Checkpoint(ledger.key.name, size, b"r" * 32).text, ledger.key)


def test_what_does_not_check_is_not_kept(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    note = published_head(archive)
    before = read_cosigned(archive, 300)
    false = NoteSignature(
        KEYS[0].name,
        KEYS[0].verifier.key_id,
        cosign(other_root(300, published), KEYS[0], TIME).signature[4:],
    )
    with pytest.raises(TamperSuspected):
        keep(archive, Note(note.text, (*note.signatures, false)), POLICY, log)
    with pytest.raises(InvalidInput) as caught:
        keep(archive, cosigned(Note(note.text, ()), *KEYS), POLICY, log)
    assert caught.value.code == "witness.not_ours"
    stranger = SigningKey(log.name, ED25519, b"?" * 32)
    with pytest.raises(InvalidInput):
        keep(archive, cosigned(sign_note(note.text, stranger), *KEYS), POLICY, log)
    assert read_cosigned(archive, 300) == before


@pytest.mark.parametrize(
    ("size", "code"),
    [
        (300, "archive.differs"),
        (9, "archive.differs"),
        (7, "archive.differs"),
        (301, "witness.ahead"),
    ],
)
def test_a_witnessed_head_that_is_not_of_this_log_is_an_alarm(
    published: Ledger, size: int, code: str
) -> None:
    with pytest.raises(TamperSuspected) as caught:
        keep(
            published.archive,
            cosigned(other_root(size, published), *KEYS),
            POLICY,
            published.key.verifier,
        )
    assert caught.value.code == code


def test_a_true_head_that_was_not_kept_is_kept_now(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    (archive / "log" / "checkpoints" / "9").unlink()
    head = Checkpoint(log.name, 9, Frontier().appended(published.hashes[:9]).root())
    kept = keep(archive, cosigned(sign_note(head.text, published.key), *KEYS), POLICY, log)
    assert kept.witnessed.quorum_met
    assert check_archive(archive, key=log).problems == ()


def test_many_at_once_lose_no_line(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    note = published_head(archive)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: keep(archive, cosigned(note, key), POLICY, log), KEYS))
    assert judged(archive, 300, POLICY).names == (b"w0", b"w1", b"w2", b"w3")


class Partners:
    """Witnesses by address, reached without a network."""

    def __init__(self, folder: Path, ledger: Ledger, count: int) -> None:
        self.witnesses: dict[str, Witness] = {}
        for number in range(count):
            WitnessState.create(folder / f"{number}", f"w{number}.example")
            self.witnesses[f"https://w{number}.example"] = Witness(
                WitnessState(folder / f"{number}"), [ledger.key.verifier], lambda: TIME
            )
        self.policy = parse_policy(
            "".join(
                f"witness w{n} {one.verifier.text} {url}\n"
                for n, (url, one) in enumerate(self.witnesses.items())
            ).encode()
            + b"group g 2 w0 w1 w2\nquorum g\n"
        )
        self.asked: list[str] = []
        self.silent = ""

    def __call__(self, url: str, body: bytes) -> Reply:
        prefix = url.removesuffix("/add-checkpoint")
        self.asked.append(prefix)
        if prefix == self.silent:
            raise Unavailable("nobody answers", code="egress.connect")
        found = self.witnesses[prefix].add_checkpoint(parse_submission(body))
        if isinstance(found, OtherSize):
            return Reply(409, "text/x.tlog.size", f"{found.size}\n".encode())
        return Reply(200, "text/plain", f"{found.cosignature.line}\n".encode())


def test_every_witness_is_asked_and_one_that_is_silent_stops_nobody(
    published: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, log = published.archive, published.key.verifier
    monkeypatch.setattr("muniment.seal.witness_client.now", lambda: TIME)
    partners = Partners(tmp_path / "partners", published, 3)
    partners.silent = "https://w1.example"
    asked = ask_all(archive, partners.policy, log, partners)
    assert asked.kept.added == (b"w0", b"w2")
    assert asked.kept.witnessed.quorum_met
    assert {name: error.code for name, error in asked.failed.items()} == {b"w1": "egress.connect"}

    partners.asked, partners.silent = [], ""
    assert ask_all(archive, partners.policy, log, partners).kept.added == (b"w1",)
    assert partners.asked == ["https://w1.example"]  # the others have cosigned this head

    published.append(40)
    published.publish()
    asked = ask_all(archive, partners.policy, log, partners)
    assert (asked.kept.size, asked.failed) == (340, {})
    assert len(asked.kept.added) == 3


def test_a_log_put_back_from_an_old_copy_is_told_so_by_its_witnesses(
    published: Ledger, tmp_path: Path
) -> None:
    archive, log = published.archive, published.key.verifier
    partners = Partners(tmp_path / "partners", published, 3)
    assert not ask_all(archive, partners.policy, log, partners).failed
    for path in ("checkpoint", "checkpoints/300"):
        (archive / "log" / path).unlink()
    (archive / "log" / "checkpoint").write_bytes(read_kept(archive, 9))
    asked = ask_all(archive, partners.policy, log, partners)
    codes = {name: (error.code, error.exit_code) for name, error in asked.failed.items()}
    assert codes == dict.fromkeys((b"w0", b"w1", b"w2"), ("witness.ahead", 1))


def test_requests_by_file_carry_the_proof_from_the_last_cosigned_head(
    published: Ledger, tmp_path: Path
) -> None:
    archive = published.archive
    WitnessState.create(tmp_path / "w", "offline.example")
    witness = Witness(WitnessState(tmp_path / "w"), [published.key.verifier], lambda: TIME)
    assert isinstance(witness.add_checkpoint(request_for(archive, 0)), Cosigned)
    published.append(20)
    published.publish()
    assert witness.add_checkpoint(request_for(archive, 9)) == OtherSize(300)
    assert isinstance(witness.add_checkpoint(request_for(archive, 300)), Cosigned)
    with pytest.raises(InvalidInput):
        request_for(archive, 1000)


def test_nothing_published_is_nothing_to_cosign(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        request_for(ledger.archive, 0)


def test_a_policy_is_for_this_log_or_for_any(ledger: Ledger, tmp_path: Path) -> None:
    log, path = ledger.key.verifier, tmp_path / "policy"
    with pytest.raises(NotFound):
        read_policy(path, log)
    witness = f"witness a {KEYS[0].verifier.text}\nquorum a\n"
    path.write_text(witness)
    assert read_policy(path, log).quorum == b"a"
    path.write_text(f"log {log.text}\n{witness}")
    assert read_policy(path, log).logs[0].key == log
    other = SigningKey("other.example", ED25519, b"O" * 32)
    path.write_text(f"log {other.verifier.text}\n{witness}")
    with pytest.raises(InvalidInput):
        read_policy(path, log)


def test_asking_again_and_again_is_a_conflict_that_keeps_nothing(
    published: Ledger, tmp_path: Path
) -> None:
    archive, log = published.archive, published.key.verifier
    policy = policy_of(KEYS[:1], 1, "https://w0.example")
    asked = ask_all(archive, policy, log, lambda *_: Reply(409, "text/x.tlog.size", b"9\n"))
    assert isinstance(asked.failed[b"w0"], Conflict)
    assert asked.kept.added == ()


def test_a_check_sees_a_changed_cosignature_where_it_knows_the_witness(published: Ledger) -> None:
    archive, log = published.archive, published.key.verifier
    keep(archive, cosigned(published_head(archive), *KEYS[:2]), POLICY, log)
    whole = check_archive(archive, key=log, policy=POLICY)
    assert (whole.problems, whole.not_checked) == ((), ())
    unnamed = check_archive(archive, key=log, policy=policy_of(KEYS[:1], 1))
    assert [one.partition(":")[0] for one in unnamed.not_checked] == ["cosignatures of the heads"]
    assert check_archive(archive, key=log).not_checked == unnamed.not_checked

    path = archive / "log" / "checkpoints" / "300"
    data = path.read_bytes()
    line = read_cosigned(archive, 300).signatures[-1]
    wrong = NoteSignature(line.name, line.key_id, line.signature[:-1] + b"!")
    path.chmod(0o644)
    path.write_bytes(data.replace(line.line.encode(), wrong.line.encode()))
    found = check_archive(archive, key=log, policy=POLICY).problems
    assert [(one.code, one.subject) for one in found] == [
        ("checkpoint.cosignature", "log/checkpoints/300")
    ]
