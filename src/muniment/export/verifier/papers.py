# SPDX-License-Identifier: 0BSD
"""The bag's own papers, made again: manifests, the record, the page that a person opens.

- What can be made from other files is made again and compared byte for byte.
- What cannot is compared with the selection that the log signed.
- Each part of an item is named by digest in the item's own acts, and each part that those acts name
  is in the record: nothing was slipped in, and nothing left out in silence.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, NamedTuple

from muniment.export.verifier.entries import HEX_32, HEX_64
from muniment.export.verifier.fault import Fault, demand, shown
from muniment.export.verifier.jcs import count_of, list_of, parse_json, text_of, texts_of
from muniment.export.verifier.story import PART_PATH, TAG_FILES, Fingerprint, is_selectable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from muniment.export.verifier.jcs import Json
    from muniment.export.verifier.opening import Bundle
    from muniment.export.verifier.story import Act, Selection, Story

SPECIMEN_ORIGIN = "specimen.muniment.invalid/"
PROOF_PATH = re.compile(r"custody/proofs/(?:0|[1-9][0-9]{0,15})\.tlog-proof")
CONSISTENCY_PATH = re.compile(r"custody/consistency/[1-9][0-9]{0,15}-[1-9][0-9]{0,15}")
TOKEN_PATH = re.compile(
    r"custody/tsa/[1-9][0-9]{0,15}(?:\.note|-[1-9]\.(?:tsr|pem|crl|ocsp))", re.ASCII
)
_CUSTODY = ("custody/checkpoint", "custody/entries.jsonl", "custody/keys", "custody/policy")
_MANIFEST, _LONGER_MANIFEST = "manifest-sha256.txt", "manifest-sha512.txt"
_TAG_MANIFEST = "tagmanifest-sha256.txt"
_BLOCK_START, _BLOCK_END = b'<script type="application/json" id="bundle">', b"</script>"
_INFO_LINE = re.compile(r"([A-Za-z0-9-]+): (\S(?:.*\S)?)")


class _Part(NamedTuple):
    """A part as an act committed it, and as the record must repeat it."""

    row: str
    media_type: str
    sha256: str
    size: int


def demand_known_files(bundle: Bundle) -> None:
    """Every file was read as it was written, and has a place in the layout of a bundle."""
    demand(bundle.fault is None, bundle.fault or "")
    forms = (PART_PATH, PROOF_PATH, CONSISTENCY_PATH, TOKEN_PATH)
    fixed = {*TAG_FILES, *_CUSTODY, _MANIFEST, _LONGER_MANIFEST, _TAG_MANIFEST, "record.html"}
    for path in sorted(bundle.files):
        known = path in fixed or any(form.fullmatch(path) for form in forms)
        demand(known, f"{path} does not belong in a bundle")


def demand_manifests(bundle: Bundle) -> None:
    """The BagIt declaration and manifests are what the files make them (RFC 8493)."""
    declared = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    demand(bundle.text("bagit.txt") == declared, "bagit.txt does not declare BagIt 1.0 in UTF-8")
    paths = sorted(bundle.files)
    payload = [path for path in paths if path.startswith("data/")]
    tags = [path for path in paths if not path.startswith("data/") and path != _TAG_MANIFEST]
    short = {path: bundle.files[path].sha256 for path in paths}
    longer = {path: bundle.files[path].sha512 for path in paths}
    _demand_manifest(bundle, _MANIFEST, payload, short)
    _demand_manifest(bundle, _TAG_MANIFEST, tags, short)
    if _LONGER_MANIFEST in bundle.files:
        _demand_manifest(bundle, _LONGER_MANIFEST, payload, longer)


def _demand_manifest(
    bundle: Bundle, manifest: str, paths: Sequence[str], digests: dict[str, str]
) -> None:
    given = bundle.text(manifest).decode("latin-1").split("\n")
    lines = [f"{digests[path]}  {path}" for path in paths] + [""]
    wrong = [line.partition("  ")[2] for line in set(lines) ^ set(given)]
    about = f"; see {shown(min(wrong))}" if wrong else ""
    demand(given == lines, f"{manifest} is not what the files give{about}")


def demand_selected(bundle: Bundle, selection: Selection) -> None:
    """The files are those of the signed selection: none missing, none changed, none too many."""
    named = bundle.name is None or bundle.name == selection.name
    demand(named, f"the selection names the bundle {selection.name}")
    for path, fingerprint in selection.files.items():
        if path in bundle.files:
            found = Fingerprint(bundle.files[path].sha256, bundle.files[path].size)
            demand(found == fingerprint, f"{path} is not the file that the selection names")
        else:
            withheld = path in selection.withheld_files
            demand(withheld, f"{path} is missing and not withheld by name")
    for path in sorted(bundle.files):
        here = path not in selection.withheld_files
        demand(here, f"{path} is here although the selection withholds it")
        allowed = path in selection.files or not is_selectable(path)
        demand(allowed, f"{path} is not in the selection")


def demand_info(bundle: Bundle, export: Act) -> None:
    """`bag-info.txt` gives the export's day and act id, and the size of the payload."""
    try:
        lines = bundle.text("bag-info.txt").decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise Fault("bag-info.txt is not UTF-8") from error
    demand(lines.pop() == "", "the last line of bag-info.txt is not ended")
    given: dict[str, str] = {}
    for line in lines:
        found = _INFO_LINE.fullmatch(line)
        if not found or found[1].lower() in given:
            raise Fault(f"bag-info.txt has a line that is no label, or one twice: {shown(line)}")
        given[found[1].lower()] = found[2]
    sizes = [file.size for path, file in bundle.files.items() if path.startswith("data/")]
    demand(given.get("bagging-date") == export.t[:10], "bag-info.txt gives another day")
    named = given.get("external-identifier") == export.entry.eid
    demand(named, "bag-info.txt names another act than the export")
    counted = given.get("payload-oxum") == f"{sum(sizes)}.{len(sizes)}"
    demand(counted, "bag-info.txt gives another size of the payload")


def demand_page(bundle: Bundle, selection: Selection) -> None:
    """`record.html` is the signed template with the bundle's own records in it."""
    page = bundle.text("record.html")
    demand(page.count(_BLOCK_START) == 1, "record.html does not have one block of records")
    start = page.index(_BLOCK_START) + len(_BLOCK_START)
    end = page.find(_BLOCK_END, start)
    demand(end >= 0, "record.html does not end its block of records")
    template = hashlib.sha256(page[:start] + page[end:]).hexdigest()
    demand(template == selection.template, "record.html is not made from the signed template")
    same = page[start:end] == _block(bundle)
    demand(same, "the records inside record.html are not those of the bundle")


def _block(bundle: Bundle) -> bytes:
    """The records of the bundle as the page holds them."""
    text: dict[str, str] = {}
    binary: dict[str, str] = {}
    for path in sorted(bundle.files):
        data = bundle.files[path].kept
        if data is None or not (path.startswith("custody/") or path == "data/record.json"):
            continue
        try:
            text[path] = data.decode("utf-8")
        except UnicodeDecodeError:
            binary[path] = base64.b64encode(data).decode("ascii")
    both = {"binary": binary, "text": text}
    return (
        json.dumps(both, ensure_ascii=False, separators=(",", ":"))
        .replace("<", "\\u003c")
        .encode("utf-8")
    )


def demand_record(bundle: Bundle, selection: Selection, story: Story) -> None:
    """`data/record.json` tells of the items and parts that the log tells of."""
    record = _object(parse_json(bundle.text("data/record.json")), "the record")
    known = record.get("schema") == 1 and record.get("schema") is not True
    demand(known, "the record is of a version unknown here")
    specimen = story.export.entry.log.startswith(SPECIMEN_ORIGIN)
    demand(
        record.get("specimen") is specimen, "the record and the log disagree on what is specimen"
    )
    batch, export = _object(record.get("batch"), "the record's batch"), story.export
    told = [batch.get(name) for name in ("by", "date", "eid", "obj", "recipient")]
    logged = [export.by, export.t[:10], export.entry.eid, export.obj, selection.recipient]
    demand(told == logged, "the record and the log disagree about the export")
    items = [_object(item, "an item") for item in list_of(record.get("items"), "the items")]
    same = [item.get("obj") for item in items] == selection.items
    demand(same, "the record does not list the items of the selection in its order")
    numbers = [text_of(item.get("number"), "a number").lower() for item in items]
    demand(len(set(numbers)) == len(numbers), "the record gives a number twice")
    texts_of([text_of(item.get("title"), "a title") for item in items], "titles")
    paths: list[str] = []
    for item in items:
        number = text_of(item.get("number"), "a number")
        parts = list(_parts_of(item, number, selection))
        paths += [path for path, _ in parts]
        chain = story.chains[text_of(item.get("obj"), "an item")]
        _demand_committed(number, [found for _, found in parts], chain)
    demand(len(set(paths)) == len(paths), "the record lists a path twice")
    stray = {path for path in selection.files if PART_PATH.fullmatch(path)} - set(paths)
    demand(not stray, f"{min(stray, default='')} belongs to no item of the record")


def _object(value: Json | None, what: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Fault(f"{what} is not an object")
    return value


def _parts_of(
    item: dict[str, Json], number: str, selection: Selection
) -> Iterator[tuple[str, _Part | None]]:
    """Each part with its path; a part withheld by name may come with nothing else."""
    for value in list_of(item.get("parts"), "the parts of an item"):
        fields = _object(value, "a part")
        path = text_of(fields.get("path"), "a path")
        place = PART_PATH.fullmatch(path)
        here = place is not None and place[1] == number
        demand(here, f"the record puts a part of {shown(number)} at {shown(path)}")
        withheld = path in selection.withheld_files
        if withheld and "sha256" not in fields:
            yield path, None
            continue
        text_of(fields.get("name"), "the name of a part")
        part = _part_of(fields)
        found = Fingerprint(part.sha256, part.size)
        selected = selection.files.get(path, found if withheld else None)
        demand(selected == found, f"the record and the selection disagree about {path}")
        yield path, part


def _part_of(fields: dict[str, Json]) -> _Part:
    row, sha256 = (
        text_of(fields.get("part"), "a part's id"),
        text_of(fields.get("sha256"), "a digest"),
    )
    proper = HEX_32.fullmatch(row) and HEX_64.fullmatch(sha256)
    demand(bool(proper), "a part's id or digest is not hex digits")
    media_type = text_of(fields.get("media_type"), "the media type of a part")
    return _Part(row, media_type, sha256, count_of(fields.get("size"), "a size"))


def _demand_committed(number: str, parts: Sequence[_Part | None], chain: Sequence[Act]) -> None:
    committed: set[_Part] = set()
    for act in chain:
        if "object" in act.groups:
            group = _object(act.groups["object"], "an object group")
            values = list_of(group.get("parts"), "the parts of an act")
            committed.update(_part_of(_object(value, "a part")) for value in values)
    given = {part for part in parts if part}
    demand(given <= committed, f"no act on {shown(number)} names one of its parts as it is here")
    missing = len(committed - given)
    demand(missing <= parts.count(None), f"a part of {shown(number)} is not in the record")
