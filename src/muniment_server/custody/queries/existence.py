"""By when an entry of the log was there, as independent authorities say (custody-log §1, §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.archive.time_tokens import bundle_files, first_stamped
from muniment_server.custody.queries.need_to_know import workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from muniment.archive.time_tokens import KeptToken


def time_tokens(index: int) -> list[KeptToken]:
    """Return the tokens over the first stamped head at or above an entry.

    Raises `TamperSuspected` where one is not as it was kept.
    """
    return first_stamped(workspace().archive, index)


def stamped_heads(firsts: Iterable[int], entries: int) -> tuple[int, ...]:
    """Return the sizes of the first stamped heads at or above each of these entries.

    Only tokens count that were kept before the log was longer than `entries`.
    """
    archive = workspace().archive
    found = (first_stamped(archive, index, entries) for index in firsts)
    return tuple(sorted({tokens[0].size for tokens in found if tokens}))


def token_files(sizes: Iterable[int], entries: int) -> dict[str, bytes]:
    """Return the files of the tokens over these heads by name, as bundles carry them."""
    archive = workspace().archive
    files: dict[str, bytes] = {}
    for size in sizes:
        files |= bundle_files(archive, size, entries)
    return files
