"""The signer behind its socket: the same promises, for peers who err, dawdle, or mean harm."""

from __future__ import annotations

import os
import socket
import stat
import struct
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.custody.keys import SigningKey
from muniment.custody.merkle import EMPTY_ROOT
from muniment.custody.note import check_note, sign_note
from muniment.errors import (
    Conflict,
    InvalidInput,
    MunimentError,
    NotFound,
    TamperSuspected,
    Unavailable,
)
from muniment.seal import signer_client, signer_service
from muniment.seal.signer import FileSigner
from muniment.seal.signer_client import SocketSigner
from muniment.seal.signer_messages import format_done, format_request, format_sign
from muniment.seal.signer_service import SignerService, listen, restore_memory
from tests.library.seal.history import LEAVES, ORIGIN, growth, head
from tests.library.seal.signing_process import new_signer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from muniment.seal.signer import Signer

ACCESS = f"{ORIGIN}/access"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    new_signer(folder, ORIGIN)
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def running(keys: Path, path: Path, said: list[str]) -> Iterator[None]:
    """A signer that serves this user until the test ends."""
    with listen(path, keys, {os.geteuid()}, said.append) as (server, _):
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield
        server.end()
        thread.join(30)
        assert not thread.is_alive()
    assert not path.exists()


@pytest.mark.usefixtures("running")
def test_heads_that_extend_each_other_are_signed(path: Path, keys: Path) -> None:
    signer: Signer = SocketSigner(path, ORIGIN)  # what the type says, mypy checks
    assert signer.verifier == FileSigner(keys / "log.key", keys / "signed-heads").verifier
    assert signer.last() is None
    for old, new in [(0, 3), (3, 4), (4, 100), (100, 101), (101, 400)]:
        note = signer.sign(head(new), growth(old, new) if old else ())
        assert check_note(note, signer.verifier)
        assert parse_checkpoint(note.text) == head(new)
        assert signer.last() == head(new)
    assert signer.sign(head(400)).text == head(400).text


@pytest.mark.parametrize(
    ("asked", "proof", "code"),
    [
        (head(99), [], "signer.fork"),
        (head(99), growth(99, 100), "signer.fork"),
        (Checkpoint(ORIGIN, 0, EMPTY_ROOT), [], "signer.fork"),
        (Checkpoint(ORIGIN, 100, LEAVES[0]), [], "signer.fork"),
        (head(101), [], "proof.consistency"),
        (head(101), growth(99, 101), "proof.consistency"),
        (head(101), [*growth(100, 101), LEAVES[0]], "proof.consistency"),
        (Checkpoint(ORIGIN, 101, LEAVES[0]), growth(100, 101), "proof.consistency"),
    ],
)
@pytest.mark.usefixtures("running")
def test_a_head_that_does_not_extend_the_last_is_refused(
    path: Path, asked: Checkpoint, proof: list[bytes], code: str
) -> None:
    signer = SocketSigner(path, ORIGIN)
    signer.sign(head(100))
    with pytest.raises(TamperSuspected) as caught:
        signer.sign(asked, proof)
    assert caught.value.code == code
    assert signer.last() == head(100)
    signer.sign(head(101), growth(100, 101))  # the truth is still signed


@pytest.mark.usefixtures("running")
def test_a_log_that_the_signer_has_no_key_of_is_not_found(path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        SocketSigner(path, "another.example/log")
    assert caught.value.code == "signer.origin"
    with pytest.raises(InvalidInput):
        SocketSigner(path, ORIGIN).sign(Checkpoint("another.example", 3, LEAVES[0]))


def test_the_logs_of_a_folder_are_signed_apart(keys: Path) -> None:
    FileSigner.create(keys / "access.key", keys / "signed-access-heads", ACCESS)
    service = SignerService.of_folder(keys)
    assert service.origins == sorted([ORIGIN, ACCESS])
    service.answer(format_sign(head(10), ()))
    assert service.answer(format_request("last", ACCESS)) == format_done(b"")
    assert service.answer(format_request("last", ORIGIN)) == format_done(head(10).text.encode())


@pytest.mark.usefixtures("running")
def test_many_at_once_are_signed_one_after_another_and_never_as_two_histories(path: Path) -> None:
    SocketSigner(path, ORIGIN).sign(head(10))
    barrier = threading.Barrier(16)
    signed: list[int] = []

    def race(size: int) -> None:
        rival = SocketSigner(path, ORIGIN)
        barrier.wait(timeout=30)
        try:
            rival.sign(head(size), growth(10, size))
        except TamperSuspected:
            return
        signed.append(size)

    threads = [threading.Thread(target=race, args=(20 + number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(signed) == 1
    assert SocketSigner(path, ORIGIN).last() == head(signed[0])


def connected(path: Path) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(30)
    peer.connect(str(path))
    return peer


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\0",
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">I", 1 << 31) + b"x" * 100,
        struct.pack(">I", (1 << 14) + 1) + b"x" * 100,
        struct.pack(">I", 100) + b"x" * 99,
    ],
)
@pytest.mark.usefixtures("running")
def test_what_is_torn_or_too_long_gets_no_answer_and_stops_nobody(
    path: Path, sent: bytes, said: list[str]
) -> None:
    with connected(path) as peer:
        peer.sendall(sent)
        peer.shutdown(socket.SHUT_WR)
        assert read_to_the_end(peer) == b""
    SocketSigner(path, ORIGIN).sign(head(5))
    assert len(said) == 1
    assert str(os.getpid()) in said[0]


def read_to_the_end(peer: socket.socket) -> bytes:
    try:
        return peer.recv(100)
    except ConnectionResetError:  # it was closed with bytes still unread
        return b""


@pytest.mark.usefixtures("running")
def test_a_whole_message_that_is_no_request_is_refused_in_words(path: Path) -> None:
    with connected(path) as peer:
        peer.sendall(struct.pack(">I", 4) + b"what")
        assert b"signer.request" in peer.recv(1000)


@pytest.mark.usefixtures("running")
def test_whoever_dawdles_is_hung_up_on(
    path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signer_service, "_SECONDS", 0.2)
    with connected(path) as idle, connected(path) as slow:
        slow.sendall(b"\0")
        SocketSigner(path, ORIGIN).sign(head(5))
        assert read_to_the_end(idle) == b""
    assert len(said) == 2


@pytest.mark.usefixtures("running")
def test_a_peer_that_dies_before_its_answer_loses_the_answer_only(path: Path) -> None:
    request = format_sign(head(10), ())
    with connected(path) as peer:
        peer.sendall(struct.pack(">I", len(request)) + request)
    signer = SocketSigner(path, ORIGIN)
    assert signer.last() == head(10)
    assert signer.sign(head(10)).text == head(10).text  # and it is had again


def test_users_who_were_not_named_get_nothing(path: Path, keys: Path, said: list[str]) -> None:
    with listen(path, keys, {os.geteuid() + 1}, said.append) as (server, _):
        thread = threading.Thread(target=server.serve)
        thread.start()
        with pytest.raises(Unavailable, match="does not answer") as caught:
            SocketSigner(path, ORIGIN)
        server.end()
        thread.join(30)
    assert caught.value.hint
    assert said == [f"refused: user {os.geteuid()}, process {os.getpid()} is not allowed here"]


def test_one_signer_runs_on_a_folder_and_one_at_a_socket(
    path: Path, keys: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    new_signer(other, "another.example/log")
    with listen(path, keys, {0}):
        for socket_path, folder in ((tmp_path / "second", keys), (path, other)):
            with pytest.raises(Conflict) as caught, listen(socket_path, folder, {0}):
                pass
            assert caught.value.code == "signer.running"
        assert path.exists()
    with listen(path, keys, {0}):  # and another, when it has ended
        pass


def test_a_socket_that_a_killed_signer_left_is_replaced(path: Path, keys: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(path))
    with listen(path, keys, {0}):
        assert stat.S_ISSOCK(path.stat().st_mode)


def test_what_is_no_socket_is_left_alone(path: Path, keys: Path) -> None:
    path.write_text("evidence")
    with pytest.raises(InvalidInput) as caught, listen(path, keys, {0}):
        pass
    assert caught.value.code == "signer.address"
    assert path.read_text() == "evidence"


def test_a_signer_without_key_or_with_an_open_one_does_not_start(
    path: Path, keys: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (keys / "log.key").chmod(0o644)
    for folder, code in (
        (empty, "key.missing"),
        (keys, "key.mode"),
        (tmp_path / "absent", "signer.keys"),
    ):
        with pytest.raises(MunimentError) as caught, listen(path, folder, {0}):
            pass
        assert caught.value.code == code
        assert not path.exists()


def test_a_lost_memory_comes_back_from_a_published_head(keys: Path) -> None:
    signer = FileSigner(keys / "log.key", keys / "signed-heads")
    published = signer.sign(head(10))
    (keys / "signed-heads").unlink()
    with pytest.raises(TamperSuspected) as caught:
        SignerService.of_folder(keys)
    assert caught.value.code == "signer.no_memory"
    assert restore_memory(keys, published) == head(10)
    assert SignerService.of_folder(keys).answer(format_request("last", ORIGIN)) == format_done(
        head(10).text.encode()
    )
    with pytest.raises(Conflict):  # and a memory that is there is never replaced
        restore_memory(keys, published)
    stranger = sign_note(Checkpoint("another.example", 3, LEAVES[0]).text, SigningKey.generate("a"))
    with pytest.raises(NotFound):
        restore_memory(keys, stranger)


def answering(path: Path, answer: Callable[[bytes], bytes]) -> ExitStack:
    """A false signer at a socket, for as long as the stack is open."""

    service = SignerService([])
    service.answer = answer  # type: ignore[assignment, method-assign]  # whatever a liar says
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    server = signer_service.SignerServer(listener, service, {os.geteuid()}, lambda _: None)
    thread = threading.Thread(target=server.serve)
    thread.start()
    stack = ExitStack()
    stack.callback(listener.close)
    stack.callback(thread.join, 30)
    stack.callback(server.end)
    return stack


def test_a_signer_that_answers_something_else_is_an_alarm(path: Path) -> None:
    key, other = SigningKey.generate(ORIGIN), SigningKey.generate(ORIGIN)
    says: dict[str, bytes] = {"key": f"{key.verifier.text}\n".encode()}

    def answer(request: bytes) -> bytes:
        return format_done(says[request.split(b"\n")[1].decode()])

    with answering(path, answer):
        signer = SocketSigner(path, ORIGIN)
        elsewhere = Checkpoint("another.example/log", 3, LEAVES[0])
        for wrong in (b"no checkpoint", b"\xff", elsewhere.text.encode()):
            says["last"] = wrong
            with pytest.raises(TamperSuspected) as caught:
                signer.last()
            assert caught.value.code == "signer.answer"
        foreign = sign_note(head(5).text, other).to_bytes()
        older = sign_note(head(4).text, key).to_bytes()
        for wrong in (b"", b"no note", foreign, older):
            says["sign"] = wrong
            with pytest.raises(TamperSuspected) as caught:
                signer.sign(head(5))
            assert caught.value.code == "signer.answer"
        says["key"] = f"{SigningKey.generate('another.example').verifier.text}\n".encode()
        with pytest.raises(TamperSuspected):
            SocketSigner(path, ORIGIN)


def test_a_signer_that_is_silent_or_gone_is_unavailable(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signer_client, "_SECONDS", 0.2)
    with answering(path, lambda _: b"gibberish"), pytest.raises(Unavailable):
        SocketSigner(path, ORIGIN)
    for absent in (path, tmp_path / "nothing", tmp_path):
        with pytest.raises(Unavailable) as caught:
            SocketSigner(absent, ORIGIN)
        assert caught.value.code == "signer.silent"
    silent = tmp_path / "silent"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(silent))
        listener.listen()
        with pytest.raises(Unavailable):
            SocketSigner(silent, ORIGIN)
