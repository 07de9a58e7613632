"""A log of ten million leaves on disk: checking all of it, and proving entries from it."""

from __future__ import annotations

import random
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

from muniment.archive.layout import Layout, kept_checkpoint
from muniment.archive.log_check import LogCheck
from muniment.archive.node_file import inner_nodes
from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import ED25519, SigningKey
from muniment.custody.merkle import split_hashes
from muniment.custody.note import sign_note
from muniment.custody.proof import inclusion_proof, verify_inclusion
from muniment.custody.tiles import InnerNodes, TileEdge, TileReader, tile_paths
from muniment_server.commands.benchmarks.measuring import Case, Result, rates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEAVES = 10_000_000
PROOFS = 100_000
_BATCH = 1 << 16
_SAMPLE = 1_000
_RIGHT_EDGE = frozenset(path for path in tile_paths(LEAVES) if ".p/" in path)
_KEY = SigningKey("specimen.muniment.invalid/bench-00000000", ED25519, bytes(range(32)))


def long_log(work: Path, rounds: int = 3) -> list[Result]:
    """Measure the check of the whole log, and proofs of entries at random."""
    archive = work / "long-log"
    _make(archive)
    results = [_checking(archive, rounds), _proving(archive, rounds)]
    shutil.rmtree(archive)
    return results


def _checking(archive: Path, rounds: int) -> Result:
    """Tiles read, every node computed, tiles, kept head and signature compared."""

    def ours() -> None:
        check = LogCheck(Layout(archive), _KEY.verifier)
        if check.problems or not check.whole:
            message = f"the log just made does not check: {check.problems[:1]}"
            raise RuntimeError(message)

    def limit() -> None:
        node = bytes(65)
        for _ in range(LEAVES):
            sha256(node).digest()

    cases = [Case("muniment", ours), Case("hashlib, one node a leaf", limit)]
    return Result(
        name=f"a log of {LEAVES:,} leaves, checked from its tiles",
        unit="leaves/s",
        rates=rates(cases, LEAVES, rounds),
        ours="muniment",
        peer="",
        limit="hashlib, one node a leaf",
        target_limit=0.5,
    )


def _proving(archive: Path, rounds: int) -> Result:
    """Paths for entries at random, from the mapped file and from the same nodes in memory."""

    def read(path: str) -> bytes:
        return (archive / "log" / path).read_bytes()

    mapped = inner_nodes(Layout(archive), read, LEAVES)
    if mapped is None:
        message = "the inner nodes of the log could not be kept"
        raise RuntimeError(message)
    held = InnerNodes(mapped.data[:], mapped.tiles)
    rng = random.Random(7)  # noqa: S311 - reproducible, not secret
    places = [rng.randrange(LEAVES) for _ in range(PROOFS)]
    _compare(read, mapped, places[:_SAMPLE])

    def prove(inner: InnerNodes) -> None:
        reader = TileReader(read, LEAVES, inner)
        for place in places:
            inclusion_proof(reader, place, LEAVES)

    cases = [Case("from disk", lambda: prove(mapped)), Case("from memory", lambda: prove(held))]
    return Result(
        name=f"inclusion proofs at random in a log of {LEAVES:,} leaves",
        unit="proofs/s",
        rates=rates(cases, PROOFS, rounds),
        ours="from disk",
        peer="",
        limit="from memory",
        target_limit=0.9,
        notes=["from disk: the file is mapped, and lies in the system's memory as just written"],
    )


def _compare(read: Callable[[str], bytes], inner: InnerNodes, places: list[int]) -> None:
    """Proofs from the file are those from the tiles, and hold."""
    fast, plain = TileReader(read, LEAVES, inner), TileReader(read, LEAVES)
    root = plain.root()
    for place in places:
        proof = inclusion_proof(fast, place, LEAVES)
        (leaf,) = plain.leaf_hashes(place, place + 1)
        verify_inclusion(leaf, place, LEAVES, proof, root)


def _make(archive: Path) -> None:
    """Write the tiles and the signed head of a log of leaf hashes at random, the same each time."""
    rng = random.Random(7)  # noqa: S311 - reproducible, not secret
    edge = TileEdge()
    folders: set[Path] = set()
    for start in range(0, LEAVES, _BATCH):
        new = min(_BATCH, LEAVES - start)
        growth = edge.grown(split_hashes(rng.randbytes(32 * new)))
        edge = growth.edge
        for path, content in growth.files.items():
            if path in _RIGHT_EDGE or ".p/" not in path:
                _write(archive / "log" / path, content, folders)
    note = sign_note(Checkpoint(_KEY.verifier.name, LEAVES, edge.frontier.root()).text, _KEY)
    for name in ("checkpoint", kept_checkpoint(LEAVES)):
        _write(archive / "log" / name, note.to_bytes(), folders)


def _write(path: Path, content: bytes, folders: set[Path]) -> None:
    if path.parent not in folders:
        path.parent.mkdir(parents=True, exist_ok=True)
        folders.add(path.parent)
    path.write_bytes(content)
