"""Persons, units and postings as the API, the command line and pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Schema

from muniment_server.custody.queries import compartment_name
from muniment_server.custody.schemas import RootOut
from muniment_server.entities.models import Sex, UnitKind

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.entities.models import Person, PersonName, Posting, Subordination, Unit

__all__ = [
    "Sex",
    "UnitKind",
    "cite_records",
    "day",
    "name_record",
    "person_record",
    "posting_record",
    "root_record",
    "subordination_record",
    "unit_record",
]


class CiteOut(Schema):
    """Where something can be read: an item, and the place in it."""

    item: str
    place: str


class PersonOut(RootOut):
    """A person as a list shows them."""

    name: str
    sex: str
    born_from: str | None
    born_to: str | None
    nationality: str
    note: str


class NameOut(Schema):
    """A further name of a person."""

    text: str
    language: str
    kind: str
    cites: list[CiteOut]


class PostingOut(Schema):
    """A person's post in a unit, both by number."""

    id: str
    person: str
    unit: str
    title: str
    rank: str
    held_from: str | None
    held_to: str | None
    confidence: str
    cites: list[CiteOut]


class PersonWholeOut(PersonOut):
    """A person with further names and posts."""

    names: list[NameOut]
    postings: list[PostingOut]


class UnitOut(RootOut):
    """A unit as a list shows it."""

    name: str
    kind: str
    party: str
    note: str


class SubordinationOut(Schema):
    """A unit and the unit it stood under, both by number."""

    id: str
    unit: str
    superior: str
    held_from: str | None
    held_to: str | None
    confidence: str
    cites: list[CiteOut]


class UnitWholeOut(UnitOut):
    """A unit with its posts, and what stood over and under it."""

    postings: list[PostingOut]
    superiors: list[SubordinationOut]
    subordinates: list[SubordinationOut]


def root_record(row: Root) -> dict[str, Any]:
    """Return what every record with a number begins with."""
    return {
        "id": row.pk.hex,
        "number": row.number,
        "index": row.seq,
        "compartment": compartment_name(row.compartment_id),
    }


def day(value: datetime.date | None) -> str | None:
    """Return a day as YYYY-MM-DD."""
    return None if value is None else value.isoformat()


def cite_records(rows: Iterable[Any], cited: Mapping[str, Item]) -> list[dict[str, str]]:
    """Return where rows can be read, as far as the reader may know those items."""
    found = []
    for row in rows:
        item = cited.get(str(row.citation.get("item", "")))
        if item is not None:
            found.append({"item": item.number, "place": str(row.citation.get("place", ""))})
    return found


def person_record(person: Person) -> dict[str, Any]:
    """Return a person as the API shows it in a list."""
    return {
        **root_record(person),
        "name": person.name,
        "sex": person.sex,
        "born_from": day(person.born_from),
        "born_to": day(person.born_to),
        "nationality": person.nationality,
        "note": person.note,
    }


def name_record(name: PersonName, cited: Mapping[str, Item]) -> dict[str, Any]:
    """Return a further name as the API shows it."""
    return {
        "text": name.text,
        "language": name.language,
        "kind": name.kind,
        "cites": cite_records([name], cited),
    }


def unit_record(unit: Unit) -> dict[str, Any]:
    """Return a unit as the API shows it in a list."""
    return {
        **root_record(unit),
        "name": unit.name,
        "kind": unit.kind,
        "party": unit.party,
        "note": unit.note,
    }


def posting_record(posting: Posting, cited: Mapping[str, Item]) -> dict[str, Any]:
    """Return a posting as the API shows it, its person and unit by number."""
    return {
        "id": posting.pk.hex,
        "person": posting.person.number,
        "unit": posting.unit.number,
        "title": posting.title,
        "rank": posting.rank,
        **_held(posting),
        "cites": cite_records([posting], cited),
    }


def subordination_record(link: Subordination, cited: Mapping[str, Item]) -> dict[str, Any]:
    """Return a command relation as the API shows it."""
    return {
        "id": link.pk.hex,
        "unit": link.unit.number,
        "superior": link.superior.number,
        **_held(link),
        "cites": cite_records([link], cited),
    }


def _held(row: Posting | Subordination) -> dict[str, Any]:
    return {
        "held_from": day(row.held_from),
        "held_to": day(row.held_to),
        "confidence": row.confidence,
    }
