"""`data/record.json` and `record.html`: what a person reads must be what the log signed.

- The record lists the items of the selection in its order, and every part of theirs by path.
- A part's digest and size stand in the selection and in an `object` group of its item's chain, and
  each part that the chain names is in the record: none is slipped in, none left out in silence.
- The page is its template, whose digest the log signed, with one block of JSON in it that readers
  make again from `custody/` and the record, byte for byte.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

from muniment.verify.canonical import (
    Json,
    as_count,
    as_list,
    as_text,
    parse_canonical,
)
from muniment.verify.contents import Contents, page_files
from muniment.verify.entries import DIGEST
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


def check_record(contents: Contents, story: Story) -> None:
    """`Fault` unless the record, the selection and the chains tell of the same items and parts."""
    selection = story.selection
    record = _members(parse_canonical(contents.text(RECORD)), "the record")
    if record.get("schema") != 1 or isinstance(record.get("schema"), bool):
        raise Fault("the record is of a version this reader does not know")
    if record.get("specimen") is not story.export.entry.log.startswith(SPECIMEN):
        raise Fault("the record and the log disagree about what is a specimen")
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
        parts = dict(_parts(item, number, selection))
        if not listed.isdisjoint(parts):
            raise Fault("the record lists a path twice")
        listed |= parts.keys()
        _check_objects(number, parts, story.chains[as_text(item["obj"], "obj")])
    stray = {path for path in selection.files if PART.fullmatch(path)} - listed
    if stray:
        raise Fault(f"{min(stray)} belongs to no item of the record")


def _members(value: Json, what: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Fault(f"{what} is not an object")
    return value


def _parts(
    item: Mapping[str, Json], number: str, selection: Selection
) -> Iterator[tuple[str, Named | None]]:
    """Each part's path, with its digest and size; None for a withheld part that gives neither."""
    for value in as_list(item.get("parts", ""), "an item's parts"):
        part = _members(value, "a part")
        path = as_text(part.get("path", 0), "a part's path")
        place = PART.fullmatch(path)
        if not place or place[1] != number:
            raise Fault(f"the record puts a part of {shown(number)} at {shown(path)}")
        withheld = path in selection.withheld_files
        if withheld and "sha256" not in part:
            yield path, None
            continue
        as_text(part.get("name", 0), "a part's name")
        as_text(part.get("media_type", 0), "a part's media type")
        named = Named(
            as_text(part.get("sha256", 0), "a part's digest"),
            as_count(part.get("size", ""), "a part's size"),
        )
        if selection.files.get(path, named if withheld else None) != named:
            raise Fault(f"the record and the selection disagree about {path}")
        yield path, named


def _check_objects(number: str, parts: Mapping[str, Named | None], chain: Sequence[Act]) -> None:
    committed: set[Named] = set()
    for act in chain:
        if "object" in act.opened.groups:
            committed |= set(_objects(act))
    given = {named for named in parts.values() if named}
    for path, named in parts.items():
        if named and named not in committed:
            raise Fault(f"no act on {shown(number)} names the bytes of {path}")
    left_out = committed - given
    if len(left_out) > list(parts.values()).count(None):
        digest = min(named.sha256 for named in left_out)
        raise Fault(f"the part of {shown(number)} with SHA-256 {digest} is not in the record")


def _objects(act: Act) -> Iterator[Named]:
    group = _members(act.opened.groups["object"], "object")
    for value in as_list(group.get("parts", ""), f"the parts of entry {act.index}"):
        part = _members(value, "a part")
        digest = as_text(part.get("sha256", 0), "a part's digest")
        if not DIGEST.fullmatch(digest):
            raise Fault(f"entry {act.index} has a digest that is not 64 hex digits")
        yield Named(digest, as_count(part.get("size", ""), "a part's size"))


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
