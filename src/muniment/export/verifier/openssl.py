# SPDX-License-Identifier: 0BSD
"""Asking openssl whether a time token leads to a root that the reader brought (custody-log §8).

- Only for a reader who brought a root, and only where openssl is installed: nothing is run
  otherwise, and nothing but openssl.
- openssl reads copies in a folder made for it, which is removed again.
"""

from __future__ import annotations

import calendar
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

_PATIENCE = 60  # seconds


class StampedNote(NamedTuple):
    """A time token: what was stamped, the reply, the path beside it, and the time it states."""

    note: bytes
    reply: bytes
    path: bytes
    at: str


def has_openssl() -> bool:
    """Whether openssl is installed here."""
    return shutil.which("openssl") is not None


def openssl_accepts(token: StampedNote, roots: bytes) -> bool | None:
    """Whether openssl accepts a token under these roots, as of the time that it states.

    None where it says neither: it is not installed, or did not come to an end.
    """
    program = shutil.which("openssl")
    if program is None:
        return None
    seconds = calendar.timegm(time.strptime(token.at, "%Y-%m-%dT%H:%M:%SZ"))
    files = {"note": token.note, "reply": token.reply, "path": token.path, "roots": roots}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        words = ["ts", "-verify", "-data", "note", "-in", "reply", "-untrusted", "path"]
        try:
            done = subprocess.run(
                [program, *words, "-CAfile", "roots", "-attime", str(seconds)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return None
    if done.returncode == 0 and b"Verification: OK" in done.stdout:
        return True
    return False if b"Verification: FAILED" in done.stdout else None


def root_of(path: bytes) -> bytes:
    """The last certificate of a path in PEM: the root that its token claims to lead to."""
    begin = b"-----BEGIN CERTIFICATE-----"
    return begin + path.rpartition(begin)[2]
