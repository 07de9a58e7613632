"""Acts, chains, batches and the selection, as a dishonest keeper of the log key would write them.

Everything here is properly signed and proved: only the story does not hold together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.library.verify.exhibits import EXPORT, Plan, exhibit
from tests.library.verify.readers import read_bundle, refused
from tests.library.verify.second_writer import name_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.library.verify.second_writer import Tree

GOOD = exhibit()
LINES = GOOD.files["custody/entries.jsonl"].splitlines(keepends=True)


def edited(**changes: Tree) -> Callable[[Tree], Tree]:
    return lambda value: {**value, **changes}


def without(name: str) -> Callable[[Tree], Tree]:
    return lambda value: {key: one for key, one in value.items() if key != name}


ROOT = "0" * 64
CHAINS: dict[str, tuple[str, Callable[[Tree], Tree], str]] = {
    "a number left out": ("a.described", edited(n=2), "not act 1"),
    "a number twice": ("a.described", edited(n=0), "not act 1"),
    "a chain that begins at 1": ("b.received", edited(n=1), "not act 0"),
    "a number that is true": ("a.described", edited(n=True), "n is not"),
    "a number as text": ("a.described", edited(n="1"), "n is not"),
    "a number below zero": ("b.received", edited(n=-1), "n is not"),
    "another predecessor": ("a.described", edited(prev=ROOT), "does not follow"),
    "no predecessor": ("a.described", edited(prev=""), "does not follow"),
    "a predecessor of the first act": ("b.received", edited(prev=ROOT), "does not follow"),
    "a predecessor in capitals": ("a.described", edited(prev="A" * 64), "prev is"),
    "a predecessor too short": ("a.described", edited(prev="a" * 63), "prev is"),
    "an earlier time": ("a.described", edited(t="2026-11-21T07:59:59Z"), "earlier"),
    "a later time": ("b.received", edited(t="2026-11-21T09:00:00Z"), "earlier"),
    "a time with a fraction": ("a.described", edited(t="2026-11-21T08:00:05.0Z"), "t is"),
    "a time with an offset": ("a.described", edited(t="2026-11-21T08:00:05+00:00"), "t is"),
    "a day that never was": ("a.described", edited(t="2026-02-30T08:00:05Z"), "t is"),
    "an hour that never was": ("a.described", edited(t="2026-11-21T24:00:05Z"), "t is"),
    "a time in other digits": ("a.described", edited(t="2026-11-21T08:00:0٥Z"), "t is"),
    "another item": ("a.described", edited(obj=name_id("item z")), "items"),
    "the other item": ("a.described", edited(obj=name_id("item b")), "entry"),
    "an item that is no id": ("a.described", edited(obj="item a"), "obj is"),
    "an agent that is no id": ("a.described", edited(by="somebody"), "by is"),
    "an act without a name": ("a.described", edited(act=""), "act is"),
    "an act in capitals": ("a.described", edited(act="Item.Described"), "act is"),
    "a member too many": ("a.described", edited(why="because"), "chain is not"),
    "a member missing": ("a.described", without("by"), "chain is not"),
    "no object": ("a.described", lambda _: "none", "chain is not"),
    "an export that is called otherwise": ("a.exported", edited(act="item.described"), "end in"),
    "an item that is also a batch": ("x.closed", edited(obj=name_id("item b")), "also an item"),
    "a batch leaf that is no leaf": (EXPORT, edited(act="batch.ended"), "closes no batch"),
    "an export leaf of another batch": (EXPORT, edited(obj=name_id("other")), "end in this export"),
    "an export leaf that is not the first": (EXPORT, edited(n=1, prev=ROOT), "missing"),
    "an export leaf with a predecessor": (EXPORT, edited(prev=ROOT), "follows"),
    "a batch leaf with a predecessor": ("x.closed", edited(prev=ROOT), "follows"),
    "a later batch leaf without one": ("x.closed", edited(n=3), "follows"),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_that_does_not_hold_is_refused(tmp_path: Path, name: str) -> None:
    label, change, reason = CHAINS[name]
    bundle = exhibit(Plan(hooks={f"chain {label}": change}))
    outcome = refused(bundle, tmp_path, "chain_complete", reason)
    assert outcome.failed == {"chain_complete"}


REASONS: dict[str, tuple[str, Callable[[Tree], Tree], str]] = {
    "another root": (EXPORT, edited(root=ROOT), "does not cover"),
    "a count too high": (EXPORT, edited(count=3), "counts 3, 2"),
    "a count too low": (EXPORT, edited(count=1), "counts 1, 2"),
    "a count of none": (EXPORT, edited(count=0), "counts 0"),
    "a count too large": ("y.closed", edited(count=257), "counts 257"),
    "a count that is true": (EXPORT, edited(count=True), "count is not"),
    "more to follow": (EXPORT, edited(more=True), "whether more"),
    "a number for more": (EXPORT, edited(more=0), "count, more and root"),
    "a root in capitals": (EXPORT, edited(root="A" * 64), "count, more and root"),
    "a member too many": (EXPORT, edited(why="because"), "reason"),
    "a reason that is no text": (EXPORT, edited(reason=1), "reason"),
    "a whole group with another root": ("x.closed", edited(root=ROOT), "does not cover"),
    "a group with too few": ("x.closed", edited(count=1), "fewer"),
    "a half group that counts one": ("y.closed", edited(count=1), "does not cover"),
}


@pytest.mark.parametrize("name", REASONS)
def test_a_batch_leaf_that_does_not_cover_its_group_is_refused(tmp_path: Path, name: str) -> None:
    label, change, reason = REASONS[name]
    bundle = exhibit(Plan(hooks={f"reason {label}": change}))
    outcome = refused(bundle, tmp_path, "chain_complete", reason)
    assert outcome.failed == {"chain_complete"}


GROUPS: dict[str, tuple[str, Callable[[Tree], Tree], str]] = {
    "no chain": ("a.described", without("chain"), "chain group"),
    "no batch in the export": ("a.exported", edited(handling={}), "end in this export"),
    "another batch in the export": (
        "a.exported",
        edited(handling={"batch": name_id("batch x")}),
        "end in this export",
    ),
    "this export before the end": (
        "a.described",
        edited(handling={"batch": name_id("export")}),
        "does not end its chain",
    ),
    "a batch that has no leaf": (
        "a.described",
        edited(handling={"batch": name_id("batch z")}),
        "batch leaf of entry 5 is missing",
    ),
    "a batch whose leaf came before": (
        "a.described",
        edited(handling={"batch": name_id("batch x")}),
        "batch leaf of entry 5 is missing",
    ),
    "a batch that is no id": ("a.rendered", edited(handling={"batch": "y"}), "batch is"),
    "a batch that is no text": ("a.rendered", edited(handling={"batch": 1}), "batch is not"),
    "handling that is no object": ("a.rendered", edited(handling="y"), "handling"),
    "a batch leaf that nobody is in": ("a.rendered", without("handling"), "closes no group"),
    "a batch leaf without a reason": ("x.closed", without("reason"), "reason group"),
    "a reason that is no object": ("x.closed", edited(reason="because"), "reason group"),
    "an earlier selection": (
        "x.closed",
        lambda groups: {**groups, "selection": {}},
        "before the last one",
    ),
    "no selection": (EXPORT, without("selection"), "no selection"),
    "a selection that is no object": (EXPORT, edited(selection="all"), "selection"),
}


@pytest.mark.parametrize("name", GROUPS)
def test_groups_that_do_not_fit_are_refused(tmp_path: Path, name: str) -> None:
    label, change, reason = GROUPS[name]
    bundle = exhibit(Plan(hooks={f"groups {label}": change}))
    outcome = refused(bundle, tmp_path, "chain_complete", reason)
    assert outcome.failed == {"chain_complete"}


def first_file(**changes: Tree) -> Callable[[Tree], Tree]:
    def hook(selection: Tree) -> Tree:
        files = [{**selection["files"][0], **changes}, *selection["files"][1:]]
        return {**selection, "files": files}

    return hook


SELECTIONS: dict[str, Callable[[Tree], Tree]] = {
    "a member too many": edited(more=[]),
    "a member missing": without("tokens"),
    "no items": edited(items=[]),
    "an item twice": lambda one: {**one, "items": [*one["items"], one["items"][0]]},
    "an item too many": lambda one: {**one, "items": [*one["items"], name_id("item z")]},
    "an item left out": lambda one: {**one, "items": one["items"][:1]},
    "an item that is no id": lambda one: {**one, "items": [one["items"][0], "b"]},
    "heads out of order": edited(heads=[4, 2]),
    "a head twice": edited(heads=[2, 2, 4]),
    "a head as text": edited(heads=["2", 4]),
    "a name with a slash": edited(name="../exhibit"),
    "a name in capitals": edited(name="Exhibit"),
    "a template that is none": edited(template="none"),
    "tokens that are none": edited(tokens=0),
    "a recipient that is none": edited(recipient=0),
    "something withheld twice": edited(withheld=["source", "source"]),
    "something withheld without a name": edited(withheld=[""]),
    "something withheld with a command": edited(withheld=["\x1b[2J"]),
    "files that are none": edited(files={}),
    "files out of order": lambda one: {**one, "files": one["files"][::-1]},
    "a file twice": lambda one: {**one, "files": [one["files"][0], *one["files"]]},
    "a file with a step up": first_file(path="../VERIFY.md"),
    "a file that is absolute": first_file(path="/etc/passwd"),
    "a file of the log": first_file(path="custody/keys"),
    "a manifest": first_file(path="manifest-sha256.txt"),
    "a file outside the layout": first_file(path="data/notes.txt"),
    "a digest in capitals": first_file(sha256="A" * 64),
    "a size below zero": first_file(size=-1),
    "a size as text": first_file(size="1"),
    "a file that tells too much": first_file(note="ok"),
    "a tag file left out": lambda one: {
        **one,
        "files": [file for file in one["files"] if file["path"] != "VERIFY.md"],
    },
}


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_selection_has_one_form(tmp_path: Path, name: str) -> None:
    bundle = exhibit(Plan(hooks={"selection": SELECTIONS[name]}))
    outcome = refused(bundle, tmp_path, "chain_complete")
    assert outcome.failed == {"chain_complete"}


def test_tokens_are_not_passed_over(tmp_path: Path) -> None:
    bundle = exhibit(Plan(hooks={"selection": edited(tokens=["4"])}))
    assert refused(bundle, tmp_path, "existed_before", "tokens").failed == {"existed_before"}
    (tmp_path / "file").mkdir()
    with_file = GOOD.resealed({"custody/tsa/4.tsr": b"\x30\x82"})
    assert "existed_before" in refused(with_file, tmp_path / "file", "existed_before").failed


def entries_without(*numbers: int) -> dict[str, bytes | None]:
    """Entries taken out, with their proofs: what remains is proved and in order."""
    indices = (1, 2, 3, 5, 7, 8, 9, 10, 11)
    lines = [line for at, line in zip(indices, LINES, strict=True) if at not in numbers]
    gone: dict[str, bytes | None] = {f"custody/proofs/{at}.tlog-proof": None for at in numbers}
    return {**gone, "custody/entries.jsonl": b"".join(lines)}


DROPPED: dict[str, tuple[tuple[int, ...], str]] = {
    "the export leaf": ((11,), "no selection"),
    "an export act": ((9,), "does not end in this export"),
    "both export acts": ((9, 10), "does not end in this export"),
    "the whole export": ((9, 10, 11), "no selection"),
    "an act in the middle": ((5,), "not act 1"),
    "the first act": ((1,), "not act 0"),
    "the last act before the export": ((7, 8), "not act 2"),
    "a whole item": ((2, 9), "items"),
    "a batch leaf": ((3,), "batch leaf of entry 1 is missing"),
    "a batch leaf of half a group": ((8,), "batch leaf of entry 7 is missing"),
}


@pytest.mark.parametrize("name", DROPPED)
def test_an_entry_taken_out_is_missed(tmp_path: Path, name: str) -> None:
    numbers, reason = DROPPED[name]
    bundle = GOOD.resealed(entries_without(*numbers))
    outcome = refused(bundle, tmp_path, "chain_complete", reason)
    assert outcome.failed == {"chain_complete"}


@pytest.mark.parametrize("stranger", [0, 4, 6, 12])
def test_an_entry_too_many_is_refused(tmp_path: Path, stranger: int) -> None:
    """Another act of the same log, properly proved, that belongs to no item of the selection."""
    bundle = exhibit(Plan(strangers=(stranger,)))
    outcome = refused(bundle, tmp_path, "chain_complete")
    assert outcome.failed == {"chain_complete"}


def test_an_export_may_close_in_several_groups(tmp_path: Path) -> None:
    outcome = read_bundle(exhibit(Plan(groups=("b", "a"))), tmp_path)
    assert outcome.verdict == "intact_self_attested"


SEVERAL: dict[str, tuple[str, Callable[[Tree], Tree], str]] = {
    "a first group that says it is the last": ("reason e1.closed", edited(more=False), "more"),
    "a first group that counts two": ("reason e1.closed", edited(count=2), "counts 2"),
    "a last group that counts two": (f"reason {EXPORT}", edited(count=2), "counts 2"),
    "a group that covers others": ("reason e1.closed", edited(root=ROOT), "does not cover"),
    "a group with another number": ("chain e1.closed", edited(n=7, prev=ROOT), "out of order"),
    "a last group with another number": (f"chain {EXPORT}", edited(n=2), "missing"),
    "a last group that follows another": (f"chain {EXPORT}", edited(prev=ROOT), "follow"),
    "a group without a reason": ("groups e1.closed", without("reason"), "reason group"),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_each_group_of_an_export_is_remade(tmp_path: Path, name: str) -> None:
    point, change, reason = SEVERAL[name]
    bundle = exhibit(Plan(groups=("b", "a"), hooks={point: change}))
    outcome = refused(bundle, tmp_path, "chain_complete", reason)
    assert outcome.failed == {"chain_complete"}


def test_a_group_of_an_export_taken_out_is_missed(tmp_path: Path) -> None:
    bundle = exhibit(Plan(groups=("b", "a")))
    lines = bundle.files["custody/entries.jsonl"].splitlines(keepends=True)
    kept = b"".join(line for line in lines if b'"index":10,' not in line)
    gone = {"custody/entries.jsonl": kept, "custody/proofs/10.tlog-proof": None}
    refused(bundle.resealed(gone), tmp_path, "chain_complete", "missing")


def test_a_batch_of_nobody_is_refused(tmp_path: Path) -> None:
    """A first group of the export without any member: its leaf says that there is one."""

    def empty(reason: Tree) -> Tree:
        return {**reason, "count": 1}

    plan = Plan(groups=("", "ba"), hooks={"reason e1.closed": empty})
    refused(exhibit(plan), tmp_path, "chain_complete", "0 are here")


def test_a_batch_leaf_before_all_members_is_refused(tmp_path: Path) -> None:
    """Two leaves of one batch: the first closes a group of which nobody is here."""
    batch = name_id("batch x")
    hooks: dict[str, Callable[[Tree], Tree]] = {
        "groups a.received": without("handling"),
        "groups b.received": without("handling"),
        "groups a.rendered": lambda groups: {**groups, "handling": {"batch": batch}},
        "chain y.closed": edited(obj=batch, n=2, prev=ROOT),
    }
    refused(exhibit(Plan(hooks=hooks)), tmp_path, "chain_complete", "leaf 3 closes no group")


def second_leaf(**changes: Tree) -> Plan:
    """`y.closed` as a later leaf of the batch that `x.closed` began; leaf 1 is not here."""
    batch = name_id("batch x")
    return Plan(
        hooks={
            "groups a.rendered": lambda groups: {**groups, "handling": {"batch": batch}},
            "chain y.closed": edited(**{"obj": batch, "n": 2, "prev": ROOT, **changes}),
        }
    )


def test_leaves_of_a_batch_that_are_not_here_may_lie_between(tmp_path: Path) -> None:
    assert read_bundle(exhibit(second_leaf()), tmp_path).verdict == "intact_self_attested"


@pytest.mark.parametrize(
    "changes", [{"n": 0}, {"n": 1}, {"n": 0, "prev": ""}, {"prev": ""}, {"n": 1, "prev": ""}]
)
def test_leaves_of_a_batch_follow_one_another(tmp_path: Path, changes: Tree) -> None:
    outcome = refused(exhibit(second_leaf(**changes)), tmp_path, "chain_complete", "batch leaf 8")
    assert outcome.failed == {"chain_complete"}
