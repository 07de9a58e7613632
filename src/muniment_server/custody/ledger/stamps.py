"""Which time tokens were kept: the database remembers what the archive might be robbed of.

- A head loses nothing by losing its tokens, so nothing else in the archive misses them.
- What an export act names of tokens is in the log, and is missed even after a rebuild.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from muniment.archive.problem import Problem
from muniment.archive.time_tokens import stamped_sizes, token_path, tokens_over
from muniment.evidence.disclosure import open_disclosure
from muniment_server.custody import queries
from muniment_server.custody.models import Leaf, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

_REPLY = "token.tsr"
_BATCH = "batch.closed"


def remember(path: str, reply: bytes) -> None:
    """Remember a token that was kept at a path below the archive, in the open transaction."""
    Stamp.objects.update_or_create(path=path, defaults={"digest": sha256(reply).hexdigest()})


def remember_kept() -> None:
    """Remember every token that the archive has; for a database that was made again from it."""
    archive = queries.workspace().archive
    for size in stamped_sizes(archive):
        for one in tokens_over(archive, size):
            path = token_path(size, one.number)
            remember(path, (archive / path / _REPLY).read_bytes())


def check_stamps() -> Iterator[Problem]:
    """Give what is missing of the time tokens that were kept, or named by an export."""
    archive = queries.workspace().archive
    for stamp in Stamp.objects.order_by("path"):
        try:
            found = sha256((archive / stamp.path / _REPLY).read_bytes()).hexdigest()
        except OSError:
            yield Problem("time.lost", stamp.path, "a time token was kept here, and is gone")
            continue
        if found != stamp.digest:
            yield Problem("time.changed", stamp.path, "this is not the time token that was kept")
    there = set(stamped_sizes(archive))
    for index, size in _named():
        if size not in there:
            message = f"the export act #{index} names time tokens over this head, and none is here"
            yield Problem("time.lost", f"log/tsa/{size}", message)


def _named() -> Iterator[tuple[int, int]]:
    """Give the heads whose tokens exports named, with the index of the act."""
    for leaf in Leaf.objects.filter(kind=_BATCH).order_by("index").iterator(512):
        for text in leaf.disclosures.split("\n"):
            opened = open_disclosure(text)
            if opened.name == "selection" and isinstance(opened.value, dict):
                tokens = opened.value.get("tokens", ())
                sizes = tokens if isinstance(tokens, list | tuple) else ()
                yield from [(leaf.index, one) for one in sizes if isinstance(one, int)]
