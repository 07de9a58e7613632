"""What is kept free on a disk, so that a full archive still reads, proves and records.

- New files are refused once a disk has only its reserve left, before a byte of them is copied. Acts
  without files, proofs, publishing and exports that fit go on from the reserve.
- The reserve is a setting, and never more than a tenth of a disk. Inodes count like bytes.
- File systems that state no number of inodes make them as they need them.

Not its job: quotas of persons, and what to remove when a disk is full.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from muniment.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

USUAL: Final = 2048  # MiB
MIB: Final = 1 << 20
_INODES: Final = 10_000
_SHARE: Final = 10  # of a disk, the reserve is at most one part in so many
_AROUND: Final = 3  # inodes for a file: its object, its temporary, a folder


@dataclass(frozen=True, slots=True)
class Room:
    """How much room there is where a folder lies: bytes and inodes, and what is kept of each."""

    folder: Path
    free: int
    reserve: int
    inodes: int
    inode_reserve: int

    def takes(self, size: int) -> bool:
        """Say whether a file of so many bytes leaves the reserve as it is."""
        return (
            self.free - size >= self.reserve
            and self.inodes - _AROUND * bool(self.inode_reserve) >= self.inode_reserve
        )


def room(folder: Path, reserve_mib: int) -> Room:
    """Return the room on the file system of a folder. Raises OSError."""
    facts = os.statvfs(folder)
    total = facts.f_blocks * facts.f_frsize
    few = min(_INODES, facts.f_files // _SHARE) if reserve_mib else 0
    return Room(
        folder,
        free=facts.f_bavail * facts.f_frsize,
        reserve=min(reserve_mib * MIB, total // _SHARE),
        inodes=facts.f_favail,
        inode_reserve=few,
    )


def read_reserve(value: object) -> int:
    """Return the reserve of a workspace's settings, in MiB; raises `InvalidInput`."""
    if value is None:
        return USUAL
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidInput(
            f"the reserve {value!r} cannot be used",
            code="workspace.reserve",
            hint="Give [archive] reserve_mib as a whole number of MiB; 0 keeps nothing free.",
        )
    return value


class Reserve:
    """The reserve of the disks that a deposit writes to, while it goes on.

    What was handed over and is not stored yet counts as written: copying runs ahead.
    """

    def __init__(self, folders: Sequence[Path], reserve_mib: int) -> None:
        """Name the folders that must keep their reserve."""
        self._folders = folders
        self._reserve = reserve_mib
        self._under_way = 0

    def admit(self, size: int) -> None:
        """Let a file of so many bytes be copied; raises `Unavailable` where it does not fit."""
        for one in self.rooms():
            if not one.takes(self._under_way + size):
                raise Unavailable(
                    "the disk has only its reserve left, and takes no new files",
                    code="storage.reserve",
                    hint="Free some space, or move the workspace to a larger disk; everything "
                    "that was acknowledged is kept, and reading goes on.",
                )
        self._under_way += size

    def stored(self, size: int) -> None:
        """Take note that so many bytes of what was admitted are stored."""
        self._under_way -= size

    def rooms(self) -> Iterator[Room]:
        """Give the room of each folder."""
        for folder in self._folders:
            yield room(folder, self._reserve)
