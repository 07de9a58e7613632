"""The stations of a deposit: copy, hash what was stored, make durable, name, acknowledge.

    copy k+1 ──► hash k+1 (two threads) ──► settle: data of k+1 and names of k are durable
                                            acknowledge k, give the names of k+1

- One thread makes files, because the kernel lets no second one in; hashing and settling of a batch
  go on while the next is copied. One round of durability serves two batches.
- A batch is acknowledged when its names are durable, and not before (custody-log §4).
- Where durability fails, names that were given and not acknowledged are taken back and the failure
  is raised: a later deposit must not take them for objects that are held.

Not its job: who asks, and in which process (`deposit`).
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from muniment.archive.copying import FoundFile, Refusal
from muniment.archive.durability import cannot_write
from muniment.archive.hashing import Hasher
from muniment.errors import TamperSuspected, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from muniment.archive.durability import Durability
    from muniment.archive.object_folder import ObjectFolder, Temporary

_HASHERS = 2
# Waking a thread costs as much as hashing a small file: they are handed over a few at a time.
_BUNCH_FILES = 16
_BUNCH_BYTES = 4 << 20
_BUNCHES_AHEAD = 8  # copied and not yet hashed: few enough to be in memory still


class Request(NamedTuple):
    """A regular file to store, and its identity when it was found."""

    path: bytes
    device: int
    inode: int
    recipient: str = ""  # the age key to seal it to


class Held(NamedTuple):
    """A file that is stored: digest and size of its content, and its name where it is sealed."""

    sha256: str
    size: int
    already_present: bool
    stored_sha256: str = ""

    @property
    def name(self) -> str:
        """The digest of the stored bytes, which is the object's name."""
        return self.stored_sha256 or self.sha256


class Unheld(NamedTuple):
    """A file that is not, and the code and detail of its refusal (`outcome`)."""

    code: str
    detail: str


@dataclass(slots=True)
class _Copy:
    temporary: Temporary
    size: int  # as stored
    content: tuple[str, int] | None = None  # digest and size of what was sealed
    sha256: str = ""  # as stored


class Pipeline:
    """Stores batches of files; made for one run."""

    def __init__(
        self,
        folder: ObjectFolder,
        durability: Durability,
        acknowledge: Callable[[list[Held | Unheld]], None],
    ) -> None:
        """`acknowledge` is given the results of each batch in order, once they are durable.

        It is called in a thread of the pipeline, and holds up what follows.
        """
        self._folder = folder
        self._durability = durability
        self._acknowledge = acknowledge
        self._thread = threading.local()
        self._room = threading.Semaphore(_BUNCHES_AHEAD)
        self._hashers = ThreadPoolExecutor(_HASHERS)
        self._bunch: list[_Copy] = []  # copied, and not yet given to a hasher
        self._hashing: list[Future[None]] = []
        self._named: list[Held | Unheld] = []  # and not yet acknowledged
        self._open: set[int] = set()  # descriptors of copies that are not durable yet

    def run(self, batches: Iterable[list[Request]]) -> None:
        """Store every batch; returns when the last is acknowledged.

        Raises Unavailable where the archive takes no more; what was copied whole before that is
        still acknowledged.
        """
        try:
            with self._hashers:
                self._run(batches)
        finally:
            for descriptor in self._open:
                os.close(descriptor)

    def _run(self, batches: Iterable[list[Request]]) -> None:
        settling: Future[None] | None = None
        failure: Unavailable | None = None
        with ThreadPoolExecutor(1) as settler:
            for batch in batches:
                try:
                    copies = self._copy_all(batch)
                except Unavailable as error:
                    failure = error
                    break
                if settling is not None:
                    settling.result()
                settling = settler.submit(self._settle, copies, self._hashing)
                self._hashing = []
            if settling is not None:
                settling.result()
            self._settle([], [])
        if failure is not None:
            raise failure

    def _copy_all(self, batch: list[Request]) -> list[_Copy | Unheld]:
        """Copy the files of a batch, and have the copies hashed a few at a time."""
        copies: list[_Copy | Unheld] = []
        size = 0
        for request in batch:
            copy = self._copy(request)
            copies.append(copy)
            if isinstance(copy, _Copy):
                self._bunch.append(copy)
                size += copy.size
                if len(self._bunch) == _BUNCH_FILES or size >= _BUNCH_BYTES:
                    self._hash_bunch()
                    size = 0
        self._hash_bunch()
        return copies

    def _copy(self, request: Request) -> _Copy | Unheld:
        try:
            with FoundFile(request.path, request.device, request.inode) as source:
                temporary = self._folder.create()
                self._open.add(temporary.descriptor)
                try:
                    if not request.recipient:
                        return _Copy(temporary, source.copy_to(temporary.descriptor))
                    size, digest = source.seal_to(temporary.descriptor, request.recipient)
                    stored = os.fstat(temporary.descriptor).st_size
                    return _Copy(temporary, stored, (digest, size))
                except (Refusal, Unavailable):
                    self._open.remove(temporary.descriptor)
                    os.close(temporary.descriptor)
                    self._folder.discard(temporary.name)
                    raise
        except Refusal as refusal:
            return Unheld(refusal.code, refusal.detail)

    def _hash_bunch(self) -> None:
        """Give what was copied to a hasher; wait where they are too far behind."""
        self._room.acquire()
        self._hashing.append(self._hashers.submit(self._hash, self._bunch))
        self._bunch = []

    def _hash(self, bunch: list[_Copy]) -> None:
        """Hash copies, and let each be made durable."""
        try:
            hasher: Hasher = self._thread.hasher
        except AttributeError:
            hasher = self._thread.hasher = Hasher()
        try:
            for copy in bunch:
                copy.sha256 = hasher.digest(copy.temporary.descriptor, copy.size)
                self._durability.file_written(copy.temporary.descriptor, copy.size)
        except OSError as error:
            raise cannot_write(error) from error
        finally:
            self._room.release()

    def _settle(self, copies: list[_Copy | Unheld], hashing: list[Future[None]]) -> None:
        """Finish the batch before, then give the files of this one their names."""
        wait(hashing)
        self._acknowledge_named()
        for bunch in hashing:
            bunch.result()
        for one in copies:
            self._named.append(one if isinstance(one, Unheld) else self._publish(one))

    def _acknowledge_named(self) -> None:
        """Acknowledge the batch before, whose names this round makes durable."""
        held = [one for one in self._named if isinstance(one, Held)]
        try:
            self._durability.settle({self._folder.folder_of(one.name) for one in held})
        except Unavailable:
            for one in held:
                if not one.already_present:
                    with suppress(Unavailable):
                        self._folder.withdraw(one.name)
            raise
        if self._named:
            self._acknowledge(self._named)
        self._named = []

    def _publish(self, copy: _Copy) -> Held | Unheld:
        """Let go of a copy whose bytes are durable, and give it its final name."""
        (name, descriptor), sha256 = copy.temporary, copy.sha256
        self._open.remove(descriptor)
        try:
            self._durability.release(descriptor)
        except OSError as error:
            raise cannot_write(error) from error
        try:
            present = self._folder.publish(name, sha256, copy.size)
        except TamperSuspected as error:
            self._folder.discard(name)
            return Unheld(error.code, "")
        if copy.content is not None:
            return Held(*copy.content, present, sha256)
        return Held(sha256, copy.size, present)
