"""The log's tree and tiles against the hashing limit and a peer, in memory and from one process."""

from __future__ import annotations

import hashlib
import importlib.util

from muniment.custody.leaf import leaf_hash
from muniment.custody.tiles import TileEdge
from muniment_server.commands.benchmarks.measuring import Case, Result, rates

LEAVES = 200_000
BATCH = 1_000


def tree(rounds: int = 3) -> Result:
    """Measure appending leaves with their tiles, in batches of a thousand."""
    data = [b"%064d" % number for number in range(LEAVES)]
    sha256 = hashlib.sha256

    def ours() -> None:
        edge = TileEdge()
        for start in range(0, LEAVES, BATCH):
            hashes = [leaf_hash(one) for one in data[start : start + BATCH]]
            edge = edge.grown(hashes).edge

    def limit() -> None:
        # A leaf costs two hashes: its own, and one node above it.
        for one in data:
            sha256(b"\0" + one).digest()
            sha256(b"\1" + one).digest()

    cases = [Case("muniment", ours), Case("hashlib, two hashes a leaf", limit)]
    notes: list[str] = []
    if importlib.util.find_spec("pymerkle"):
        cases.append(Case("pymerkle in memory", lambda: _pymerkle(data[: LEAVES // 10])))
    else:
        notes.append("pymerkle is not installed")
    measured = rates(cases, LEAVES, rounds)
    if "pymerkle in memory" in measured:
        measured["pymerkle in memory"] /= 10  # it was given a tenth of the leaves
    return Result(
        name="tree and tiles, batches of 1,000",
        unit="leaves/s",
        rates=measured,
        ours="muniment",
        peer="pymerkle in memory",
        limit="hashlib, two hashes a leaf",
        target_peer=6.0,
        target_limit=0.45,
        notes=notes,
    )


def _pymerkle(data: list[bytes]) -> None:
    from pymerkle import InmemoryTree

    peer = InmemoryTree(algorithm="sha256")
    for one in data:
        peer.append_entry(one)
    peer.get_state()
