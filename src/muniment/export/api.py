"""What an exporter promises, and the values it receives (custody-log §7).

- An export has two halves with an act between them. `prepare` makes everything that the act must
  name; the act `item.exported` and its batch leaf are then committed; `write` adds what the log
  says of them. An exporter takes no part in the act itself.
- `resume` makes the first half again from what was kept, so that one act always gives one file.
- Values only: openers give bytes, digests say which bytes must come.

Not its job: who may export what; which disclosures a recipient may see; keeping objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from muniment.evidence.canonical import Json


@dataclass(frozen=True, slots=True)
class PayloadFile:
    """One file of an export: where it goes, which bytes it must have, and how to read them."""

    path: str
    sha256: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an item, as the item's acts recorded it.

    `row` is the part's id in the `object` group. `name` is the name it was received under, as
    bytes. `made_from` is the row of the part that a rendition was made from, empty for an original.
    `open` is None where the part is withheld: it keeps its number and gives nothing away.
    """

    row: str
    name: bytes
    media_type: str
    sha256: str
    size: int
    open: Callable[[], BinaryIO] | None
    made_from: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A subject of the export: its id in the log, its number, its title and its parts in order."""

    obj: str
    number: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """Who an agent id in the acts stands for, as far as the recipient may know."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Watched:
    """By which witness policy a bundle is judged, and how much of what they said goes along.

    `policy` is the SHA-256 of `custody/policy` in hexadecimal; `lines` says by size how many
    cosignatures of its witnesses an old head bears; `checkpoint` whether the export waits until its
    own head is cosigned by a quorum.
    """

    policy: str
    lines: Mapping[int, int]
    checkpoint: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is to leave, for whom, under which act.

    `origin` is the log's; `eid` and `obj` are the ids that the export's last batch leaf and its
    batch will have; `by` is the agent's id; `at` is the time of the act (only its date is used).
    `withheld` labels the kinds of disclosure left out, `heads` are the sizes of the old heads that
    will be proved, `tokens` the sizes of the heads whose time tokens go along: older heads among
    them, or the export's own. `watched` is None where nobody watches the log. `verifier` is the
    stand-alone program to enclose. `earlier` are the logs that this one carries on. `sha512` asks
    for a second manifest of the payload.
    """

    name: str
    origin: str
    eid: str
    obj: str
    by: str
    at: datetime
    recipient: str
    items: tuple[Item, ...]
    heads: tuple[int, ...]
    verifier: bytes
    agents: tuple[Agent, ...] = ()
    organisation: str = ""
    withheld: tuple[str, ...] = ()
    tokens: tuple[int, ...] = ()
    watched: Watched | None = None
    earlier: tuple[EarlierLog, ...] = ()
    sha512: bool = False


@dataclass(frozen=True, slots=True)
class EarlierLog:
    """A log that this one carries on: its origin, and its last signed head (root in hex)."""

    origin: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log with the disclosures that the recipient may see, parents first."""

    index: int
    leaf: bytes
    disclosures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OldHead:
    """A signed head that was kept, and the proof that the export's head extends it."""

    note: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Custody:
    """What the log says once the export act is committed.

    `entries` in index order, each with its inclusion proof under the same index in `proofs`;
    `checkpoint` is the signed note that all of them lead to; `keys` are verifier keys, the log's
    own first; `policy` is a C2SP tlog-policy. `tokens` are the files under `custody/tsa` by name
    (`muniment.seal.rfc3161.kept_files`).
    """

    entries: tuple[Entry, ...]
    proofs: Mapping[int, tuple[bytes, ...]]
    checkpoint: bytes
    old_heads: tuple[OldHead, ...]
    keys: tuple[str, ...]
    policy: bytes
    tokens: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass(frozen=True, slots=True)
class Prepared:
    """The first half of an export, done.

    `selection` is the value for the group of that name in the batch leaf. `made` are the files the
    exporter wrote itself, by path, and `template` what it fills in after the act: all of them must
    be kept as objects for `resume`. `payload` are the files that are objects already.
    """

    selection: Mapping[str, Json]
    made: Mapping[str, bytes]
    template: bytes
    payload: tuple[PayloadFile, ...]

    @property
    def kept(self) -> tuple[bytes, ...]:
        """What must be kept as objects, named by digest, so that `resume` finds it."""
        return (*self.made.values(), self.template)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: where, its SHA-256 in hexadecimal, its size in bytes."""

    path: Path
    sha256: str
    size: int


class Exporter(Protocol):
    """A way out. Implementations are stateless and are made without arguments."""

    @property
    def name(self) -> str:
        """What `--as` calls the format."""
        ...

    @property
    def media_type(self) -> str:
        """The media type of the file that is written."""
        ...

    def prepare(self, dossier: Dossier) -> Prepared:
        """Return what the act must name; raises InvalidInput for a dossier that cannot leave."""
        ...

    def resume(self, selection: Mapping[str, Json], fetch: Callable[[str], BinaryIO]) -> Prepared:
        """Return the first half again; `fetch` opens an object by its SHA-256 in hexadecimal."""
        ...

    def write(self, prepared: Prepared, custody: Custody, to: Path) -> Written:
        """Write the file durably and whole, or leave nothing.

        Raises Conflict if something is at `to`, TamperSuspected if bytes or proofs contradict what
        the log says, Unavailable if the destination cannot take it.
        """
        ...
