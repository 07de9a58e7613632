"""The ways to confine a process on this machine, as values that say how to start a worker.

- `Bubblewrap`: namespaces of its own (users, processes, network, mounts, IPC, host name), a root
  that holds the system's programs, an interpreter and one file, all read-only; then seccomp.
- `Landlock`: where namespaces are forbidden (some containers): the kernel lets the process open
  nothing but those paths; without capabilities; then seccomp, which also takes the network away.
  Weaker in this: that a path exists, and its size and times, can still be asked of the kernel, and
  the number of threads is bounded by time and memory only (also for root under bubblewrap).
- `NoSandbox`: neither. Nothing is parsed; every examination ends as refused, with this reason.

Not its job: trying them out (`trial`), what runs inside (`programs`), limits of time, memory and
output (`worker`).
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from muniment.sandbox.syscalls import Filters

SYSTEM_FOLDERS: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES: Final = ("/etc/alternatives", "/etc/ld.so.cache")
DEVICES: Final = ("/dev/null", "/dev/urandom")
ENVIRONMENT: Final = {
    "GODEBUG": "asyncpreemptoff=1",  # Go stops its threads by signals, which are not allowed here
    "GOGC": "off",  # a process that lives for one file collects no garbage …
    "GOMEMLIMIT": "512MiB",  # … until it holds this much
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "TZ": "UTC",
}
NOBODY: Final = "65534"
WORKER: Final = Path(__file__).with_name("worker.py")

_LANDLOCK_CREATE: Final = 444
_LANDLOCK_VERSION: Final = 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_RIGHTS: Final = ((5, 16), (3, 15), (2, 14), (1, 13))  # from which ABI, how many rights on files
_ABI_OF_NETWORK: Final = 4
_ABI_OF_SCOPES: Final = 6


@dataclass(frozen=True, slots=True)
class Readable:
    """What a sandbox shows of this machine, all of it read-only."""

    source: Path  # the one file that is examined
    folders: tuple[Path, ...]  # packages that scripts import
    scripts: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a worker, and what it lays on itself before it serves anything."""

    argv: tuple[str, ...]
    source: str  # the path of the file as the inside sees it
    landlock: dict[str, object] | None = None
    resources: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """Namespaces through bubblewrap, then seccomp."""

    program: Path
    filters: Filters

    @property
    def name(self) -> str:
        """What a record of the sandbox says."""
        return "bubblewrap"

    def launch(self, readable: Readable) -> Launch:
        """Starts the worker in an empty root with `readable` bound into it read-only."""
        inside = "/source"
        shown = (*interpreter_folders(), *readable.folders, WORKER, *readable.scripts)
        argv = (
            str(self.program), "--unshare-all", "--unshare-user", "--disable-userns",
            "--die-with-parent", "--new-session", "--cap-drop", "ALL",
            "--uid", NOBODY, "--gid", NOBODY, "--hostname", "sandbox",
            *_system_binds(), *_binds(shown), "--ro-bind", str(readable.source), inside,
            "--remount-ro", "/", "--chdir", "/", "--", *worker_argv(),
        )  # fmt: skip
        # The kernel counts processes per user namespace, so a small number harms no one else.
        return Launch(argv, inside, resources=(("RLIMIT_NPROC", 256),))


@dataclass(frozen=True, slots=True)
class Landlock:
    """The kernel's own path rules, applied by the worker to itself, then seccomp."""

    abi: int
    filters: Filters

    @property
    def name(self) -> str:
        """What a record of the sandbox says."""
        return "landlock"

    def launch(self, readable: Readable) -> Launch:
        """Starts the worker, which lets itself open `readable` and the system, and nothing else."""
        in_folder, in_file = _EXECUTE | _READ_FILE | _READ_DIR, _READ_FILE
        system = (*map(Path, SYSTEM_FOLDERS), *map(Path, SYSTEM_FILES), *map(Path, DEVICES))
        packages = (*interpreter_folders(), *readable.folders)
        files = (WORKER, *readable.scripts, readable.source)
        shown = dict.fromkeys(path for path in (*system, *packages, *files) if path.exists())
        rules = [(str(path), in_folder if path.is_dir() else in_file) for path in shown]
        return Launch(worker_argv(), str(readable.source), {**self._handled(), "paths": rules})

    def _handled(self) -> dict[str, object]:
        """Every right this kernel's Landlock knows (linux/landlock.h), so that none stays open."""
        known = next(count for abi, count in _RIGHTS if self.abi >= abi)
        network = 0b11 if self.abi >= _ABI_OF_NETWORK else 0  # bind and connect of TCP
        scoped = 0b11 if self.abi >= _ABI_OF_SCOPES else 0  # abstract sockets and signals
        size = 24 if scoped else 16 if network else 8
        return {"handled": ((1 << known) - 1, network, scoped), "attributes": size}


@dataclass(frozen=True, slots=True)
class NoSandbox:
    """Nothing here confines a process, so nothing may be parsed."""

    reason: str

    @property
    def name(self) -> str:
        """What a record of the sandbox says."""
        return "none"


Confinement: TypeAlias = Bubblewrap | Landlock | NoSandbox


def interpreter_folders() -> tuple[Path, ...]:
    """Where this Python keeps its program and standard library, if outside the system's folders."""
    prefix = Path(sys.base_prefix).resolve()
    inside = any(prefix.is_relative_to(folder) for folder in SYSTEM_FOLDERS)
    return () if inside else (prefix,)


def worker_argv() -> tuple[str, ...]:
    """Isolated, without site packages, writing no caches."""
    return (str(Path(sys.executable).resolve()), "-I", "-S", "-B", str(WORKER))


def landlock_abi() -> int:
    """The version of Landlock in this kernel, 0 where there is none."""
    answer: int = ctypes.CDLL(None).syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION)
    return max(answer, 0)


def _system_binds() -> list[str]:
    arguments: list[str] = []
    for folder in map(Path, SYSTEM_FOLDERS):
        if folder.is_symlink():  # merged /usr
            arguments += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            arguments += _binds((folder,))
    for path in SYSTEM_FILES:
        arguments += ["--ro-bind-try", path, path]
    for path in DEVICES:
        arguments += ["--dev-bind", path, path]
    return arguments


def _binds(paths: tuple[Path, ...]) -> list[str]:
    return [word for path in dict.fromkeys(paths) for word in ("--ro-bind", str(path), str(path))]
