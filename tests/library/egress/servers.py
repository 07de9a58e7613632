"""Servers on loopback that say exactly what a test wants, byte for byte, and count who calls."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Server:
    """One listening port; `asked` holds what each caller sent until a blank line and its body."""

    def __init__(
        self, talk: Callable[[socket.socket, bytes], None], context: ssl.SSLContext | None
    ) -> None:
        self._talk = talk
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[bytes] = []
        self.calls = 0
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._context else 'http'}://{host}:{self.port}{path}"

    def close(self) -> None:
        self._ending.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        while not self._ending.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.calls += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with suppress(OSError), connection:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._talk(connection, self._read(connection))

    def _read(self, connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.partition(b":")[2]):
                    body += connection.recv(65536)
        self.asked.append(head + b"\r\n\r\n" + body)
        return self.asked[-1]


@contextmanager
def serving(
    talk: Callable[[socket.socket, bytes], None], context: ssl.SSLContext | None = None
) -> Generator[Server]:
    server = Server(talk, context)
    try:
        yield server
    finally:
        server.close()


def answer(body: bytes = b"", status: int = 200, **headers: str) -> Callable[..., None]:
    """A talk that answers one thing."""
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    data = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
    return lambda connection, asked: connection.sendall(data)


def raw(data: bytes) -> Callable[..., None]:
    """A talk that sends these bytes and closes."""
    return lambda connection, asked: connection.sendall(data)


@contextmanager
def silent_listener() -> Generator[socket.socket]:
    """A port that nobody may call: a call would wait in its queue."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)  # noqa: FBT003  # the interface of `socket`
        yield listener


def was_called(listener: socket.socket) -> bool:
    try:
        connection, _ = listener.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True
