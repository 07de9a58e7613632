"""A small file system of one's own: mounted in a namespace of a forked child, gone with it.

Nothing of this machine is touched: the mounts are the child's, and so are their faults.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_NEW_MOUNTS, _NEW_USERS = 0x00020000, 0x10000000
_READ_ONLY, _REMOUNT, _RECURSIVE, _PRIVATE = 1, 32, 16384, 1 << 18
_LONGEST = 120
_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _namespace() -> None:
    """Give this process mounts of its own; whoever is no administrator becomes one of its own."""
    user, group = os.geteuid(), os.getegid()
    _call("unshare", _NEW_MOUNTS | (_NEW_USERS if user else 0))
    if user:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1", encoding="ascii")
    _call("mount", b"none", b"/", None, ctypes.c_ulong(_RECURSIVE | _PRIVATE), None)


def mount(folder: Path, options: str) -> None:
    """Mount memory on a folder: `size=…` and `nr_inodes=…` bound it."""
    _call("mount", b"tmpfs", bytes(folder), b"tmpfs", ctypes.c_ulong(0), options.encode())


def remount(folder: Path, options: str, *, read_only: bool = False) -> None:
    """Change what is mounted on a folder."""
    flags = ctypes.c_ulong(_REMOUNT | (_READ_ONLY if read_only else 0))
    _call("mount", b"tmpfs", bytes(folder), b"tmpfs", flags, options.encode())


def apart(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Run work in a child with mounts of its own; return what it returns, which must be JSON."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:  # pragma: no cover - the child never returns
        try:
            signal.alarm(_LONGEST)
            _namespace()
            os.write(writer, json.dumps(work()).encode())
        except BaseException:  # noqa: BLE001 - a child of a test must never return
            os.write(writer, json.dumps({"failed": traceback.format_exc()}).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return json.loads(said or b'{"failed": "it said nothing"}')


def can_mount() -> str:
    """Return why nothing can be mounted here, or nothing where it can."""

    def attempt() -> str:
        mount(Path("/mnt"), "size=64k")
        return ""

    found = apart(attempt)
    return found["failed"].strip().splitlines()[-1] if found else ""
