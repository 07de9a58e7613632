"""Run inside the sandbox: names every forbidden thing that nevertheless worked, one a line."""

from __future__ import annotations

import os
import socket  # noqa: TID251  # to show that it cannot be used
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _opens(path: str) -> None:
    os.close(os.open(path, os.O_RDONLY))


def main() -> None:
    """Prints nothing where the confinement holds."""
    source = sys.argv[1]
    attempts: dict[str, Callable[[], object]] = {
        "a file outside": lambda: _opens("/etc/passwd"),
        "the process table": lambda: _opens("/proc/self/environ"),
        "a network socket": socket.socket,
        "writing": lambda: os.open(source, os.O_WRONLY),
        "a new process": os.fork,
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError:
            continue
        sys.stdout.write(f"{name}\n")


main()
