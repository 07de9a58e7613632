"""What a witness keeps: its key, and for each log the heads it cosigned.

    witness/
    ├── witness.key           private, mode 0600
    ├── logs                  the origins it ever watched, one a line
    ├── heads/<id>            memory of a log: every head cosigned; <id> is SHA-256 of its origin
    ├── latest/<id>           the last checkpoint with the cosignature, as it was handed out
    └── contradictions/<id>-<size>   a head that a log signed beside the one cosigned: keep it

- Everything is durable before the answer leaves. A log that was watched and has lost its memory is
  an alarm: beginning again would cosign a second history.
- Never put back from a copy: an old memory forgets what was cosigned. A lost witness gets a new
  key.

Not its job: deciding what is cosigned (`witness`).
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import uuid4

from muniment.custody.keys import COSIGNATURE_V1
from muniment.custody.note import parse_note
from muniment.errors import Conflict, InvalidInput, TamperSuspected, Unavailable
from muniment.seal.key_file import create_key, read_key, sync_folder, write_new
from muniment.seal.memory import create_memory, open_memory

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from muniment.custody.keys import SigningKey, VerifierKey
    from muniment.custody.note import Note
    from muniment.seal.memory import Memory

_KEY = "witness.key"
_LOGS = "logs"
_HEADS, _LATEST, _CONTRADICTIONS = _FOLDERS = ("heads", "latest", "contradictions")
_OWNER = "the witness"


class WitnessState:
    """The folder of one witness; several processes may share it."""

    def __init__(self, folder: Path) -> None:
        """Read the key; raises NotFound, InvalidInput or Unavailable as `read_key` does."""
        self._folder = folder
        self.key: SigningKey = read_key(folder / _KEY)
        if self.key.type != COSIGNATURE_V1:
            message = f"the key in {folder} is not that of a witness"
            raise InvalidInput(message, code="witness.key")

    @classmethod
    def create(cls, folder: Path, name: str) -> VerifierKey:
        """Make a witness of this name in a folder, with a new key, and return its public half.

        Raises InvalidInput for a name that a key cannot have, Conflict where there is a witness,
        Unavailable.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for one in _FOLDERS:
                (folder / one).mkdir(exist_ok=True, mode=0o700)
            if not (folder / _KEY).exists():
                (folder / _LOGS).touch(mode=0o600)
                sync_folder(folder)
        except OSError as error:
            raise _unwritten(error) from None
        try:
            return create_key(folder / _KEY, name, COSIGNATURE_V1)
        except Conflict:
            message = f"there is a witness in {folder} already"
            raise Conflict(
                message, code="witness.exists", hint="Its key is never overwritten."
            ) from None

    def watch(self, origin: str) -> None:
        """Begin to keep a log, or go on; raises TamperSuspected where its memory was lost."""
        path = self._path(_HEADS, origin)
        try:
            with (self._folder / _LOGS).open("r+b") as logs:
                fcntl.flock(logs, fcntl.LOCK_EX)
                known = logs.read()
                if origin.encode() in known.split(b"\n"):
                    if not path.exists():
                        raise _lost(origin)
                    return
                if not path.exists():
                    create_memory(path, origin)
                torn = b"\n" if known and not known.endswith(b"\n") else b""
                logs.write(torn + origin.encode() + b"\n")
                logs.flush()
                os.fsync(logs.fileno())
        except FileNotFoundError:
            raise _lost(origin) from None
        except OSError as error:
            raise _unwritten(error) from None

    def memory(self, origin: str) -> AbstractContextManager[Memory]:
        """Open the memory of a log and hold its lock; raises as `open_memory` does."""
        return open_memory(self._path(_HEADS, origin), origin, _OWNER)

    def latest(self, origin_id: str) -> bytes | None:
        """Return the last cosigned checkpoint by the SHA-256 of the log's origin, or None."""
        try:
            return (self._folder / _LATEST / origin_id).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            message = f"the witness cannot read what it cosigned: {error.strerror}"
            raise Unavailable(message, code="witness.state") from None

    def latest_note(self, origin: str) -> Note | None:
        """Return the last cosigned checkpoint of a log; raises TamperSuspected for damage."""
        data = self.latest(origin_id(origin))
        try:
            return None if data is None else parse_note(data)
        except InvalidInput:
            message = f"the last checkpoint cosigned for {origin} is damaged"
            raise TamperSuspected(message, code="witness.damaged") from None

    def keep(self, origin: str, note: Note) -> None:
        """Keep the checkpoint about to be handed out, durably; raises Unavailable."""
        path = self._path(_LATEST, origin)
        with _durable(path) as draft:
            draft.write(note.to_bytes()).replace(path)

    def keep_contradiction(self, origin: str, size: int, note: Note) -> None:
        """Keep the first head that contradicts the cosigned one of a size; raises Unavailable."""
        path = self._path(_CONTRADICTIONS, origin).with_name(f"{origin_id(origin)}-{size}")
        if not path.exists():
            with _durable(path) as draft, suppress(FileExistsError):
                os.link(draft.write(note.to_bytes()), path)

    def _path(self, folder: str, origin: str) -> Path:
        return self._folder / folder / origin_id(origin)


def origin_id(origin: str) -> str:
    """Return how a witness names a log: SHA-256 of its origin, in hex (C2SP tlog-witness)."""
    return sha256(origin.encode()).hexdigest()


class _Draft:
    """A file that gets its name only when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f".{uuid4().hex}")

    def write(self, content: bytes) -> Path:
        write_new(self.path, content)
        return self.path


@contextmanager
def _durable(path: Path) -> Generator[_Draft]:
    """Give room for a draft beside a path, and make the names durable after it was given its."""
    draft = _Draft(path)
    try:
        yield draft
        sync_folder(path.parent)
    except OSError as error:
        raise _unwritten(error) from None
    finally:
        with suppress(OSError):
            draft.path.unlink()


def _unwritten(error: OSError) -> Unavailable:
    message = f"the witness cannot write to its folder: {error.strerror}"
    return Unavailable(message, code="witness.state", hint="Nothing was cosigned.")


def _lost(origin: str) -> TamperSuspected:
    message = f"the witness watched {origin} and has lost its memory of it"
    return TamperSuspected(
        message,
        code="witness.no_memory",
        hint="Make a new witness with a new key; this one may cosign a second history.",
    )
