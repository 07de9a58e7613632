"""One true history of a log, at every size, for signers to be asked about."""

from __future__ import annotations

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.proof import consistency_proof
from muniment.custody.tiles import TileEdge, TileReader
from tests.library.custody import definition

ORIGIN = "specimen.muniment.invalid/tests-0123abcd"
LEAVES = definition.leaves(400)
READER = TileReader(TileEdge().grown(LEAVES).files.__getitem__, len(LEAVES))


def head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, READER.root(size))


def growth(old: int, new: int) -> list[bytes]:
    return consistency_proof(READER, old, new)
