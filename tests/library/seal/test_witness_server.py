"""The witness's door under callers who mean no good: they are let go, and others are served."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from muniment.errors import InvalidInput
from muniment.seal import witness_server
from muniment.seal.witness_request import MAX_BYTES
from muniment.seal.witness_server import listen
from tests.library.seal.history import ORIGIN
from tests.library.seal.witnessing import address, body, new_witness, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from muniment.seal.witness import Witness
    from muniment.seal.witness_server import WitnessServer

HEAD = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n"


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return new_witness(tmp_path / "witness")


@pytest.fixture
def server(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> Iterator[WitnessServer]:
    monkeypatch.setattr(witness_server, "REQUEST_SECONDS", 0.5)
    monkeypatch.setattr(witness_server, "LINGER_SECONDS", 0.5)
    monkeypatch.setattr(witness_server, "CONNECTIONS", 4)
    with serving(witness) as server:
        yield server


@contextmanager
def caller(server: WitnessServer) -> Iterator[socket.socket]:
    with socket.create_connection(address(server), timeout=60) as connection:
        yield connection


def everything(connection: socket.socket) -> bytes:
    """What the door says until it closes, which it must."""
    parts = bytearray()
    try:
        while part := connection.recv(65536):
            parts += part
    except ConnectionResetError:
        pass
    return bytes(parts)


def is_served(server: WitnessServer, old: int = 0, new: int = 7) -> bool:
    with closing(http.client.HTTPConnection(*address(server), timeout=60)) as connection:
        connection.request("POST", "/add-checkpoint", body(old, new))
        return connection.getresponse().status == 200


def is_served_in_the_end(server: WitnessServer) -> bool:
    """A door that lingers over a closed connection has room a moment after it said so."""
    for _ in range(1000):
        with suppress(ConnectionError, http.client.BadStatusLine):
            return is_served(server)
    return False


SLOW: dict[str, bytes] = {
    "silence": b"",
    "half a request line": b"POST /add-ch",
    "headers without end": HEAD + b"X: y\r\n",
    "a body that does not come": HEAD + b"Content-Length: 1000\r\n\r\nold 0\n",
}


@pytest.mark.parametrize("name", SLOW)
def test_whoever_does_not_go_on_is_let_go(server: WitnessServer, name: str) -> None:
    with caller(server) as connection:
        connection.sendall(SLOW[name])
        assert everything(connection) == b""
    assert is_served(server)


def test_bytes_that_drip_in_do_not_hold_the_door(server: WitnessServer) -> None:
    with caller(server) as connection:
        connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
        connection.settimeout(0.1)
        for _ in range(600):
            try:
                connection.sendall(b"x")
                if not connection.recv(1):
                    break
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        else:
            pytest.fail("it was still listening")


HOSTILE: dict[str, tuple[bytes, bytes]] = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", b""),
    "a long request line": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
    "a long header": (HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n", b"431"),
    "many headers": (HEAD + b"X: y\r\n" * 200 + b"\r\n", b"431"),
    "no length": (HEAD + b"\r\n", b"411"),
    "two lengths": (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", b"400"),
    "a length and chunks": (
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"411",
    ),
    "a negative length": (HEAD + b"Content-Length: -1\r\n\r\n", b"400"),
    "a length over the cap": (HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BYTES + 1), b"413"),
    "a length beyond numbers": (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", b"413"),
    "a second request smuggled in a refused body": (
        b"POST /nowhere HTTP/1.1\r\nHost: w\r\nContent-Length: 500\r\n\r\n" + HEAD + b"\r\n",
        b"404",
    ),
    "an old protocol": (b"GET /\r\n", b""),
    "a protocol to come": (b"GET / HTTP/9.9\r\n\r\n", b""),
    "a method unknown": (b"BREW / HTTP/1.1\r\nHost: w\r\n\r\n", b"501"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_requests_are_refused_once_and_closed(server: WitnessServer, name: str) -> None:
    data, status = HOSTILE[name]
    with caller(server) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data)  # it may have said all before it had read everything
        said = everything(connection)
    assert said.count(b"HTTP/1.1 ") <= 1
    assert status in said.partition(b"\r\n")[0]
    assert b"Python" not in said
    assert b"Traceback" not in said
    assert server.witness.last(ORIGIN) is None
    assert is_served(server)


def test_too_many_connections_are_closed_and_room_comes_back(server: WitnessServer) -> None:
    with caller(server) as a, caller(server) as b, caller(server) as c, caller(server) as d:
        for one in (a, b, c, d):  # each is admitted before the next one calls
            one.sendall(b"GET / HTTP/1.1\r\nHost: w\r\n\r\n")
            assert one.recv(65536).startswith(b"HTTP/1.1 404")
        with caller(server) as fifth:
            assert everything(fifth) == b""
        for one in (a, b, c, d):
            everything(one)  # as soon as its time is up
    assert is_served_in_the_end(server)


def test_an_address_that_cannot_be_had_is_said_so(witness: Witness, server: WitnessServer) -> None:
    for host, port in [("127.0.0.1", server.server_address[1]), ("192.0.2.1", 80), ("a b", 80)]:
        with pytest.raises(InvalidInput) as caught:
            listen(host, port, witness)
        assert caught.value.code == "witness.address"
