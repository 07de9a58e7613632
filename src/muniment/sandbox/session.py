"""One sandbox around one file, in which several examinations run one after another.

- Nothing that is read from the file is parsed in this process: output is counted bytes with caps,
  under a strict one-line header.
- One process inside per examination; it is gone before the next begins. A sandbox that fails is
  killed whole and a new one is started for the next examination.
- No exception for anything a file can cause: every run ends in an `Output`.

Not its job: saying what an output means (`muniment.examine`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from muniment.sandbox.confinement import NoSandbox, Readable
from muniment.sandbox.link import Lost, Worker
from muniment.sandbox.programs import Ending, Output, Script

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from muniment.sandbox.confinement import Confinement
    from muniment.sandbox.programs import Command


class Sandbox:
    """Runs programs on one file, confined. Use with `with`; one thread at a time."""

    def __init__(
        self, confinement: Confinement, source: Path, programs: Sequence[Command | Script]
    ) -> None:
        """`programs` are those that may run: only what they need is visible inside."""
        scripts = [program for program in programs if isinstance(program, Script)]
        folders = dict.fromkeys(root for script in scripts for root in script.roots)
        self._confinement = confinement
        self._readable = Readable(
            source.absolute(), tuple(folders), tuple(script.path for script in scripts)
        )
        self._worker: Worker | None = None

    def __enter__(self) -> Self:
        """Costs nothing: the worker starts with the first run."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends whatever is left inside."""
        self.close()

    def close(self) -> None:
        """Ends the worker and everything inside; the next run would start another."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def run(self, program: Command | Script) -> Output:
        """Runs `program` to its end or its limits."""
        if isinstance(self._confinement, NoSandbox):
            return Output(Ending.REFUSED, reason=self._confinement.reason)
        if missing := program.missing:
            return Output(Ending.MISSING, reason=missing)
        try:
            worker = self._worker or Worker.start(self._confinement, self._readable)
            self._worker = worker
            return worker.run(program)
        except Lost as lost:
            if self._worker is not None:
                self._worker.kill()
                self._worker = None
            return Output(Ending.LOST, reason=str(lost))
