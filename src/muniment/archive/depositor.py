"""A process that stores batches of files for another: both its ends.

- `Depositor` starts it, gives it batches ahead of time and takes their results in order. A batch is
  answered when it is durable. The process dies with its parent, and with its `Depositor`.
- One line of JSON each way for a batch; paths are UTF-8 with surrogates for other bytes (PEP 383).
- It imports the standard library and this package, and reads no environment and no site folder;
  where files are sealed it is told where the package that seals lies.

Not its job: grouping, refusing what is no file (`deposit`).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Self, TypeAlias, cast

import muniment
from muniment.archive.durability import for_groups
from muniment.archive.layout import Layout
from muniment.archive.object_folder import ObjectFolder
from muniment.archive.pipeline import Held, Pipeline, Request, Unheld
from muniment.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PROGRAM = (
    "import sys; sys.path += [sys.argv[1], *sys.argv[4:]];"
    "from muniment.archive.depositor import serve; serve(sys.argv[2], sys.argv[3])"
)
_END = b"null\n"
_HELD = 4
_OPEN_FILES = 4096

_Answer: TypeAlias = "dict[str, str] | list[tuple[str, int, bool, str] | tuple[str, str]]"


class Depositor:
    """The process, seen from the one that needs it; a context manager."""

    def __init__(self, archive: Path, prefix: str, packages: Sequence[str] = ()) -> None:
        """Start it on an archive; its temporaries begin with `prefix`. Raises Unavailable.

        `packages` are folders of further packages that it needs.
        """
        package = str(Path(muniment.__file__).parents[1])
        program = [sys.executable, "-I", "-S", "-c", _PROGRAM]
        command = [*program, package, str(archive), prefix, *packages]
        try:
            # A group of its own, so that an interrupt from the keyboard reaches the parent only.
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
            )
        except OSError as error:
            raise Unavailable(
                f"no process can be started to store files: {error.strerror}",
                code="storage.no_process",
                hint="Free some memory, or end other programs.",
            ) from error
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._results = cast("IO[bytes]", self._process.stdout)

    def __enter__(self) -> Self:
        """Hold the process for the length of a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, whatever it is doing: what it did not answer counts for nothing."""
        self._process.kill()
        self._process.wait()
        self._results.close()
        with suppress(BrokenPipeError):
            self._requests.close()

    def give(self, batch: Sequence[Request]) -> None:
        """Hand over the next batch."""
        lines = [(path.decode("utf-8", "surrogateescape"), *rest) for path, *rest in batch]
        self._send(json.dumps(lines).encode() + b"\n")

    def end(self) -> None:
        """Say that no batch follows."""
        self._send(_END)

    def take(self) -> list[Held | Unheld]:
        """Return the results of the oldest batch not taken yet; raises Unavailable."""
        line = self._results.readline()
        if not line:
            raise Unavailable(
                "the process that stores files ended before it was done",
                code="storage.interrupted",
                hint="Run it again: what was acknowledged is kept, and nothing is stored twice.",
            )
        answer = cast("_Answer", json.loads(line))
        if isinstance(answer, dict):
            raise Unavailable(answer["message"], code=answer["code"], hint=answer["hint"])
        return [Held(*one) if len(one) == _HELD else Unheld(*one) for one in answer]

    def _send(self, line: bytes) -> None:
        with suppress(BrokenPipeError):  # it has ended; `take` says why
            self._requests.write(line)
            self._requests.flush()


def serve(archive: str, prefix: str) -> None:
    """Store what standard input asks for until its end; the other end of `Depositor`."""
    _allow_open_files()
    try:
        with ObjectFolder(Layout(Path(archive)), prefix) as folder:
            Pipeline(folder, for_groups(folder.objects), _answer).run(_batches())
    except Unavailable as error:
        _answer({"code": error.code, "message": error.message, "hint": error.hint})


def _allow_open_files() -> None:
    """Raise this process's own limit: two batches are open at a time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY:
        most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def _answer(results: Sequence[object] | dict[str, str]) -> None:
    sys.stdout.buffer.write(json.dumps(results).encode() + b"\n")
    sys.stdout.buffer.flush()


def _batches() -> Iterator[list[Request]]:
    """Give the batches as they come, and see at once when the parent is gone."""
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    while (line := lines.get()) != _END:
        yield [
            Request(path.encode("utf-8", "surrogateescape"), *rest)
            for path, *rest in json.loads(line)
        ]


def _listen(lines: SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(1)  # the parent is gone, and nobody waits for an answer
