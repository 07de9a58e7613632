"""Whether the volume a folder lies on is encrypted, as far as the system says.

- Linux tells for device-mapper volumes (LUKS, plain dm-crypt) and everything stacked on them, for
  file systems in memory, for eCryptfs and gocryptfs, and for fscrypt folders and ZFS not at all.
- What cannot be known is said to be unknown: a remote disk, a disk that encrypts itself, a host
  under a virtual machine.

Not its job: what follows from it (`init` and `check` say it).
"""

from __future__ import annotations

import enum
import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
_ENCRYPTING: Final = frozenset({"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs"})
_GET_FLAGS: Final = 0x80086601  # FS_IOC_GETFLAGS (linux/fs.h)
_ENCRYPTED_FLAG: Final = 0x00000800  # FS_ENCRYPT_FL: the folder is under fscrypt
_DEEPEST: Final = 8


class Encryption(enum.Enum):
    """What the system says of a volume."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume, and what is known of it."""

    encryption: Encryption
    why: str  # a clause, such as "ext4 on /dev/vda, which is no encrypted device"


def volume_of(folder: Path, system: Path = Path("/")) -> Volume:
    """Return what is known of the volume of a folder; `system` holds `proc` and `sys`."""
    if _under_fscrypt(folder):
        return Volume(Encryption.YES, "the folder is encrypted by its file system (fscrypt)")
    device = os.stat(folder).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounted = _mount(system, number)
    if mounted is None:
        return Volume(Encryption.UNKNOWN, "the system does not say what is mounted there")
    return _mounted(system, number, *mounted)


def _mounted(system: Path, number: str, kind: str, source: str) -> Volume:
    if kind in _IN_MEMORY:
        return Volume(Encryption.UNKNOWN, f"{kind}: it is in memory, and swap may hold it")
    if kind in _ENCRYPTING:
        return Volume(Encryption.YES, f"{kind} encrypts what it stores")
    block = _block(system, number, source)
    if block is None:
        return Volume(Encryption.UNKNOWN, f"{kind} on {source}, of which the system says nothing")
    if _on_crypt(block, _DEEPEST):
        return Volume(Encryption.YES, f"{kind} on {source}, an encrypted device (dm-crypt)")
    return Volume(Encryption.NO, f"{kind} on {source}, which is no encrypted device")


def _mount(system: Path, number: str) -> tuple[str, str] | None:
    """Return kind and source of the mount with a device number (proc(5), mountinfo)."""
    found = None
    with suppress(OSError):
        for line in (system / "proc/self/mountinfo").read_text("utf-8", "replace").splitlines():
            before, _, after = line.partition(" - ")
            if before.split()[2:3] == [number] and len(after.split()) > 1:
                found = after.split()[0], after.split()[1]
    return found


def _block(system: Path, number: str, source: str) -> Path | None:
    """Return the block device in sysfs: by its number, else by its name (btrfs has none)."""
    for name in (f"sys/dev/block/{number}", f"sys/class/block/{Path(source).name}"):
        with suppress(OSError):
            return (system / name).resolve(strict=True)
    return None


def _on_crypt(block: Path, depth: int) -> bool:
    """Say whether a device is encrypted, or every device it is made of."""
    with suppress(OSError):
        if (block / "dm/uuid").read_text("ascii", "replace").startswith("CRYPT-"):
            return True
    below: list[Path] = []
    with suppress(OSError):
        below = [one.resolve() for one in (block / "slaves").iterdir()]
    return bool(depth and below) and all(_on_crypt(one, depth - 1) for one in below)


def _under_fscrypt(folder: Path) -> bool:
    flags = bytearray(8)
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.ioctl(descriptor, _GET_FLAGS, flags)
    except OSError:
        return False  # a file system without such flags
    finally:
        os.close(descriptor)
    return bool(int.from_bytes(flags[:4], "little") & _ENCRYPTED_FLAG)
