"""`add-checkpoint` exactly as C2SP tlog-witness says it, over HTTP."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.cosignature import check_cosignature
from muniment.custody.keys import COSIGNATURE_V1, ED25519, SigningKey
from muniment.custody.lines import base64_text
from muniment.custody.merkle import EMPTY_ROOT
from muniment.custody.note import Note, check_note, parse_note, sign_note
from muniment.seal.witness_request import MAX_BYTES
from tests.faults.counts import tell
from tests.library.seal.history import LEAVES, ORIGIN, READER
from tests.library.seal.witnessing import (
    FORK,
    LOG,
    OTHER_LOG,
    TIME,
    address,
    asked,
    body,
    new_witness,
    note,
    opened,
    proof,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from muniment.seal.witness import Witness
    from muniment.seal.witness_server import WitnessServer


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Door:
    """A caller of a witness."""

    witness: Witness
    server: WitnessServer
    said: list[str] = field(default_factory=list)

    def ask(
        self, data: bytes, path: str = "/add-checkpoint", method: str = "POST", **headers: str
    ) -> Answer:
        connection = http.client.HTTPConnection(*address(self.server), timeout=30)
        try:
            connection.request(
                method, path, data, {k.replace("_", "-"): v for k, v in headers.items()}
            )
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def at(self, size: int) -> Door:
        """The door of a witness that cosigned the true head of this size."""
        if size:
            assert self.ask(body(0, size)).status == 200
        return self

    def last(self) -> Checkpoint | None:
        return self.witness.last(ORIGIN)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    witness = new_witness(tmp_path / "witness")
    said: list[str] = []
    with serving(witness, said) as server:
        yield Door(witness, server, said)


def true_head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, READER.root(size))


EMPTY = sign_note(Checkpoint(ORIGIN, 0, EMPTY_ROOT).text, LOG)
NO_EMPTY_ROOT = sign_note(f"{ORIGIN}\n0\n{base64_text(LEAVES[0])}\n", LOG)
EXTENDED = sign_note(note(7).text + "an extension line\nand another\n", LOG)
STRANGER = SigningKey(ORIGIN, ED25519, b"S" * 32)
OF_STRANGER = sign_note(note(7).text, STRANGER)
FALSE = Note(note(7).text, note(6).signatures)
WITH_STRANGER = Note(note(7).text, (*OF_STRANGER.signatures, *note(7).signatures))
WITH_FALSE = Note(note(7).text, (*note(7).signatures, *note(6).signatures))
ANOTHER_ORIGIN = sign_note(f"nobody.example/log\n7\n{base64_text(LEAVES[0])}\n", LOG)
OTHERS_HEAD = sign_note(note(7).text, OTHER_LOG)
LONG_PROOF = [LEAVES[0]] * 63
LINE = f"{base64_text(LEAVES[0])}\n".encode()

# name: size last cosigned, request, status
CASES: dict[str, tuple[int, bytes, int]] = {
    "the first head": (0, body(0, 7), 200),
    "a first head of one leaf": (0, body(0, 1), 200),
    "an empty log": (0, asked(0, [], EMPTY), 200),
    "a head that extends the last": (7, body(7, 8), 200),
    "a head that extends it far": (7, body(7, 400), 200),
    "a head after a whole tree": (8, body(8, 9), 200),
    "the same head again": (7, body(7, 7), 200),
    "signatures of unknown keys": (0, asked(0, [], WITH_STRANGER), 200),
    "extension lines": (0, asked(0, [], EXTENDED), 200),
    "no request": (7, b"", 400),
    "a checkpoint alone": (7, note(8).to_bytes(), 400),
    "no old size": (7, body(7, 8).partition(b"\n")[2], 400),
    "another word": (7, body(7, 8).replace(b"old ", b"new ", 1), 400),
    "two spaces": (7, body(7, 8).replace(b"old ", b"old  ", 1), 400),
    "a leading zero": (7, body(7, 8).replace(b"old 7", b"old 07", 1), 400),
    "a sign": (7, body(7, 8).replace(b"old 7", b"old +7", 1), 400),
    "a negative size": (7, body(7, 8).replace(b"old 7", b"old -7", 1), 400),
    "zero in two digits": (0, body(0, 8).replace(b"old 0", b"old 00", 1), 400),
    "digits of another script": (7, body(7, 8).replace(b"old 7", "old ٧".encode(), 1), 400),
    "a carriage return": (7, body(7, 8).replace(b"old 7\n", b"old 7\r\n", 1), 400),
    "no empty line": (7, body(7, 8).replace(b"\n\n", b"\n", 1), 400),
    "an unended request": (7, body(7, 8)[:-1], 400),
    "no checkpoint": (7, body(7, 8).partition(b"\n\n")[0] + b"\n\n", 400),
    "an unsigned checkpoint": (7, b"old 7\n\n" + note(8).text.encode(), 400),
    "a proof line of 31 bytes": (
        7,
        body(7, 8).replace(b"old 7\n", b"old 7\n" + base64_text(b"x" * 31).encode() + b"\n"),
        400,
    ),
    "a proof line that is no base64": (7, body(7, 8).replace(b"old 7\n", b"old 7\n!\n"), 400),
    "a proof line without padding": (
        7,
        body(7, 8).replace(b"old 7\n", b"old 7\n" + LINE.replace(b"=", b"")),
        400,
    ),
    "64 proof lines": (7, body(7, 8).replace(b"old 7\n", b"old 7\n" + LINE * 64), 400),
    "64 proof lines from nothing": (0, b"old 0\n" + LINE * 64 + b"\n" + note(8).to_bytes(), 400),
    "a checkpoint without a root": (
        7,
        b"old 7\n\n" + sign_note(f"{ORIGIN}\n8\n", LOG).to_bytes(),
        400,
    ),
    "a root of 31 bytes": (
        7,
        b"old 7\n\n" + sign_note(f"{ORIGIN}\n8\n{base64_text(b'x' * 31)}\n", LOG).to_bytes(),
        400,
    ),
    "a size with a leading zero": (
        7,
        b"old 7\n\n" + sign_note(note(8).text.replace("\n8\n", "\n08\n"), LOG).to_bytes(),
        400,
    ),
    "an old size above the checkpoint's": (7, asked(8, [], note(7)), 400),
    "not UTF-8": (7, body(7, 8) + b"\xff\n", 400),
    "no key of this log signed": (0, asked(0, [], OF_STRANGER), 403),
    "a false signature": (0, asked(0, [], FALSE), 403),
    "a false signature beside a true one": (0, asked(0, [], WITH_FALSE), 403),
    "signed by the key of another log": (0, asked(0, [], OTHERS_HEAD), 403),
    "a false signature of a fork": (
        7,
        asked(7, proof(7, 8), Note(note(8).text, FALSE.signatures)),
        403,
    ),
    "an unknown log": (0, asked(0, [], ANOTHER_ORIGIN), 404),
    "an old size below the last": (7, body(6, 8), 409),
    "an old size of nothing": (7, body(0, 8), 409),
    "an old size above the last": (7, body(8, 9), 409),
    "an old size where nothing is": (0, body(7, 8), 409),
    "an old size and a false proof": (7, asked(6, LONG_PROOF, note(8)), 409),
    "an older head": (7, body(3, 5), 409),
    "no proof": (7, asked(7, [], note(8)), 422),
    "another proof": (7, asked(7, proof(6, 8), note(8)), 422),
    "a proof with a line too many": (7, asked(7, [*proof(7, 8), LEAVES[0]], note(8)), 422),
    "a proof with a line too few": (7, asked(7, proof(7, 8)[1:], note(8)), 422),
    "63 proof lines": (7, asked(7, LONG_PROOF, note(8)), 422),
    "a fork": (200, body(200, 300, FORK), 422),
    "a fork of the same size": (200, body(200, 200, FORK), 422),
    "a proof from nothing": (0, asked(0, [LEAVES[0]], note(7)), 422),
    "a proof between equal sizes": (7, asked(7, [LEAVES[0]], note(7)), 422),
    "an empty log with another root": (0, asked(0, [], NO_EMPTY_ROOT), 422),
    "an empty log with a proof": (0, asked(0, [LEAVES[0]], EMPTY), 422),
}


@pytest.mark.parametrize("name", CASES)
def test_a_request_is_answered_as_the_specification_says(door: Door, name: str) -> None:
    size, data, status = CASES[name]
    before = door.at(size).last()
    answer = door.ask(data)
    assert answer.status == status, answer.body
    if status != 200:
        assert door.last() == before
        assert "—".encode() not in answer.body
    if status == 409:
        assert answer.body == f"{size}\n".encode()
        assert answer.headers["Content-Type"] == "text/x.tlog.size"


GOOD = [name for name, (_, _, status) in CASES.items() if status == 200]


def test_forty_and_more_cases_are_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(CASES) >= 40
    tell(capsys, f"{len(CASES)} requests to a witness, each with the status that C2SP names")


@pytest.mark.parametrize("name", GOOD)
def test_the_answer_is_a_cosignature_of_the_whole_checkpoint(door: Door, name: str) -> None:
    size, data, _ = CASES[name]
    checkpoint = data.partition(b"\n\n")[2]
    answer = door.at(size).ask(data)
    assert answer.body.startswith("— witness.example/w1 ".encode())
    assert answer.body.endswith(b"\n")
    cosigned = parse_note(checkpoint + answer.body)
    found = check_cosignature(cosigned, door.witness.verifier)
    assert found is not None
    assert found.time == TIME
    assert door.witness.verifier.type == COSIGNATURE_V1
    kept = door.last()
    assert kept is not None
    assert cosigned.text.startswith(kept.text)


def test_an_empty_log_is_cosigned_again_and_then_grows(door: Door) -> None:
    for _ in range(2):
        assert door.ask(asked(0, [], EMPTY)).status == 200
    assert door.ask(body(0, 5)).status == 200
    assert door.ask(asked(0, [], EMPTY)).status == 409


def test_a_witness_counts_each_log_for_itself(door: Door) -> None:
    door.at(7)
    other = sign_note(Checkpoint(OTHER_LOG.name, 3, READER.root(3)).text, OTHER_LOG)
    assert door.ask(asked(0, [], other)).status == 200
    assert door.last() == true_head(7)


def test_monitors_get_the_last_checkpoint_with_both_signatures(door: Door) -> None:
    path = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert door.ask(b"", path, "GET").status == 404
    door.at(7)
    door.ask(
        asked(7, proof(7, 9), Note(note(9).text, (*OF_STRANGER.signatures, *note(9).signatures)))
    )
    answer = door.ask(b"", path, "GET")
    assert answer.status == 200
    shown = parse_note(answer.body)
    assert shown.text == note(9).text
    assert check_note(shown, LOG.verifier)
    assert check_cosignature(shown, door.witness.verifier) is not None
    assert len(shown.signatures) == 2  # nothing that the witness did not check


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/add-checkpoint", 405),
        ("PUT", "/add-checkpoint", 501),
        ("POST", "/", 404),
        ("POST", "/add-checkpoint/", 404),
        ("POST", "/add-checkpoint?x=1", 404),
        ("POST", "/sign-subtree", 404),
        ("POST", f"/{'0' * 64}/checkpoint", 405),
        ("GET", f"/{'0' * 64}/checkpoint", 404),
        ("GET", f"/{'A' * 64}/checkpoint", 404),
        ("GET", f"/{'0' * 63}/checkpoint", 404),
        ("GET", "/../../witness.key", 404),
        ("GET", "//checkpoint", 404),
    ],
)
def test_nothing_else_is_served(door: Door, method: str, path: str, status: int) -> None:
    answer = door.ask(body(0, 7) if method != "GET" else b"", path, method)
    assert answer.status == status
    assert door.last() is None


def test_bodies_are_taken_up_to_their_cap_and_with_their_length_only(door: Door) -> None:
    large = asked(0, [], note(7)) + b"x" * MAX_BYTES
    assert door.ask(large).status == 413
    assert door.ask(b"", Content_Length="1_0").status == 400
    assert door.ask(b"", Content_Length="99999999999999999999").status == 413
    assert door.ask(b"", Transfer_Encoding="chunked").status == 411
    assert door.last() is None


def test_one_connection_serves_many_requests(door: Door) -> None:
    connection = http.client.HTTPConnection(*address(door.server), timeout=30)
    for old, new in [(0, 3), (3, 4), (4, 4), (4, 100)]:
        connection.request("POST", "/add-checkpoint", body(old, new))
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
    connection.close()


def test_what_is_written_down_names_no_caller(door: Door) -> None:
    door.at(7).ask(body(0, 8))
    assert door.said == ["POST 200", "POST 409"]


def test_what_the_witness_cannot_keep_is_not_cosigned(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    door.at(7)
    with monkeypatch.context() as patch:
        patch.setattr("os.fdatasync", full)
        answer = door.ask(body(7, 8))
    assert (answer.status, answer.body) == (503, b"the witness cannot cosign now\n")
    assert "No space left" in door.said[-2]
    assert opened(tmp_path / "witness").last(ORIGIN) == true_head(7)
    assert door.ask(body(7, 8)).status == 200
