"""A child of this process under strace: its system calls recorded, or made to fail.

- The child is forked, so it begins with everything imported; strace takes hold of it before it
  begins, and of the processes and threads that it starts.
- It says what it acknowledged into a file, one line at a time, with no memory between.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SET_PTRACER = 0x59616D61  # prctl(2): where Yama is, only whom the child names may trace it
_LONGEST = 120  # seconds that a child may take before it counts as hung
_LINE = re.compile(r"(?P<thread>\d+)\s+(?P<call>\w+)\((?P<rest>.*)$")


@dataclass(frozen=True, slots=True)
class Ended:
    """A child that ended: its exit code, or the signal as a negative number, and what it said."""

    code: int
    said: str
    trace: Path


@dataclass(frozen=True, slots=True)
class Call:
    """One line of a trace."""

    thread: str
    name: str
    rest: str

    @property
    def injected(self) -> bool:
        """Whether strace made it fail."""
        return "(INJECTED)" in self.rest


def traced(folder: Path, work: Callable[[Callable[[str], None]], int], *options: str) -> Ended:
    """Fork, let the child work under strace with these options, and return how it ended."""
    trace, acks = folder.parent / f"{folder.name}.trace", folder / "acks"
    gate, opener = os.pipe()
    child = os.fork()
    if not child:  # pragma: no cover - the child never returns
        os.close(opener)
        _work(gate, acks, work)
    os.close(gate)
    command = ["strace", "-f", "-y", "-o", str(trace), *options, "-p", str(child)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        first = strace.stderr.readline()
        os.close(opener)
        _, status = os.waitpid(child, 0)
        rest = strace.stderr.read()
    assert "attached" in first, f"strace does not trace here: {first}{rest}"
    said = acks.read_text(encoding="utf-8") if acks.exists() else ""
    return Ended(os.waitstatus_to_exitcode(status), said, trace)


def _work(gate: int, acks: Path, work: Callable[[Callable[[str], None]], int]) -> None:
    """Wait until strace is there, work, and end; the child's own side."""
    code = 98
    try:
        ctypes.CDLL(None).prctl(_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
        signal.alarm(_LONGEST)
        os.read(gate, 1)
        descriptor = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        code = work(lambda line: _say(descriptor, line))
    except BaseException:  # noqa: BLE001 - a child of a test must never return
        traceback.print_exc()
    os._exit(code)


def _say(descriptor: int, line: str) -> None:
    data = f"{line}\n".encode()
    try:
        os.write(descriptor, data)
    except OSError:  # the fault met the drill's own answer; it comes once
        os.write(descriptor, data)


def calls(trace: Path) -> Iterator[Call]:
    """Give the calls of a trace in the order in which they began."""
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        found = _LINE.match(line)
        if found:
            yield Call(found["thread"], found["call"], found["rest"])
