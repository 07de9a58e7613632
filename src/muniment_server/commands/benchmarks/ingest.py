"""Durable ingest with rows, leaves and signed heads, against copying, hashing and packagers."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from muniment_server.commands.benchmarks.files import make_files
from muniment_server.commands.benchmarks.measuring import Case, Result, rates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = (10_000, 100_000)
BIG = (20, 200_000_000)

_HASH_ONLY = """
import hashlib, os, sys
from concurrent.futures import ThreadPoolExecutor
def one(path):
    with open(path, "rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
paths = [os.path.join(r, f) for r, _, fs in os.walk(sys.argv[1]) for f in fs]
with ThreadPoolExecutor(2) as pool: list(pool.map(one, paths))
"""


def ingest(work: Path, *, big: bool, rounds: int = 3) -> Result:
    """Measure adding a folder against `cp -r` and syncfs, hashing alone, bagit and borg."""
    count, size = BIG if big else SMALL
    source = work / ("big" if big else "small")
    if not source.exists():
        make_files(source, count, size)
    targets = Targets(work / "targets", keep=not big, read=source)
    cases = [
        targets.case("muniment", lambda target: add_folder(source, target), make_workspace),
        targets.case("cp -r, syncfs", lambda target: _copy(source, target)),
        Case(
            "hashing only, two threads",
            lambda: _python(_HASH_ONLY, source),
            before=lambda: _warm(source),
        ),
        targets.case("bagit-python", lambda target: _bag(source, target)),
    ]
    if shutil.which("borg"):
        cases.append(targets.case("borg", lambda target: _borg(source, target), _borg_init))
    units = count if not big else count * size / 1e6
    measured = rates(cases, units, rounds)
    shutil.rmtree(targets.folder)
    return Result(
        name=f"durable ingest, {count:,} x {size // 1000:,} kB",
        unit="MB/s" if big else "files/s",
        rates=measured,
        ours="muniment",
        peer="bagit-python",
        limit="hashing only, two threads" if big else "cp -r, syncfs",
        target_peer=1.2,
        target_limit=0.5 if big else 0.9,
        notes=_borg_note(measured) if big else [],
    )


class Targets:
    """A new place to write to for every turn, and what is read, in memory.

    borg drops from memory what it has read: whoever came next would wait for the disk.
    Many small ones stay until the end: ext4 makes files ten times as slowly for minutes after it
    has removed thousands, and whoever came next would pay for it.
    """

    def __init__(self, folder: Path, *, keep: bool, read: Path | None = None) -> None:
        folder.mkdir()
        self.folder = folder
        self._read = read
        self._keep = keep
        self._turn = 0

    def case(
        self,
        name: str,
        run: Callable[[Path], None],
        before: Callable[[Path], None] = lambda _: None,
    ) -> Case:
        """Return a case that writes to a place of its own; making it ready is not timed."""
        return Case(name, lambda: run(self._now()), lambda: self._before(before), self._after)

    def _before(self, before: Callable[[Path], None]) -> None:
        before(self._next())
        if self._read is not None:
            _warm(self._read)

    def _now(self) -> Path:
        return self.folder / str(self._turn)

    def _next(self) -> Path:
        self._turn += 1
        return self._now()

    def _after(self) -> None:
        if not self._keep:
            shutil.rmtree(self._now())


def _warm(source: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file():
            with path.open("rb", buffering=0) as file:
                while file.read(1 << 23):
                    pass


def _borg_note(measured: dict[str, float]) -> list[str]:
    if "borg" not in measured:
        return ["borg is not installed"]
    ratio = measured["muniment"] / measured["borg"]
    return [f"against borg: {ratio:.2f} (target 3)"]


def _muniment(target: Path, *words: str) -> None:
    command = [sys.executable, "-m", "muniment", "-w", str(target), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_workspace(target: Path, *options: str) -> None:
    """Make a workspace, such as with `--closed`."""
    command = [sys.executable, "-m", "muniment", "init", str(target), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def add_folder(source: Path, target: Path) -> None:
    """Add a folder whole, and have everything on the disk when it returns."""
    _muniment(target, "add", "--recursive", "--json", str(source))
    _sync(target)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", str(source), str(target)], check=True)
    _sync(target)


def _bag(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", str(source), str(target)], check=True)
    code = "import bagit, sys; bagit.make_bag(sys.argv[1], processes=2, checksums=['sha256'])"
    _python(code, target)
    _sync(target)


def _borg_init(target: Path) -> None:
    subprocess.run(
        ["borg", "init", "-e", "none", str(target)],
        check=True,
        stderr=subprocess.DEVNULL,
        env=_borg_environment(target),
    )


def _borg(source: Path, target: Path) -> None:
    subprocess.run(
        ["borg", "create", "-C", "none", f"{target}::all", str(source)],
        check=True,
        env=_borg_environment(target),
    )
    _sync(target)


def _borg_environment(target: Path) -> dict[str, str]:
    return {
        **os.environ,
        "BORG_BASE_DIR": str(target.parent / "borg"),
        "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
    }


def _python(code: str, *paths: Path) -> None:
    command = [sys.executable, "-c", code, *map(str, paths)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def _sync(target: Path) -> None:
    descriptor = os.open(target, os.O_RDONLY)
    try:
        ctypes.CDLL(None).syncfs(descriptor)
    finally:
        os.close(descriptor)
