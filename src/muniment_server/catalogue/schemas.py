"""Items, findings and collections as the API, the command line and the pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ninja import Schema

from muniment.evidence.instant import to_micros
from muniment_server.catalogue.models import Method, Outcome
from muniment_server.custody.queries import compartment_name
from muniment_server.custody.schemas import Words

if TYPE_CHECKING:
    from muniment_server.catalogue.models import Collection, Finding, Item, Part, Rendition
    from muniment_server.custody.models import Job

__all__ = [
    "CollectionIn",
    "DescribeIn",
    "GatherIn",
    "Method",
    "Outcome",
    "collection_record",
    "finding_record",
    "item_record",
    "media_kind",
    "part_record",
    "rendition_record",
]

_KINDS = (
    ("image/", "image"),
    ("video/", "video"),
    ("audio/", "audio"),
    ("text/html", "page"),
    ("text/", "document"),
    ("application/pdf", "document"),
)


class DescribeIn(Schema):
    """What a person says an item is."""

    title: Words
    description: str = ""
    graphic: bool | None = None
    reason: str = ""


class CollectionIn(Schema):
    """A new collection, and what it is for."""

    title: Words
    description: str = ""
    reason: str = ""


class GatherIn(Schema):
    """An item for a collection, by its number."""

    item: Words
    reason: str = ""


class PartOut(Schema):
    """One file of an item."""

    id: str
    place: int
    name: str
    sha256: str
    size: int
    media_type: str


class RenditionOut(Schema):
    """What was made from an original, by what."""

    id: str
    part: str
    kind: str
    sha256: str
    size: int
    media_type: str
    made_from: str
    tool: str
    version: str
    parameters: dict[str, Any]


class FindingOut(Schema):
    """What an examination found."""

    id: str
    item: str
    part: str
    examination: str
    tool: str
    version: str
    outcome: Literal["supports", "contradicts", "inconclusive"]
    summary: str
    basis: str
    citation: str


class CollectionOut(Schema):
    """A collection."""

    id: str
    number: str
    index: int
    title: str
    description: str


class CollectionWholeOut(CollectionOut):
    """A collection with the numbers of its items."""

    items: list[str]


class ItemOut(Schema):
    """An item as a list shows it."""

    id: str
    number: str
    index: int
    title: str
    description: str
    source: str
    collected_by: str
    mandate: str
    method: str
    media_type: str
    received: str
    graphic: bool
    compartment: str
    parts: list[PartOut]


class ItemWholeOut(ItemOut):
    """An item with everything the reader may know of it."""

    findings: list[FindingOut]
    renditions: list[RenditionOut]
    collections: list[CollectionOut]


class ReceivedOut(Schema):
    """How many of the files sent are held now, and why others are not."""

    received: int
    errors: list[str]


class StandingOut(Schema):
    """Where an examination stands."""

    state: str
    attempts: int
    error: str


class ExaminationOut(Schema):
    """The examination that was asked for; null where none waits, runs or was given up."""

    examination: StandingOut | None


def media_kind(media_type: str) -> str:
    """Return the mark a media type is shown with."""
    return next((kind for prefix, kind in _KINDS if media_type.startswith(prefix)), "file")


def part_record(part: Part) -> dict[str, Any]:
    """Return a part as the API shows it."""
    return {
        "id": part.pk.hex,
        "place": part.place,
        "name": part.name,
        "sha256": part.sha256,
        "size": part.size,
        "media_type": part.media_type,
    }


def rendition_record(rendition: Rendition) -> dict[str, Any]:
    """Return a rendition as the API shows it."""
    return {
        "id": rendition.pk.hex,
        "part": rendition.part_id.hex,
        "kind": rendition.kind,
        "sha256": rendition.sha256,
        "size": rendition.size,
        "media_type": rendition.media_type,
        "made_from": rendition.parent_sha256,
        "tool": rendition.tool,
        "version": rendition.version,
        "parameters": rendition.parameters,
    }


def item_record(item: Item) -> dict[str, Any]:
    """Return an item as the API and the command line show it."""
    return {
        "id": item.pk.hex,
        "number": item.number,
        "index": item.seq,
        "title": item.title,
        "description": item.description,
        "source": item.source,
        "collected_by": item.collected_by,
        "mandate": item.mandate,
        "method": item.method,
        "media_type": item.media_type,
        "received": to_micros(item.received),
        "graphic": item.graphic,
        "compartment": compartment_name(item.compartment_id),
        "parts": [part_record(part) for part in item.parts.all()],
    }


def examination_record(job: Job | None) -> dict[str, Any] | None:
    """Return where the examination that was asked for stands; None where none is."""
    if job is None:
        return None
    return {"state": job.state, "attempts": job.attempts, "error": job.error}


def finding_record(finding: Finding) -> dict[str, Any]:
    """Return a finding in the shape of cli.md."""
    return {
        "id": finding.pk.hex,
        "item": finding.part.item_id.hex,
        "part": finding.part_id.hex,
        "examination": finding.examination,
        "tool": finding.tool,
        "version": finding.version,
        "outcome": finding.outcome,
        "summary": finding.summary,
        "basis": finding.basis,
        "citation": finding.citation,
    }


def collection_record(collection: Collection) -> dict[str, Any]:
    """Return a collection as the API shows it."""
    return {
        "id": collection.pk.hex,
        "number": collection.number,
        "index": collection.seq,
        "title": collection.title,
        "description": collection.description,
    }
