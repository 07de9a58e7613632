"""A parser that was taken over gets nowhere, under bubblewrap and under Landlock."""

from __future__ import annotations

import errno
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyseccomp
import pytest

from muniment.sandbox import SOURCE, Confinement, Ending, Sandbox, Script, syscalls

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = Path(__file__).with_name("canary.py")
HIGHEST_CALL = 470
OPENS_TO_WRITE = """
import json, os, sys
errors = []
for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC, os.O_WRONLY | os.O_CREAT):
    for path in [sys.argv[1], "/tmp/made"][: 1 + bool(flags & (os.O_CREAT | os.O_TRUNC))]:
        try:
            os.open(path, flags)
        except OSError as error:
            errors.append(error.errno)
print(json.dumps({"errors": errors}))
"""
NEVER = (
    "accept4", "add_key", "bind", "bpf", "chmod", "chroot", "clone3", "connect", "creat",
    "execveat", "finit_module", "fsopen", "ftruncate", "init_module", "io_uring_setup", "kcmp",
    "kexec_load", "keyctl", "listen", "memfd_create", "mount", "move_mount", "name_to_handle_at",
    "open_by_handle_at", "openat2", "perf_event_open", "personality", "pidfd_getfd",
    "pidfd_send_signal", "pivot_root", "process_madvise", "process_vm_readv", "process_vm_writev",
    "ptrace", "quotactl", "reboot", "rt_sigqueueinfo", "sched_setaffinity", "sendmsg", "sendto",
    "setns", "setuid", "shmat", "shmget", "socket", "socketpair", "swapon", "tgkill", "tkill",
    "truncate", "umount2", "unshare", "userfaultfd",
)  # fmt: skip
# The kernel passes uretprobe and uprobe by every filter and kills whoever calls them by hand.
KILLS = {335, 336}
# Without arguments these cannot be made to fail by their arguments; the canary tries them by name.
TRIED_BY_NAME = {"fork", "vfork", "pause", "setsid", "vhangup", "sync", "rt_sigreturn"}


def denied_calls() -> list[int]:
    """What must never be let through, and every system call that the filter does not name."""
    named = {*syscalls.MEMORY, *syscalls.READING, *syscalls.TIME, *syscalls.ITSELF}
    partly = {"open", "openat", "ioctl", "prctl", "prlimit64", "clone", "mmap"}
    spared = {
        pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        for name in named - {"kill", "pidfd_open", "execve"} | partly | TRIED_BY_NAME
    }
    never = [pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in NEVER]
    unnamed = [number for number in range(HIGHEST_CALL) if number not in spared | KILLS]
    return sorted({*never, *unnamed})


@pytest.fixture
def laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """Everything worth taking, where a parser would look for it."""
    monkeypatch.setenv("MUNIMENT_TOKEN", "secret")
    places = {name: tmp_path / name for name in ("key", "sibling", "archive", "source")}
    for path in places.values():
        path.write_text("secret", encoding="utf-8")
        path.chmod(0o644)
    abstract = f"\0muniment-canary-{tmp_path}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as hidden,
    ):
        unix.bind(str(tmp_path / "socket"))
        hidden.bind(abstract)
        unix.listen()
        hidden.listen()
        yield {
            **{name: str(path) for name, path in places.items()},
            "abstract": abstract,
            "calls": denied_calls(),
            "environment": ["MUNIMENT_TOKEN", "SSH_AUTH_SOCK", "LOGNAME", "USER"],
            "folder": str(tmp_path),
            "port": tcp.getsockname()[1],
            "socket": str(tmp_path / "socket"),
        }


def test_nothing_works_that_must_not(
    confinement: Confinement, laid_out: dict[str, object], tmp_path: Path
) -> None:
    canary = Script(CANARY, arguments=(SOURCE, json.dumps(laid_out)))
    with Sandbox(confinement, tmp_path / "source", [canary]) as sandbox:
        output = sandbox.run(canary)
    assert output.ending is Ending.EXITED, output.message
    assert output.document() == {"worked": []}
    assert (tmp_path / "source").read_text(encoding="utf-8") == "secret"
    assert {path.name for path in tmp_path.iterdir()} == {
        "archive", "key", "sibling", "socket", "source",
    }  # fmt: skip


def test_the_filter_alone_keeps_files_from_being_written(
    confinement: Confinement, tmp_path: Path
) -> None:
    """EPERM is the filter's word; Landlock's is EACCES, a read-only mount's EROFS."""
    (tmp_path / "source").write_text("evidence", encoding="utf-8")
    path = tmp_path / "script.py"
    path.write_text(OPENS_TO_WRITE, encoding="utf-8")
    script = Script(path)
    with Sandbox(confinement, tmp_path / "source", [script]) as sandbox:
        assert sandbox.run(script).document() == {"errors": [errno.EPERM] * 6}


def test_the_canary_notices_what_is_open(laid_out: dict[str, object], tmp_path: Path) -> None:
    """Outside, much of it works: otherwise the test above would show nothing."""
    given = json.dumps({**laid_out, "groups": ["reading", "reaching_out", "inherited"]})
    ran = subprocess.run(
        [sys.executable, "-I", str(CANARY), str(tmp_path / "source"), given],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    assert {
        "environment: MUNIMENT_TOKEN", "read key", "read sibling", "read /etc/passwd",
        "read /proc/self/environ", "tcp over IPv4", "a socket in a folder", "an abstract socket",
        "a pair of sockets",
    } <= set(json.loads(ran.stdout)["worked"])  # fmt: skip
