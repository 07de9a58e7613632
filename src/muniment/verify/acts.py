"""What an entry's disclosed groups say about the act (custody-log §2): `chain` and batches.

- `chain` is always disclosed in a bundle and has exactly six members, each in its one form.
- A member act names its batch in `handling`; a batch leaf is an act `batch.closed` whose `reason`
  counts its members and gives the root over their leaf hashes.
- Groups that this reader does not need are not looked into.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from muniment.verify.canonical import Json, as_count, as_object, as_text
from muniment.verify.entries import DIGEST, IDENTIFIER, Entry
from muniment.verify.fault import Fault, about, shown

if TYPE_CHECKING:
    from muniment.verify.disclosures import Opened

BATCH_CLOSED = "batch.closed"
ITEM_EXPORTED = "item.exported"
LARGEST_GROUP = 256

_ACT = re.compile(r"[a-z_]{1,40}\.[a-z_]{1,40}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Act:
    """One act: who did what kind of thing to which subject, and when, as the log has it."""

    entry: Entry
    kind: str
    agent: str
    subject: str
    number: int
    previous: str
    time: str
    batch: str | None
    opened: Opened

    @property
    def index(self) -> int:
        """The entry's index in the log."""
        return self.entry.index


@dataclass(frozen=True, slots=True)
class Closing:
    """What a batch leaf says of its group: members, their root, whether more groups follow."""

    count: int
    root: str
    more: bool


def read_act(opened: Opened) -> Act:
    """The act that an opened entry records; `Fault` if its `chain` group is not as it must be."""
    entry = opened.entry
    with about(f"entry {entry.index}"):
        if "chain" not in opened.groups:
            raise Fault("its chain group is not disclosed")
        fields = as_object(opened.groups["chain"], "chain", "act", "by", "n", "obj", "prev", "t")
        texts = {name: as_text(fields[name], name) for name in ("act", "by", "obj", "prev", "t")}
        _check_forms(texts)
        number = as_count(fields["n"], "n")
        batch = _batch_named(opened.groups.get("handling"))
    return Act(
        entry, texts["act"], texts["by"], texts["obj"], number, texts["prev"], texts["t"], batch,
        opened,
    )  # fmt: skip


def _check_forms(texts: dict[str, str]) -> None:
    forms = {"act": _ACT, "by": IDENTIFIER, "obj": IDENTIFIER, "t": _INSTANT}
    for name, form in forms.items():
        if not form.fullmatch(texts[name]):
            raise Fault(f"{name} is {shown(texts[name])}")
    if texts["prev"] and not DIGEST.fullmatch(texts["prev"]):
        raise Fault(f"prev is {shown(texts['prev'])}")
    try:
        datetime.strptime(texts["t"], "%Y-%m-%dT%H:%M:%S%z")
    except ValueError as error:
        raise Fault(f"t is {shown(texts['t'])}") from error


def _batch_named(handling: Json | None) -> str | None:
    if handling is None:
        return None
    if not isinstance(handling, dict):
        raise Fault("handling is not an object")
    if "batch" not in handling:
        return None
    batch = as_text(handling["batch"], "batch")
    if not IDENTIFIER.fullmatch(batch):
        raise Fault(f"batch is {shown(batch)}")
    return batch


def read_closing(act: Act) -> Closing:
    """What a batch leaf says; `Fault` if its `reason` group is missing or not as it must be."""
    with about(f"batch leaf {act.index}"):
        reason = act.opened.groups.get("reason")
        if not isinstance(reason, dict):
            raise Fault("its reason group is not disclosed")
        given = {"reason"} & set(reason)
        fields = as_object(reason, "reason", "count", "more", "root", *given)
        for name in given:
            as_text(fields[name], name)
        count, root = as_count(fields["count"], "count"), as_text(fields["root"], "root")
        more = fields["more"]
        if not isinstance(more, bool) or not DIGEST.fullmatch(root):
            raise Fault("its reason group is not count, more and root")
        if not 1 <= count <= LARGEST_GROUP:
            raise Fault(f"it counts {count} members")
    return Closing(count, root, more)
