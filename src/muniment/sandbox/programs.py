"""What is run inside the sandbox, within which limits, and how it ended: plain values.

- A `Command` is a program installed on this machine, found only in the system's own folders.
- A `Script` is a Python file of an examination, run with the standard library and the packages it
  names, and nothing else of ours.
- `SOURCE` inside an argument stands for the path of the one file that is examined.

Not its job: running them (`session`).
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, cast

SOURCE: Final = "{source}"
TOOL_FOLDERS: Final = ("/usr/bin", "/usr/local/bin", "/bin")

MIB: Final = 1 << 20


class Unreadable(ValueError):
    """What came out of the sandbox is not what the examination is due to write."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one examination may use; beyond any of these it is ended and that is recorded."""

    seconds: float = 20.0  # of the clock on the wall
    processor_seconds: int = 20
    memory: int = 1024 * MIB  # private writable memory, bytes
    output: int = 4 * MIB  # standard output, bytes
    messages: int = 8 * 1024  # standard error, bytes; more is cut off, not an error


@dataclass(frozen=True, slots=True)
class Command:
    """A program of this machine with its arguments."""

    name: str
    arguments: tuple[str, ...]
    limits: Limits = Limits()

    @property
    def program(self) -> Path | None:
        """Where it is installed, or None."""
        found = shutil.which(self.name, path=":".join(TOOL_FOLDERS))
        return Path(found) if found else None

    @property
    def missing(self) -> str:
        """What would have to be installed first, or nothing."""
        return "" if self.program else self.name


@dataclass(frozen=True, slots=True)
class Script:
    """A Python file that is given the source and writes its answer to standard output."""

    path: Path
    packages: tuple[str, ...] = ()  # top-level importable names that it cannot do without
    optional: tuple[str, ...] = ()  # names that it says are missing itself
    arguments: tuple[str, ...] = (SOURCE,)
    limits: Limits = Limits()

    @property
    def missing(self) -> str:
        """The packages that would have to be installed first, or nothing."""
        return ", ".join(name for name in self.packages if _folder_of(name) is None)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders its packages are imported from, each once."""
        found = (_folder_of(name) for name in (*self.packages, *self.optional))
        return tuple(dict.fromkeys(root for root in found if root is not None))


def _folder_of(package: str) -> Path | None:
    """The folder on the import path that holds `package`; nothing is imported to learn it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return origin.parent.parent if spec.submodule_search_locations else origin.parent


class Ending(StrEnum):
    """How an examination's process ended."""

    EXITED = "exited"
    KILLED = "killed"  # by a signal: a crash, or a limit of memory or processor time
    TIMED_OUT = "timed out"
    OVERFLOWED = "overflowed"  # wrote more than its limit
    LOST = "lost"  # the sandbox itself ended
    MISSING = "missing"  # the tool is not installed
    REFUSED = "refused"  # no sandbox on this machine


@dataclass(frozen=True, slots=True)
class Output:
    """What one run wrote and how it ended. Its bytes are as hostile as the file was."""

    ending: Ending
    code: int = 0  # exit status, or the signal's number
    stdout: bytes = field(default=b"", repr=False)
    stderr: bytes = field(default=b"", repr=False)
    reason: str = ""  # for MISSING, REFUSED and LOST: what was missing or went wrong

    @property
    def ended_well(self) -> bool:
        """It ran to its end and said so."""
        return self.ending is Ending.EXITED and self.code == 0

    @property
    def message(self) -> str:
        """Standard error on one line, with what is not printable made visible; at most 400 long."""
        text = self.stderr.decode("utf-8", "backslashreplace")
        shown = "".join(c if c.isprintable() else " " for c in text)
        return " ".join(shown.split())[:400]

    def document(self) -> dict[str, object]:
        """Standard output as exactly one JSON object, of a process that ended well.

        Raises Unreadable: another exit, not UTF-8, not JSON, repeated keys, NaN, too deep, or
        another type.
        """
        if not self.ended_well:
            raise Unreadable(f"It ended with status {self.code}. {self.message}".strip())
        return parse_object(self.stdout)


def parse_object(data: bytes) -> dict[str, object]:
    """One JSON object in UTF-8, strictly; raises Unreadable."""
    try:
        value: object = json.loads(
            data.decode("utf-8"), object_pairs_hook=_no_repeats, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The answer is not strict JSON: {error}"[:300]) from error
    if not isinstance(value, dict):
        raise Unreadable("The answer is not a JSON object.")
    return cast("dict[str, object]", value)


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Unreadable("a key appears twice")
    return made


def _no_constant(name: str) -> object:
    raise Unreadable(f"{name} is not JSON")
