"""A witness at a door of its own: C2SP tlog-witness over HTTP/1.1, for hostile callers.

    POST /add-checkpoint          200, 400, 403, 404, 409 (`text/x.tlog.size`), 422
    GET  /<origin id>/checkpoint  the last checkpoint it cosigned, or 404

- A request has a length, at most `MAX_BYTES`, and few seconds to arrive, counted from the first
  wait to the last byte: bytes that drip in do not hold a thread. A connection has few minutes in
  all, the door few connections at once; what is over is closed.
- What is answered says nothing about this machine; what is written down says nothing about callers.

Not its job: TLS and names (a reverse proxy in front has them), the rules (`witness`).
"""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from threading import BoundedSemaphore
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from muniment.errors import InvalidInput, MunimentError
from muniment.seal.witness import STATUSES, Cosigned
from muniment.seal.witness_request import MAX_BYTES, parse_submission

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment.seal.witness import Witness

REQUEST_SECONDS = 15.0
CONNECTION_SECONDS = 300.0
CONNECTIONS = 64
LINGER_SECONDS = 2.0
LINGER_BYTES = 1 << 20

_TEXT = "text/plain; charset=utf-8"
_SIZE = "text/x.tlog.size"
_ID_DIGITS = 64
_NO_MORE = 1  # SHUT_WR
_SAID = {400: "bad request", 413: "too large", 411: "length required", 405: "method not allowed"}


class _Connection(Protocol):
    """As much of a socket as is read from here."""

    def settimeout(self, value: float | None, /) -> None: ...

    def recv_into(self, buffer: bytearray | memoryview, /) -> int: ...

    def shutdown(self, how: int, /) -> None: ...


class _Patient(io.RawIOBase):
    """Reads a connection until a moment, however slowly its bytes come."""

    def __init__(self, connection: _Connection) -> None:
        super().__init__()
        self._connection = connection
        self.until = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # what BufferedReader gives
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class WitnessServer(ThreadingMixIn, TCPServer):
    """Serves one witness; `port` 0 takes any that is free."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = CONNECTIONS

    def __init__(
        self,
        address: tuple[str, int],
        witness: Witness,
        note: Callable[[str], None],
    ) -> None:
        """Listen; raises OSError where the address cannot be had. `note` takes a line a request."""
        self.witness = witness
        self.note = note
        self._room = BoundedSemaphore(CONNECTIONS)
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """The submission prefix, as a policy names it."""
        host, port = cast("tuple[str, int]", self.server_address[:2])
        return f"http://{host}:{port}"

    def admit(self) -> bool:
        """Take one more connection, or say that there are too many."""
        return self._room.acquire(blocking=False)

    def dismiss(self) -> None:
        """Make room for the next connection."""
        self._room.release()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - who called is kept out on purpose
        """Note that a connection ended in an error; nothing about who had it."""
        self.note(f"connection ended: {type(sys.exc_info()[1]).__name__}")


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "muniment"
    sys_version = ""
    error_message_format = "%(message)s\n"
    error_content_type = _TEXT
    timeout: ClassVar[float | None] = REQUEST_SECONDS

    def setup(self) -> None:
        super().setup()
        self._patient = _Patient(self.connection)
        self.rfile = io.BufferedReader(self._patient)
        self._end = monotonic() + CONNECTION_SECONDS
        self._door = cast("WitnessServer", self.server)
        self._admitted = self._door.admit()

    def handle(self) -> None:
        if self._admitted:
            super().handle()

    def finish(self) -> None:
        try:
            super().finish()
            if self._admitted:
                _linger(self.connection)
        finally:
            if self._admitted:
                self._door.dismiss()

    def handle_one_request(self) -> None:
        self._patient.until = min(monotonic() + REQUEST_SECONDS, self._end)
        super().handle_one_request()

    def do_POST(self) -> None:
        if self.path != "/add-checkpoint":
            self._refuse(405 if self._names_checkpoint() else 404)
            return
        body = self._body()
        if body is None:
            return
        try:
            found = self._door.witness.add_checkpoint(parse_submission(body))
        except MunimentError as error:
            self._refused(error)
            return
        if isinstance(found, Cosigned):
            self._answer(200, _TEXT, f"{found.cosignature.line}\n")
        else:
            self._answer(409, _SIZE, f"{found.size}\n")

    def do_GET(self) -> None:
        if not self._names_checkpoint():
            self._refuse(405 if self.path == "/add-checkpoint" else 404)
            return
        try:
            data = self._door.witness.latest(self.path.split("/")[1])
        except MunimentError as error:
            self._refused(error)
            return
        if data is None:
            self._refuse(404)
        else:
            self._answer(200, _TEXT, data.decode())

    def _names_checkpoint(self) -> bool:
        """Whether the path is that of a log's last checkpoint, in its one spelling."""
        parts = self.path.split("/")
        return (
            len(parts) == 3  # noqa: PLR2004 - an empty one, the id, the word
            and len(parts[1]) == _ID_DIGITS
            and set(parts[1]) <= set("0123456789abcdef")
            and (parts[0], parts[2]) == ("", "checkpoint")
        )

    def _body(self) -> bytes | None:
        """Return the body, or answer that there is none to be read, and end the connection."""
        lengths = self.headers.get_all("Content-Length", [])
        if "Transfer-Encoding" in self.headers or not lengths:
            self._refuse(411, ends=True)
            return None
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
            self._refuse(400, ends=True)
            return None
        if len(lengths[0]) > len(str(MAX_BYTES)) or int(lengths[0]) > MAX_BYTES:
            self._refuse(413, ends=True)
            return None
        body = self.rfile.read(int(lengths[0]))
        if len(body) < int(lengths[0]):
            raise ConnectionResetError
        return body

    def _refused(self, error: MunimentError) -> None:
        """Answer a refusal of the witness; what is its own trouble stays here."""
        status = STATUSES.get(error.code)
        if status is None:
            self._door.note(f"{error.code}: {error.message}. {error.hint}")
            status = 500 if error.exit_code == 1 else 503
            self._answer(status, _TEXT, "the witness cannot cosign now\n")
            return
        self._answer(status, _TEXT, f"{error.message}\n", error.code)

    def _refuse(self, status: int, *, ends: bool = False) -> None:
        self.close_connection = self.close_connection or ends
        # Of a request that is not for us, a body was not read: what follows is no request.
        self.close_connection = self.close_connection or self.command not in ("GET", "HEAD")
        self._answer(status, _TEXT, _SAID.get(status, "not found") + "\n")

    def _answer(self, status: int, media_type: str, text: str, code: str = "") -> None:
        body = text.encode()
        self._door.note(" ".join(filter(None, [self.command, str(status), code])))
        self.connection.settimeout(REQUEST_SECONDS)
        self.send_response_only(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if status == 405:  # noqa: PLR2004 - RFC 9110 15.5.6
            self.send_header("Allow", "POST" if self.path == "/add-checkpoint" else "GET")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Write nothing: what is said of callers there holds their addresses and words."""


def _linger(connection: _Connection) -> None:
    """Say that nothing more comes, and take what is under way, for a moment.

    What is closed over unread bytes is reset, and the caller might never read the answer.
    """
    until, left, buffer = monotonic() + LINGER_SECONDS, LINGER_BYTES, bytearray(1 << 16)
    with suppress(OSError):
        connection.shutdown(_NO_MORE)
        while left > 0 and (seconds := until - monotonic()) > 0:
            connection.settimeout(seconds)
            taken = connection.recv_into(buffer)
            if not taken:
                return
            left -= taken


def listen(
    host: str, port: int, witness: Witness, note: Callable[[str], None] | None = None
) -> WitnessServer:
    """Return a server that listens; raises InvalidInput where the address cannot be had.

    `note` takes a line for each request; without it they go to standard error.
    """
    try:
        return WitnessServer((host, port), witness, note or _to_standard_error)
    except (OSError, OverflowError) as error:
        message = f"the witness cannot listen on {host}, port {port}: {error}"
        raise InvalidInput(message, code="witness.address") from None


def _to_standard_error(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
