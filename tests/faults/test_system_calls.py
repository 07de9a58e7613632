"""A fault in each system call of adding, publishing and exporting: EIO, ENOSPC, sudden death.

- What was acknowledged is there afterwards, with its digest, and the workspace checks out.
- A command that could not do its work says so in one sentence, with exit code 3; a file that could
  not be read is refused with 2. Nothing ends in a traceback, and nothing hangs.
- A failed fsync is never believed: its command does not acknowledge anything.
"""

from __future__ import annotations

import random
import shutil
import signal
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from muniment.archive.workspace import read_settings
from tests.faults import drill
from tests.faults.counts import cases, tell
from tests.faults.drill import Said
from tests.faults.tracing import Call, Ended, calls, traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from muniment.archive.workspace import Workspace

CASES = cases(40, 600)
SYNCS = ("fsync", "fdatasync", "syncfs")
CALLS = (
    *SYNCS,
    *("write", "pwrite64", "copy_file_range", "ftruncate", "openat", "mkdir", "mkdirat"),
    *("rename", "renameat2", "link", "unlink", "unlinkat"),
)
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")


class Case(NamedTuple):
    """One fault: in the n-th call of its kind of each thread."""

    call: str
    fault: str
    number: int


def counted(trace: Path) -> dict[str, int]:
    """How often the busiest thread makes each call."""
    each: Counter[tuple[str, str]] = Counter((one.name, one.thread) for one in calls(trace))
    most: dict[str, int] = defaultdict(int)
    for (name, _thread), number in each.items():
        most[name] = max(most[name], number)
    return most


def chosen(numbers: dict[str, int], count: int) -> list[Case]:
    """So many faults, all kinds of call alike, at places drawn by a fixed seed."""
    chance = random.Random(20261121)
    kinds = [(call, fault) for call in CALLS if numbers.get(call) for fault in FAULTS]
    waiting = {
        (call, fault): chance.sample(range(1, numbers[call] + 1), numbers[call])
        for call, fault in kinds
    }
    chance.shuffle(kinds)
    found: list[Case] = []
    while len(found) < count and any(waiting.values()):
        for call, fault in kinds:
            if waiting[call, fault] and len(found) < count:
                found.append(Case(call, fault, waiting[call, fault].pop()))
    return found


def disturbed(
    template: Workspace, folder: Path, case: Case, work: drill.Work
) -> tuple[Ended, Said]:
    """Run the drill with one fault in it."""
    drill.lay_out(template, folder)
    drill.leave()
    ended = traced(
        folder,
        lambda say: work(folder, say),
        *("-e", f"trace={case.call}", "-e", f"inject={case.call}:{case.fault}:when={case.number}"),
    )
    return ended, Said.read(ended.said)


def wrong(ended: Ended, said: Said) -> Iterable[str]:
    """Say what was wrong with how the disturbed process ended."""
    if ended.code not in {0, 2, 3, -signal.SIGKILL}:
        yield f"it ended with {ended.code}"
    yield from [f"no answer: {one}" for one in said.broken]
    for one in said.errors:
        if one["code"] == "uncaught" or not one["message"] or "\n" in one["message"]:
            yield f"no sentence: {one}"
    if ended.code in {2, 3} and not said.errors:
        yield "it failed and did not say why"
    failed = [one for one in calls(ended.trace) if one.injected and one.name in SYNCS]
    if ended.code == 0 and failed and not all(map(_harmless, failed)):
        yield f"a failed sync was believed: {failed[0].name}({failed[0].rest}"


def _harmless(call: Call) -> bool:
    # What SQLite moves from its write-ahead log was durable there, and stays there until it is.
    return ".sqlite3>" in call.rest


def run(
    template: Workspace, place: Path, some: Iterable[Case], work: drill.Work
) -> dict[Case, list[str]]:
    """Run the cases; return what was wrong, by case."""
    found: dict[Case, list[str]] = {}
    for number, case in enumerate(some):
        folder = place / f"case{number}"
        ended, said = disturbed(template, folder, case, work)
        problems = [*wrong(ended, said)]
        problems += drill.violations(read_settings(folder / "workspace"), said)
        if problems:
            found[case] = problems
        shutil.rmtree(folder)
        ended.trace.unlink()
    return found


@pytest.fixture
def numbers(template: Workspace, place: Path, strace: None) -> dict[str, int]:
    """How often each call is made where nothing is disturbed."""
    drill.preload()
    folder = place / "undisturbed"
    workspace = drill.lay_out(template, folder)
    drill.leave()
    ended = traced(folder, lambda say: drill.perform(folder, say), "-e", f"trace={','.join(CALLS)}")
    said = Said.read(ended.said)
    assert (ended.code, said.errors, said.broken) == (0, [], [])
    assert len(said.items) == drill.FEW + drill.MANY
    assert len(said.bundles) == 1
    assert drill.violations(workspace, said) == []
    drill.leave()
    return counted(ended.trace)


@pytest.mark.slow
def test_a_fault_in_any_call_loses_nothing_that_was_acknowledged(
    template: Workspace, place: Path, numbers: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    some = chosen(numbers, CASES)
    found = run(template, place, some, drill.perform)
    each = Counter(one.call for one in some)
    listed = ", ".join(f"{call} {number}" for call, number in sorted(each.items()))
    tell(capsys, f"{len(some)} faults in system calls ({listed}), {len(found)} violations")
    assert found == {}
    assert len(some) == CASES


@pytest.mark.slow
@pytest.mark.parametrize("defect", ["sync", "commit"])
def test_the_suite_catches_a_swallowed_error(
    template: Workspace, place: Path, numbers: dict[str, int], defect: str
) -> None:
    call = {"sync": "fsync", "commit": "fdatasync"}[defect]
    some = [Case(call, "error=EIO", number) for number in range(1, 9)]

    def sabotaged(folder: Path, say: Callable[[str], None]) -> int:
        drill.swallow(defect)
        return drill.perform(folder, say)

    assert run(template, place, some, sabotaged)
