"""Runs inside the sandbox in place of a parser that was taken over: tries what it must not do.

Arguments: the source, then a JSON object of what the test has laid out. Answers with the names of
the attempts that did not fail as they must.
"""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import resource
import socket
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE, LAID_OUT = sys.argv[1], json.loads(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)


def reads(path: str) -> Callable[[], object]:
    return lambda: os.read(os.open(path, os.O_RDONLY), 1)


def connects(family: int, kind: int, address: object) -> Callable[[], object]:
    def attempt() -> object:
        with socket.socket(family, kind) as made:
            made.connect(address)  # type: ignore[arg-type]  # of every family
        return None

    return attempt


def calls(number: int) -> Callable[[], object]:
    """A system call with arguments that make it fail, harmlessly, if the filter lets it through."""

    def attempt() -> object:
        ctypes.set_errno(0)
        answer = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6)
        refused = ctypes.get_errno() in {errno.EPERM, errno.ENOSYS}
        if answer == -1 and refused:
            raise OSError(ctypes.get_errno(), "refused")
        return answer

    return attempt


def reading() -> Iterator[tuple[str, Callable[[], object]]]:
    for name in ("key", "sibling", "archive"):
        yield f"read {name}", reads(LAID_OUT[name])
    for path in (
        "/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/1/environ", "/proc/self/environ",
        "/proc/self/mem", "/proc/self/maps", "/proc/kcore", "/sys/kernel/notes", "/dev/mem",
        "/dev/kmsg", "/dev/tty", "/dev/zero", "/dev/shm", "/root/.bashrc", "/var/log/dpkg.log",
        "/run/utmp",
    ):  # fmt: skip
        yield f"read {path}", reads(path)
    for folder in ("/home", "/proc", "/var", LAID_OUT["folder"]):
        yield f"list {folder}", partial(os.scandir, folder)


def writing() -> Iterator[tuple[str, Callable[[], object]]]:
    beside = f"{LAID_OUT['folder']}/made"
    for path in ("/tmp/made", "/made", "/dev/shm/made", "/var/tmp/made", "made", beside):
        yield f"write {path}", partial(os.open, path, os.O_CREAT | os.O_WRONLY)
        yield f"mkdir {path}", Path(path).mkdir
        yield f"link {path}", partial(Path(path).symlink_to, "/etc/passwd")
        yield f"pipe {path}", partial(os.mkfifo, path)
    for flags in ("O_WRONLY", "O_RDWR", "O_TRUNC", "O_APPEND|O_WRONLY"):
        bits = sum(getattr(os, name) for name in flags.split("|"))
        yield f"open the source {flags}", partial(os.open, SOURCE, bits)
    yield "a sparse terabyte", partial(os.truncate, beside, 1 << 40)
    yield "truncate the source", partial(os.truncate, SOURCE, 0)
    yield "remove the source", Path(SOURCE).unlink
    yield "rename the source", partial(Path(SOURCE).rename, beside)
    yield "open up the source", partial(Path(SOURCE).chmod, 0o777)
    yield "own the source", lambda: os.chown(SOURCE, 1, 1)
    yield "date the source", lambda: os.utime(SOURCE, (0, 0))
    yield "mark the source", lambda: os.setxattr(SOURCE, "user.x", b"x")
    yield "a file in memory", lambda: os.memfd_create("x")


def reaching_out() -> Iterator[tuple[str, Callable[[], object]]]:
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    port = LAID_OUT["port"]
    yield "tcp over IPv4", connects(socket.AF_INET, tcp, ("127.0.0.1", port))
    yield "tcp over IPv6", connects(socket.AF_INET6, tcp, ("::1", port))
    yield "udp", connects(socket.AF_INET, udp, ("127.0.0.1", port))
    yield "a socket in a folder", connects(socket.AF_UNIX, tcp, LAID_OUT["socket"])
    yield "an abstract socket", connects(socket.AF_UNIX, tcp, LAID_OUT["abstract"].encode())
    yield "netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    yield "packets", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    yield "a pair of sockets", socket.socketpair


def other_processes() -> Iterator[tuple[str, Callable[[], object]]]:
    parent = os.getppid()
    yield "fork", os.fork
    yield "fork by posix_spawn", lambda: os.posix_spawn("/bin/true", ["true"], {})
    yield "run a program", lambda: subprocess.run(["/bin/true"], check=True)
    yield "become a program", lambda: os.execv("/bin/true", ["true"])
    yield "signal the supervisor", lambda: os.kill(parent, 0)
    yield "signal everyone", lambda: os.kill(-1, 0)
    yield "signal oneself", lambda: os.kill(os.getpid(), 0)
    yield "limit the supervisor", lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE)
    yield "leave the group", os.setsid
    yield "be root", lambda: os.setuid(0)
    yield "be preferred", lambda: os.nice(-5)
    yield "watch the supervisor", lambda: os.pidfd_open(parent)


def growing() -> Iterator[tuple[str, Callable[[], object]]]:
    yield "four gigabytes", lambda: bytearray(4 << 30)
    yield "more than the limit", lambda: bytearray(1100 << 20)
    yield "shared memory", lambda: mmap.mmap(-1, 4096)
    yield (
        "higher limits",
        lambda: resource.setrlimit(
            resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        ),
    )
    yield "many files", lambda: [os.open(SOURCE, os.O_RDONLY) for _ in range(100)]


def inherited() -> Iterator[tuple[str, Callable[[], object]]]:
    yield "input", lambda: memoryview(os.read(0, 1)).cast("B")[0]  # IndexError: there is none
    for number in range(3, 64):
        yield f"descriptor {number}", partial(os.fstat, number)


def denied_calls() -> Iterator[tuple[str, Callable[[], object]]]:
    for number in LAID_OUT["calls"]:
        yield f"system call {number}", calls(number)


def main() -> None:
    worked = [f"environment: {name}" for name in os.environ if name in LAID_OUT["environment"]]
    groups = (inherited, reading, writing, reaching_out, other_processes, growing, denied_calls)
    chosen = LAID_OUT.get("groups") or [group.__name__ for group in groups]
    for group in [group for group in groups if group.__name__ in chosen]:
        for name, attempt in group():
            try:
                attempt()
            except (OSError, IndexError, MemoryError, ValueError):
                continue
            worked.append(name)
    thread = threading.Thread(target=worked.clear if not worked else list)
    thread.start()  # threads are allowed: Go and Rust cannot do without
    thread.join()
    json.dump({"worked": worked}, sys.stdout)


main()
