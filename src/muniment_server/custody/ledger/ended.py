"""What of a log holds that cannot go on, so that a new one can carry it over (custody-log §5).

- What holds are the entries below the largest kept head whose signature checks and whose root they
  give; everything above it is lost, whoever or whatever took it.
- Nothing is written to the old log or its database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import TextField
from django.db.models.functions import Cast

from muniment.archive.details import DetailsLine
from muniment.archive.log_files import read_published
from muniment.archive.problem import Problem
from muniment.custody.keys import VerifierKey
from muniment.custody.leaf import leaf_hash
from muniment.custody.note import check_note
from muniment.evidence.instant import parse as parse_instant
from muniment_server.custody import queries
from muniment_server.custody.ledger import closing
from muniment_server.custody.ledger.reading import RowState, read_act
from muniment_server.custody.models import Leaf
from muniment_server.database.closed import split_stored

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping

    from muniment.custody.checkpoint import Checkpoint
    from muniment.evidence.canonical import Json

BEGUN: Final = "log.epoch"


@dataclass(frozen=True, slots=True)
class Ended:
    """A log that cannot go on: its last signed head, and how much of it still holds."""

    last: Checkpoint
    key: VerifierKey
    holds: int

    @property
    def lost(self) -> int:
        """How many entries were signed and are gone, or are not what was signed."""
        return self.last.size - self.holds

    def told(self) -> dict[str, Json]:
        """Return what the first leaf of the new log says of it."""
        return {
            "key": self.key.text,
            "origin": self.last.origin,
            "root": self.last.root.hex(),
            "size": self.last.size,
        }


@dataclass(slots=True)
class Subject:
    """One subject of the old log: where its chain ends, and what it left."""

    obj: str
    index: int
    n: int = 0
    last: str = ""
    rows: dict[tuple[str, str], RowState] = field(default_factory=dict)
    sealed: dict[tuple[str, str], str] = field(default_factory=dict)
    parts: dict[str, Json] = field(default_factory=dict)
    source: dict[str, Json] = field(default_factory=dict)


def hashes_of(using: str) -> Iterator[bytes]:
    """Give the hashes of a database's leaves, computed anew, as long as none is missing."""
    rows = Leaf.objects.using(using).order_by("index").values_list("index", "data")
    for place, (index, data) in enumerate(rows.iterator(512)):
        if index != place:
            return
        yield leaf_hash(bytes(data))


def subjects_of(using: str, size: int) -> tuple[list[Subject], datetime.datetime]:
    """Return the subjects of the first entries of a database, in log order, and the last time.

    Raises `TamperSuspected` for an entry whose disclosures do not fit it.
    """
    found: dict[str, Subject] = {}
    owner: dict[tuple[str, str], Subject] = {}
    chain: Any = {}
    for line in _lines(using, size):
        act = read_act(line.index, line.leaf, closing.opened_line(line).split("\n"), whole=False)
        chain = act.chain
        subject = found.setdefault(chain["obj"], Subject(chain["obj"], line.index))
        subject.n, subject.last = chain["n"], leaf_hash(line.leaf).hex()
        for row in act.rows:
            key = (row.model, row.pk)
            if key in owner:
                owner[key].rows.pop(key)
                owner[key].sealed.pop(key)
            owner[key] = subject
            subject.rows[key] = row
            subject.sealed[key] = closing.subject_of(line, chain)
        _take_groups(subject, act.groups)
    return list(found.values()), parse_instant(chain["t"])


def _lines(using: str, size: int) -> Iterator[DetailsLine]:
    rows = Leaf.objects.using(using).filter(index__lt=size).order_by("index")
    stored = rows.annotate(stored=Cast("disclosures", TextField()))
    for index, data, text in stored.values_list("index", "data", "stored").iterator(512):
        yield DetailsLine(index, bytes(data), *split_stored(text))


def _take_groups(subject: Subject, groups: Mapping[str, Any]) -> None:
    for part in groups.get("object", {}).get("parts", ()):
        subject.parts[part["part"]] = part
    subject.source.update(groups.get("source", {}))


def earlier() -> Mapping[str, Any] | None:
    """Return what the first leaf says of the log before this one; None where there was none."""
    leaf = Leaf.objects.filter(index=0, kind=BEGUN).first()
    if leaf is None:
        return None
    found: Mapping[str, Any] = read_act(0, bytes(leaf.data), leaf.disclosures.split("\n")).groups[
        "handling"
    ]["earlier"]
    return found


def check_earlier() -> Iterator[Problem]:
    """Give what is wrong with the log before this one: it must stand beside it, signed."""
    told = earlier()
    if told is None:
        return
    key = VerifierKey.parse(told["key"])
    for folder in sorted(queries.workspace().archive.glob("ended-*")):
        note = read_published(folder)
        if note is not None and check_note(note, key):
            return
    yield Problem("epoch.lost", told["origin"], "the log that this one carries on is gone")
