"""Reads an extracted bag: a folder of ordinary files, and nothing but ordinary files.

- Links, devices, pipes and empty folders make the bag malformed: another tool may see other
  content through them.
- A file is opened without following links, and its size may not change while it is read.
- The folder's own name is not checked: people rename folders, and the bag's name is in the log.
"""

from __future__ import annotations

import os
import stat
from io import FileIO
from typing import TYPE_CHECKING

from muniment.verify.fault import Fault, Malformed, shown
from muniment.verify.layout import check_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Folder:
    """An extracted bag at a path."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.name: str | None = None
        self.sizes = dict(_walk(root, ""))
        check_paths(self.sizes)

    def chunks(self, path: str, buffer: bytearray) -> Iterator[memoryview]:
        """The file's bytes; `Fault` if they are not as many as the folder said."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        left, view = self.sizes[path], memoryview(buffer)
        with FileIO(os.open(self._root / path, flags)) as file:
            while length := file.readinto(buffer):
                left -= length
                yield view[:length]
        if left:
            raise Fault(f"{path} changed while it was read")


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
    empty = True
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            empty = False
            path = prefix + entry.name
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                yield from _walk(folder / entry.name, path + "/")
            elif stat.S_ISREG(status.st_mode):
                yield path, status.st_size
            else:
                raise Malformed(f"{shown(path)} is neither a file nor a folder")
    if empty:
        raise Malformed(f"the folder {shown(prefix or '.')} is empty")
