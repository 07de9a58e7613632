"""What the law as data rests on: the texts that were opened, and the basis of every statement.

- A source may be cited only if it was opened: address, date read and SHA-256 of what was read are
  all kept (blueprint §12 (8)). One without the three is refused when the file is read.
- A basis is *checked* only if it names such a source. Everything else, a missing basis too, is
  unchecked, whatever word it uses.
- A note is a statement of its own and has a basis of its own; without one it is unchecked.

Whether a source is right, or a paraphrase faithful, is for the reader of the source to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from muniment.law.reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.law.reading import Record

UNCHECKED = "unchecked"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_NOT_STATED = "what it was checked against is not recorded"


@dataclass(frozen=True, slots=True)
class Source:
    """A text that somebody opened: where, when, and the SHA-256 (hex) of the bytes they read."""

    id: str
    title: str
    edition: str
    address: str
    read: str
    sha256: str
    note: str

    @property
    def named(self) -> str:
        """The source as a reader needs it: title, kind of copy, date read."""
        return f"{self.title}, {self.edition}, read {self.read}"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a statement was checked against: a source, or a word that says why there is none."""

    value: str
    meaning: str
    note: str = ""
    source: Source | None = None

    @property
    def checked(self) -> bool:
        """Tell whether the statement was compared with a text that was opened and kept."""
        return self.source is not None

    @property
    def words(self) -> str:
        """The basis in one phrase; begins with `unchecked` unless it is checked."""
        if self.source is not None:
            said = f"checked against {self.source.named}"
        else:
            said = f"{UNCHECKED}: {self.meaning}"
        return f"{said} ({self.note})" if self.note else said


@dataclass(frozen=True, slots=True)
class Note:
    """A remark of ours beside a statement, with a basis of its own."""

    text: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Bases:
    """The basis words of one file: its sources, and what its other words mean."""

    sources: Mapping[str, Source]
    meanings: Mapping[str, str]

    def of(self, record: Record) -> Basis:
        """Read `basis` and `basis_note` of a record."""
        return self._read(record, "basis", record.text_or("basis_note"))

    def note(self, record: Record) -> Note | None:
        """Read `note` and `note_basis` of a record, or None where there is no note."""
        if "note" not in record:
            if "note_basis" in record:
                record.fault("note_basis", "has no `note` beside it")
            return None
        return Note(record.text("note"), self._read(record, "note_basis", ""))

    def word(self, record: Record, key: str) -> Basis:
        """Read a basis from a key of its own."""
        return self._read(record, key, "")

    def _read(self, record: Record, key: str, note: str) -> Basis:
        if key not in record:
            return Basis("", _NOT_STATED, note)
        value = record.choice(key, (*self.sources, *self.meanings))
        if value in self.sources:
            source = self.sources[value]
            return Basis(value, source.title, note, source)
        return Basis(value, self.meanings[value], note)


def read_bases(meta: Record, sources: Mapping[str, Source]) -> Bases:
    """Read the `basis_values` of a file's meta; a word may not hide a source of the same name."""
    values = meta.record("basis_values")
    meanings = {word: values.text(word) for word in values.fields}
    for word in meanings:
        if word in sources:
            values.fault(word, "is the id of a source as well")
    return Bases(sources, meanings)


def read_sources(data: bytes, file: str = "sources.yaml") -> Mapping[str, Source]:
    """Read the file of sources; refuse one that lacks address, date read or digest."""
    top = read_yaml(data, file)
    found: dict[str, Source] = {}
    for record in top.records("sources"):
        source = _read_source(record)
        if source.id in found:
            record.fault("id", "is used twice")
        found[source.id] = source
    top.done()
    return found


def _read_source(record: Record) -> Source:
    source = Source(
        id=record.text("id"),
        title=record.text("title"),
        edition=record.text("edition"),
        address=record.text("address"),
        read=record.text("read"),
        sha256=record.text("sha256"),
        note=record.text_or("note"),
    )
    if not source.address.startswith("https://"):
        record.fault("address", "is not an https address", "Give the address that was opened.")
    read = record.day("read")
    if read is None or read.first != read.last:
        record.fault("read", "is not a day", "Write the day it was read as 2026-11-21.")
    if not _SHA256.match(source.sha256):
        record.fault("sha256", "is not a SHA-256", "64 small hex digits of the bytes read.")
    record.done()
    return source


def packaged(name: str) -> bytes:
    """Return the bytes of a file of the law that is shipped with the package."""
    return resources.files("muniment.law").joinpath("data", name).read_bytes()


@cache
def sources() -> Mapping[str, Source]:
    """Return the sources shipped with the package, by id."""
    return read_sources(packaged("sources.yaml"))
