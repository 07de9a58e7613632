"""A signer as a process of its own user, behind a Unix socket: the key where no application is.

- Whoever takes over the application can have lies appended and signed, and cannot read the key nor
  have history rewritten: this process remembers by itself what it signed (`memory`).
- One request at a time, each on a connection of its own, from users named at the start only: the
  kernel says who a peer is.
- One signer to a folder of keys, by a lock that the kernel gives back however the process ends. A
  socket that a killed signer left behind is replaced, one that answers never.

Not its job: the rules (`signer`), the form of messages (`signer_messages`).
"""

from __future__ import annotations

import fcntl
import os
import socket  # noqa: TID251 - listens on a Unix socket, for users of this machine
import struct
import sys
import threading
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING

from muniment.custody.checkpoint import parse_checkpoint
from muniment.errors import Conflict, InvalidInput, MunimentError, NotFound, Unavailable
from muniment.seal.key_file import read_key
from muniment.seal.signer import FileSigner
from muniment.seal.signer_messages import (
    KEY,
    LAST,
    format_done,
    format_refused,
    parse_request,
    receive,
    send,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable
    from pathlib import Path

    from muniment.custody.checkpoint import Checkpoint
    from muniment.custody.note import Note
    from muniment.seal.signer import Signer
    from muniment.seal.signer_messages import Request

# Key and memory, as a workspace names them: moving them here is all it takes.
FILES = (("log.key", "signed-heads"), ("access.key", "signed-access-heads"))

_SECONDS = 5.0  # for a request to arrive, and again for its answer to be taken
_WAITING = 64  # connections
_LOCK = "signer.lock"
_PEER = struct.Struct("3i")  # struct ucred: pid, uid, gid
_EVERYBODY = 0o666  # may connect; who is answered is decided by the user the kernel names


class SignerService:
    """The signers of some logs, answering requests; says why not, and never less than that."""

    def __init__(self, signers: Iterable[Signer]) -> None:
        """Take the signers; each answers for the origin of its key."""
        self._signers = {one.verifier.name: one for one in signers}

    @classmethod
    def of_folder(cls, keys: Path) -> SignerService:
        """Open every signer whose key is in a folder.

        Raises NotFound where there is none, and what `FileSigner` does.
        """
        found = [
            FileSigner(keys / key, keys / memory) for key, memory in FILES if (keys / key).exists()
        ]
        if not found:
            raise NotFound(
                f"there is no log key in {keys}",
                code="key.missing",
                hint="Move log.key and signed-heads there from the keys folder of the workspace.",
            )
        return cls(found)

    @property
    def origins(self) -> list[str]:
        """The logs it signs."""
        return sorted(self._signers)

    def answer(self, data: bytes) -> bytes:
        """Return the answer to a request."""
        try:
            return format_done(self._payload(parse_request(data)))
        except MunimentError as error:
            return format_refused(error)

    def _payload(self, request: Request) -> bytes:
        signer = self._signers.get(request.origin)
        if signer is None:
            raise NotFound(
                f"this signer has no key of {request.origin}",
                code="signer.origin",
                hint="Name the signer of this log in muniment.toml.",
            )
        if request.what == KEY:
            return "".join([f"{key.text}\n" for key in signer.verifiers]).encode()
        if request.what == LAST:
            last = signer.last()
            return b"" if last is None else last.text.encode()
        if request.head is None:
            raise InvalidInput("no head is given", code="signer.request")
        return signer.sign(request.head, request.consistency).to_bytes()


def restore_memory(keys: Path, published: Note) -> Checkpoint:
    """Give the key in a folder that signed a head its memory again; return that head.

    Raises NotFound where no key of that log is there, and what `FileSigner.restore` does.
    """
    head = parse_checkpoint(published.text)
    for key, memory in FILES:
        path = keys / key
        if path.exists() and read_key(path).name == head.origin:
            FileSigner.restore(path, keys / memory, published)
            return head
    message = f"there is no key of {head.origin} in {keys}"
    raise NotFound(message, code="key.missing", hint="Take a head of the log that is signed here.")


class SignerServer:
    """A listening signer."""

    def __init__(
        self,
        listener: socket.socket,
        service: SignerService,
        allowed: Collection[int],
        note: Callable[[str], None],
    ) -> None:
        """`allowed` are user ids; `note` takes a line for each peer that got nothing."""
        self._listener = listener
        self._service = service
        self._allowed = frozenset(allowed)
        self._note = note
        self._ended = threading.Event()

    def serve(self) -> None:
        """Answer one request after another until `end`."""
        while not self._ended.is_set():
            try:
                peer, _ = self._listener.accept()
            except OSError:
                if self._ended.is_set():
                    return
                raise
            with peer:
                self._meet(peer)

    def end(self) -> None:
        """Take no further request; for a handler of signals, or another thread."""
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)

    def _meet(self, peer: socket.socket) -> None:
        process, user, _ = _PEER.unpack(
            peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        )
        if user not in self._allowed:
            self._note(f"refused: user {user}, process {process} is not allowed here")
            return
        try:
            answer = self._service.answer(receive(peer, monotonic() + _SECONDS))
            send(peer, answer, monotonic() + _SECONDS)
        except (OSError, ValueError) as error:
            self._note(f"no request from process {process}: {type(error).__name__}")


@contextmanager
def listen(
    path: Path,
    keys: Path,
    allowed: Collection[int],
    note: Callable[[str], None] | None = None,
) -> Generator[tuple[SignerServer, SignerService]]:
    """Open the signers of a folder behind a socket, until the block ends.

    Raises Conflict where a signer runs on these keys or this socket already, InvalidInput for a
    socket that cannot be, and what `SignerService.of_folder` does.
    """
    with _alone(keys):
        service = SignerService.of_folder(keys)
        listener = _bound(path)
        try:
            yield SignerServer(listener, service, allowed, note or _to_standard_error), service
        finally:
            with suppress(OSError):
                path.unlink()
            listener.close()


@contextmanager
def _alone(keys: Path) -> Generator[None]:
    """Hold the lock of a folder of keys."""
    try:
        file = os.open(keys / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"the keys in {keys} cannot be used: {error.strerror}"
        raise Unavailable(message, code="signer.keys") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        message = f"a signer runs already with the keys in {keys}"
        raise Conflict(message, code="signer.running", hint="There is one for each key.") from None
    finally:
        os.close(file)


def _bound(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            if _answers(path):
                message = f"somebody answers at {path} already"
                raise Conflict(message, code="signer.running", hint="Name another socket.")
            path.unlink()
        listener.bind(os.fspath(path))
        path.chmod(_EVERYBODY)
        listener.listen(_WAITING)
    except MunimentError:
        listener.close()
        raise
    except OSError as error:
        listener.close()
        message = f"the signer cannot listen at {path}: {error.strerror or error}"
        raise InvalidInput(
            message, code="signer.address", hint="Name a new file in a folder of the signer's."
        ) from None
    return listener


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        try:
            trial.connect(os.fspath(path))
        except ConnectionRefusedError:
            return False
        return True


def _to_standard_error(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
