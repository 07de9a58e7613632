"""Other processes, for tests of what outlives them: started, found and ended by their ids."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NOBODY = 65534


def as_nobody(function: Callable[[], str]) -> str:
    """What a function returns when it runs without the rights of an administrator."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.seteuid(NOBODY)
            os.write(writing, function().encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def naming(text: str) -> list[int]:
    """The processes, but for this one, whose command line contains a text."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if text.encode() in command:
                found.append(int(entry.name))
    return found


def wait_until_gone(text: str) -> None:
    """Return when no process names a text any more; fails after ten seconds."""
    for _ in range(1000):
        if not naming(text):
            return
        time.sleep(0.01)
    raise AssertionError(f"processes still name {text}: {naming(text)}")
