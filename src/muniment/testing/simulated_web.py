"""A web server on loopback that answers by path, for simulators that speak over HTTP."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class AnswersPosts:
    """What is answered at which path: bytes made of the bytes that were sent."""

    def __init__(self) -> None:
        """Answer nothing yet."""
        self._known: dict[str, tuple[str, Callable[[bytes], bytes]]] = {}

    def give(self, path: str, media_type: str, answer: Callable[[bytes], bytes]) -> None:
        """Answer at a path, from now on."""
        self._known[path] = (media_type, answer)

    def find(self, path: str) -> tuple[str, Callable[[bytes], bytes]] | None:
        """Return what is answered at a path."""
        return self._known.get(path)


@contextmanager
def listening(answers: AnswersPosts) -> Generator[int]:
    """Serve on a free port of loopback while the context lasts; gives the port."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server asks for
            self._answer(b"")

        def do_POST(self) -> None:  # as above
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as above
            """Say nothing."""

        def _answer(self, sent: bytes) -> None:
            found = answers.find(self.path)
            body = found[1](sent) if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", found[0] if found else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
