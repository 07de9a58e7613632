"""Reading leaves back: the acts they stand for and the row states they disclose.

- Every disclosure is checked to stand where it must before its value is believed; a leaf whose
  disclosures do not fit raises `TamperSuspected` and names the index.
- A state of an older schema is brought up by the model's upcasters; nothing is rewritten.
- An entry that lacks disclosures is damage, unless a later act of the log withdrew them: whoever
  reads the whole log settles that at its end (`Withdrawals`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from muniment.custody.leaf import parse_leaf
from muniment.errors import TamperSuspected
from muniment.evidence.disclosure import Opened, open_disclosure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from muniment_server.custody.models import Recorded


@dataclass(frozen=True, slots=True)
class RowState:
    """One row as one act left it."""

    model: str
    pk: str
    schema: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadAct:
    """An act read back from a leaf and its disclosures."""

    eid: str
    chain: Mapping[str, Any]
    groups: Mapping[str, Any]
    rows: tuple[RowState, ...]
    #: how many groups the leaf commits to and nothing opens any more
    lacking: int = 0


#: the acts that withdraw what opens entries of the log (custody-log §6)
WITHDRAWING = frozenset({"item.shredded"})
WITHDRAWN = "withdrawn"


@dataclass(slots=True)
class Withdrawals:
    """Which entries lack disclosures, and which of them an act of the log withdrew."""

    lacking: set[int] = field(default_factory=set)
    withdrawn: set[int] = field(default_factory=set)

    def take(self, index: int, act: ReadAct) -> None:
        """Take note of an act, in the order of the log."""
        if act.lacking:
            self.lacking.add(index)
        told = act.groups.get(WITHDRAWN)
        if act.chain.get("act") in WITHDRAWING and isinstance(told, dict):
            self.withdrawn.update(one for one in entries_withdrawn(told) if one < index)

    def damaged(self) -> list[int]:
        """Return the entries that lack disclosures which no act withdrew."""
        return sorted(self.lacking - self.withdrawn)


def entries_withdrawn(told: Mapping[str, Any]) -> list[int]:
    """Return the entries whose disclosures an act's group `withdrawn` names."""
    named = [*told.get("entries", ()), *told.get("selections", ())]
    return [one for one in named if isinstance(one, int)]


def read_act(index: int, leaf: bytes, disclosures: Iterable[str], *, whole: bool = True) -> ReadAct:
    """Return the act of a leaf whose disclosures are complete, or with `whole` off what is left.

    Raises `TamperSuspected` where a disclosure does not belong, or a row's state is missing.
    """
    known = {one.digest: one for one in map(open_disclosure, disclosures)}
    parsed = parse_leaf(leaf)
    groups: dict[str, Any] = {}
    rows: list[RowState] = []
    lacking = 0
    for digest in parsed.digests:
        if not whole and digest not in known:
            lacking += 1
            continue
        one = _taken(known, digest, index)
        if one.name == "state":
            rows = [_row(known, _taken(known, inner, index), index) for inner in _inner(one, index)]
        else:
            groups[one.name] = one.value
    if known:
        raise _unfit(index, f"{len(known)} disclosures belong to no place in it")
    if "chain" not in groups:
        raise _unfit(index, "its chain is not disclosed")
    return ReadAct(parsed.eid, groups.pop("chain"), groups, tuple(rows), lacking)


def upcast(model: type[Recorded], state: RowState) -> Mapping[str, Any]:
    """Return a row's fields in the model's present schema.

    Raises `TamperSuspected` for a schema this version does not know.
    """
    if not 1 <= state.schema <= model.schema:
        raise TamperSuspected(
            f"{state.model}/{state.pk} has schema {state.schema}, and {model.schema} is known",
            code="state.unknown_schema",
            hint="Use the version of Muniment that wrote the archive, or a later one.",
        )
    fields: Mapping[str, Any] = state.fields
    for step in model.upcasters[state.schema - 1 :]:
        fields = step(fields)
    return fields


def _row(known: dict[str, Opened], one: Opened, index: int) -> RowState:
    model, _, pk = one.name.partition("/")
    fields: dict[str, Any] = {}
    for digest in _inner(one, index):
        group = _taken(known, digest, index).value
        if not isinstance(group, dict):
            raise _unfit(index, f"a group of '{one.name}' holds no fields")
        fields.update(group)
    schema = one.value.get("schema") if isinstance(one.value, dict) else None
    if not isinstance(schema, int):
        raise _unfit(index, f"the disclosure '{one.name}' names no schema")
    return RowState(model, pk, schema, fields)


def _inner(one: Opened, index: int) -> Sequence[str]:
    digests = one.value.get("_sd") if isinstance(one.value, dict) else None
    if not isinstance(digests, list) or not all(isinstance(digest, str) for digest in digests):
        raise _unfit(index, f"the disclosure '{one.name}' holds no digests")
    return cast("list[str]", digests)


def _taken(known: dict[str, Opened], digest: str, index: int) -> Opened:
    try:
        return known.pop(digest)
    except KeyError:
        raise _unfit(index, "a disclosure is missing") from None


def _unfit(index: int, what: str) -> TamperSuspected:
    return TamperSuspected(
        f"leaf {index} and its disclosures do not fit: {what}",
        code="log.disclosures",
        hint="Restore the details of this entry from a copy of the archive.",
    )
