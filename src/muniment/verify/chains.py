"""Whether the story is whole: every act of every item, up to and including this export.

- The last entry of the bundle is the export leaf: the batch leaf that discloses `selection`.
  Nothing can follow it unseen, because every chain must end in an act of its batch.
- Each item of the selection has its acts n = 0..N, each naming the leaf hash of the one before.
- Time never runs backwards along the log.
- Every other entry is the batch leaf of some member, and needed.

Whether the entries are in the log is not asked here: see `inclusion`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from muniment.verify.acts import BATCH_CLOSED, ITEM_EXPORTED, Act, Closing, read_act, read_closing
from muniment.verify.fault import Fault
from muniment.verify.merkle import root_of
from muniment.verify.selection import Selection, parse_selection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from muniment.verify.disclosures import Opened


@dataclass(frozen=True, slots=True)
class Story:
    """The acts of a bundle, sorted out: chains by item, the export leaf and its selection."""

    chains: Mapping[str, Sequence[Act]]
    export: Act
    selection: Selection
    entries: int


def read_export(opened: Sequence[Opened]) -> tuple[Act, Selection]:
    """The export leaf and its selection, read on their own so that other verdicts can use them."""
    last = opened[-1]
    if any("selection" in one.groups for one in opened[:-1]):
        raise Fault("an entry before the last one discloses a selection")
    if "selection" not in last.groups:
        raise Fault("the last entry is not an export leaf: it discloses no selection")
    act = read_act(last)
    if act.kind != BATCH_CLOSED:
        raise Fault("the last entry is not an export leaf: it closes no batch")
    return act, parse_selection(last.groups["selection"])


def read_story(opened: Sequence[Opened]) -> Story:
    """The whole story of a bundle; `Fault` names the first place where it does not hold."""
    _, selection = read_export(opened)
    acts = [read_act(one) for one in opened]
    export = acts[-1]
    for before, after in pairwise(acts):
        if after.time < before.time:
            raise Fault(f"entry {after.index} is earlier than entry {before.index} before it")
    chains: dict[str, list[Act]] = {}
    leaves: dict[str, list[Act]] = {}
    for act in acts:
        (leaves if act.kind == BATCH_CLOSED else chains).setdefault(act.subject, []).append(act)
    if not chains.keys().isdisjoint(leaves):
        raise Fault("a batch is also an item")
    if chains.keys() != set(selection.items):
        raise Fault("the items of the entries are not the items of the selection")
    for chain in chains.values():
        _check_chain(chain, export.subject)
    _check_export(export, leaves[export.subject], chains)
    _check_batches({b: ls for b, ls in leaves.items() if b != export.subject}, chains)
    return Story(chains, export, selection, len(acts))


def _check_chain(chain: Sequence[Act], batch: str) -> None:
    previous = ""
    for number, act in enumerate(chain):
        if act.number != number:
            raise Fault(f"entry {act.index} is act {act.number} of its item, not act {number}")
        if act.previous != previous:
            raise Fault(f"entry {act.index} does not follow from the act before it")
        previous = act.entry.hash.hex()
        if act.batch == batch and act is not chain[-1]:
            raise Fault(f"entry {act.index} names this export but does not end its chain")
    if chain[-1].kind != ITEM_EXPORTED or chain[-1].batch != batch:
        raise Fault(f"the chain that ends in entry {chain[-1].index} does not end in this export")


def _check_export(export: Act, leaves: Sequence[Act], chains: Mapping[str, Sequence[Act]]) -> None:
    """The export batch is here in full: each of its groups is remade from its members."""
    members = sorted((chain[-1] for chain in chains.values()), key=lambda act: act.index)
    _check_links(leaves)
    if leaves[-1].number != len(leaves) - 1:  # they rise, so the first is 0 and none is missing
        raise Fault("a batch leaf of this export is missing")
    start = 0
    for leaf in leaves:
        closing = read_closing(leaf)
        if closing.more == (leaf is export):
            raise Fault(f"batch leaf {leaf.index} is wrong about whether more follow")
        group = [act for act in members[start:] if act.index < leaf.index]
        if closing.count != len(group):
            raise Fault(f"batch leaf {leaf.index} counts {closing.count}, {len(group)} are here")
        _check_group(leaf, closing, group)
        start += len(group)


def _check_batches(
    leaves: Mapping[str, Sequence[Act]], chains: Mapping[str, Sequence[Act]]
) -> None:
    """Each member of another batch has the leaf that closed its group, and no leaf is too many."""
    groups: dict[int, list[Act]] = {leaf.index: [] for own in leaves.values() for leaf in own}
    export_members = {chain[-1].index for chain in chains.values()}
    for chain in chains.values():
        for act in chain:
            if act.batch is None or act.index in export_members:
                continue
            closed = [leaf for leaf in leaves.get(act.batch, ()) if leaf.index > act.index]
            if not closed:
                raise Fault(f"the batch leaf of entry {act.index} is missing")
            groups[closed[0].index].append(act)
    for own in leaves.values():
        _check_links(own)
        for leaf in own:
            group = sorted(groups[leaf.index], key=lambda act: act.index)
            if not group:
                raise Fault(f"batch leaf {leaf.index} closes no group of these entries")
            _check_group(leaf, read_closing(leaf), group)


def _check_links(leaves: Sequence[Act]) -> None:
    """Batch leaves rise; where one follows directly on another, it names its hash."""
    first = leaves[0]
    if (first.number == 0) != (first.previous == ""):
        raise Fault(f"batch leaf {first.index} does not say what it follows")
    for before, after in pairwise(leaves):
        if after.number <= before.number or not after.previous:
            raise Fault(f"batch leaf {after.index} is out of order")
        if after.number == before.number + 1 and after.previous != before.entry.hash.hex():
            raise Fault(f"batch leaf {after.index} does not follow from the leaf before it")


def _check_group(leaf: Act, closing: Closing, group: Sequence[Act]) -> None:
    """No more members than counted; if all are here, they give the root (RFC 9162)."""
    if len(group) > closing.count:
        raise Fault(f"batch leaf {leaf.index} counts fewer members than there are")
    root = root_of([act.entry.hash for act in group]).hex()
    if len(group) == closing.count and root != closing.root:
        raise Fault(f"batch leaf {leaf.index} does not cover its members")
