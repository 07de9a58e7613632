"""The supervisor inside a sandbox, seen from outside: one request, one answer.

- An answer is a one-line header of strict form and exactly as many bytes as it announces, both
  within the limits of the request. Anything else, silence included, and the worker counts as lost.
- Its process group is started here and ended here; nothing outlives it.

Not its job: what the sandbox shows (`confinement`) and what runs in it (`programs`).
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final, NoReturn, cast

from muniment.sandbox.confinement import ENVIRONMENT
from muniment.sandbox.programs import SOURCE, Ending, Output, Script, Unreadable, parse_object

if TYPE_CHECKING:
    from muniment.sandbox.confinement import Bubblewrap, Landlock, Launch, Readable
    from muniment.sandbox.programs import Command

_START_SECONDS: Final = 20.0
_GRACE_SECONDS: Final = 5.0  # for the worker to end what is out of time, before it is killed itself
_ADDRESSES: Final = 1 << 32  # address space; Go and malloc reserve far more than they use
_HEADER_BYTES: Final = 256
_LAST_CODE: Final = 255
_CHUNK: Final = 1 << 16
_READY: Final = b"ready\n"


class Lost(Exception):
    """The worker is gone, silent, or does not answer as it must."""


class Worker:
    """The supervisor inside, seen from here: one request, one answer."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.buffer = bytearray()
        # A file in memory takes what bubblewrap and the worker themselves have to say.
        messages = os.memfd_create("messages", os.MFD_CLOEXEC)
        self.messages = os.fdopen(messages, "rb", buffering=0)
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
    def start(cls, confinement: Bubblewrap | Landlock, readable: Readable) -> Worker:
        """Starts a sandbox and waits until it has confined itself; raises Lost."""
        try:
            worker = cls(confinement.launch(readable))
        except OSError as error:
            raise Lost(f"The sandbox could not be started: {error}") from error
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
        except Lost:
            worker.kill()
            raise
        return worker

    def run(self, program: Command | Script) -> Output:
        """Has `program` run to its end or its limits; raises Lost."""
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

    def end(self) -> None:
        """Lets the worker leave by itself, so that bubblewrap collects its processes; or kills."""
        self._input.close()
        if not self._speaks(_GRACE_SECONDS) or self._answers.read(1):
            self.kill()
            return
        self.process.wait()
        self._answers.close()
        self.messages.close()

    def kill(self) -> None:
        """Ends the whole group; whatever bubblewrap started dies with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()
        self._input.close()
        self._answers.close()
        self.messages.close()

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
        if not self._speaks(deadline - time.monotonic()):
            self._fail("It was silent for too long.")
        data = self._answers.read(_CHUNK)
        if not data:
            self._fail("It ended by itself.")
        self.buffer += data

    def _speaks(self, seconds: float) -> bool:
        """Whether there is something to read, or the end, before that time is over."""
        waiting = select.poll()  # unlike select, takes descriptors of any number
        waiting.register(self._answers, select.POLLIN)
        return seconds > 0 and bool(waiting.poll(seconds * 1000))

    def _fail(self, what: str) -> NoReturn:
        said = os.pread(self.messages.fileno(), 400, 0).decode("utf-8", "backslashreplace").strip()
        raise Lost(f"The sandbox was lost. {what} {said}".strip())
