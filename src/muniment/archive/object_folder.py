"""The folder of objects and of temporaries, through open descriptors: making files, naming them.

- A file is written under a name of its own in `tmp`, and gets its final name, which is its digest,
  by a rename that never overwrites. Objects are mode 0444, less what the umask takes away.
- Where an object has that name already, its bytes are hashed again before they count as held: a
  good copy is never dropped in favour of a rotten one.

Not its job: when things become durable (`durability`), who may write (all: two writers of the same
bytes write the same object).
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple, Self

from muniment.archive.durability import cannot_write, rename_without_overwrite, sync_folder
from muniment.archive.hashing import Hasher
from muniment.archive.layout import object_name
from muniment.errors import TamperSuspected, Unavailable

if TYPE_CHECKING:
    from types import TracebackType

    from muniment.archive.layout import Layout

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_MODE = 0o444


class Temporary(NamedTuple):
    """A new, empty file under a name that nothing else uses, open for writing and reading."""

    name: str
    descriptor: int


class ObjectFolder:
    """One writer's hold on an archive's objects; its temporaries begin with a prefix of its own."""

    def __init__(self, layout: Layout, prefix: str) -> None:
        """Open the folders; raises Unavailable where they are not there."""
        self.prefix = prefix
        self._path = layout.objects
        self._made = 0
        self._hasher = Hasher()
        try:
            self.objects = os.open(layout.objects, _FOLDER)
            try:
                self._temporaries = os.open(layout.temporaries, _FOLDER)
            except OSError:
                os.close(self.objects)
                raise
        except OSError as error:
            raise Unavailable(
                f"the archive at {layout.root} cannot be opened: {error.strerror}",
                code="storage.missing",
                hint="Check the path, and that its disk is there.",
            ) from error

    def __enter__(self) -> Self:
        """Hold the folders for the length of a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what is left of this writer's temporaries, and let go."""
        self.discard_all()
        os.close(self._temporaries)
        os.close(self.objects)

    def create(self) -> Temporary:
        """Make a temporary; raises Unavailable."""
        self._made += 1
        name = f"{self.prefix}-{self._made}"
        try:
            return Temporary(name, os.open(name, _NEW, _MODE, dir_fd=self._temporaries))
        except OSError as error:
            raise cannot_write(error) from error

    def discard(self, name: str) -> None:
        """Remove a temporary, if it is there."""
        try:
            os.unlink(name, dir_fd=self._temporaries)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise cannot_write(error) from error

    def discard_all(self) -> None:
        """Remove every temporary of this writer, also those of a process that was killed."""
        for name in os.listdir(self._temporaries):
            if name.startswith(self.prefix):
                self.discard(name)

    def publish(self, name: str, sha256: str, size: int) -> bool:
        """Give a temporary its final name; say whether the object was there already.

        Raises TamperSuspected where what stands under that name are other bytes, Unavailable where
        no name can be given.
        """
        final = object_name(sha256)
        try:
            try:
                rename_without_overwrite(self._temporaries, name, self.objects, final)
            except FileNotFoundError:
                self._make_folder(sha256[:2])
                rename_without_overwrite(self._temporaries, name, self.objects, final)
        except FileExistsError:
            self._compare(sha256, size)
            self.discard(name)
            return True
        except OSError as error:
            raise cannot_write(error) from error
        return False

    def withdraw(self, sha256: str) -> None:
        """Take back a name that could not be made durable, so that nobody builds on it."""
        try:
            os.unlink(object_name(sha256), dir_fd=self.objects)
        except OSError as error:
            raise cannot_write(error) from error

    def folder_of(self, sha256: str) -> str:
        """Return the path of the folder in which an object stands."""
        return os.path.join(self._path, sha256[:2])

    def _make_folder(self, name: str) -> None:
        """Make one of the 256 folders again: copies of an archive may lack the empty ones."""
        os.mkdir(name, dir_fd=self.objects)
        sync_folder(self._path)

    def _compare(self, sha256: str, size: int) -> None:
        try:
            descriptor = os.open(object_name(sha256), _READ, dir_fd=self.objects)
            try:
                facts = os.fstat(descriptor)
                same = stat.S_ISREG(facts.st_mode) and facts.st_size == size
                same = same and self._hasher.digest(descriptor, size) == sha256
            finally:
                os.close(descriptor)
        except OSError:
            same = False
        if not same:
            raise TamperSuspected(
                f"the object {sha256} is damaged",
                code="object.damaged",
                hint="Run `muniment check`, and mend the object first.",
            )
