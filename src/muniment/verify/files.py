"""Whether the files of the bundle are those of the signed selection: none other, none changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.verify.fault import Fault
from muniment.verify.layout import is_selectable, unknown

if TYPE_CHECKING:
    from muniment.verify.contents import Contents
    from muniment.verify.selection import Selection


def check_no_strangers(contents: Contents) -> None:
    """`Fault` if a file could not be read as written, or the layout has no place for it."""
    if contents.faults:
        raise Fault(contents.faults[0])
    strangers = sorted(path for path in contents.measured if unknown(path))
    if strangers:
        raise Fault(f"{strangers[0]} does not belong in a bundle")


def check_files(contents: Contents, selection: Selection) -> str:
    """In words, what was compared; `Fault` at a file that is missing, changed or too many."""
    if contents.name is not None and contents.name != selection.name:
        raise Fault(f"the bundle is named {contents.name}, the selection names {selection.name}")
    withheld = selection.withheld_files
    for path, named in selection.files.items():
        measured = contents.measured.get(path)
        if measured is None and path not in withheld:
            raise Fault(f"{path} is missing and not withheld by name")
        if measured and (measured.size, measured.sha256) != (named.size, named.sha256):
            raise Fault(f"{path} is not the file that the selection names")
    for path in sorted(contents.measured):
        if path in withheld:
            raise Fault(f"{path} is here although the selection withholds it")
        if is_selectable(path) and path not in selection.files:
            raise Fault(f"{path} is not in the selection")
    total = sum(measured.size for measured in contents.measured.values())
    return f"{len(contents.measured)} files, {total} bytes, are those that the log signed"
