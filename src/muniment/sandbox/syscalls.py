"""The seccomp filters: which system calls a process in the sandbox may make.

- An allow-list: a call that is not named here fails with EPERM, also one a later kernel adds.
- No sockets of any family, no ptrace or reading of another process, no mounts, no namespaces, no
  keyrings, no BPF, no io_uring, no shared memory, no change of mode, owner, time or attribute.
- Files open for reading only: an `open` that could write, create or truncate fails.
- A parser makes no process and signals none; threads it may have, Go and Rust cannot do without.
- A foreign ABI (32-bit or x32 calls on x86-64) ends the process.

Two filters are laid on each other. `worker` holds the supervisor inside the sandbox, which forks
one process per examination; `program` and `script` take the rest away from those processes.

Not its job: installing the filters (bubblewrap and the worker do) and limits of time and size.
"""

from __future__ import annotations

import errno
import importlib
import mmap
import os
import termios
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

MEMORY: Final = ("brk", "madvise", "mlock", "mprotect", "mremap", "munmap")
READING: Final = (
    "access", "close", "close_range", "dup", "dup2", "dup3", "epoll_create1", "epoll_ctl",
    "epoll_pwait", "epoll_wait", "eventfd2", "faccessat", "faccessat2", "fadvise64", "fcntl",
    "fstat", "fstatfs", "getcwd", "getdents64", "lseek", "lstat", "newfstatat", "pipe", "pipe2",
    "poll", "ppoll", "pread64", "preadv", "pselect6", "read", "readlink", "readlinkat", "readv",
    "select", "stat", "statfs", "statx", "write", "writev",
)  # fmt: skip
TIME: Final = ("clock_getres", "clock_gettime", "clock_nanosleep", "gettimeofday", "nanosleep",
               "time", "times")  # fmt: skip
ITSELF: Final = (
    "arch_prctl", "capget", "execve", "exit", "exit_group", "futex", "getcpu", "getegid",
    "geteuid", "getgid", "getgroups", "getpgid", "getpgrp", "getpid", "getppid", "getrandom",
    "getresgid", "getresuid", "getrlimit", "getrusage", "getsid", "gettid", "getuid", "kill",
    "membarrier", "pidfd_open", "restart_syscall", "rseq", "rt_sigaction", "rt_sigpending",
    "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "sched_getaffinity",
    "sched_yield", "set_robust_list", "set_tid_address", "setrlimit", "sigaltstack", "sysinfo",
    "uname", "wait4", "waitid",
)  # fmt: skip

# prctl(2): name a thread, die with the parent, give up privileges, add a filter, name a mapping.
_SUPERVISING: Final = ("kill", "pidfd_open")  # what only the worker may
_PRCTL: Final = {"PDEATHSIG": 1, "NAME": 15, "SECCOMP": 22, "NO_NEW_PRIVS": 38, "VMA": 0x53564D41}
_TERMINAL: Final = (termios.TCGETS, termios.FIONREAD, termios.FIOCLEX, termios.FIONBIO)
_O_TMPFILE_BIT: Final = 0o20000000
_NOT_READING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | _O_TMPFILE_BIT
_MAP_TYPE, _MAP_PRIVATE, _MAP_ANONYMOUS = 0x0F, mmap.MAP_PRIVATE, mmap.MAP_ANONYMOUS
_CLONE_THREAD: Final = 0x00010000
_CLONE_NAMESPACES: Final = 0x7E020080


@dataclass(frozen=True, slots=True)
class Filters:
    """Three compiled BPF programs; `program` and `script` are laid on top of `worker`."""

    worker: bytes
    program: bytes
    script: bytes


@cache
def filters() -> Filters:
    """Compiles the filters for this machine's architecture.

    Raises ImportError where pyseccomp, and RuntimeError where libseccomp, is missing.
    """
    seccomp = importlib.import_module("pyseccomp")
    program = _parser(seccomp, *_SUPERVISING)
    return Filters(_worker(seccomp), program, _parser(seccomp, *_SUPERVISING, "execve"))


def _worker(seccomp: ModuleType) -> bytes:
    allow, equal, masked = seccomp.ALLOW, seccomp.EQ, seccomp.MASKED_EQ
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    rules.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    for name in (*MEMORY, *READING, *TIME, *ITSELF):
        if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) >= 0:  # else: not on this machine
            rules.add_rule(allow, name)
    reading = (masked, _NOT_READING, 0)
    if seccomp.resolve_syscall(seccomp.Arch.NATIVE, "open") >= 0:
        rules.add_rule(allow, "open", seccomp.Arg(1, *reading))
    rules.add_rule(allow, "openat", seccomp.Arg(2, *reading))
    # Memory shared with nobody would escape the limit that counts private memory.
    private = (masked, _MAP_ANONYMOUS | _MAP_TYPE, _MAP_ANONYMOUS | _MAP_PRIVATE)
    rules.add_rule(allow, "mmap", seccomp.Arg(3, *private))
    rules.add_rule(allow, "mmap", seccomp.Arg(3, masked, _MAP_ANONYMOUS, 0))
    for request in _TERMINAL:
        rules.add_rule(allow, "ioctl", seccomp.Arg(1, equal, request))
    for option in _PRCTL.values():
        rules.add_rule(allow, "prctl", seccomp.Arg(0, equal, option))
    rules.add_rule(allow, "prlimit64", seccomp.Arg(0, equal, 0))
    rules.add_rule(allow, "clone", seccomp.Arg(0, masked, _CLONE_NAMESPACES, 0))
    # Their flags stand behind a pointer, where a filter cannot look: libraries fall back.
    for name in ("clone3", "openat2"):
        rules.add_rule(seccomp.ERRNO(errno.ENOSYS), name)
    return _compiled(rules)


def _parser(seccomp: ModuleType, *denied: str) -> bytes:
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    rules.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    refuse = seccomp.ERRNO(errno.EPERM)
    for name in denied:
        rules.add_rule(refuse, name)
    rules.add_rule(refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, 0))
    return _compiled(rules)


def _compiled(rules: object) -> bytes:
    descriptor = os.memfd_create("filter", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        rules.export_bpf(file)  # type: ignore[attr-defined]  # pyseccomp is untyped
        file.seek(0)
        return file.read()
