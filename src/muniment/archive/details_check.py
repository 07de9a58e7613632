"""Checking details against the leaves of the log, and the objects they name against the store.

- The leaf in a line must have the hash that stands in the tree at its place.
- Each disclosure's digest must stand, once, in the leaf or in a disclosure that stands there; and
  nothing that the leaf commits to may lack its disclosure.
- Objects named in the group `object` must be there, with the size that is recorded.
- What is sealed is opened where there is a key; without one its own digest was compared when it was
  read, and its objects are looked for.
- What is gone is damage unless a later act says that it was taken out: `item.shredded` withdraws
  disclosures, and that and other acts of `oversight_acts` withdraw objects (custody-log §6).

Not its job: what a disclosure means (`muniment verify`), rows.
"""

from __future__ import annotations

import json
import os
from binascii import Error as Base64Error
from binascii import a2b_base64
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from muniment.archive.details import DetailsFolder, DetailsLine, line_of
from muniment.archive.layout import BUNDLE, is_digest, object_name
from muniment.archive.problem import Problem
from muniment.custody.leaf import leaf_hash, parse_leaf
from muniment.errors import MunimentError
from muniment.evidence.disclosure import digest_of, open_disclosure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from muniment.archive.layout import Layout
    from muniment.archive.sealed_details import Opening

_STANDARD = bytes.maketrans(b"-_", b"+/")
_NAMED = (b'"object"', b'"withdrawn"')
#: what an act may withdraw, by its kind
_WITHDRAWING = {
    "item.shredded": frozenset({"entries", "selections", "objects"}),
    "item.destroyed": frozenset({"objects"}),
    "item.restricted": frozenset({"objects"}),
}
#: which withdrawal excuses a problem, by its code
_EXCUSES = {
    "details.missing": ("entries",),
    "details.incomplete": ("entries", "selections"),
    "object.missing": ("objects",),
}
_NESTED = b'"_sd"'


def check_details(
    layout: Layout, hashes: Sequence[bytes], origin: str, opening: Opening
) -> Iterator[Problem]:
    """Check the details of entries 0 and following, whose leaf hashes are given."""
    check = _EntryCheck(layout, origin, opening, _Withdrawn())
    folder = DetailsFolder(layout)
    missing: list[int] = []
    withdrawn = check.withdrawn
    waiting: list[tuple[int, Problem]] = []
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
                line = line_of(index, lines[index])
                for problem in check.problems(line, hashes[index]):
                    if problem.code in _EXCUSES:
                        waiting.append((index, problem))
                    else:
                        yield problem
            except MunimentError as error:
                yield Problem(error.code, f"#{index}", error.message)
    yield from (problem for index, problem in waiting if not withdrawn.excuses(problem.code, index))
    missing = [index for index in missing if not withdrawn.excuses("details.missing", index)]
    for low, high in _ranges(missing):
        subject = f"#{low}" if low == high else f"#{low} to #{high}"
        yield Problem("details.missing", subject, "the archive lacks what the log commits to")


class _Withdrawn:
    """What acts of the log took out: which entries, and what of them."""

    def __init__(self) -> None:
        self._entries: dict[str, set[int]] = {}

    def take(self, index: int, act: str, told: object) -> None:
        """Take note of what an act says it withdraws: what came before it, and what it may."""
        allowed = _WITHDRAWING.get(act, frozenset())
        if not isinstance(told, dict):
            return
        for name, entries in cast("dict[str, object]", told).items():
            if name in allowed and isinstance(entries, list):
                earlier = (one for one in cast("list[object]", entries) if isinstance(one, int))
                self._entries.setdefault(name, set()).update(one for one in earlier if one < index)

    def excuses(self, code: str, index: int) -> bool:
        """Say whether what is missing of an entry was taken out."""
        return any(index in self._entries.get(name, ()) for name in _EXCUSES[code])


@dataclass(frozen=True, slots=True)
class _EntryCheck:
    """What every entry is checked against."""

    layout: Layout
    origin: str
    opening: Opening
    withdrawn: _Withdrawn

    def problems(self, line: DetailsLine, expected: bytes) -> Iterator[Problem]:
        """Give what is wrong with the details of an entry whose leaf has this hash."""
        subject = f"#{line.index}"
        if leaf_hash(line.leaf) != expected:
            yield Problem("details.leaf", subject, "its leaf is not the one in the tree")
            return
        leaf = parse_leaf(line.leaf)
        if leaf.origin != self.origin:
            yield Problem("details.origin", subject, "its leaf is of another log")
        sealed, shut = line.sealed, False
        if sealed is not None:
            opened = self.opening.open(sealed)
            shut = opened is None
            line = DetailsLine(line.index, line.leaf, (*line.disclosures, *(opened or ())))
            yield from _missing(self.layout, subject, sealed.objects)
        top: dict[str, object] = {}
        for problem in _check_standing(line, leaf.digests, top):
            if not (shut and problem.code == "details.incomplete"):
                yield problem
        if "withdrawn" in top:
            self.withdrawn.take(line.index, _act_of(line, leaf.digests), top["withdrawn"])
        if "object" in top:
            yield from _check_parts(self.layout, subject, top["object"])


def _missing(layout: Layout, subject: str, names: Iterable[str]) -> Iterator[Problem]:
    """Look for the objects that sealed details name beside them."""
    for name in names:
        if not os.path.lexists(os.path.join(layout.objects, object_name(name))):
            yield Problem("object.missing", name, f"entry {subject} received this object")


def _check_standing(
    line: DetailsLine, digests: Iterable[str], top: dict[str, object]
) -> Iterator[Problem]:
    """Check that disclosures stand where they must; `top` gets what the leaf itself commits to."""
    subject = f"#{line.index}"
    waiting = {digest_of(text): text for text in line.disclosures}
    if len(waiting) != len(line.disclosures):
        yield Problem("details.disclosure", subject, "a disclosure stands there twice")
    first = unopened = set(digests)
    while standing := unopened & waiting.keys():
        unopened = unopened - standing
        for digest in standing:
            try:
                name, value = _opened(waiting.pop(digest))
            except (ValueError, Base64Error, RecursionError):
                yield Problem("details.disclosure", subject, "a disclosure cannot be opened")
                continue
            unopened.update(_nested(value))
            if digest in first:
                top[name] = value
    if waiting:
        message = f"{len(waiting)} of its disclosures stand nowhere in the leaf"
        yield Problem("details.disclosure", subject, message)
    if unopened:
        message = f"{len(unopened)} things that it commits to have no disclosure"
        yield Problem("details.incomplete", subject, message)


def _act_of(line: DetailsLine, digests: Iterable[str]) -> str:
    """Return the kind of act that an entry's chain names; nothing where it names none."""
    standing = set(digests)
    for text in line.disclosures:
        with suppress(MunimentError):
            opened = open_disclosure(text)
            if opened.name == "chain" and opened.digest in standing:
                return str(opened.value.get("act")) if isinstance(opened.value, dict) else ""
    return ""


def _opened(text: str) -> tuple[str, object]:
    """Return name and value of a disclosure that matters here, and nothing of any other.

    Its digest stands in a signed tree, so its form needs no second look.
    """
    content = a2b_base64(text.encode().translate(_STANDARD) + b"=" * (-len(text) % 4))
    if _NESTED not in content and not any(name in content for name in _NAMED):
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
