"""Packages that are folders: written to disk for their reader, and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.testing.tampering.format import Files


def write_files(folder: Path, files: Files) -> None:
    """Write files below a folder."""
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def files_of(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder, by path."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
