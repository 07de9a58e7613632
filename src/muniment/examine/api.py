"""What an examination is, and what it says: the contract for every plugin in this package.

An examination names a program, lets the sandbox run it on one file, and reads what it wrote.

- It never sees the file: only facts about it (`Media`) and the program's output, which is as
  hostile as the file was. What it cannot make sense of it refuses with `Unreadable`.
- It says one thing per file: supports, contradicts or leaves open that the file is what it is
  said to be, and on what basis. That a tool failed, or is not there, is said too.
- Text taken from a file goes through `shown` before it stands in anything a person reads.

A plugin is a class that can be made without arguments and satisfies `Examination`; it is announced
under the entry point group `muniment.examiners`, ours in the same way.

Not its job: running anything (`examiner`), storing findings, deciding what an item is worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final, Protocol, cast, runtime_checkable

from muniment.sandbox import Unreadable

if TYPE_CHECKING:
    from muniment.sandbox import Command, Output, Script

WHOLE_FILE: Final = "whole file"
UNKNOWN_TYPE: Final = "application/octet-stream"
MAX_FACTS: Final = 200
MAX_LABEL: Final = 200  # characters: versions, places, names of facts
MAX_TEXT: Final = 2000
MAX_RENDITION: Final = 4 << 20


class Outcome(StrEnum):
    """Whether a file is what it is said to be, as far as one examination can tell."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    INCONCLUSIVE = "inconclusive"


class Stage(IntEnum):
    """When an examination runs: what the first stage detects decides which of the second apply."""

    IDENTIFY = 1
    EXAMINE = 2


@dataclass(frozen=True, slots=True)
class Media:
    """What is known of a file without opening it, and what identification said its bytes are."""

    name: str  # as displayed
    declared: str  # media type by the name alone; `UNKNOWN_TYPE` where the name claims nothing
    size: int  # bytes
    sha256: str  # 64 hex digits
    detected: str = ""  # media type by the bytes; empty before, and where nothing knows them

    def is_of(self, *prefixes: str) -> bool:
        """Its name or its bytes claim a media type that begins with one of `prefixes`.

        An empty file is of no kind, whatever its name claims.
        """
        kinds = (self.declared, self.detected) if self.size else ()
        return any(kind.startswith(prefixes) for kind in kinds)


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that a tool read from the file, in that tool's words."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Rendition:
    """New bytes derived from an original, which stays as it is (Leiden guidelines)."""

    purpose: str  # "thumbnail", "transcript", …
    media_type: str
    data: bytes
    parent_sha256: str
    tool: str
    version: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an examination makes of its program's output."""

    outcome: Outcome
    summary: str  # one or two sentences for a person
    basis: str  # what in the output that rests on
    version: str  # of the tool
    citation: str = WHOLE_FILE
    facts: tuple[Fact, ...] = ()
    renditions: tuple[Rendition, ...] = ()
    detected: str = ""  # media type; only the first stage says one


@dataclass(frozen=True, slots=True)
class Finding:
    """A reading, with who made it; what is recorded."""

    examination: str
    tool: str
    version: str  # of the tool; empty where it did not get to say
    rules: str  # version of the examination that read the tool's output
    outcome: Outcome
    summary: str
    basis: str
    citation: str = WHOLE_FILE
    facts: tuple[Fact, ...] = ()
    renditions: tuple[Rendition, ...] = ()


@runtime_checkable
class Examination(Protocol):
    """One way to examine a file."""

    @property
    def name(self) -> str:
        """Unique among examinations; letters, digits and underscores."""
        ...

    @property
    def version(self) -> str:
        """Of this examination's own rules: changes when the same output would read differently."""
        ...

    @property
    def tool(self) -> str:
        """The program or library it relies on, as a person knows it."""
        ...

    @property
    def stage(self) -> Stage:
        """When it runs."""
        ...

    def applies(self, media: Media) -> bool:
        """Whether it has anything to say of such a file."""
        ...

    @property
    def program(self) -> Command | Script:
        """What to run in the sandbox, the same for every file."""
        ...

    def read(self, media: Media, output: Output) -> Reading:
        """Makes sense of what the program wrote after it exited by itself, whatever its status.

        Raises Unreadable where it cannot.
        """
        ...


def shown(text: str, limit: int = 300) -> str:
    """`text` on one line, safe to display: controls and direction marks escaped, cut at `limit`."""
    line = " ".join(text.split())
    safe = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line[: limit + 1])
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def at(document: object, *path: str) -> object:
    """What stands at `path` of a JSON document; None where it is absent.

    Raises Unreadable where something on the way is not an object.
    """
    for key in path:
        if not isinstance(document, dict):
            raise Unreadable(f"The answer has no object around {key!r}.")
        document = cast("dict[str, object]", document).get(key)
        if document is None:
            return None
    return document


def text_at(document: object, *path: str) -> str:
    """The text, number or truth value at `path`, as text; empty where absent.

    Raises Unreadable where there is a list or an object instead.
    """
    value = at(document, *path)
    if value is None:
        return ""
    if not isinstance(value, str | int | float | bool):
        raise Unreadable(f"The answer's {'.'.join(path)} is not a plain value.")
    return str(value)


def number_at(document: object, *path: str) -> int:
    """The whole number at `path`. Raises Unreadable where something else, or nothing, is there."""
    value = at(document, *path)
    if type(value) is not int:  # a truth value is none
        raise Unreadable(f"The answer's {'.'.join(path)} is not a whole number.")
    return value


def list_at(document: object, *path: str) -> list[object]:
    """The list at `path`; empty where absent. Raises Unreadable where something else is there."""
    value = at(document, *path)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(f"The answer's {'.'.join(path)} is not a list.")
    return cast("list[object]", value)


def object_at(document: object, *path: str) -> dict[str, object]:
    """The object at `path`; empty where absent. Raises Unreadable where something else is there."""
    value = at(document, *path)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(f"The answer's {'.'.join(path)} is not an object.")
    return cast("dict[str, object]", value)
