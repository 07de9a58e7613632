"""The power is cut at every moment of a run, and nothing that was acknowledged is lost.

A run of adding, publishing and exporting is recorded, write by write; then its folder is built as
each cut may leave it, opened, checked and asked for everything that was acknowledged by then.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.archive.workspace import read_settings
from tests.faults import drill
from tests.faults.counts import cases, tell
from tests.faults.crashes import OPTIONS, Reader, Recording, State, snapshot
from tests.faults.drill import Said
from tests.faults.tracing import traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from muniment.archive.workspace import Workspace

STATES = cases(1000, 5000)
DRAWN = cases(2, 6)  # random states of each prefix, beside those that lose and keep everything
ENOUGH = 400  # states in which a seeded defect must have shown itself


@dataclass(frozen=True, slots=True)
class Cut:
    """One power cut: after so many operations, and how to choose among what was not durable."""

    after: int
    mode: str
    seed: int = 0

    def keep(self) -> Callable[[], bool]:
        """Return the choice for each operation that was not durable."""
        if self.mode == "random":
            chance = random.Random(self.seed * 1_000_003 + self.after)
            return lambda: chance.random() < 0.5
        return lambda: self.mode == "keep"


def every(recording: Recording) -> Iterator[Cut]:
    """Give all cuts: at each prefix all of it lost, all kept, and some of it."""
    for after in range(len(recording.ops) + 1):
        yield Cut(after, "lose")
        yield Cut(after, "keep")
        for seed in range(DRAWN):
            yield Cut(after, "random", seed)


def spread(cuts: list[Cut], count: int) -> list[Cut]:
    """So many of them, evenly from the first to the last and across their modes."""
    chance = random.Random(20311)
    drawn = chance.sample(cuts, min(count, len(cuts)))
    return sorted(drawn, key=lambda cut: cut.after)


def recorded(
    template: Workspace, folder: Path, prepare: Callable[[], None] = lambda: None
) -> Recording:
    """Record one run of the drill; `prepare` may put a defect into its process."""
    drill.preload()
    drill.lay_out(template, folder)
    drill.leave()
    recording = snapshot(folder)

    def work(say: Callable[[str], None]) -> int:
        prepare()
        return drill.perform(folder, say)

    ended = traced(folder, work, *OPTIONS)
    assert ended.code == 0, ended.said
    Reader(recording, folder).read(ended.trace)
    ended.trace.unlink()
    return recording


def build(folder: Path, state: State) -> None:
    """Make a folder what a state says."""
    shutil.rmtree(folder)
    for one in sorted(state.folders):
        Path(one).mkdir(parents=True, exist_ok=True)
    for name, content in state.files.items():
        Path(name).write_bytes(content)
        Path(name).chmod(0o600)  # keys are nobody else's


def explore(folder: Path, recording: Recording, cuts: list[Cut]) -> Iterator[tuple[Cut, list[str]]]:
    """Give every cut after which something does not hold, with what; a state twice counts once."""
    seen: set[bytes] = set()
    for cut in cuts:
        state = recording.state(cut.after, cut.keep())
        digest = sha256(repr(sorted(state.folders)).encode() + state.said.encode())
        for name in sorted(state.files):
            digest.update(name.encode() + b"\0" + sha256(state.files[name]).digest())
        if digest.digest() in seen:
            continue
        seen.add(digest.digest())
        drill.leave()
        build(folder, state)
        workspace = read_settings(folder / "workspace")
        if found := drill.violations(workspace, Said.read(state.said)):
            yield cut, found
    drill.leave()
    explore.distinct = len(seen)  # type: ignore[attr-defined]  # told with the counts


def test_the_last_state_is_the_run_itself(template: Workspace, place: Path, strace: None) -> None:
    """The explorer's own check: with everything kept, it rebuilds what the run left on the disk."""
    recording = recorded(template, place / "run")
    left = snapshot(place / "run").base
    state = recording.state(len(recording.ops), lambda: True)
    left.pop(str(place / "run" / "acks"))
    assert state.files.keys() == left.keys()
    assert [name for name in left if state.files[name] != left[name]] == []


@pytest.mark.slow
def test_no_power_cut_loses_what_was_acknowledged(
    template: Workspace, place: Path, strace: None, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = recorded(template, place / "run")
    cuts = spread(list(every(recording)), STATES)
    found = dict(explore(place / "run", recording, cuts))
    tell(
        capsys,
        f"{len(cuts)} states after power cuts in {len(recording.ops)} operations "
        f"({explore.distinct} of them distinct), {len(found)} violations",  # type: ignore[attr-defined]  # as above
    )
    assert found == {}
    assert len(cuts) == STATES


@pytest.mark.slow
@pytest.mark.parametrize("defect", ["synchronous", "files", "folders"])
def test_the_explorer_catches_a_missing_sync(
    template: Workspace,
    place: Path,
    strace: None,
    defect: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recording = recorded(template, place / "run", lambda: drill.omit(defect))
    losing = [cut for cut in every(recording) if cut.mode == "lose"]
    caught = next(explore(place / "run", recording, spread(losing, ENOUGH)), None)
    drill.leave()
    tell(capsys, f"a defect seeded in {defect}: {caught}")
    assert caught is not None
