"""One file that a person named: taken as it is, through links if there are any.

- Whoever names a link means what it leads to; the name that is kept is the one that was given.
- Folders, pipes, sockets and devices are refused, and never opened.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from muniment.archive.copying import cannot_open, not_regular
from muniment.archive.outcome import Refused, refused
from muniment.capture.api import Capture, Survey

if TYPE_CHECKING:
    from collections.abc import Iterator


class FileCapturer:
    """Takes a file by its path."""

    def takes(self, target: str) -> bool:
        """Say whether the target is there and is no folder."""
        return os.path.lexists(target) and not os.path.isdir(target)

    def survey(self, target: str) -> Survey:
        """Count one file, or nothing."""
        found = capture_file(os.fsencode(target))
        return Survey(0, 0) if isinstance(found, Refused) else Survey(1, found.size)

    def captures(self, target: str) -> Iterator[Capture | Refused]:
        """Find the file."""
        yield capture_file(os.fsencode(target))


def capture_file(path: bytes) -> Capture | Refused:
    """Return the file at a path, or why it cannot be taken."""
    try:
        facts = os.stat(path)
    except OSError as error:
        refusal = cannot_open(error)
        return refused(path, refusal.code, refusal.detail)
    if not stat.S_ISREG(facts.st_mode):
        refusal = not_regular(facts.st_mode)
        return refused(path, refusal.code, refusal.detail)
    return Capture(
        path=path,
        name=os.path.basename(path),
        folder=b"",
        device=facts.st_dev,
        inode=facts.st_ino,
        size=facts.st_size,
        modified_ns=facts.st_mtime_ns,
    )
