"""One sandbox around one file, in which several examinations run one after another.

- Nothing that is read from the file is parsed in this process: output is counted bytes with caps,
  under a strict one-line header.
- One process inside per examination; it is gone before the next begins. A sandbox that fails is
  killed whole and a new one is started for the next examination.
- No exception for anything a file can cause: every run ends in an `Output`.

Not its job: saying what an output means (`muniment.examine`).
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final, NoReturn, Self, cast

from muniment.sandbox.confinement import ENVIRONMENT, Launch, NoSandbox, Readable
from muniment.sandbox.programs import (
    SOURCE,
    Command,
    Ending,
    Output,
    Script,
    Unreadable,
    parse_object,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from muniment.sandbox.confinement import Bubblewrap, Confinement, Landlock

_START_SECONDS: Final = 20.0
_GRACE_SECONDS: Final = 5.0  # for the worker to end what is out of time, before it is killed itself
_ADDRESSES: Final = 1 << 32  # address space; Go and malloc reserve far more than they use
_HEADER_BYTES: Final = 256
_LAST_CODE: Final = 255
_CHUNK: Final = 1 << 16
_READY: Final = b"ready\n"


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
        self._worker: _Worker | None = None

    def __enter__(self) -> Self:
        """Costs nothing: the worker starts with the first run."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Kills whatever is left inside."""
        self.close()

    def close(self) -> None:
        """Kills the worker and everything inside."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def run(self, program: Command | Script) -> Output:
        """Runs `program` to its end or its limits."""
        if isinstance(self._confinement, NoSandbox):
            return Output(Ending.REFUSED, reason=self._confinement.reason)
        if missing := program.missing:
            return Output(Ending.MISSING, reason=missing)
        try:
            worker = self._worker or _Worker.start(self._confinement, self._readable)
            self._worker = worker
            return worker.run(program)
        except _Lost as lost:
            self.close()
            return Output(Ending.LOST, reason=str(lost))


class _Lost(Exception):
    """The worker is gone, silent, or does not answer as it must."""


class _Worker:
    """The supervisor inside, seen from here: one request, one answer."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.buffer = bytearray()
        # A file in memory takes what bubblewrap and the worker themselves have to say.
        self.messages = os.memfd_create("messages", os.MFD_CLOEXEC)
        self.process = subprocess.Popen(
            launch.argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.messages,
            env=ENVIRONMENT,
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )

    @classmethod
    def start(cls, confinement: Bubblewrap | Landlock, readable: Readable) -> _Worker:
        worker = cls(confinement.launch(readable))
        filters = confinement.filters
        plan: dict[str, object] = {
            "landlock": worker.launch.landlock,
            "program": filters.program.hex(),
            "script": filters.script.hex(),
            "worker": filters.worker.hex(),
        }
        try:
            worker._write(plan)
            if worker._line(time.monotonic() + _START_SECONDS) != _READY:
                worker._fail("It did not start.")
        except _Lost:
            worker.kill()
            raise
        return worker

    def run(self, program: Command | Script) -> Output:
        limits = program.limits
        self._write(self._request(program))
        deadline = time.monotonic() + limits.seconds + _GRACE_SECONDS
        header = self._line(deadline)
        try:
            answer = parse_object(header)
            sizes = [answer[key] for key in ("code", "stdout", "stderr")]
            ending = Ending(str(answer["ending"]))
        except (Unreadable, KeyError, ValueError):
            self._fail("Its answer is out of form.")
        code, out, err = (size if type(size) is int else -1 for size in sizes)
        if not (
            0 <= out <= limits.output and 0 <= err <= limits.messages and 0 <= code <= _LAST_CODE
        ):
            self._fail("Its answer is out of bounds.")
        data = self._take(out + err, deadline)
        return Output(ending, code, stdout=data[:out], stderr=data[out:])

    def kill(self) -> None:
        """Ends the whole group; whatever bubblewrap started dies with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()
        self._input.close()
        self._answers.close()
        os.close(self.messages)

    @property
    def _input(self) -> IO[bytes]:
        return cast("IO[bytes]", self.process.stdin)

    @property
    def _answers(self) -> IO[bytes]:
        return cast("IO[bytes]", self.process.stdout)

    def _request(self, program: Command | Script) -> dict[str, object]:
        limits = program.limits
        head = str(program.path if isinstance(program, Script) else program.program)
        given = (argument.replace(SOURCE, self.launch.source) for argument in program.arguments)
        resources = {
            "RLIMIT_AS": _ADDRESSES,
            "RLIMIT_CORE": 0,
            "RLIMIT_CPU": limits.processor_seconds,
            "RLIMIT_DATA": limits.memory,
            "RLIMIT_FSIZE": 0,
            "RLIMIT_NOFILE": 64,
            **dict(self.launch.resources),
        }
        return {
            "argv": [head, *given],
            "kind": "script" if isinstance(program, Script) else "program",
            "limits": resources,
            "messages": limits.messages,
            "output": limits.output,
            "roots": [str(root) for root in program.roots] if isinstance(program, Script) else [],
            "seconds": limits.seconds,
        }

    def _write(self, message: dict[str, object]) -> None:
        line = json.dumps(message).encode("ascii") + b"\n"
        try:
            self._input.write(line)
        except BrokenPipeError:
            self._fail("It ended by itself.")

    def _line(self, deadline: float) -> bytes:
        while (end := self.buffer.find(b"\n")) < 0:
            if len(self.buffer) > _HEADER_BYTES:
                self._fail("Its answer is out of form.")
            self._read(deadline)
        line = bytes(self.buffer[: end + 1])
        del self.buffer[: end + 1]
        return line

    def _take(self, size: int, deadline: float) -> bytes:
        while len(self.buffer) < size:
            self._read(deadline)
        if len(self.buffer) > size:
            self._fail("It wrote more than it announced.")
        data = bytes(self.buffer)
        self.buffer.clear()
        return data

    def _read(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self._answers], [], [], left)[0]:
            self._fail("It was silent for too long.")
        data = self._answers.read(_CHUNK)
        if not data:
            self._fail("It ended by itself.")
        self.buffer += data

    def _fail(self, what: str) -> NoReturn:
        said = os.pread(self.messages, 400, 0).decode("utf-8", "backslashreplace").strip()
        raise _Lost(f"The sandbox was lost. {what} {said}".strip())
