"""Work that one process of a workspace does at a time, while the others leave it to that one.

Not its job: writers of the log, who queue and are never sent away.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def only_one(place: Path) -> Generator[bool]:
    """Hold the lock of a file or folder for the block; False where another process holds it.

    Raises OSError where it cannot be opened or locked at all.
    """
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
