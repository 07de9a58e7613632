"""A log asks a witness: over loopback as it is, and with answers that no witness should give."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from muniment.custody.cosignature import check_cosignature, cosign
from muniment.custody.keys import COSIGNATURE_V1, SigningKey
from muniment.custody.note import Note, NoteSignature
from muniment.custody.proof import consistency_proof
from muniment.egress import Egress, Rule
from muniment.errors import (
    Conflict,
    InvalidInput,
    MunimentError,
    NotFound,
    TamperSuspected,
    Unavailable,
)
from muniment.seal.witness_client import Reply, ask, through
from muniment.seal.witness_request import parse_submission
from tests.library.seal.history import READER
from tests.library.seal.witnessing import (
    FORK,
    OTHER_LOG,
    TIME,
    body,
    new_witness,
    note,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.custody.tiles import TileReader
    from muniment.seal.witness import Witness

KEY = SigningKey("witness.example/w1", COSIGNATURE_V1, b"W" * 32)
OTHER_KEY = SigningKey("witness.example/w2", COSIGNATURE_V1, b"X" * 32)


def asked(
    transport: Callable[[str, bytes], Reply],
    size: int,
    *,
    old: int = 0,
    reader: TileReader = READER,
    witness: Witness | None = None,
    url: str = "http://w.example",
    newest: int = 0,
) -> NoteSignature:
    return ask(
        transport,
        url,
        KEY.verifier if witness is None else witness.verifier,
        note(size, reader),
        lambda known: consistency_proof(reader, known, size),
        old,
        lambda: newest,
        lambda: TIME,
    )


@pytest.mark.parametrize("old", [0, 3, 50, 60])
def test_a_real_witness_cosigns_whatever_the_client_remembers(tmp_path: Path, old: int) -> None:
    witness = new_witness(tmp_path)
    with serving(witness) as server:
        rule = Rule(
            networks=(ipaddress.ip_network("127.0.0.0/8"),),
            ports=frozenset({server.server_address[1]}),
        )
        transport = through(Egress(rule))
        for size in (50, 60, 60, 400):
            line = asked(transport, size, old=min(old, size), witness=witness, url=server.url + "/")
            cosigned = Note(note(size).text, (line,))
            assert check_cosignature(cosigned, witness.verifier) is not None
        with pytest.raises(TamperSuspected) as caught:
            asked(transport, 300, witness=witness, url=server.url)
        assert caught.value.code == "witness.ahead"
        with pytest.raises(TamperSuspected) as caught:
            asked(transport, 400, reader=FORK, witness=witness, url=server.url)
        assert caught.value.code == "witness.refused"


def test_without_a_rule_no_witness_on_this_machine_is_reached(tmp_path: Path) -> None:
    witness = new_witness(tmp_path)
    with serving(witness) as server, pytest.raises(InvalidInput):
        asked(through(Egress()), 7, witness=witness, url=server.url)


def test_the_client_needs_the_proof_from_the_size_the_witness_names() -> None:
    sent: list[int] = []

    def transport(url: str, data: bytes) -> Reply:
        request = parse_submission(data)
        sent.append(request.old)
        assert url == "http://w.example/add-checkpoint"
        assert list(request.proof) == (consistency_proof(READER, 5, 9) if request.old else [])
        if request.old != 5:
            return Reply(409, "text/x.tlog.size", b"5\n")
        return Reply(200, "text/plain", line(9).encode())

    asked(transport, 9)
    assert sent == [0, 5]


def line(size: int, key: SigningKey = KEY, later: timedelta = timedelta()) -> str:
    return cosign(note(size), key, TIME + later).line + "\n"


def test_lines_of_other_keys_mean_nothing() -> None:
    reply = Reply(200, "text/plain", (line(7, OTHER_KEY) + line(7)).encode())
    assert asked(lambda *_: reply, 7).name == KEY.name


ANSWERS: dict[str, tuple[Reply, type[MunimentError], str]] = {
    "only another key": (Reply(200, "", line(7, OTHER_KEY).encode()), Unavailable, "cosignature"),
    "another head": (Reply(200, "", line(6).encode()), Unavailable, "cosignature"),
    "nothing": (Reply(200, "", b""), Unavailable, "cosignature"),
    "no line end": (Reply(200, "", line(7)[:-1].encode()), Unavailable, "cosignature"),
    "a page": (Reply(200, "text/html", b"<html>\n"), Unavailable, "cosignature"),
    "a whole note": (Reply(200, "", note(7).to_bytes()), Unavailable, "cosignature"),
    "a time to come": (
        Reply(200, "", line(7, later=timedelta(days=1)).encode()),
        Unavailable,
        "time",
    ),
    "a bad request": (Reply(400, "", b""), InvalidInput, "rejected"),
    "forbidden": (Reply(403, "", b""), InvalidInput, "rejected"),
    "unknown": (Reply(404, "", b""), NotFound, "unknown_log"),
    "inconsistent": (Reply(422, "", b""), TamperSuspected, "refused"),
    "trouble": (Reply(503, "", b""), Unavailable, "reply"),
    "elsewhere": (Reply(302, "", b""), Unavailable, "reply"),
    "no size": (Reply(409, "text/x.tlog.size", b""), Unavailable, "reply"),
    "no number": (Reply(409, "text/x.tlog.size", b"many\n"), Unavailable, "reply"),
    "a size without line end": (Reply(409, "text/x.tlog.size", b"5"), Unavailable, "reply"),
    "a size of another type": (Reply(409, "text/plain", b"5\n"), Unavailable, "reply"),
    "a size beyond all": (Reply(409, "text/x.tlog.size", b"9" * 40 + b"\n"), Unavailable, "reply"),
    "a larger size": (Reply(409, "text/x.tlog.size", b"8\n"), TamperSuspected, "ahead"),
    "a size for ever": (Reply(409, "text/x.tlog.size", b"5\n"), Conflict, "busy"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_other_answer_is_taken_for_a_cosignature(name: str) -> None:
    reply, kind, code = ANSWERS[name]
    with pytest.raises(kind) as caught:
        asked(lambda *_: reply, 7)
    assert caught.value.code == f"witness.{code}"


def test_a_witness_may_know_what_we_published_meanwhile() -> None:
    reply = Reply(409, "text/x.tlog.size", b"8\n")
    with pytest.raises(Conflict):
        asked(lambda *_: reply, 7, newest=8)


def test_a_signature_of_another_log_is_no_cosignature_of_ours() -> None:
    forged = cosign(note(7, key=OTHER_LOG), KEY, TIME).line + "\n"
    with pytest.raises(Unavailable):
        asked(lambda *_: Reply(200, "", forged.encode()), 7)


def test_the_request_is_the_one_the_specification_shows() -> None:
    sent: list[bytes] = []

    def transport(url: str, data: bytes) -> Reply:
        sent.append(data)
        return Reply(200, "", line(9).encode())

    asked(transport, 9, old=5)
    assert sent == [body(5, 9)]
