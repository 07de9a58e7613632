"""Taking things out of an archive for good: what opens an entry, and stored bytes.

- A file of details is written anew without what goes, durable before the old one loses its name;
  the other lines stay as they are, byte for byte.
- An object goes from its place and from the quarantine, where damaged copies of it were set aside.
- Doing it again does nothing more, so that whoever was interrupted begins anew.

What was on a disk can be on it still where no name leads to it: the file system decides when old
blocks are written over. That is what the encryption of a volume is for.

Not its job: whether it may be done, and the act that says so (`oversight`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from muniment.archive.details import DetailsFolder
from muniment.archive.durability import cannot_write, sync_folder
from muniment.archive.layout import BUNDLE, Layout, bundle_name, object_name, recent_name
from muniment.archive.publication import replace_file
from muniment.errors import TamperSuspected, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from muniment.archive.details import DetailsLine


def replace_lines(archive: Path, lines: Mapping[int, DetailsLine]) -> int:
    """Put lines in the place of those of the same entries; return how many files were written anew.

    Entries of which the archive has no details yet are left alone: they are published as they are.
    The caller keeps every publisher out. Raises TamperSuspected for a file that is not what its
    name says, Unavailable.
    """
    layout = Layout(archive)
    folder = DetailsFolder(layout)
    names = {
        bundle_name(number): (number * BUNDLE, number * BUNDLE + BUNDLE - 1)
        for number in {index // BUNDLE for index in lines}
        if folder.has_bundle(number)
    }
    for first, last in folder.recent():
        if any(first <= index <= last for index in lines):
            names[recent_name(first, last)] = (first, last)
    return sum(_rewrite(layout, name, *span, lines) for name, span in names.items())


def _rewrite(
    layout: Layout, name: str, first: int, last: int, lines: Mapping[int, DetailsLine]
) -> bool:
    try:
        with open(os.path.join(layout.details, name), "rb") as handle:
            old = handle.read().splitlines(keepends=True)
    except OSError as error:
        raise Unavailable(
            f"details/{name} cannot be read: {error.strerror}",
            code="details.unreadable",
            hint="Check who owns the archive, and its disk.",
        ) from error
    if len(old) != last - first + 1:
        raise TamperSuspected(
            f"details/{name} has {len(old)} lines, not {last - first + 1}",
            code="details.damaged",
            hint="Restore the details from a copy of the archive; then it is erased from them.",
        )
    new = [
        lines[index].to_bytes() if index in lines else line for index, line in enumerate(old, first)
    ]
    if new == old:
        return False
    replace_file(layout, f"details/{name}", b"".join(new))
    return True


def remove_objects(archive: Path, digests: Iterable[str]) -> int:
    """Remove objects, and what was set aside of them; return how many files went.

    Raises Unavailable where one cannot be removed; what is gone already is no error.
    """
    layout = Layout(archive)
    wanted = set(digests)
    paths = [os.path.join(layout.objects, object_name(one)) for one in sorted(wanted)]
    paths.extend(
        os.path.join(layout.quarantine, name)
        for name in _names(layout.quarantine)
        if name.partition(".")[0] in wanted
    )
    removed = 0
    try:
        for path in paths:
            if os.path.lexists(path):
                os.unlink(path)
                sync_folder(os.path.dirname(path))
                removed += 1
    except OSError as error:
        raise cannot_write(error) from error
    return removed


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
