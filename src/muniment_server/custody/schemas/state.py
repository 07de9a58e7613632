"""How this workspace stands on its machine: its clock, and the room on its disks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from ninja import Schema

from muniment.archive.reserve import room
from muniment.evidence.instant import to_seconds
from muniment_server.custody import queries
from muniment_server.custody.ledger import clock
from muniment_server.custody.schemas import Words

if TYPE_CHECKING:
    from muniment.archive.reserve import Room


class ClockIn(Schema):
    """How one knows that the clock is right."""

    reason: Words


class ClockOut(Schema):
    """Whether the clock of the machine is believed: `right`, `stepped`, `behind` or `jumped`."""

    state: str
    clock: str
    said: str


class DiskOut(Schema):
    """The room on one disk, in bytes and inodes, and what of it is kept in reserve."""

    name: str
    free: int
    reserve: int
    inodes: int
    inode_reserve: int
    takes_files: bool


class StateOut(Schema):
    """How the workspace stands on its machine."""

    clock: ClockOut
    disks: list[DiskOut]


def state_record() -> dict[str, Any]:
    """Return the clock and each disk, as pages, API and `check` show them."""
    workspace = queries.workspace()
    folders = {"archive": workspace.archive, "workspace": workspace.root}
    rooms = {name: room(one, workspace.reserve_mib) for name, one in folders.items()}
    return {"clock": clock_record(), "disks": [disk_record(*one) for one in rooms.items()]}


def disk_record(name: str, found: Room) -> dict[str, Any]:
    """Return the room on one disk, in bytes and inodes, and whether it takes new files."""
    return {
        "name": name,
        "free": found.free,
        "reserve": found.reserve,
        "inodes": found.inodes,
        "inode_reserve": found.inode_reserve,
        "takes_files": found.takes(0),
    }


def clock_record() -> dict[str, Any]:
    """Return whether the clock of this machine is believed, as pages, API and command show it."""
    reading = clock.read()
    found = clock.judge(reading, queries.custody_head())
    if found.jumped:
        state = "jumped"
        said = _("it jumped forward: nothing is recorded until a person confirms it")
    elif abs(found.step) > clock.STEP:
        state, said = "stepped", _("it was set; the next act says so")
    elif found.behind > clock.STEP:
        state, said = "behind", _("it is behind the log: acts carry the time of the last one")
    else:
        state, said = "right", _("it goes with the counter of this machine")
    return {"state": state, "clock": to_seconds(reading.wall), "said": said}
