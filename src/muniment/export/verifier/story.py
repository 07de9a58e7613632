# SPDX-License-Identifier: 0BSD
"""The acts that the entries record: whether each item's story is whole up to this export.

- An item's acts are numbered from 0, and each names the leaf hash of the one before it.
- Each item's last act is its export; the last entry of the bundle closes that export's batch and
  holds the signed selection. An act that was cut off at the end would leave a chain without it.
- The root in a batch leaf is made again from its members where all of them are here; for the export
  all of them must be.
- Time never runs backwards, and no entry is here without a use.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from muniment.export.verifier.entries import HEX_32, HEX_64, Entry, Opened
from muniment.export.verifier.fault import Fault, demand, shown
from muniment.export.verifier.jcs import (
    count_of,
    list_of,
    members_of,
    text_of,
    texts_of,
)
from muniment.export.verifier.merkle import tree_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment.export.verifier.jcs import Json

_KIND = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_NAME_OF_BAG = re.compile(r"[a-z0-9-]{1,100}", re.ASCII)
_WITHHELD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}", re.ASCII)
_WITHHELD_DIGEST = re.compile(r"digests/([0-9a-f]{64})", re.ASCII)
_ITEM_NUMBER = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
PART_PATH = re.compile(
    f"data/(?:original|renditions)/({_ITEM_NUMBER})/[0-9]{{3}}(?:\\.[a-z0-9]{{1,8}})?"
)
TAG_FILES = ("VERIFY.md", "bag-info.txt", "bagit.txt", "data/record.json", "verify.py")
_LARGEST_BATCH_GROUP = 256


class Act(NamedTuple):
    """One act: kind, subject, its number among the subject's acts, what it follows, when."""

    entry: Entry
    groups: dict[str, Json]
    kind: str
    by: str
    obj: str
    n: int
    prev: str
    t: str
    batch: str | None


class Fingerprint(NamedTuple):
    """SHA-256 in hex and size of a file."""

    sha256: str
    size: int


class Watched(NamedTuple):
    """What the export act says of witnesses: the policy's digest, their lines on each old head."""

    policy: str
    lines: dict[int, int]  # by size of the head


class Selection(NamedTuple):
    """What the export put into the bundle, as the log signed it."""

    name: str
    items: list[str]
    files: dict[str, Fingerprint]
    heads: list[int]
    recipient: str
    template: str
    tokens: Sequence[Json]
    withheld_files: set[str]
    withheld_labels: list[str]
    withheld_digest: str
    watched: Watched | None


class Story(NamedTuple):
    """The acts of each item, and the act that closed the export."""

    chains: dict[str, list[Act]]
    export: Act


def _read_act(opened: Opened) -> Act:
    index = opened.entry.position
    if "chain" not in opened.groups:
        raise Fault(f"entry {index} does not disclose its chain group")
    chain = members_of(opened.groups["chain"], "act by n obj prev t", f"the chain of entry {index}")
    kind, by, obj, prev, t = (
        text_of(chain[name], name) for name in ("act", "by", "obj", "prev", "t")
    )
    forms = (_KIND.fullmatch(kind), HEX_32.fullmatch(by), HEX_32.fullmatch(obj), _TIME.fullmatch(t))
    proper = all(forms) and bool(prev == "" or HEX_64.fullmatch(prev)) and _is_moment(t)
    demand(proper, f"the chain of entry {index} is not written as it must be")
    batch = None
    if "handling" in opened.groups:
        handling = opened.groups["handling"]
        if not isinstance(handling, dict):
            raise Fault(f"the handling of entry {index} is not an object")
        batch = text_of(handling["batch"], "a batch") if "batch" in handling else None
        demand(
            batch is None or bool(HEX_32.fullmatch(batch)), f"entry {index} names no proper batch"
        )
    n = count_of(chain["n"], "n")
    return Act(opened.entry, opened.groups, kind, by, obj, n, prev, t, batch)


def _is_moment(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return False
    return True


def read_export(opened: Sequence[Opened]) -> tuple[Act, Selection]:
    """The act that closed the export, and its selection: both stand in the last entry alone."""
    places = [at for at, one in enumerate(opened) if "selection" in one.groups]
    demand(places == [len(opened) - 1], "the last entry alone must hold the selection")
    export = _read_act(opened[-1])
    demand(export.kind == "batch.closed", "the last entry closes no export")
    return export, _read_selection(opened[-1].groups["selection"])


def _read_selection(value: Json) -> Selection:
    names = "files heads items name recipient template tokens withheld"
    said = value.get("witnesses") if isinstance(value, dict) else None
    group = members_of(value, names + (" witnesses" if said else ""), "the selection")
    name, template = text_of(group["name"], "a name"), text_of(group["template"], "a template")
    proper = _NAME_OF_BAG.fullmatch(name) and HEX_64.fullmatch(template)
    demand(bool(proper), "the selection's name or template is not written as it must be")
    items = texts_of(group["items"], "the selection's items")
    unique = bool(items) and len(set(items)) == len(items) and all(map(HEX_32.fullmatch, items))
    demand(unique, "the selection's items are not written as they must be")
    heads = [count_of(head, "a head") for head in list_of(group["heads"], "the heads")]
    demand(heads == sorted(set(heads)), "the selection's heads are not in order")
    withheld = texts_of(group["withheld"], "what is withheld")
    unique = len(set(withheld)) == len(withheld) and all(map(_WITHHELD_NAME.fullmatch, withheld))
    demand(unique, "what is withheld is not named as it must be")
    digests = [found[1] for found in map(_WITHHELD_DIGEST.fullmatch, withheld) if found]
    demand(len(digests) < len("12"), "the selection gives two digests of what is withheld")
    labels = [one for one in withheld if not PART_PATH.fullmatch(one)]
    return Selection(
        name,
        items,
        _read_files(list_of(group["files"], "the selection's files")),
        heads,
        text_of(group["recipient"], "the recipient"),
        template,
        list_of(group["tokens"], "the tokens"),
        {one for one in withheld if PART_PATH.fullmatch(one)},
        [one for one in labels if not _WITHHELD_DIGEST.fullmatch(one)],
        digests[0] if digests else "",
        _read_watched(said, heads) if said else None,
    )


def _read_watched(value: Json, heads: Sequence[int]) -> Watched:
    what = "what the selection says of witnesses"
    group = members_of(value, "checkpoint lines policy", what)
    lines = [count_of(one, "a count of lines") for one in list_of(group["lines"], "the lines")]
    policy = text_of(group["policy"], "a digest")
    proper = len(lines) == len(heads) and HEX_64.fullmatch(policy)
    demand(bool(proper) and isinstance(group["checkpoint"], bool), f"{what} is not as it must be")
    return Watched(policy, {size: lines[at] for at, size in enumerate(heads)})


def _read_files(values: Sequence[Json]) -> dict[str, Fingerprint]:
    files: dict[str, Fingerprint] = {}
    paths: list[str] = []
    for value in values:
        fields = members_of(value, "path sha256 size", "a selected file")
        path, sha256 = text_of(fields["path"], "a path"), text_of(fields["sha256"], "a digest")
        fits = is_selectable(path) and bool(HEX_64.fullmatch(sha256))
        demand(fits, f"the selection names {shown(path)}, which it may not")
        paths.append(path)
        files[path] = Fingerprint(sha256, count_of(fields["size"], "a size"))
    demand(paths == sorted(files), "the selected files are repeated or out of order")
    demand(set(TAG_FILES) <= set(files), "the selection lacks one of the bag's own files")
    return files


def is_selectable(path: str) -> bool:
    """Whether a selection may name this path."""
    return path in TAG_FILES or bool(PART_PATH.fullmatch(path))


def read_story(opened: Sequence[Opened], selection: Selection) -> Story:
    """The story that the entries tell; `Fault` where it does not hold together."""
    acts = [_read_act(one) for one in opened]
    times = [act.t for act in acts]
    demand(times == sorted(times), "an entry is dated before the entry before it")
    batches: dict[str, list[Act]] = {}
    chains: dict[str, list[Act]] = {}
    for act in acts:
        (batches if act.kind == "batch.closed" else chains).setdefault(act.obj, []).append(act)
    demand(not set(chains) & set(batches), "a batch is also an item")
    demand(set(chains) == set(selection.items), "the entries are about other items than selected")
    export = acts[-1]
    for chain in chains.values():
        _demand_whole(chain, export.obj)
    _demand_covering(batches.pop(export.obj), [chain[-1] for chain in chains.values()])
    members: dict[str, list[Act]] = {}
    for act in [act for chain in chains.values() for act in chain[:-1]]:
        if act.batch:
            members.setdefault(act.batch, []).append(act)
    used: set[int] = set()
    for batch, these in members.items():
        used |= _demand_closed(batches.get(batch, []), these)
    for leaf in [leaf for leaves in batches.values() for leaf in leaves]:
        index = leaf.entry.position
        demand(index in used, f"entry {index} is here without a use")
    return Story(chains, export)


def _demand_whole(chain: Sequence[Act], export: str) -> None:
    """Numbers from 0, each act after its predecessor, and this export at the end alone."""
    follows = [""] + [act.entry.leaf_hash.hex() for act in chain]
    for n, act in enumerate(chain):
        index = act.entry.position
        demand(act.n == n, f"entry {index} is number {act.n} of its item and should be {n}")
        demand(act.prev == follows[n], f"entry {index} does not follow the act before it")
    last = chain[-1]
    ends = last.kind == "item.exported" and last.batch == export
    demand(ends, f"the chain that ends in entry {last.entry.position} does not end in this export")
    early = any(act.batch == export for act in chain[:-1])
    demand(not early, "an item goes on after this export")


def _demand_covering(leaves: Sequence[Act], members: Sequence[Act]) -> None:
    """The leaves that close the export cover all of its members, group by group."""
    _demand_linked(leaves)
    demand(leaves[-1].n == len(leaves) - 1, "a batch leaf of the export is missing")
    start = 0
    for leaf in leaves:
        count, root, more = _reason_of(leaf)
        demand(
            more == (leaf is not leaves[-1]), "the export's batch leaves do not say how many follow"
        )
        end = leaf.entry.position
        hashes = _hashes_between(members, start, end)
        demand(len(hashes) == count, f"batch leaf {end} counts {count}, {len(hashes)} are here")
        demand(tree_hash(hashes).hex() == root, f"batch leaf {end} does not cover its members")
        start = end


def _demand_closed(leaves: Sequence[Act], members: Sequence[Act]) -> set[int]:
    """Each member has the first leaf after it; returns the leaves that are so used."""
    if leaves:
        _demand_linked(leaves)
    used: set[int] = set()
    start = 0
    for leaf in leaves:
        end = leaf.entry.position
        hashes = _hashes_between(members, start, end)
        if hashes:
            count, root, _ = _reason_of(leaf)
            demand(len(hashes) <= count, f"batch leaf {end} counts fewer members than there are")
            whole = len(hashes) < count or tree_hash(hashes).hex() == root
            demand(whole, f"batch leaf {end} does not cover its members")
            used.add(end)
        start = end
    open_ended = [act for act in members if act.entry.position > start]
    demand(not open_ended, "the batch leaf of an entry is missing")
    return used


def _hashes_between(acts: Sequence[Act], start: int, end: int) -> list[bytes]:
    """Leaf hashes of the acts whose index lies between these, in index order."""
    entries = sorted(act.entry for act in acts if start <= act.entry.position < end)
    return [entry.leaf_hash for entry in entries]


def _demand_linked(leaves: Sequence[Act]) -> None:
    """The leaves of one batch rise; those that follow directly on another name its hash."""
    before: Act | None = None
    for leaf in leaves:
        first = leaf.n == 0
        fits = (leaf.prev == "") == first
        if before and leaf.n <= before.n:
            fits = False
        if before and leaf.n == before.n + 1 and leaf.prev != before.entry.leaf_hash.hex():
            fits = False
        demand(fits, f"batch leaf {leaf.entry.position} does not follow the leaf before it")
        before = leaf


def _reason_of(leaf: Act) -> tuple[int, str, bool]:
    """What a batch leaf says: how many members, their root, whether more groups follow."""
    index, reason = leaf.entry.position, leaf.groups.get("reason")
    if not isinstance(reason, dict):
        raise Fault(f"batch leaf {index} does not disclose its reason group")
    why = " reason" if "reason" in reason else ""
    group = members_of(reason, "count more root" + why, f"the reason of batch leaf {index}")
    text_of(group.get("reason", ""), "a reason")
    count, root, more = (
        count_of(group["count"], "a count"),
        text_of(group["root"], "a root"),
        group["more"],
    )
    if not isinstance(more, bool) or not HEX_64.fullmatch(root):
        raise Fault(f"the reason of batch leaf {index} is not written as it must be")
    demand(1 <= count <= _LARGEST_BATCH_GROUP, f"batch leaf {index} counts {count} members")
    return count, root, more
