"""Where objects are kept: bytes under the name of their digest, put once and never changed.

- `put_…` is put-if-absent: the same bytes are the same object, and nothing is ever overwritten.
- What a put returns is durable, and its digest is that of what was stored.
- Reading gives the bytes as they are; whether they are still those of the digest is for `check`.

`FolderStore` keeps them in a folder. Another store, such as one over S3, satisfies `ObjectStore`,
and the contract tests of `muniment.testing.object_store`.

Not its job: many files at once (`deposit`), encryption, what an object means.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol
from uuid import uuid4

from muniment.archive.durability import EachFile, cannot_write, final, sync_folder
from muniment.archive.hashing import Hasher
from muniment.archive.layout import Layout, is_digest, object_folders, object_name
from muniment.archive.object_folder import ObjectFolder
from muniment.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from datetime import timedelta
    from pathlib import Path

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class StoredObject(NamedTuple):
    """An object that is durable in a store."""

    sha256: str
    size: int
    already_present: bool


class ObjectStore(Protocol):
    """A store of objects by digest."""

    def put_bytes(self, data: bytes) -> StoredObject:
        """Store bytes. Raises Unavailable, or TamperSuspected where what is held is damaged."""
        ...

    def put_stream(self, chunks: Iterable[bytes]) -> StoredObject:
        """Store bytes as they come; an exception from `chunks` leaves nothing. Raises as above."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open an object for reading; the caller closes it. Raises NotFound, Unavailable."""
        ...

    def has(self, sha256: str) -> bool:
        """Say whether an object of this name is here."""
        ...

    def size(self, sha256: str) -> int:
        """Return the size of an object in bytes. Raises NotFound, Unavailable."""
        ...

    def digests(self) -> Iterator[str]:
        """Give the digest of every object, in order."""
        ...


class FolderStore:
    """The objects of an archive in a folder."""

    def __init__(self, archive: Path) -> None:
        """`archive` is the folder of the whole archive; see `prepare`."""
        self.layout = Layout(archive)

    def prepare(self) -> None:
        """Make the folders that are not there yet, durably; raises Unavailable."""
        layout = self.layout
        try:
            for folder in (layout.objects, layout.temporaries):
                os.makedirs(folder, exist_ok=True)
            present = set(os.listdir(layout.objects))
            for name in object_folders():
                if name not in present:
                    os.mkdir(os.path.join(layout.objects, name))
        except OSError as error:
            raise cannot_write(error) from error
        for folder in (layout.objects, str(layout.root), str(layout.root.parent)):
            sync_folder(folder)

    def put_bytes(self, data: bytes) -> StoredObject:
        """Store bytes; see `ObjectStore`."""
        return self.put_stream((data,))

    def put_stream(self, chunks: Iterable[bytes]) -> StoredObject:
        """Store bytes as they come; see `ObjectStore`."""
        durability = EachFile()
        with self.writing() as folder:
            temporary = folder.create()
            try:
                size = _write(temporary.descriptor, chunks)
                sha256 = _read_back(temporary.descriptor, size)
                durability.file_written(temporary.descriptor, size)
            finally:
                os.close(temporary.descriptor)
            present = folder.publish(temporary.name, sha256, size)
            try:
                durability.settle([folder.folder_of(sha256)])
            except Unavailable:
                if not present:
                    folder.withdraw(sha256)
                raise
        return StoredObject(sha256, size, present)

    def open(self, sha256: str) -> BinaryIO:
        """Open an object for reading; see `ObjectStore`."""
        try:
            return os.fdopen(os.open(self._path(sha256), _READ), "rb")
        except OSError as error:
            raise _cannot_read(sha256, error) from error

    def has(self, sha256: str) -> bool:
        """Say whether an object of this name is here."""
        return os.path.lexists(self._path(sha256))

    def size(self, sha256: str) -> int:
        """Return the size of an object in bytes; see `ObjectStore`."""
        try:
            return os.lstat(self._path(sha256)).st_size
        except OSError as error:
            raise _cannot_read(sha256, error) from error

    def digests(self) -> Iterator[str]:
        """Give the digest of every object, in order; what else lies there is for `check`."""
        for folder in object_folders():
            try:
                names = os.listdir(os.path.join(self.layout.objects, folder))
            except FileNotFoundError:
                continue
            yield from sorted([folder + name for name in names if is_digest(folder + name)])

    @contextmanager
    def writing(self) -> Generator[ObjectFolder]:
        """Hold the folders for one writer, and remove its temporaries afterwards.

        Raises Unavailable where the archive is not there, and for good once this process has failed
        to make something durable in it: what the system says afterwards is not to be believed.
        """
        with final(str(self.layout.root)), ObjectFolder(self.layout, uuid4().hex) as folder:
            yield folder

    def remove_stale_temporaries(self, older_than: timedelta) -> int:
        """Remove what crashed writers left and nobody has touched for so long; return how many.

        Call it at start (custody-log §5: after a day). Raises Unavailable.
        """
        limit = time.time() - older_than.total_seconds()
        removed = 0
        try:
            with os.scandir(self.layout.temporaries) as entries:
                for entry in entries:
                    with suppress(FileNotFoundError):
                        if entry.stat(follow_symlinks=False).st_mtime < limit:
                            os.unlink(entry.path)
                            removed += 1
        except OSError as error:
            raise cannot_write(error) from error
        return removed

    def _path(self, sha256: str) -> str:
        return os.path.join(self.layout.objects, object_name(sha256))


def _write(target: int, chunks: Iterable[bytes]) -> int:
    """Write chunks one after the other; return how many bytes."""
    size = 0
    for chunk in chunks:
        data = memoryview(chunk)
        size += len(data)
        try:
            while data:
                data = data[os.write(target, data) :]
        except OSError as error:
            raise cannot_write(error) from error
    return size


def _read_back(descriptor: int, size: int) -> str:
    try:
        return Hasher().digest(descriptor, size)
    except OSError as error:
        raise cannot_write(error) from error


def _cannot_read(sha256: str, error: OSError) -> NotFound | Unavailable:
    if isinstance(error, FileNotFoundError):
        return NotFound(
            f"the archive has no object {sha256}",
            code="object.missing",
            hint="Run `muniment check`; restore the object from a copy of the archive.",
        )
    return Unavailable(
        f"the object {sha256} cannot be read: {error.strerror}",
        code="object.unreadable",
        hint="Check who owns the archive, and its disk.",
    )
