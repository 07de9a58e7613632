"""`data/record.json` and `record.html`: what a person reads must be what the log signed.

- The record says by whom, when and for whom the export was made as the export leaf says it.
- The record lists the items of the selection in its order, and every part of theirs by path.
- A part's digest and size stand in the selection, and with its id and media type in an `object`
  group of its item's chain; each part that the chain names is in the record: none is slipped in,
  none left out in silence.
- The page is its template, whose digest the log signed, with one block of JSON in it that readers
  make again from `custody/` and the record, byte for byte.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.verify.canonical import (
    Json,
    as_count,
    as_list,
    as_text,
    parse_canonical,
)
from muniment.verify.contents import Contents, page_files
from muniment.verify.entries import DIGEST, IDENTIFIER
from muniment.verify.fault import Fault, shown
from muniment.verify.layout import PAGE, PART, RECORD
from muniment.verify.selection import Named, Selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from muniment.verify.acts import Act
    from muniment.verify.chains import Story

_OPEN = b'<script type="application/json" id="bundle">'
_CLOSE = b"</script>"
SPECIMEN = "specimen.muniment.invalid/"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part as an act committed it, and as the record must repeat it."""

    row: str
    media_type: str
    sha256: str
    size: int


def check_record(contents: Contents, story: Story) -> None:
    """`Fault` unless the record, the selection and the chains tell of the same items and parts."""
    selection = story.selection
    record = _members(parse_canonical(contents.text(RECORD)), "the record")
    if record.get("schema") != 1 or isinstance(record.get("schema"), bool):
        raise Fault("the record is of a version this reader does not know")
    if record.get("specimen") is not story.export.entry.log.startswith(SPECIMEN):
        raise Fault("the record and the log disagree about what is a specimen")
    _check_batch(record.get("batch", ""), story)
    items = [_members(item, "an item") for item in as_list(record.get("items", ""), "items")]
    if [item.get("obj") for item in items] != list(selection.items):
        raise Fault("the record does not list the items of the selection in its order")
    numbers: set[str] = set()
    listed: set[str] = set()
    for item in items:
        number = as_text(item.get("number", 0), "an item's number")
        as_text(item.get("title", 0), "an item's title")
        if number.lower() in numbers:
            raise Fault(f"the record gives the number {shown(number)} twice")
        numbers.add(number.lower())
        parts = list(_parts(item, number, selection))
        paths = {path for path, _ in parts}
        if len(paths) != len(parts) or not listed.isdisjoint(paths):
            raise Fault("the record lists a path twice")
        listed |= paths
        _check_objects(number, parts, story.chains[as_text(item["obj"], "obj")])
    stray = {path for path in selection.files if PART.fullmatch(path)} - listed
    if stray:
        raise Fault(f"{min(stray)} belongs to no item of the record")


def _check_batch(value: Json, story: Story) -> None:
    """The record says of the export what the export leaf says."""
    batch = _members(value, "the record's batch")
    expected = {
        "by": story.export.agent,
        "date": story.export.time[:10],
        "eid": story.export.entry.eid,
        "obj": story.export.subject,
        "recipient": story.selection.recipient,
    }
    for name, one in expected.items():
        if batch.get(name) != one:
            raise Fault(f"the record and the log disagree about the {name} of the export")


def _members(value: Json, what: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Fault(f"{what} is not an object")
    return value


def _parts(
    item: Mapping[str, Json], number: str, selection: Selection
) -> Iterator[tuple[str, _Part | None]]:
    """Each part by path; None for a withheld part of which nothing else is told."""
    for value in as_list(item.get("parts", ""), "an item's parts"):
        fields = _members(value, "a part")
        path = as_text(fields.get("path", 0), "a part's path")
        place = PART.fullmatch(path)
        if not place or place[1] != number:
            raise Fault(f"the record puts a part of {shown(number)} at {shown(path)}")
        withheld = path in selection.withheld_files
        if withheld and "sha256" not in fields:
            yield path, None
            continue
        as_text(fields.get("name", 0), "a part's name")
        part = _read_part(fields)
        named = Named(part.sha256, part.size)
        if selection.files.get(path, named if withheld else None) != named:
            raise Fault(f"the record and the selection disagree about {path}")
        yield path, part


def _read_part(fields: Mapping[str, Json]) -> _Part:
    part = _Part(
        as_text(fields.get("part", 0), "a part's id"),
        as_text(fields.get("media_type", 0), "a part's media type"),
        as_text(fields.get("sha256", 0), "a part's digest"),
        as_count(fields.get("size", ""), "a part's size"),
    )
    if not IDENTIFIER.fullmatch(part.row) or not DIGEST.fullmatch(part.sha256):
        raise Fault("a part's id or digest is not hex digits")
    return part


def _check_objects(
    number: str, parts: Sequence[tuple[str, _Part | None]], chain: Sequence[Act]
) -> None:
    committed: set[_Part] = set()
    for act in chain:
        if "object" in act.opened.groups:
            group = _members(act.opened.groups["object"], "object")
            values = as_list(group.get("parts", ""), f"the parts of entry {act.index}")
            committed |= {_read_part(_members(value, "a part")) for value in values}
    given = {part for _, part in parts if part}
    for path, part in parts:
        if part and part not in committed:
            raise Fault(f"no act on {shown(number)} names {path} as the record does")
    left_out = committed - given
    if len(left_out) > sum(part is None for _, part in parts):
        digest = min(part.sha256 for part in left_out)
        raise Fault(f"the part of {shown(number)} with SHA-256 {digest} is not in the record")


def check_page(contents: Contents, selection: Selection) -> None:
    """`Fault` unless `record.html` is its template with the bundle's own records in it."""
    page = contents.text(PAGE)
    before, opening, rest = page.partition(_OPEN)
    block, closing, after = rest.partition(_CLOSE)
    if not opening or not closing or _OPEN in rest:
        raise Fault(f"{PAGE} does not have its one block of records")
    template = hashlib.sha256(before + _OPEN + _CLOSE + after).hexdigest()
    if template != selection.template:
        raise Fault(f"{PAGE} is not made from the template that the selection names")
    if block != _embedded(page_files(contents.texts, RECORD)):
        raise Fault(f"the records inside {PAGE} are not those of the bundle")


def _embedded(files: Mapping[str, bytes]) -> bytes:
    text: dict[str, str] = {}
    binary: dict[str, str] = {}
    for path, data in files.items():
        try:
            text[path] = data.decode("utf-8")
        except UnicodeDecodeError:
            binary[path] = base64.b64encode(data).decode()
    block = json.dumps(
        {"binary": binary, "text": text},
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,  # paths are ASCII, where this order and RFC 8785's are one
    )
    return block.replace("<", "\\u003c").encode()
