"""Details: what the leaves commit to, one line for each entry of the log (custody-log §1).

    {"disclosures":["…", …],"index":7,"leaf":"<base64>"}

- Canonical JSON and a line feed, in index order: the form of `entries.jsonl` in a bundle.
- They are private. Nothing here is served with the log.
- The line of a closed subject has a fourth member, `sealed` (`sealed_details`).
- A line that is missing is damage, unless a `shredded` act names its index.

Reading takes complete files first and the files of commit groups for the rest; which file says a
line does not matter, for all that say it say the same.
"""

from __future__ import annotations

import json
import os
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from muniment.archive.layout import BUNDLE, Layout, bundle_name, recent_name
from muniment.archive.sealed_details import parse_sealed
from muniment.errors import InvalidInput, TamperSuspected, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from muniment.archive.sealed_details import SealedDetails

_LISTED = re.compile(r'(?:"[A-Za-z0-9_-]+"(?:,"[A-Za-z0-9_-]+")*)?')
_RECENT = re.compile(r"(0|[1-9][0-9]*)-(0|[1-9][0-9]*)\.jsonl")
_RESTORE = "Restore the details from a copy of the archive, or publish them from the database."


@dataclass(frozen=True, slots=True)
class DetailsLine:
    """One entry of the log: its place, its leaf, and the texts that open its commitments."""

    index: int
    leaf: bytes
    disclosures: tuple[str, ...]
    sealed: SealedDetails | None = None

    def to_bytes(self) -> bytes:
        """Return the line, line feed included; raises InvalidInput."""
        listed = '"' + '","'.join(self.disclosures) + '"' if self.disclosures else ""
        if self.index < 0 or not _LISTED.fullmatch(listed):
            message = f"entry {self.index} has a disclosure that is not written in base64url"
            raise InvalidInput(message, code="details.form")
        # No member holds a character that JSON would escape, so this is the RFC 8785 form.
        leaf = b64encode(self.leaf).decode()
        sealed = f',"sealed":{self.sealed.to_text()}' if self.sealed else ""
        line = f'{{"disclosures":[{listed}],"index":{self.index},"leaf":"{leaf}"{sealed}}}\n'
        return line.encode()


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries first to last, both included, of which the archive has no details."""

    first: int
    last: int


def parse_line(line: bytes) -> DetailsLine:
    """Return what a line says; raises InvalidInput unless it has exactly the one form."""
    try:
        said = cast("dict[str, object]", json.loads(line))
        index, leaf, disclosures = said["index"], said["leaf"], said["disclosures"]
        if isinstance(index, int) and isinstance(leaf, str) and isinstance(disclosures, list):
            sealed = parse_sealed(said["sealed"]) if "sealed" in said else None
            texts = tuple(cast("list[str]", disclosures))
            found = DetailsLine(index, b64decode(leaf, validate=True), texts, sealed)
            if found.to_bytes() == line:
                return found
    except (ValueError, TypeError, KeyError, Base64Error, RecursionError):
        pass
    message = "a line of details is canonical JSON of disclosures, index and leaf"
    raise InvalidInput(message, code="details.form")


def read_details(archive: Path, start: int, end: int) -> Iterator[DetailsLine]:
    """Give the lines of entries start to end, the end excluded, in order.

    Raises TamperSuspected where one is missing or is no line, Unavailable where it cannot be read.
    """
    for found in scan_details(archive, start, end):
        if isinstance(found, Gap):
            raise TamperSuspected(
                f"the archive lacks the details of entries {found.first} to {found.last}",
                code="details.missing",
                hint=_RESTORE,
            )
        yield found


def scan_details(archive: Path, start: int, end: int) -> Iterator[DetailsLine | Gap]:
    """Give the lines of entries start to end in order, and a gap wherever some are missing.

    Raises TamperSuspected where a file is not what its name says, Unavailable where it cannot be
    read.
    """
    folder = DetailsFolder(Layout(archive))
    following = start
    for number in range(start // BUNDLE, -(-end // BUNDLE)):
        for index, line in folder.lines(number).items():
            if following <= index < end:
                if following < index:
                    yield Gap(following, index - 1)
                following = index + 1
                yield line_of(index, line)
    if following < end:
        yield Gap(following, end - 1)


def line_of(index: int, line: bytes) -> DetailsLine:
    """Return what a stored line says of an entry; raises TamperSuspected where it is none."""
    try:
        found = parse_line(line)
    except InvalidInput as error:
        raise _damaged(f"the details of entry {index} are no line of details") from error
    if found.index != index:
        raise _damaged(f"the details of entry {index} say that they are of {found.index}")
    return found


class DetailsFolder:
    """The files of details, by what their names say they hold."""

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.details
        self._recent = self.recent()

    def recent(self) -> list[tuple[int, int]]:
        """Return first and last entry of every file that awaits its 256, in order."""
        try:
            names = os.listdir(os.path.join(self._folder, "recent"))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable("recent", error) from error
        found = [_RECENT.fullmatch(name) for name in names]
        return sorted([(int(one[1]), int(one[2])) for one in found if one])

    def has_bundle(self, number: int) -> bool:
        """Say whether the complete file of entries from 256 · number on is there."""
        return os.path.lexists(os.path.join(self._folder, bundle_name(number)))

    def holds(self, index: int) -> bool:
        """Say whether a file claims to hold the details of an entry."""
        return self.has_bundle(index // BUNDLE) or any(
            first <= index <= last for first, last in self._recent
        )

    def lines(self, number: int) -> dict[int, bytes]:
        """Return the lines of entries from 256 · number on, by index and in order, as stored.

        Raises TamperSuspected for a file with other than its number of lines, Unavailable.
        """
        first = number * BUNDLE
        complete = self._read(bundle_name(number), first, first + BUNDLE - 1)
        if complete is not None:
            return complete
        found: dict[int, bytes] = {}
        for low, high in self._recent:
            if low < first + BUNDLE and high >= first:
                lines = self._read(recent_name(low, high), low, high)
                if lines is None:  # its 256 were completed meanwhile
                    found.update(self._read(bundle_name(number), first, first + BUNDLE - 1) or {})
                else:
                    found.update(lines)
        return {index: found[index] for index in sorted(found) if first <= index < first + BUNDLE}

    def _read(self, name: str, first: int, last: int) -> dict[int, bytes] | None:
        """Return the lines of a file, or None where there is none."""
        try:
            with open(os.path.join(self._folder, name), "rb") as handle:
                lines = handle.read().splitlines(keepends=True)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(name, error) from error
        if len(lines) != last - first + 1:
            raise _damaged(f"details/{name} has {len(lines)} lines, not {last - first + 1}")
        return dict(enumerate(lines, first))


def _damaged(message: str) -> TamperSuspected:
    return TamperSuspected(message, code="details.damaged", hint=_RESTORE)


def _unreadable(name: str, error: OSError) -> Unavailable:
    return Unavailable(
        f"details/{name} cannot be read: {error.strerror}",
        code="details.unreadable",
        hint="Check who owns the archive, and its disk.",
    )
