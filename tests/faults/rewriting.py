"""Ways to rewrite a log of which others have seen heads, and the archive that would hide it.

| kind | what the forger does |
|---|---|
| changed | puts another act in the place of one |
| dropped | leaves an act out, and closes the gap |
| added | puts an act between two that were shown |
| swapped | exchanges two acts |
| cut | cuts the tail off |
| forked | cuts the tail off and goes on with other acts |

Each comes as it is, and with honest-looking acts appended so that the log is longer than before.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.archive.details import DetailsLine
from muniment.custody.leaf import leaf_hash
from muniment.custody.tiles import TileEdge, TileReader
from tests.library.archive.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from muniment.custody.keys import SigningKey

KINDS = ("changed", "dropped", "added", "swapped", "cut", "forked")


@dataclass(frozen=True, slots=True)
class Attack:
    """One rewritten log: its lines, and the first entry that is another than it was."""

    name: str
    lines: tuple[DetailsLine, ...]
    first: int

    def reader(self) -> TileReader:
        """Return its tree."""
        hashes = [leaf_hash(one.leaf) for one in self.lines]
        return TileReader(TileEdge().grown(hashes).files.__getitem__, len(hashes))


def attacks(
    honest: Sequence[DetailsLine], forged: Sequence[DetailsLine], count: int, first_end: int
) -> Iterator[Attack]:
    """Give so many; each changes the log below `first_end`, so that an early head covers it."""
    chance = random.Random(20261121)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        at = chance.randrange(first_end)
        lines = list(honest)
        if kind == "changed":
            lines[at] = chance.choice(forged)
        elif kind == "dropped":
            del lines[at]
        elif kind == "added":
            lines.insert(at, chance.choice(forged))
        elif kind == "swapped":
            other = chance.choice([one for one in range(len(lines)) if one != at])
            lines[at], lines[other] = lines[other], lines[at]
            at = min(at, other)
        else:
            del lines[at:]
            if kind == "forked":
                lines += chance.sample(forged, chance.randint(1, len(forged)))
        longer = number // len(KINDS) % 2 == 1 and kind != "cut"
        if longer:
            lines += chance.sample(forged, max(1, len(honest) + 1 - len(lines)))
        placed = tuple(
            DetailsLine(n, one.leaf, one.disclosures, one.sealed) for n, one in enumerate(lines)
        )
        yield Attack(f"{number}: {kind} at {at}{', longer' * longer}", placed, at)


def published(attack: Attack, honest: Path, folder: Path, key: SigningKey) -> Ledger:
    """Publish a rewritten log, signed with a key, in an archive that is whole by itself."""
    folder.mkdir()
    (folder / "objects").symlink_to(honest / "objects")
    ledger = Ledger(folder, key)
    ledger.lines = list(attack.lines)
    growth = TileEdge().grown(ledger.hashes)
    ledger.edge, ledger.tiles = growth.edge, dict(growth.files)
    ledger.publish()
    return ledger
