"""The memory of a signer: the last head it signed, durable before the signature leaves.

Signers of logs have one, and witnesses have one for each log.

- A file of one size from its first day: two slots, written in turn, each one sector with a block
  of its own. A head overwrites the older slot in place, so that making it durable changes no
  length and no allocation, and costs no commit of the file system's journal.
- A slot says its turn, the head, and a checksum that also covers the origin, so the memory of one
  log is not taken for that of another. The whole slot of the higher turn holds.
- A crash may tear the slot that is being written: its signature never left, and the other slot
  holds. Two slots that say nothing are an alarm.
- Whoever has the memory open holds its lock: several processes may share one.

Not its job: deciding whether a head may be signed; the format before this one (`memory_lines`).
"""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.lines import base64_text, parse_base64, parse_decimal
from muniment.errors import Conflict, InvalidInput, TamperSuspected, Unavailable
from muniment.seal.key_file import place_new, put_in_place
from muniment.seal.memory_lines import is_of_lines, last_of_lines

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_SLOT = 512  # bytes of a slot: what a disk writes whole or not at all
_APART = 4096  # from one slot to the next: a tear in one block leaves the other alone
_FORM = "signed-heads/2"
_NONE = "none"
_RESTORE = "Restore the memory from its newest copy, or from the newest published checkpoint."
_LOG_KEY = "the log key"


class _Turn(NamedTuple):
    """What a slot says: which write it was, and the head; none before the first."""

    number: int
    head: Checkpoint | None


class Memory:
    """An open, locked memory: the last head, and room for the next."""

    def __init__(self, file: int, origin: str, owner: str = _LOG_KEY) -> None:
        """Read the last head; raises TamperSuspected where the memory is damaged."""
        self._file = file
        self._origin = origin
        self._owner = owner
        self._turn = self._recall()

    @property
    def last(self) -> Checkpoint | None:
        """The last head, or None before the first."""
        return self._turn.head

    def remember(self, head: Checkpoint) -> None:
        """Keep a head durably as the last one; raises Unavailable where that cannot be done."""
        turn = _Turn(self._turn.number + 1, head)
        try:
            self._write(turn)
        except Unavailable:
            # What could not be made durable must not be read again as if it were.
            with suppress(OSError):
                os.pwrite(self._file, bytes(_SLOT), _place(turn.number))
            raise
        self._turn = turn

    def settle(self) -> None:
        """Make the last head durable, before it is signed again; raises Unavailable.

        Whoever wrote it may have died before it was. It is written again, for a kernel that failed
        to write a page once believes it written ever after.
        """
        self._write(self._turn)

    def _write(self, turn: _Turn) -> None:
        slot = _slot(self._origin, turn)
        try:
            if os.pwrite(self._file, slot, _place(turn.number)) < len(slot):
                message = f"the memory of {self._owner} has no room"
                raise Unavailable(message, code="signer.memory", hint="Free some disk space.")
            os.fdatasync(self._file)
        except OSError as error:
            message = f"the memory of {self._owner} cannot be written: {error.strerror}"
            raise Unavailable(message, code="signer.memory") from None

    def _recall(self) -> _Turn:
        """Return the newest whole slot."""
        turns = [
            turn
            for start in (0, _APART)
            if (turn := _parsed(self._origin, os.pread(self._file, _SLOT, start)))
            and _place(turn.number) == start
        ]
        if not turns or abs(turns[0].number - turns[-1].number) > 1:
            message = f"the memory of {self._owner} is damaged"
            raise TamperSuspected(message, code="signer.damaged", hint=_RESTORE)
        return max(turns, key=lambda turn: turn.number)


@contextmanager
def open_memory(path: Path, origin: str, owner: str = _LOG_KEY) -> Generator[Memory]:
    """Open the memory of a log's signer and hold its lock; other holders are waited for.

    `owner` is whose memory it is, in words. A memory of the format before this one is written
    again in this one.

    Raises TamperSuspected where it is missing or damaged, Unavailable where it cannot be opened.
    """
    file = _locked(path, owner)
    try:
        while is_of_lines(file):
            _write_again(path, origin, owner, file)
            os.close(file)
            file = _locked(path, owner)
        yield Memory(file, origin, owner)
    finally:
        os.close(file)


def create_memory(path: Path, origin: str, last: Checkpoint | None = None) -> None:
    """Make the memory of a log's signer, empty or with a last head, durably.

    An empty one may exist already: that is a creation that was cut short. Raises Conflict where
    there is another, Unavailable where it cannot be written.
    """
    whole = _whole(origin, last)
    try:
        if last is None and path.exists():
            found = path.read_bytes()
            if found == whole:
                return
            if not found:
                path.unlink()
        place_new(path, whole)
    except FileExistsError:
        message = f"there is a memory of a log key at {path} already"
        raise Conflict(message, code="signer.memory_exists") from None
    except OSError as error:
        message = f"the memory of the log key cannot be written to {path}: {error.strerror}"
        raise Unavailable(message, code="signer.memory") from None


def _locked(path: Path, owner: str) -> int:
    """Open the file that is there once its lock is held: another one may have been put there."""
    while True:
        try:
            with ExitStack() as opened:
                file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
                opened.callback(os.close, file)
                fcntl.flock(file, fcntl.LOCK_EX)
                if os.path.samestat(os.fstat(file), path.stat()):
                    opened.pop_all()
                    return file
        except FileNotFoundError:
            message = f"{owner} has lost its memory: {path} does not exist"
            raise TamperSuspected(message, code="signer.no_memory", hint=_RESTORE) from None
        except OSError as error:
            message = f"the memory of {owner} cannot be opened: {error.strerror}"
            raise Unavailable(message, code="signer.memory") from None


def _write_again(path: Path, origin: str, owner: str, file: int) -> None:
    """Put a memory of this format where one of lines is; the caller holds the lock of that one."""
    last, damaged = last_of_lines(file, origin)
    if damaged:
        message = f"the memory of {owner} is damaged"
        raise TamperSuspected(message, code="signer.damaged", hint=_RESTORE)
    try:
        put_in_place(path, _whole(origin, last))
    except OSError as error:
        message = f"the memory of {owner} cannot be written: {error.strerror}"
        raise Unavailable(message, code="signer.memory") from None


def _whole(origin: str, last: Checkpoint | None) -> bytes:
    """Return a new memory: its first turn is taken, its second slot is empty."""
    first = _slot(origin, _Turn(0, last))
    return first.ljust(2 * _APART, b"\0")


def _place(number: int) -> int:
    """Return where the slot of a turn begins."""
    return number % 2 * _APART


def _slot(origin: str, turn: _Turn) -> bytes:
    head = turn.head
    said = _NONE if head is None else f"{head.size} {base64_text(head.root)}"
    content = f"{_FORM} {turn.number} {said}"
    return f"{content} {_checksum(origin, content)}\n".encode().ljust(_SLOT, b"\0")


def _parsed(origin: str, slot: bytes) -> _Turn | None:
    """Return what a slot says, or None for anything but a whole slot of this log."""
    try:
        _, number, *said, _ = slot.rstrip(b"\n\0").decode("ascii").split(" ")
        head = None
        if said != [_NONE]:
            size, root = said
            head = Checkpoint(origin, parse_decimal(size), parse_base64(root))
        turn = _Turn(parse_decimal(number), head)
    except (ValueError, InvalidInput):
        return None
    return turn if slot == _slot(origin, turn) else None


def _checksum(origin: str, content: str) -> str:
    """Return a check against damage; the one against people is who may write the file."""
    return sha256(f"{origin} {content}".encode()).hexdigest()
