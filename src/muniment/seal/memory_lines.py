"""The first format of a signer's memory: every head it signed, a line each. Only read.

- A line is `<size> <root in base64> <checksum>`; the checksum covers the origin.
- The last line may be torn by a crash: its signature never left, so it does not count. Damage
  before it is an alarm.

Not its job: the format in use (`memory`).
"""

from __future__ import annotations

import os
from hashlib import sha256

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.lines import parse_base64, parse_decimal
from muniment.errors import InvalidInput

_TAIL = 4096  # read from the end: some forty lines


def is_of_lines(file: int) -> bool:
    """Say whether a memory is of this format: it begins with a size."""
    return os.pread(file, 1, 0).isdigit()


def last_of_lines(file: int, origin: str) -> tuple[Checkpoint | None, bool]:
    """Return the last whole head, None before the first, and whether the memory is damaged."""
    size = os.fstat(file).st_size
    start = max(size - _TAIL, 0)
    *lines, torn = os.pread(file, _TAIL, start).split(b"\n")
    if not torn and lines and _parsed(lines[-1], origin) is None:
        lines.pop()  # the line end reached the disk, some of the line did not
    if not lines and start == 0:
        return None, False
    head = _parsed(lines[-1], origin) if lines else None
    return head, head is None


def _parsed(line: bytes, origin: str) -> Checkpoint | None:
    """Return the head a line says, or None for anything but a whole line of this log."""
    try:
        content, _, checksum = line.decode("ascii").rpartition(" ")
        size, _, root = content.partition(" ")
        head = Checkpoint(origin, parse_decimal(size), parse_base64(root))
    except (ValueError, InvalidInput):
        return None
    said = sha256(f"{origin} {content}".encode()).hexdigest()[:16]
    return head if checksum == said else None
