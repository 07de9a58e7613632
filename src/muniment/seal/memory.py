"""The memory of a signer: every head it signed, one line each, durable before the signature leaves.

Signers of logs have one, and witnesses have one for each log.

- A line is `<size> <root in base64> <checksum>`; the checksum covers the origin, so the memory of
  one log is not taken for that of another.
- The last line may be torn by a crash: its signature never left, so it is dropped. Damage before
  it is an alarm.
- Whoever has the memory open holds its lock: several processes may share one.

Not its job: deciding whether a head may be signed.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.lines import base64_text, parse_base64, parse_decimal
from muniment.errors import Conflict, InvalidInput, TamperSuspected, Unavailable
from muniment.seal.key_file import sync_folder, write_new

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_TAIL = 4096  # read from the end: some forty lines
_RESTORE = "Restore the memory from its newest copy, or from the newest published checkpoint."
_LOG_KEY = "the log key"


class Memory:
    """An open, locked memory: the last head, and room for the next."""

    def __init__(self, file: int, origin: str, owner: str = _LOG_KEY) -> None:
        """Read the last head; raises TamperSuspected where the memory is damaged."""
        self._file = file
        self._origin = origin
        self._owner = owner
        self.last, self._end = self._recall()

    def remember(self, head: Checkpoint) -> None:
        """Keep a head durably as the last one; raises Unavailable where there is no room."""
        line = _line(head)
        try:
            os.ftruncate(self._file, self._end)
            if os.pwrite(self._file, line, self._end) < len(line):
                message = f"the memory of {self._owner} has no room"
                raise Unavailable(message, code="signer.memory", hint="Free some disk space.")
            os.fdatasync(self._file)
        except OSError as error:
            # What could not be made durable must not be read again as if it were.
            with suppress(OSError):
                os.ftruncate(self._file, self._end)
            raise self._unwritten(error) from None
        self.last, self._end = head, self._end + len(line)

    def settle(self) -> None:
        """Make the last head durable, before it is signed again; raises Unavailable.

        Whoever wrote its line may have died before it was.
        """
        try:
            os.fdatasync(self._file)
        except OSError as error:
            raise self._unwritten(error) from None

    def _unwritten(self, error: OSError) -> Unavailable:
        message = f"the memory of {self._owner} cannot be written: {error.strerror}"
        return Unavailable(message, code="signer.memory")

    def _recall(self) -> tuple[Checkpoint | None, int]:
        """Return the last whole head and where its line ends."""
        size = os.fstat(self._file).st_size
        start = max(size - _TAIL, 0)
        *lines, torn = os.pread(self._file, _TAIL, start).split(b"\n")
        end = size - len(torn)
        if not torn and lines and _parse(lines[-1], self._origin) is None:
            end -= len(lines.pop()) + 1  # the line end reached the disk, some of the line did not
        if not lines and start == 0:
            return None, 0
        head = _parse(lines[-1], self._origin) if lines else None
        if head is None:
            message = f"the memory of {self._owner} is damaged"
            raise TamperSuspected(message, code="signer.damaged", hint=_RESTORE)
        return head, end


@contextmanager
def open_memory(path: Path, origin: str, owner: str = _LOG_KEY) -> Generator[Memory]:
    """Open the memory of a log's signer and hold its lock; other holders are waited for.

    `owner` is whose memory it is, in words.

    Raises TamperSuspected where it is missing or damaged, Unavailable where it cannot be opened.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        message = f"{owner} has lost its memory: {path} does not exist"
        raise TamperSuspected(message, code="signer.no_memory", hint=_RESTORE) from None
    except OSError as error:
        message = f"the memory of {owner} cannot be opened: {error.strerror}"
        raise Unavailable(message, code="signer.memory") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield Memory(file, origin, owner)
    finally:
        os.close(file)


def create_memory(path: Path, last: Checkpoint | None = None) -> None:
    """Make a memory, empty or with a last head, durably.

    An empty one may exist already: that is a creation that was cut short. Raises Conflict where
    there is another, Unavailable where it cannot be written.
    """
    try:
        if last is None and path.exists() and path.stat().st_size == 0:
            return
        write_new(path, b"" if last is None else _line(last))
        sync_folder(path.parent)
    except FileExistsError:
        message = f"there is a memory of a log key at {path} already"
        raise Conflict(message, code="signer.memory_exists") from None
    except OSError as error:
        message = f"the memory of the log key cannot be written to {path}: {error.strerror}"
        raise Unavailable(message, code="signer.memory") from None


def _line(head: Checkpoint) -> bytes:
    content = f"{head.size} {base64_text(head.root)}"
    return f"{content} {_checksum(head.origin, content)}\n".encode()


def _parse(line: bytes, origin: str) -> Checkpoint | None:
    """Return the head a line says, or None for anything but a whole line of this log."""
    try:
        content, _, checksum = line.decode("ascii").rpartition(" ")
        size, _, root = content.partition(" ")
        head = Checkpoint(origin, parse_decimal(size), parse_base64(root))
    except (ValueError, InvalidInput):
        return None
    return head if checksum == _checksum(origin, content) else None


def _checksum(origin: str, content: str) -> str:
    """Return a check against damage; the one against people is who may write the file."""
    return sha256(f"{origin} {content}".encode()).hexdigest()[:16]
