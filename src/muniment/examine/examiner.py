"""Runs every examination that applies to a file, in one sandbox, and always gives findings.

    examiner = Examiner(examinations, find_confinement())
    media = Media("IMG_1.jpg", declared="image/jpeg", size=…, sha256=…)
    with on_disk(lambda: store.open(digest)) as path:
        examined = examiner.examine(path, media)

- One finding per examination that applies, in order of stage and name. None is lost: a tool that
  is missing, crashes, hangs, floods or lies gives a finding that says so.
- No exception for anything the file, a tool or a plugin's reading of its output can cause.
- The file is opened in the sandbox only, read-only.

Not its job: choosing plugins (`muniment.plugins`), storing findings and renditions.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from muniment.errors import Unavailable
from muniment.examine.api import (
    MAX_FACTS,
    MAX_LABEL,
    MAX_RENDITION,
    MAX_TEXT,
    Examination,
    Finding,
    Media,
    Outcome,
    Reading,
    Stage,
    shown,
)
from muniment.sandbox import Ending, Sandbox, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import BinaryIO

    from muniment.sandbox import Confinement, Output

_CHUNK: Final = 1 << 20
_MEMORY: Final = "/dev/shm"  # noqa: S108  # a private folder is made in it


@dataclass(frozen=True, slots=True)
class Examined:
    """What all examinations of one file said, and what its bytes are."""

    findings: tuple[Finding, ...]
    media: Media  # with `detected` filled in where something knew it


class Examiner:
    """The examinations that are to run, and the sandbox they run in. Safe to use from threads."""

    def __init__(self, examinations: Iterable[Examination], confinement: Confinement) -> None:
        """Examinations run in order of stage, then name."""
        self._examinations = sorted(examinations, key=lambda each: (each.stage, each.name))
        self._confinement = confinement

    def examine(self, source: Path, media: Media) -> Examined:
        """Findings of every examination that applies to the file at `source`."""
        findings: list[Finding] = []
        programs = [each.program for each in self._examinations]
        with Sandbox(self._confinement, source, programs) as sandbox:
            for examination in self._examinations:
                if not examination.applies(media):
                    continue
                output = sandbox.run(examination.program)
                finding, detected = _finding(examination, media, output)
                findings.append(finding)
                if detected and examination.stage is Stage.IDENTIFY:
                    media = replace(media, detected=detected)
        return Examined(tuple(findings), media)


def _finding(examination: Examination, media: Media, output: Output) -> tuple[Finding, str]:
    """A finding from a reading, or from why there is none."""
    if output.ending is not Ending.EXITED:
        return _not_examined(examination, output, _why(examination, output)), ""
    try:
        reading = _bounded(examination.read(media, output))
    except Unreadable as error:
        return _not_examined(examination, output, str(error)), ""
    # What hostile data can raise in a plugin that trusts it; anything else is that plugin's defect.
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError,
            ValueError) as error:  # fmt: skip
        why = f"Its answer could not be read ({type(error).__name__}: {error})."
        return _not_examined(examination, output, why), ""
    finding = Finding(
        examination.name, examination.tool, reading.version, examination.version, reading.outcome,
        reading.summary, reading.basis, reading.citation, reading.facts, reading.renditions,
    )  # fmt: skip
    return finding, reading.detected


def _not_examined(examination: Examination, output: Output, why: str) -> Finding:
    return Finding(
        examination.name,
        examination.tool,
        "",
        examination.version,
        Outcome.INCONCLUSIVE,
        shown(f"Not examined. {why}", 500),
        basis=shown(f"{output.ending}; {output.message or output.reason or 'no message'}", 500),
    )


def _why(examination: Examination, output: Output) -> str:
    match output.ending:
        case Ending.REFUSED:
            return f"No sandbox: {output.reason}"
        case Ending.MISSING:
            return f"{examination.tool} is not installed here (missing: {output.reason})."
        case Ending.TIMED_OUT:
            return f"{examination.tool} was ended because it took too long."
        case Ending.OVERFLOWED:
            return f"{examination.tool} was ended because it wrote too much."
        case Ending.KILLED:
            return f"{examination.tool} crashed or went over a limit ({_signal(output.code)})."
        case Ending.LOST | Ending.EXITED:
            return output.reason


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _bounded(reading: Reading) -> Reading:
    """A reading that a record can take and a page can show; raises Unreadable otherwise."""
    labels = (reading.version, reading.citation, reading.detected, *(f.name for f in reading.facts))
    texts = (reading.summary, reading.basis, *(fact.value for fact in reading.facts))
    if (
        any(len(label) > MAX_LABEL for label in labels)
        or any(len(text) > MAX_TEXT for text in texts)
        or any(len(rendition.data) > MAX_RENDITION for rendition in reading.renditions)
        or len(reading.facts) > MAX_FACTS
    ):
        raise Unreadable("Its reading is larger than a finding may be.")
    if not all(text.isprintable() for text in (*labels, *texts)):
        raise Unreadable("Its reading holds text that is not safe to show.")
    return reading


def memory_folder(size: int) -> Path:
    """A folder in memory with room for an object of this size; raises Unavailable without one.

    What is sealed may be opened for a parser, and may not be written to a disk.
    """
    try:
        room = os.statvfs(_MEMORY)
        free = room.f_bavail * room.f_frsize if _is_in_memory() else 0
    except OSError:
        free = 0
    if free <= size:
        raise Unavailable(
            f"there is no memory for an object of {size} bytes that may not be written to a disk",
            code="examine.no_memory",
            hint=f"Give {_MEMORY} more room, or examine it on a machine that has it.",
        )
    return Path(_MEMORY)


def _is_in_memory() -> bool:
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    return any(line.split()[1:3] == [_MEMORY, "tmpfs"] for line in mounts.splitlines())


@contextmanager
def on_disk(opener: Callable[[], BinaryIO], folder: Path | None = None) -> Generator[Path]:
    """The path of an object for as long as the block lasts.

    A store that keeps files gives the file itself; from any other the bytes are copied to a
    private folder (in `folder`, else where temporary files go) and removed afterwards.
    """
    with opener() as stream:
        path = _place_of(stream)
        if path is not None:
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="muniment-examine-", dir=folder) as private:
            copy = Path(private, "object")
            with copy.open("wb") as file:
                shutil.copyfileobj(stream, file, _CHUNK)
            yield copy


def _place_of(stream: BinaryIO) -> Path | None:
    """Where the very file lies that a stream reads, if it is one and still has a name."""
    try:
        descriptor = stream.fileno()
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        same = os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:  # also io.UnsupportedOperation: the bytes come from elsewhere
        return None
    return path if same and path.is_file() else None
