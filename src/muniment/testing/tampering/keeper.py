"""An archive of one's own in memory, which hands out an exhibit: honest, or made by a thief.

Witnesses have seen its log, an authority stamped it. The same keeper gives the same acts; time
tokens have new keys each run, as their authority is made anew.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import Encoding

from muniment.custody.cosignature import cosign
from muniment.custody.keys import COSIGNATURE_V1, SigningKey
from muniment.custody.note import Note, parse_note
from muniment.evidence.media import media_type_of
from muniment.export.api import Agent, Dossier, Item, OldHead, Part, Watched
from muniment.export.exhibit import Exhibit, write_folder
from muniment.export.verifier_assembly import assemble
from muniment.seal.rfc3161.stamped import new_query
from muniment.testing.simulated_authority import SimulatedAuthority
from muniment.testing.simulated_log import ORIGIN, SimulatedLog, specimen_id

if TYPE_CHECKING:
    from muniment.evidence.canonical import Json
    from muniment.testing.tampering.format import Files

_AT: Final = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
_WITNESSES: Final = 3
_QUORUM: Final = 2
_AGENT: Final = specimen_id("agent")
_EXPORT: Final = specimen_id("export")


@cache
def authority() -> SimulatedAuthority:
    """The time authority of this run."""
    return SimulatedAuthority(now=_AT)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps a log: by what its key and those of its witnesses are made from' keys."""

    who: str = ORIGIN
    witnesses: str = "witnesses"
    described: bool = True  # whether the first item was described after it came in
    stamped: SimulatedAuthority = field(default_factory=authority)

    @property
    def log_key(self) -> str:
        """The verifier key that a reader is given elsewhere."""
        return SimulatedLog(self.who).key.verifier.text

    @property
    def time_root(self) -> bytes:
        """The root of the time authority, in PEM, that a reader is given elsewhere."""
        return self.stamped.root.certificate.public_bytes(Encoding.PEM)

    @property
    def policy(self) -> bytes:
        """Who has to have seen a head of the log."""
        lines = [f"log {self.log_key}"]
        lines += [f"witness w{n} {key.verifier.text}" for n, key in enumerate(self._keys)]
        names = " ".join(f"w{n}" for n in range(_WITNESSES))
        return "\n".join([*lines, f"group g {_QUORUM} {names}", "quorum g", ""]).encode()

    def exhibit(self, evidence: Files) -> Files:
        """The files of a bag that hands this evidence out, an item a file."""
        log = SimulatedLog(self.who)
        items = tuple(_item(n, name, data) for n, (name, data) in enumerate(evidence.items(), 1))
        for item in items:
            log.append("item.received", item.obj, _received(item))
        first = log.sign_head()
        if self.described:
            log.append("item.described", items[0].obj, {"reason": {"reason": "typing error"}})
        prepared = Exhibit().prepare(self._dossier(log, items, first))
        handling: Json = {"batch": _EXPORT, "compartment": "open"}
        members = [log.append("item.exported", one.obj, {"handling": handling}) for one in items]
        log.close_batch(_EXPORT, members, {"selection": dict(prepared.selection)})
        custody = log.custody([*(one.obj for one in items), _EXPORT], [first])
        [old] = custody.old_heads
        custody = replace(
            custody,
            old_heads=(OldHead(self._cosigned(old.note), old.proof),),
            policy=self.policy,
            tokens=self._tokens(first, old.note),
        )
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "bag"
            write_folder(prepared, custody, root)
            paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
            return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}

    @property
    def _keys(self) -> list[SigningKey]:
        return [
            SigningKey(
                f"w{n}.invalid", COSIGNATURE_V1, sha256(f"{self.witnesses} {n}".encode()).digest()
            )
            for n in range(_WITNESSES)
        ]

    def _dossier(self, log: SimulatedLog, items: tuple[Item, ...], head: int) -> Dossier:
        return Dossier(
            name="exhibit-00001",
            origin=ORIGIN,
            eid=specimen_id(f"act {len(log.acts) + len(items)}"),
            obj=_EXPORT,
            by=_AGENT,
            at=log.now,
            recipient="Fictional Prosecutor, Room 4",
            items=items,
            heads=(head,),
            verifier=assemble().encode(),
            agents=(Agent(_AGENT, "intake desk", "program"),),
            organisation="Fictional Archive",
            tokens=(head,),
            watched=Watched(sha256(self.policy).hexdigest(), {head: _QUORUM}),
        )

    def _cosigned(self, note: bytes) -> bytes:
        head = parse_note(note)
        lines = [cosign(head, key, _AT) for key in self._keys[:_QUORUM]]
        return Note(head.text, (*head.signatures, *lines)).to_bytes()

    def _tokens(self, size: int, note: bytes) -> dict[str, bytes]:
        chain = (self.stamped.signer.certificate, self.stamped.root.certificate)
        return {
            f"{size}.note": note,
            f"{size}-1.tsr": self.stamped.reply(new_query(note).data),
            f"{size}-1.pem": b"".join(one.public_bytes(Encoding.PEM) for one in chain),
        }


def _item(number: int, name: str, data: bytes) -> Item:
    part = Part(
        row=specimen_id(name),
        name=name.encode(),
        media_type=media_type_of(name.encode()),
        sha256=sha256(data).hexdigest(),
        size=len(data),
        open=partial(io.BytesIO, data),
    )
    return Item(specimen_id(f"item {number}"), f"M-{number:05}", name, (part,))


def _received(item: Item) -> dict[str, Json]:
    parts: Json = [
        {"media_type": p.media_type, "part": p.row, "sha256": p.sha256, "size": p.size}
        for p in item.parts
    ]
    return {
        "object": {"parts": parts},
        "source": {"name": item.title},
        "handling": {"compartment": "open"},
    }
