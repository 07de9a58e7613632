"""What becomes of each file offered to an archive: stored, or refused for a reason of its own.

- One bad file never ends a deposit, and never leaves anything half-written.
- A refusal has a stable code, a sentence and a hint; its exit code is that of the error it stands
  for (2: the input cannot be used; 1: evidence contradicts itself; 3: not possible here and now),
  or 0 where it only notes what nobody would have wanted taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from muniment.evidence.names import display_name

if TYPE_CHECKING:
    from collections.abc import Mapping


class Source(Protocol):
    """A regular file to deposit, as whoever found it saw it."""

    @property
    def path(self) -> bytes:
        """Where to open it."""
        ...

    @property
    def device(self) -> int:
        """The device it was found on; a file with another identity at `path` is not taken."""
        ...

    @property
    def inode(self) -> int:
        """Its number there."""
        ...

    @property
    def size(self) -> int:
        """Its size in bytes when it was found: for planning only."""
        ...


S_co = TypeVar("S_co", bound=Source, covariant=True)


@dataclass(frozen=True, slots=True)
class Stored(Generic[S_co]):
    """A file whose bytes are durable in the archive."""

    source: S_co
    sha256: str  # of the content, in hex
    size: int  # of the content, in bytes
    already_present: bool  # the archive held these very bytes before
    stored_sha256: str = ""  # of the stored bytes, where they are sealed
    subject: str = ""  # to whose key they are sealed


class Sealing(NamedTuple):
    """To what a file is sealed: the subject it becomes, and that subject's age key."""

    subject: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of which nothing was kept, and why."""

    path: bytes
    code: str
    message: str
    hint: str
    exit_code: int = 2


class Reason(NamedTuple):
    """Why a file is refused, and what to do."""

    sentence: str
    hint: str
    exit_code: int = 2


REASONS: Mapping[str, Reason] = {
    "file.missing": Reason("{name} does not exist", "Check the path."),
    "file.unreadable": Reason(
        "{name} cannot be read: {detail}", "Ask its owner for the right to read it, then add it."
    ),
    "file.changed": Reason(
        "{name} changed while it was read", "Add it again once nothing writes to it any more."
    ),
    "file.folder": Reason("{name} is a folder", "Add --recursive to take every file in it."),
    "file.special": Reason(
        "{name} is {detail}, not a file", "Save what comes out of it to a file and add that."
    ),
    "file.link": Reason(
        "{name} is a link; links inside a folder are not followed",
        "Add what it leads to by its own name.",
    ),
    "file.link_loop": Reason(
        "{name} is a link that leads back to itself", "Remove the link, or add the file it meant."
    ),
    "folder.none": Reason("{name} is not a folder", "Leave out --recursive to take one file."),
    "folder.unreadable": Reason(
        "the folder {name} cannot be read: {detail}",
        "Ask its owner for the right to read it, then add it.",
    ),
    "folder.changed": Reason(
        "the folder {name} was replaced while it was read", "Add it again once it stays as it is."
    ),
    "folder.loop": Reason(
        "the folder {name} contains itself", "Everything in it was taken once; nothing is missing."
    ),
    "folder.excluded": Reason(
        "{name} is left out: it is this workspace, or a part of it", "Nothing needs to be done.", 0
    ),
    "folder.own": Reason(
        "{name} is this workspace, or a part of it", "Name the folder that the files are in."
    ),
    "storage.too_large": Reason(
        "{name} is larger than a file can be where the archive is kept",
        "Move the archive to a file system that holds large files.",
        3,
    ),
    "object.damaged": Reason(
        "{name} is the same as an object of the archive that is damaged",
        "Run `muniment check`, and mend the object before you add this file again.",
        1,
    ),
}


def refused(path: bytes, code: str, detail: str = "") -> Refused:
    """Return the refusal of a file for one of the documented reasons."""
    reason = REASONS[code]
    message = reason.sentence.format(name=display_name(path), detail=detail)
    return Refused(path, code, message, reason.hint, reason.exit_code)
