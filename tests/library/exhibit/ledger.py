"""A custody log in memory, for tests that need whole exhibits: real leaves, tiles, proofs, notes.

- It writes what custody-log §2 says and nothing else; salts, keys and the clock are fixed, so that
  the same story gives the same bytes.
- `twists` make its keeper dishonest: each names a point of the writing (`chain <label>`,
  `groups <label>`, `leaf <label>`, `texts <label>`, `reason <label>`, `head <size>`) and gets the
  value that was about to be used. Signatures and proofs are then made over what it returns.
"""

from __future__ import annotations

import itertools
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, TypeAlias

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import ED25519, SigningKey
from muniment.custody.leaf import leaf_hash
from muniment.custody.merkle import root_of
from muniment.custody.note import sign_note
from muniment.custody.proof import consistency_proof, inclusion_proof
from muniment.custody.tiles import TileEdge, TileReader
from muniment.evidence.canonical import canonical
from muniment.evidence.disclosure import Disclosure, disclose
from muniment.evidence.instant import to_seconds
from muniment.export.api import Custody, Entry, OldHead

# Whatever an act says, or a dishonest keeper would have it say.
Value: TypeAlias = Any
Groups = dict[str, Value]
Twists = Mapping[str, Callable[[Value], Value]]

START = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)


def id_of(name: str) -> str:
    """The same 32 hexadecimal digits for the same name."""
    return sha256(name.encode()).hexdigest()[:32]


def name_in(text: str) -> Value:
    """The name in a disclosure's text, which a dishonest keeper may have written by hand."""
    return json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))[1]


def key_of(origin: str, secret: str = "") -> SigningKey:
    """The same key for the same name and secret."""
    return SigningKey(origin, ED25519, sha256(f"{origin} {secret}".encode()).digest())


@dataclass(frozen=True)
class Written:
    """An act as the log has it."""

    label: str
    obj: str
    n: int
    leaf: bytes
    texts: tuple[str, ...]
    batch: str


@dataclass
class Ledger:
    origin: str = "specimen.muniment.invalid/tests-00000000"
    twists: Twists = field(default_factory=dict)
    secret: str = ""
    written: list[Written] = field(default_factory=list)
    heads: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = key_of(self.origin, self.secret)
        self._salts = itertools.count()
        self._edge = TileEdge()
        self._tiles: dict[str, bytes] = {}

    @property
    def size(self) -> int:
        return len(self.written)

    @property
    def now(self) -> datetime:
        """The time of the next act: a second after the last."""
        return START + timedelta(seconds=self.size)

    def twisted(self, point: str, value: Value) -> Value:
        return self.twists[point](value) if point in self.twists else value

    def act(
        self, label: str, kind: str, obj: str, groups: Groups, *, withhold: Sequence[str] = ()
    ) -> int:
        """Write an act; `groups` named in `withhold` are committed to and not disclosed."""
        own = [one for one in self.written if one.obj == obj]
        chain = {
            "act": kind,
            "by": id_of("agent"),
            "n": len(own),
            "obj": obj,
            "prev": leaf_hash(own[-1].leaf).hex() if own else "",
            "t": to_seconds(self.now),
        }
        chain = self.twisted(f"chain {label}", chain)
        groups = self.twisted(f"groups {label}", {"chain": chain, **groups})
        tops: list[Disclosure] = []
        texts: list[str] = []
        for name, value in groups.items():
            top, below = self._disclosed(name, value)
            tops.append(top)
            if name not in withhold:
                texts += [top.text, *below]
        leaf = {
            "_sd": sorted(top.digest for top in tops),
            "eid": id_of(f"act {label}"),
            "log": self.origin,
            "v": 1,
        }
        data = canonical(self.twisted(f"leaf {label}", leaf))
        batch = groups.get("handling", {}).get("batch", "")
        given = tuple(self.twisted(f"texts {label}", texts))
        self.written.append(Written(label, obj, len(own), data, given, batch))
        growth = self._edge.grown([leaf_hash(data)])
        self._edge = growth.edge
        self._tiles.update(growth.files)
        return self.size - 1

    def _disclosed(self, name: str, value: Value) -> tuple[Disclosure, list[str]]:
        """A group; `state` is disclosed row by row and field group by field group."""
        if name != "state":
            return self._one(name, value), []
        rows: list[Disclosure] = []
        texts: list[str] = []
        for row, fields in value.items():
            inner = [self._one(group, part) for group, part in fields.items()]
            rows.append(self._one(row, {"_sd": sorted(one.digest for one in inner), "schema": 1}))
            texts += [rows[-1].text, *(one.text for one in inner)]
        return self._one(name, {"_sd": sorted(one.digest for one in rows)}), texts

    def _one(self, name: str, value: Value) -> Disclosure:
        return disclose(name, value, sha256(b"salt %d" % next(self._salts)).digest()[:16])

    def close(self, label: str, batch: str, members: Sequence[int], groups: Groups) -> int:
        """End a group of a batch; `groups` may hold more of `reason`, and `selection`."""
        hashes = [leaf_hash(self.written[at].leaf) for at in members]
        reason = {"count": len(members), "more": False, "root": root_of(hashes).hex()}
        reason = self.twisted(f"reason {label}", {**reason, **groups.pop("reason", {})})
        return self.act(label, "batch.closed", batch, {"reason": reason, **groups})

    def keep_head(self) -> int:
        """Sign the head as it is and keep it; return its size."""
        self.heads[self.size] = self.head(self.size)
        return self.size

    def head(self, size: int) -> bytes:
        text = Checkpoint(self.origin, size, self.reader.root(size)).text
        return sign_note(self.twisted(f"head {size}", text), self.key).to_bytes()

    @property
    def reader(self) -> TileReader:
        def read(path: str) -> bytes:
            if path not in self._tiles:
                raise FileNotFoundError(path)
            return self._tiles[path]

        return TileReader(read, self.size)

    def first_head(self, obj: str) -> int:
        """The size of the first kept head above the subject's first leaf."""
        first = next(at for at, one in enumerate(self.written) if one.obj == obj)
        return min(size for size in self.heads if size > first)

    def entries(self, items: Sequence[str], batch: str) -> list[int]:
        """The places a bundle needs: the items' chains, the export's batch, other batches' ends."""
        wanted = {at for at, one in enumerate(self.written) if one.obj in (*items, batch)}
        for at in list(wanted):
            other = self.written[at].batch
            if other and other != batch:
                ends = [end for end, one in enumerate(self.written) if one.obj == other]
                wanted.update(sorted(end for end in ends if end > at)[:1])
        return sorted(wanted)

    def _given(self, at: int, batch: str) -> tuple[str, ...]:
        """An act's disclosures; who got an earlier export is not this recipient's business."""
        act = self.written[at]
        return tuple(text for text in act.texts if act.obj == batch or name_in(text) != "selection")

    def custody(self, items: Sequence[str], batch: str, heads: Sequence[int]) -> Custody:
        """What the log says of these items at its present size."""
        reader, size = self.reader, self.size
        places = self.entries(items, batch)
        entries = [Entry(at, self.written[at].leaf, self._given(at, batch)) for at in places]
        return Custody(
            entries=tuple(entries),
            proofs={at: tuple(inclusion_proof(reader, at, size)) for at in places},
            checkpoint=self.head(size),
            old_heads=tuple(
                OldHead(self.heads[old], tuple(consistency_proof(reader, old, size)))
                for old in heads
            ),
            keys=(self.key.verifier.text,),
            policy=f"log {self.key.verifier.text}\nquorum none\n".encode(),
        )
