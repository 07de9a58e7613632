"""Every file in a folder and in the folders within it, in the order of their names as bytes.

- Links are reported and never followed, so that nothing outside the folder is taken; a folder that
  contains itself, by a link or a mount, is reported as a loop.
- Each folder is opened once and must be the one that its parent listed, by device and number; each
  file carries the identity it had there, so that swapping a path for a link in between gains
  nothing.
- For each level of depth, one descriptor is open and one folder's names are in memory.

Not its job: opening files.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from muniment.archive.copying import cannot_open, not_regular
from muniment.archive.outcome import Refused, refused
from muniment.capture.api import Capture, Survey

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NONBLOCK
_REPLACED = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})

_Identity = tuple[int, int]


class _Folder(NamedTuple):
    path: bytes
    below: bytes  # its place in what was named: empty, or parts joined by "/"
    identities: tuple[_Identity, ...]  # of the folders it lies in and, last, its own


class FolderCapturer:
    """Takes a folder by its path, with everything in it."""

    def __init__(self, leave_out: Iterable[_Identity] = ()) -> None:
        """`leave_out` has the device and number of folders that are never entered."""
        self._left_out = frozenset(leave_out)

    def takes(self, target: str) -> bool:
        """Say whether the target is a folder."""
        return os.path.isdir(target)

    def survey(self, target: str) -> Survey:
        """Count the files and their bytes."""
        files = size = 0
        for found in self.captures(target):
            if isinstance(found, Capture):
                files += 1
                size += found.size
        return Survey(files, size)

    def captures(self, target: str) -> Iterator[Capture | Refused]:
        """Find every file, and everything that is none."""
        path = os.fsencode(target)
        try:
            facts = os.stat(path)  # a person who names a link means what it leads to
        except OSError as error:
            refusal = cannot_open(error)
            yield refused(path, refusal.code, refusal.detail)
            return
        if not stat.S_ISDIR(facts.st_mode):
            yield refused(path, "folder.none")
            return
        levels = [self._walk(_Folder(path, b"", (_identity(facts),)))]
        try:
            while levels:
                found = next(levels[-1], None)
                if found is None:
                    levels.pop()
                elif isinstance(found, _Folder):
                    levels.append(self._walk(found))
                else:
                    yield found
        finally:
            for level in levels:
                level.close()

    def _walk(self, folder: _Folder) -> Generator[_Folder | Capture | Refused]:
        """Give what a folder holds, in order; folders are for the caller to enter."""
        *above, here = folder.identities
        if here in self._left_out:
            yield refused(folder.path, "folder.excluded" if above else "folder.own")
            return
        if here in above:
            yield refused(folder.path, "folder.loop")
            return
        descriptor = _open(folder)
        if isinstance(descriptor, Refused):
            yield descriptor
            return
        try:
            for name in sorted([os.fsencode(one) for one in os.listdir(descriptor)]):
                yield _found(descriptor, name, folder)
        except OSError as error:
            yield refused(folder.path, "folder.unreadable", os.strerror(error.errno or 0))
        finally:
            os.close(descriptor)


def _identity(facts: os.stat_result) -> _Identity:
    return facts.st_dev, facts.st_ino


def _open(folder: _Folder) -> int | Refused:
    """Return a descriptor of the very folder that was listed, or why there is none."""
    try:
        descriptor = os.open(folder.path, _FOLDER)
    except OSError as error:
        if error.errno in _REPLACED:
            return refused(folder.path, "folder.changed")
        return refused(folder.path, "folder.unreadable", os.strerror(error.errno or 0))
    if _identity(os.fstat(descriptor)) != folder.identities[-1]:
        os.close(descriptor)
        return refused(folder.path, "folder.changed")
    return descriptor


def _found(descriptor: int, name: bytes, folder: _Folder) -> _Folder | Capture | Refused:
    """Return what stands under a name in an open folder."""
    path = os.path.join(folder.path, name)
    try:
        facts = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    except OSError as error:
        refusal = cannot_open(error)
        return refused(path, refusal.code, refusal.detail)
    if stat.S_ISREG(facts.st_mode):
        return Capture(
            path, name, folder.below, *_identity(facts), facts.st_size, facts.st_mtime_ns
        )
    if stat.S_ISDIR(facts.st_mode):
        below = os.path.join(folder.below, name)
        return _Folder(path, below, (*folder.identities, _identity(facts)))
    if stat.S_ISLNK(facts.st_mode):
        return refused(path, _link(path, folder.identities))
    refusal = not_regular(facts.st_mode)
    return refused(path, refusal.code, refusal.detail)


def _link(path: bytes, above: tuple[_Identity, ...]) -> str:
    """Return the code for a link: most lead elsewhere, some back to where they stand."""
    try:
        facts = os.stat(path)
    except OSError as error:
        return "file.link_loop" if error.errno == errno.ELOOP else "file.link"
    return "file.link_loop" if _identity(facts) in above else "file.link"
