"""What encryption costs: large files into a closed workspace and an open one, and both checked.

Both ways in run in the same round, on the same files and disk, and so do both checks.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from muniment.archive.check import check_archive
from muniment_server.commands.benchmarks.files import make_files
from muniment_server.commands.benchmarks.ingest import BIG, Targets, add_folder, make_workspace
from muniment_server.commands.benchmarks.measuring import Case, Result, rates

if TYPE_CHECKING:
    from pathlib import Path

_OPEN, _CLOSED = "open", "closed"


def encryption(work: Path, rounds: int = 3) -> list[Result]:
    """Measure ingest and check of closed material against open material in the same run."""
    count, size = BIG
    source = work / "big"
    if not source.exists():
        make_files(source, count, size)
    return [_ingest(work, source, rounds), _check(work, source, rounds)]


def _ingest(work: Path, source: Path, rounds: int) -> Result:
    count, size = BIG
    targets = Targets(work / "targets", keep=False)
    cases = [
        targets.case(
            _CLOSED,
            lambda target: add_folder(source, target),
            lambda target: make_workspace(target, "--closed"),
        ),
        targets.case(_OPEN, lambda target: add_folder(source, target), make_workspace),
    ]
    measured = rates(cases, count * size / 1e6, rounds)
    shutil.rmtree(targets.folder)
    return _result(f"encrypted ingest, {count:,} x {size // 1000:,} kB", measured, 0.85)


def _check(work: Path, source: Path, rounds: int) -> Result:
    count, size = BIG
    made = {_CLOSED: work / "closed", _OPEN: work / "open"}
    make_workspace(made[_CLOSED], "--closed")
    make_workspace(made[_OPEN])
    for folder in made.values():
        add_folder(source, folder)
    cases = [
        Case(name, lambda folder=folder: _checked(folder / "archive"))  # type: ignore[misc]  # the folder of this round
        for name, folder in made.items()
    ]
    measured = rates(cases, count * size / 1e6, rounds)
    for folder in made.values():
        shutil.rmtree(folder)
    return _result(f"check without keys, {count:,} x {size // 1000:,} kB", measured, 1.0)


def _result(name: str, measured: dict[str, float], target: float) -> Result:
    return Result(
        name=name,
        unit="MB/s",
        rates=measured,
        ours=_CLOSED,
        peer="",
        limit=_OPEN,
        target_limit=target,
        notes=[f"encryption costs {1 - measured[_CLOSED] / measured[_OPEN]:.0%}"],
    )


def _checked(archive: Path) -> None:
    problems = check_archive(archive).problems
    if problems:
        message = f"the archive just made does not check: {problems[0]}"
        raise RuntimeError(message)
