"""The heads of a log that were kept, and how much of a row of leaves they still bear out.

Not its job: what becomes of leaves that no head bears out.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from muniment.archive.log_files import kept_sizes, read_kept
from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.merkle import Frontier
from muniment.custody.note import check_note, parse_note
from muniment.errors import MunimentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from muniment.custody.checkpoint import Checkpoint
    from muniment.custody.keys import VerifierKey


def signed_heads(archive: Path, key: VerifierKey) -> list[Checkpoint]:
    """Return the heads that were kept and are signed by this key, in order of size."""
    found: list[Checkpoint] = []
    for size in kept_sizes(archive):
        try:
            note = parse_note(read_kept(archive, size))
            head = parse_checkpoint(note.text)
        except MunimentError:
            continue  # a damaged head proves nothing; `muniment check` names it
        if check_note(note, key):
            found.append(head)
    return found


def held(heads: Sequence[Checkpoint], hashes: Iterator[bytes]) -> int:
    """Return the size of the largest of these heads whose root the leaves give; 0 for none."""
    frontier, holds = Frontier(), 0
    for head in heads:
        frontier = frontier.appended(list(islice(hashes, head.size - frontier.size)))
        if (frontier.size, frontier.root()) != (head.size, head.root):
            return holds
        holds = head.size
    return holds
