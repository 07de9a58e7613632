"""A plain warning where a workspace lies on a volume that is not encrypted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from muniment.archive.volume import Encryption, volume_of

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.archive.workspace import Workspace


def warn_of_volumes(workspace: Workspace) -> None:
    """Say where database, keys or archive lie in the open on a disk, or may; never in JSON."""
    for folder in _volumes(workspace):
        volume = volume_of(folder)
        if volume.encryption is Encryption.NO:
            sys.stderr.write(
                f"\nWARNING: {folder} lies on a volume that is not encrypted: {volume.why}.\n"
                "  Whoever takes the disk reads the database and the keys. Move it to a volume\n"
                "  that is (LUKS) before you put anything closed into it.\n"
            )
        elif volume.encryption is Encryption.UNKNOWN:
            sys.stderr.write(
                f"\nWhether {folder} lies on an encrypted volume cannot be known: {volume.why}.\n"
                "  Make sure that it does before you put anything closed into it.\n"
            )


def _volumes(workspace: Workspace) -> list[Path]:
    """Return the folders whose volumes matter, each volume once."""
    folders = (workspace.archive, workspace.keys, workspace.root)
    return list({folder.stat().st_dev: folder for folder in folders if folder.is_dir()}.values())
