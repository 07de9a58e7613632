"""Checking details against the leaves of the log, and the objects they name against the store.

- The leaf in a line must have the hash that stands in the tree at its place.
- Each disclosure's digest must stand, once, in the leaf or in a disclosure that stands there; and
  nothing that the leaf commits to may lack its disclosure.
- Objects named in the group `object` must be there, with the size that is recorded.

Not its job: what a disclosure means (`muniment verify`), rows.
"""

from __future__ import annotations

import json
import os
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import TYPE_CHECKING, cast

from muniment.archive.details import DetailsFolder, line_of
from muniment.archive.layout import BUNDLE, is_digest, object_name
from muniment.archive.problem import Problem
from muniment.custody.leaf import leaf_hash, parse_leaf
from muniment.errors import MunimentError
from muniment.evidence.disclosure import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from muniment.archive.details import DetailsLine
    from muniment.archive.layout import Layout

_STANDARD = bytes.maketrans(b"-_", b"+/")
_NAMED_OBJECT = b'"object"'
_NESTED = b'"_sd"'


def check_details(layout: Layout, hashes: Sequence[bytes], origin: str) -> Iterator[Problem]:
    """Check the details of entries 0 and following, whose leaf hashes are given."""
    folder = DetailsFolder(layout)
    missing: list[int] = []
    for number in range(-(-len(hashes) // BUNDLE)):
        first = number * BUNDLE
        try:
            lines = folder.lines(number)
        except MunimentError as error:
            yield Problem(error.code, f"#{first} and following", error.message)
            continue
        for index in range(first, min(first + BUNDLE, len(hashes))):
            if index not in lines:
                missing.append(index)
                continue
            try:
                yield from _check_entry(layout, line_of(index, lines[index]), hashes[index], origin)
            except MunimentError as error:
                yield Problem(error.code, f"#{index}", error.message)
    for low, high in _ranges(missing):
        subject = f"#{low}" if low == high else f"#{low} to #{high}"
        yield Problem("details.missing", subject, "the archive lacks what the log commits to")


def _check_entry(
    layout: Layout, line: DetailsLine, expected: bytes, origin: str
) -> Iterator[Problem]:
    subject = f"#{line.index}"
    if leaf_hash(line.leaf) != expected:
        yield Problem("details.leaf", subject, "its leaf is not the one in the tree")
        return
    leaf = parse_leaf(line.leaf)
    if leaf.origin != origin:
        yield Problem("details.origin", subject, "its leaf is of another log")
    waiting = {digest_of(text): text for text in line.disclosures}
    if len(waiting) != len(line.disclosures):
        yield Problem("details.disclosure", subject, "a disclosure stands there twice")
    unopened = set(leaf.digests)
    top = True
    while standing := unopened & waiting.keys():
        unopened -= standing
        for digest in standing:
            try:
                name, value = _opened(waiting.pop(digest))
            except (ValueError, Base64Error, RecursionError):
                yield Problem("details.disclosure", subject, "a disclosure cannot be opened")
                continue
            unopened.update(_nested(value))
            if top and name == "object":
                yield from _check_parts(layout, subject, value)
        top = False
    if waiting:
        message = f"{len(waiting)} of its disclosures stand nowhere in the leaf"
        yield Problem("details.disclosure", subject, message)
    if unopened:
        message = f"{len(unopened)} things that it commits to have no disclosure"
        yield Problem("details.incomplete", subject, message)


def _opened(text: str) -> tuple[str, object]:
    """Return name and value of a disclosure that matters here, and nothing of any other.

    Its digest stands in a signed tree, so its form needs no second look.
    """
    content = a2b_base64(text.encode().translate(_STANDARD) + b"=" * (-len(text) % 4))
    if _NESTED not in content and _NAMED_OBJECT not in content:
        return "", ""
    _, name, value = cast("list[object]", json.loads(content.decode()))
    return str(name), value


def _nested(value: object) -> Iterator[str]:
    """Give every digest that stands in a disclosed value, however deep."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left.extend(cast("list[object]", one))
        elif isinstance(one, dict):
            for name, member in cast("dict[str, object]", one).items():
                if name == "_sd" and isinstance(member, list):
                    yield from map(str, cast("list[object]", member))
                else:
                    left.append(member)


def _check_parts(layout: Layout, subject: str, value: object) -> Iterator[Problem]:
    """Look for the objects of an entry: by the digest of what is stored, and with its size."""
    group = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    parts = group.get("parts")
    for one in cast("list[object]", parts) if isinstance(parts, list) else []:
        part = cast("dict[str, object]", one) if isinstance(one, dict) else {}
        stored = part.get("stored_sha256", part.get("sha256"))
        if not isinstance(stored, str) or not is_digest(stored):
            yield Problem("details.object", subject, "it names an object without a digest")
            continue
        try:
            size = os.lstat(os.path.join(layout.objects, object_name(stored))).st_size
        except OSError:
            yield Problem("object.missing", stored, f"entry {subject} received this object")
            continue
        if "stored_sha256" not in part and size != part.get("size"):
            yield Problem("object.size", stored, f"entry {subject} recorded another size")


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give first and last of every run of ascending numbers."""
    start = 0
    for place, number in enumerate(numbers):
        if place + 1 == len(numbers) or numbers[place + 1] != number + 1:
            yield numbers[start], number
            start = place + 1
