"""What a way in is, and what it finds: the contract for every plugin in this package.

- A capturer finds regular files and says what is known of each without opening it. It keeps
  nothing and changes nothing: what it yields goes to `muniment.archive.deposit`.
- It yields as it finds, in an order that the same source always has, so that a million files need
  no more memory than one.
- What it cannot take is yielded too, as a refusal: nothing is passed over in silence.

A plugin is a class that can be made without arguments and satisfies `Capturer`; it is announced
under the entry point group `muniment.capturers`, ours in the same way.

Not its job: copying, hashing, deciding what an item is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.outcome import Refused


@dataclass(frozen=True, slots=True)
class Capture:
    """A regular file, as it was found; a `Source` for `muniment.archive.deposit`."""

    path: bytes  # where to open it
    name: bytes  # its own name, exactly
    folder: bytes  # where it stood in what was named: empty, or parts joined by "/"
    device: int  # with `inode`, its identity
    inode: int
    size: int  # bytes
    modified_ns: int  # when its bytes last changed, in nanoseconds since 1970 UTC, by its system


@dataclass(frozen=True, slots=True)
class Survey:
    """How much there is to take, for a progress bar: it may have changed by the time it is read."""

    files: int
    bytes: int


@runtime_checkable
class Capturer(Protocol):
    """One way in."""

    def takes(self, target: str) -> bool:
        """Say whether a target, as a person named it, is of this kind; opens nothing."""
        ...

    def survey(self, target: str) -> Survey:
        """Count what `captures` would find; what cannot be read counts for nothing."""
        ...

    def captures(self, target: str) -> Iterator[Capture | Refused]:
        """Find every file of a target, each once, and every thing that cannot be taken."""
        ...
