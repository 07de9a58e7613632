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
from typing import TYPE_CHECKING, NamedTuple

from muniment.archive.copying import FoundFile, Refusal
from muniment.archive.durability import cannot_write
from muniment.archive.hashing import Hasher
from muniment.errors import TamperSuspected, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from muniment.archive.durability import Durability
    from muniment.archive.object_folder import ObjectFolder

_HASHERS = 2
_COPIED_AHEAD = 16  # files copied and not yet hashed: few enough to be in memory still


class Request(NamedTuple):
    """A regular file to store, and its identity when it was found."""

    path: bytes
    device: int
    inode: int


class Held(NamedTuple):
    """A file that is stored."""

    sha256: str
    size: int
    already_present: bool


class Unheld(NamedTuple):
    """A file that is not, and the code and detail of its refusal (`outcome`)."""

    code: str
    detail: str


class _Copied(NamedTuple):
    temporary: str
    size: int
    digest: Future[str]


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
        self._room = threading.Semaphore(_COPIED_AHEAD)
        self._hashers = ThreadPoolExecutor(_HASHERS)
        self._named: list[Held | Unheld] = []  # and not yet acknowledged

    def run(self, batches: Iterable[list[Request]]) -> None:
        """Store every batch; returns when the last is acknowledged.

        Raises Unavailable where the archive takes no more; what was copied whole before that is
        still acknowledged.
        """
        settling: Future[None] | None = None
        failure: Unavailable | None = None
        with self._hashers, ThreadPoolExecutor(1) as settler:
            for batch in batches:
                try:
                    copied = [self._copy(request) for request in batch]
                except Unavailable as error:
                    failure = error
                    break
                if settling is not None:
                    settling.result()
                settling = settler.submit(self._settle, copied)
            if settling is not None:
                settling.result()
            self._settle([])
        if failure is not None:
            raise failure

    def _copy(self, request: Request) -> _Copied | Unheld:
        """Copy one file and have the copy hashed."""
        try:
            with FoundFile(*request) as source:
                temporary = self._folder.create()
                try:
                    size = source.copy_to(temporary.descriptor)
                except (Refusal, Unavailable):
                    os.close(temporary.descriptor)
                    self._folder.discard(temporary.name)
                    raise
        except Refusal as refusal:
            return Unheld(refusal.code, refusal.detail)
        self._room.acquire()
        digest = self._hashers.submit(self._hash, temporary.descriptor, size)
        return _Copied(temporary.name, size, digest)

    def _hash(self, descriptor: int, size: int) -> str:
        """Hash a copy, let it be made durable, and close it."""
        try:
            hasher = self._thread.hasher
        except AttributeError:
            hasher = self._thread.hasher = Hasher()
        try:
            try:
                digest: str = hasher.digest(descriptor, size)
                self._durability.file_written(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise cannot_write(error) from error
        finally:
            self._room.release()
        return digest

    def _settle(self, copied: list[_Copied | Unheld]) -> None:
        """Finish the batch before, then give the files of this one their names."""
        wait([one.digest for one in copied if isinstance(one, _Copied)])
        self._acknowledge_named()
        for one in copied:
            self._named.append(one if isinstance(one, Unheld) else self._publish(one))

    def _acknowledge_named(self) -> None:
        """Acknowledge the batch before, whose names this round makes durable."""
        held = [one for one in self._named if isinstance(one, Held)]
        try:
            self._durability.settle({self._folder.folder_of(one.sha256) for one in held})
        except Unavailable:
            for one in held:
                if not one.already_present:
                    with suppress(Unavailable):
                        self._folder.withdraw(one.sha256)
            raise
        if self._named:
            self._acknowledge(self._named)
        self._named = []

    def _publish(self, copied: _Copied) -> Held | Unheld:
        """Give a copy its final name."""
        sha256 = copied.digest.result()
        try:
            present = self._folder.publish(copied.temporary, sha256, copied.size)
        except TamperSuspected as error:
            self._folder.discard(copied.temporary)
            return Unheld(error.code, "")
        return Held(sha256, copied.size, present)
