"""Whether a volume is encrypted, read from a system that is told in files."""

from __future__ import annotations

import os
from pathlib import Path

from muniment.archive.volume import Encryption, Volume, volume_of


def system(root: Path, folder: Path, mount: str) -> Path:
    """A system on which the folder's device is mounted so."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(
        f"22 1 0:21 / /proc rw - proc proc rw\n30 1 {number} / /data rw shared:1 - {mount} rw\n"
    )
    return root


def block(root: Path, folder: Path, name: str, uuid: str = "", under: tuple[str, ...] = ()) -> None:
    """A block device of that system, made of others; the folder's own where it is named so."""
    device = folder.stat().st_dev
    at = root / "sys/devices" / name
    (at / "slaves").mkdir(parents=True)
    if uuid:
        (at / "dm").mkdir()
        (at / "dm/uuid").write_text(uuid + "\n")
    for one in under:
        (at / "slaves" / one).symlink_to(root / "sys/devices" / one)
    numbers = root / "sys/dev/block"
    numbers.mkdir(parents=True, exist_ok=True)
    link = numbers / f"{os.major(device)}:{os.minor(device)}"
    link.unlink(missing_ok=True)
    link.symlink_to(at)


def told(root: Path, folder: Path) -> Encryption:
    """What is known there."""
    found = volume_of(folder, root)
    assert isinstance(found, Volume)
    assert found.why
    return found.encryption


def test_a_plain_disk_is_not_encrypted(tmp_path: Path) -> None:
    """A partition with nothing below it."""
    root = system(tmp_path / "root", tmp_path, "ext4 /dev/sda1")
    block(root, tmp_path, "sda1")
    assert told(root, tmp_path) is Encryption.NO


def test_luks_is_found_below_lvm_and_only_where_all_of_it_is(tmp_path: Path) -> None:
    """LVM on LUKS is encrypted; a volume over two disks of which one is plain is not."""
    root = system(tmp_path / "root", tmp_path, "xfs /dev/mapper/vg-data")
    block(root, tmp_path, "sda1")
    block(root, tmp_path, "dm-0", "CRYPT-LUKS2-0123-crypt", ("sda1",))
    assert told(root, tmp_path) is Encryption.YES
    block(root, tmp_path, "dm-1", "LVM-abc", ("dm-0",))
    assert told(root, tmp_path) is Encryption.YES
    block(root, tmp_path, "sdb1")
    block(root, tmp_path, "dm-2", "LVM-def", ("dm-0", "sdb1"))
    assert told(root, tmp_path) is Encryption.NO


def test_what_cannot_be_known_is_said_to_be_unknown(tmp_path: Path) -> None:
    """A share on the network, a system that says nothing, memory."""
    for name, mount in (
        ("nfs", "nfs4 server:/x"),
        ("memory", "tmpfs tmpfs"),
        ("zfs", "zfs pool/x"),
    ):
        assert told(system(tmp_path / name, tmp_path, mount), tmp_path) is Encryption.UNKNOWN
    assert told(tmp_path / "nothing", tmp_path) is Encryption.UNKNOWN
    mount = "fuse.gocryptfs gocryptfs"
    assert told(system(tmp_path / "fuse", tmp_path, mount), tmp_path) is Encryption.YES


def test_this_system_answers(tmp_path: Path) -> None:
    """Whatever it is, it is said and nothing fails."""
    assert told(Path("/"), tmp_path) in set(Encryption)
