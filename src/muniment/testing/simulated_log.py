"""A custody log in memory, with real leaves, tiles, proofs and signatures (custody-log §2, §4).

For tests of what reads a log or carries it away. Its key, its salts and its clock are fixed, so
that the same acts give the same bytes; its origin says that it is a specimen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import ED25519, SigningKey
from muniment.custody.leaf import leaf_bytes, leaf_hash
from muniment.custody.merkle import root_of
from muniment.custody.note import sign_note
from muniment.custody.proof import consistency_proof, inclusion_proof
from muniment.custody.tiles import TileEdge, TileReader
from muniment.evidence.disclosure import disclose, sd
from muniment.evidence.instant import to_seconds
from muniment.export.api import Custody, Entry, OldHead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from muniment.evidence.canonical import Json

ORIGIN: Final = "specimen.muniment.invalid/simulated-00000000"
_START: Final = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)


def specimen_id(name: str) -> str:
    """The same 32 hexadecimal digits for the same name."""
    return sha256(name.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Act:
    """An act as the log has it."""

    obj: str
    leaf: bytes
    disclosures: tuple[str, ...]


class SimulatedLog:
    """Acts are appended one by one; heads are signed when asked for and kept."""

    def __init__(self, secret: str = ORIGIN) -> None:
        """An empty log whose key is made from a secret; another secret is somebody else."""
        self.key = SigningKey(ORIGIN, ED25519, sha256(secret.encode()).digest())
        self.acts: list[Act] = []
        self.heads: dict[int, bytes] = {}
        self._edge = TileEdge()
        self._tiles: dict[str, bytes] = {}
        self._salts = 0

    @property
    def now(self) -> datetime:
        """The time of the next act: a minute after the last."""
        return _START + timedelta(minutes=len(self.acts))

    def append(self, kind: str, obj: str, groups: Mapping[str, Json]) -> int:
        """Records an act on a subject, and returns its place."""
        before = [act for act in self.acts if act.obj == obj]
        chain: Json = {
            "act": kind,
            "by": specimen_id("agent"),
            "n": len(before),
            "obj": obj,
            "prev": leaf_hash(before[-1].leaf).hex() if before else "",
            "t": to_seconds(self.now),
        }
        given = [
            disclose(name, value, self._salt())
            for name, value in {"chain": chain, **groups}.items()
        ]
        leaf = leaf_bytes(ORIGIN, specimen_id(f"act {len(self.acts)}"), sd(given))
        self.acts.append(Act(obj, leaf, tuple(each.text for each in given)))
        grown = self._edge.grown([leaf_hash(leaf)])
        self._edge = grown.edge
        self._tiles.update(grown.files)
        return len(self.acts) - 1

    def close_batch(self, obj: str, members: Sequence[int], groups: Mapping[str, Json]) -> int:
        """Ends a batch over the acts at `members` (custody-log §4)."""
        root = root_of([leaf_hash(self.acts[place].leaf) for place in members])
        reason: Json = {"count": len(members), "more": False, "root": root.hex()}
        return self.append("batch.closed", obj, {"reason": reason, **groups})

    def sign_head(self) -> int:
        """Signs the head as it is, keeps it, and returns its size."""
        size = len(self.acts)
        text = Checkpoint(ORIGIN, size, self._reader.root(size)).text
        self.heads[size] = sign_note(text, self.key).to_bytes()
        return size

    def custody(self, objs: Sequence[str], heads: Sequence[int]) -> Custody:
        """Every act on those subjects with its proof to the present head; `heads` are older."""
        size, reader = self.sign_head(), self._reader
        places = [place for place, act in enumerate(self.acts) if act.obj in objs]
        return Custody(
            entries=tuple(
                Entry(place, self.acts[place].leaf, self.acts[place].disclosures)
                for place in places
            ),
            proofs={place: tuple(inclusion_proof(reader, place, size)) for place in places},
            checkpoint=self.heads[size],
            old_heads=tuple(
                OldHead(self.heads[old], tuple(consistency_proof(reader, old, size)))
                for old in heads
            ),
            keys=(self.key.verifier.text,),
            policy=f"log {self.key.verifier.text}\nquorum none\n".encode(),
        )

    @property
    def _reader(self) -> TileReader:
        return TileReader(self._tiles.__getitem__, len(self.acts))

    def _salt(self) -> bytes:
        self._salts += 1
        return sha256(b"salt %d" % self._salts).digest()[:16]
