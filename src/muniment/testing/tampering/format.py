"""What a format offers so that tampering can be tried on it.

- A package is files by path; where the format is one file, it is one member.
- A format says how evidence is changed in it with no care taken (`with_contents`), and how someone
  careful makes again all that needs no key (`resealed`).
- Wishes that have no meaning in a format give None: not applicable, and never counted.
- A package is detected if the format's own reader does not accept it as it accepts the honest one:
  it reports an error, a lower standing or nothing at all, or it fails.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

Files: TypeAlias = Mapping[str, bytes]

# A picture of 24 by 24 points, a note and a statement; each as it would be received.
EVIDENCE: Final[Files] = {
    "IMG_0871.jpg": b64decode(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQ"
        "c1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/wAALCAAYABgBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABAX/xAAeEAAC"
        "AgICAwAAAAAAAAAAAAABBAAhEhQiMRMjYf/aAAgBAQAAPwBzbRBNwG7y7j1GiSLgH8rkj2eX5K6GVR7apJNQGly6"
        "jlFSCKn/2Q=="
    ),
    "notes.txt": b"SPECIMEN notes of a volunteer: the second car came at noon.\n" * 12,
    "statement.txt": b"SPECIMEN. I saw the second car arrive at noon.\n" * 9,
}
OTHER_EVIDENCE: Final[Files] = {
    name: data.replace(b"noon", b"nine") for name, data in EVIDENCE.items()
}


@dataclass(frozen=True, slots=True)
class Claims:
    """Which wishes a format says it detects, in whose words, and where and when that was read."""

    detects: frozenset[str]
    words: str
    source: str
    read: str


class Format(ABC):
    """A way to package evidence that has a reader which checks it."""

    name: ClassVar[str]
    claims: ClassVar[Claims]

    @property
    @abstractmethod
    def version(self) -> str:
        """Name and version of the reader."""

    @abstractmethod
    def whole(self) -> Files:
        """The honest package of `EVIDENCE`, the same at each call."""

    @abstractmethod
    def accepts(self, files: Files) -> bool:
        """Whether the reader says of this package what it says of the honest one."""

    @abstractmethod
    def contents(self, files: Files) -> dict[str, bytes]:
        """The evidence in a package, by whatever names it there."""

    @abstractmethod
    def with_contents(self, files: Files, contents: Files) -> Files:
        """The package with other evidence in it, and nothing else made to fit."""

    @abstractmethod
    def resealed(self, files: Files) -> Files:
        """The package with everything made again that needs no key."""

    def evidence(self, files: Files) -> frozenset[str]:
        """The members that hold the evidence; the others say something about it."""
        return frozenset(self.contents(files))

    def new_name(self, name: str) -> str | None:
        """Another name that a file of the evidence could bear; None where it bears none."""
        return f"{name}-2"

    def earlier(self, files: Files) -> Iterable[Files] | None:
        """The package with an earlier time, in each place that says one."""
        del files
        return None

    def replayed(self, files: Files) -> Iterable[Files] | None:
        """The package with time tokens of another one."""
        del files
        return None

    def digests(self, files: Files) -> Iterable[Iterable[str]] | None:
        """Members that hold digests or proofs, in groups that may be missed together."""
        del files
        return None

    def tails(self, files: Files) -> Iterable[Files] | None:
        """The package with the newest of its history gone, as it was before or nearly."""
        del files
        return None

    def forks(self, files: Files) -> Iterable[Files] | None:
        """The package with another history under the same name, made without the key."""
        del files
        return None

    def rekeyed(self, files: Files) -> Iterable[Files] | None:
        """Other evidence, signed by somebody else in the signer's name."""
        del files
        return None

    def stolen(self, files: Files) -> Iterable[Files] | None:
        """Other evidence, signed by somebody who stole the signer's key."""
        del files
        return None
