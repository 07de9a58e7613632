"""Names and paths in a bag: each in one safe form on every system (custody-log §7).

- Bag names are `[a-z0-9-]`; numbers of items are `[A-Za-z0-9._-]` and no device name of Windows.
- Parts are numbered in their order, originals and renditions apart, and keep their number where
  one of them is withheld.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput
from muniment.evidence.media import extension_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.export.api import Item, Part

RECORD = "data/record.json"
PAGE = "record.html"
INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
LONG_MANIFEST = "manifest-sha512.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"

PART = re.compile(r"data/(?:original|renditions)/[^/]+/[0-9]{3}(?:\.[a-z0-9]{1,8})?")

_BAG_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
_NUMBER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_MOST_PARTS = 999


def check_name(name: str) -> None:
    """Raise InvalidInput unless a bag may have this name."""
    if not _BAG_NAME.fullmatch(name):
        raise InvalidInput(
            f"{name[:80]!r} cannot name an exhibit.",
            code="exhibit.name",
            hint="Use small letters, digits and hyphens, such as exhibit-00012.",
        )


def part_paths(item: Item) -> Iterator[tuple[Part, str]]:
    """Each part of an item with its path in the bag; raises InvalidInput."""
    if not _NUMBER.fullmatch(item.number) or _DEVICE.fullmatch(item.number):
        raise InvalidInput(f"{item.number[:80]!r} cannot name a folder.", code="exhibit.number")
    counts = {"original": 0, "renditions": 0}
    for part in item.parts:
        folder = "renditions" if part.made_from else "original"
        counts[folder] += 1
        if counts[folder] > _MOST_PARTS:
            raise InvalidInput(
                f"{item.number} has more than {_MOST_PARTS} files of one kind.",
                code="exhibit.parts",
                hint="Export its parts as items of their own.",
            )
        extension = extension_of(part.name)
        suffix = f".{extension}" if extension else ""
        yield part, f"data/{folder}/{item.number}/{counts[folder]:03d}{suffix}"
