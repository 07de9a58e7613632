"""Lies of the log's own keeper: signed, included, consistent, and still refused.

Whoever holds the key can sign anything. What a bundle shows is that its parts agree: chains, times,
batches, the selection, the record. Each lie here is told before the signature is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.note import sign_note
from muniment.custody.proof import inclusion_proof
from muniment.export.api import Entry
from tests.library.exhibit.ledger import Value, id_of
from tests.library.exhibit.story import EXPORT, Plan, tell
from tests.mutations.bags import (
    APPEND,
    BYTES,
    CHAIN,
    CHECKPOINT,
    DISCLOSED,
    INCLUDED,
    RECORD,
    VERIFIER,
    Mutation,
    closed,
    digest,
    forged,
    jcs,
    spoilt,
    story,
    whole,
)

Twist = Callable[[Value], Value]
CLOSED = f"{EXPORT}.closed"
PLANTED = sha256(b"planted").hexdigest()
ALL = (CHAIN, BYTES, APPEND, DISCLOSED, INCLUDED)


def told_with(point: str, twist: Twist) -> bytes:
    return forged(tell(Plan(verifier=VERIFIER, twists={point: twist}))).zipped()


def lie(name: str, point: str, twist: Twist, *must: str, may: tuple[str, ...] = ()) -> Mutation:
    return spoilt(f"keeper: {name}", lambda: told_with(point, twist), *must, may=may)


def updated(**changes: Value) -> Twist:
    return lambda value: {**value, **changes}


def without(name: str) -> Twist:
    return lambda value: {key: one for key, one in value.items() if key != name}


def chains() -> Iterator[Mutation]:
    may = (BYTES, APPEND)
    for label in ("photo.described", "photo.rendered", "statement.received", f"M-00871.{EXPORT}"):
        for name, twist in {
            "back-dated": updated(t="2022-03-09T15:00:00Z"),
            "one act passed over": lambda chain: {**chain, "n": chain["n"] + 1},
            "another act before it": updated(prev="0" * 64),
            "no moment": updated(t="2026-02-30T15:00:00Z"),
            "a moment with a zone": updated(t="2026-03-09T15:06:00+00:00"),
            "an agent without an id": updated(by="intake desk"),
            "a number for a name": updated(act=7),
            "one thing more": updated(note="vouched for"),
            "one thing less": without("by"),
        }.items():
            yield lie(f"{label} {name}", f"chain {label}", twist, CHAIN, may=may)
    export = f"M-00872.{EXPORT}"
    yield lie(
        "an end that is no export", f"chain {export}", updated(act="item.linked"), CHAIN, may=may
    )
    yield lie("an item of another", f"chain {export}", updated(obj=id_of("x")), CHAIN, may=may)
    yield lie(
        "a closing that closes nothing",
        f"chain {CLOSED}",
        updated(act="item.linked"),
        CHAIN,
        may=ALL,
    )
    yield lie(
        "a deposit that is no batch",
        "chain deposit.closed",
        updated(act="item.linked"),
        CHAIN,
        may=may,
    )


def batches() -> Iterator[Mutation]:
    may = (BYTES, APPEND)
    for label in ("deposit.closed", CLOSED):
        for name, twist in {
            "another root": updated(root="0" * 64),
            "one member less": lambda reason: {**reason, "count": reason["count"] - 1},
            "no member": updated(count=0),
            "more than fit": updated(count=257),
            "a root cut short": lambda reason: {**reason, "root": reason["root"][:-1]},
            "no root": without("root"),
            "one thing more": updated(note="vouched for"),
        }.items():
            yield lie(f"{label} {name}", f"reason {label}", twist, CHAIN, may=may)
    yield lie("one exported more", f"reason {CLOSED}", updated(count=4), CHAIN, may=may)
    yield lie("more to come", f"reason {CLOSED}", updated(more=True), CHAIN, may=may)
    for name, groups in {
        "an export without a batch": without("handling"),
        "an export in another batch": updated(
            handling={"batch": id_of("y"), "compartment": "open"}
        ),
        "an export in no batch": updated(handling={"compartment": "open"}),
        "a batch without an id": updated(handling={"batch": "Tuesday", "compartment": "open"}),
    }.items():
        yield lie(name, f"groups M-00873.{EXPORT}", groups, CHAIN, may=may)
    early = updated(handling={"batch": id_of(EXPORT), "compartment": "open"})
    yield lie(
        "an act that names this export early", "groups photo.described", early, CHAIN, may=may
    )


def leaves() -> Iterator[Mutation]:
    label = "photo.described"
    for name, twist in {
        "of another log": updated(log="specimen.muniment.invalid/other-11111111"),
        "of another version": updated(v=2),
        "with one thing more": updated(note="vouched for"),
        "without an id": updated(eid="6"),
        "with the id of another": updated(eid=id_of("act photo.received")),
        "with digests in disorder": lambda leaf: {**leaf, "_sd": leaf["_sd"][::-1]},
        "with a digest twice": lambda leaf: {**leaf, "_sd": sorted([*leaf["_sd"], leaf["_sd"][0]])},
        "with too many digests": lambda leaf: {
            **leaf, "_sd": sorted([*leaf["_sd"], *(f"{n:042}A" for n in range(20))])
        },
        "with no digests": updated(_sd=[]),
    }.items():  # fmt: skip
        yield lie(f"a leaf {name}", f"leaf {label}", twist, may=ALL)
    yield lie("something hidden without a word", f"leaf {label}", with_hidden, DISCLOSED)
    for name, more in {
        "a disclosure named _sd": ("_sd", ["A" * 43]),
        "a disclosure named ...": ("...", "A" * 43),
        "a value with a name kept for others": ("note", {"...": "A" * 43}),
        "a value with a wrong _sd": ("note", {"_sd": "A" * 43}),
        "a name in clear said again": ("eid", "0" * 32),
    }.items():
        yield spoilt(f"keeper: {name}", partial(with_disclosure, *more), DISCLOSED, may=ALL)


def with_hidden(leaf: Value) -> Value:
    """A leaf that commits to something nobody is shown."""
    return {**leaf, "_sd": sorted([*leaf["_sd"], "A" * 43])}


def with_disclosure(name: str, value: Value) -> bytes:
    """An act that commits to one disclosure more."""
    text = closed(["A" * 22, name, value])
    label = "photo.described"
    twists: dict[str, Twist] = {
        f"leaf {label}": lambda leaf: {**leaf, "_sd": sorted([*leaf["_sd"], digest(text)])},
        f"texts {label}": lambda texts: [*texts, text],
    }
    return forged(tell(Plan(verifier=VERIFIER, twists=twists))).zipped()


def parts() -> Iterator[Mutation]:
    def first(change: Twist) -> Twist:
        def twist(groups: Value) -> Value:
            one, *more = groups["object"]["parts"]
            return {**groups, "object": {"parts": [change(one), *more]}}

        return twist

    for name, change in {
        "other bytes were received": updated(sha256=PLANTED),
        "another size was received": updated(size=1),
        "a digest cut short was received": updated(sha256=PLANTED[:-1]),
    }.items():
        yield lie(name, "groups photo.received", first(change), BYTES)
    more = {"media_type": "x/y", "part": id_of("z"), "sha256": PLANTED, "size": 7}

    def another(groups: Value) -> Value:
        return {**groups, "object": {"parts": [*groups["object"]["parts"], more]}}

    yield lie("a part that is left out", "groups video.received", another, BYTES)
    yield lie("no part was received", "groups video.received", without("object"), BYTES)


def selections() -> Iterator[Mutation]:
    def file(number: int, **changes: Value) -> Twist:
        def twist(selection: Value) -> Value:
            files = [dict(one) for one in selection["files"]]
            files[number] |= changes
            return {**selection, "files": files}

        return twist

    def shorter(selection: Value) -> Value:
        return {**selection, "files": selection["files"][:-2] + selection["files"][-1:]}

    def reordered(selection: Value) -> Value:
        return {**selection, "files": selection["files"][::-1]}

    outside = [{"path": "../x", "sha256": PLANTED, "size": 7}]
    custody = [{"path": "custody/keys", "sha256": PLANTED, "size": 7}]
    for name, twist, must in (
        ("another digest", file(4, sha256=PLANTED), (BYTES,)),
        ("another size", file(4, size=1), (BYTES,)),
        ("another template", updated(template=PLANTED), (BYTES,)),
        ("another name", updated(name="exhibit-00099"), (BYTES,)),
        ("a file less", shorter, (BYTES,)),
        ("files in disorder", reordered, (CHAIN,)),
        ("a path that climbs", lambda s: {**s, "files": [*outside, *s["files"]]}, (CHAIN,)),
        ("a file of the log", lambda s: {**s, "files": [*s["files"], *custody]}, (CHAIN,)),
        ("an item less", lambda s: {**s, "items": s["items"][:-1]}, (CHAIN,)),
        ("an item more", lambda s: {**s, "items": [*s["items"], id_of("x")]}, (CHAIN,)),
        ("an item twice", lambda s: {**s, "items": [*s["items"], s["items"][0]]}, (CHAIN,)),
        ("items in another order", lambda s: {**s, "items": s["items"][::-1]}, (BYTES,)),
        ("nothing", lambda s: {}, (CHAIN,)),
        ("one thing more", updated(note="vouched for"), (CHAIN,)),
    ):
        yield lie(f"a selection with {name}", "selection", twist, *must, may=ALL)


def with_edit(path: str, edit: Callable[[bytes], bytes]) -> bytes:
    return forged(tell(Plan(verifier=VERIFIER, edits={path: edit}))).zipped()


def made_files() -> Iterator[Mutation]:
    """Files made before the act, so that the act itself names what does not agree."""

    def record(edit: Callable[[Value], object]) -> Callable[[bytes], bytes]:
        def apply(data: bytes) -> bytes:
            value = json.loads(data)
            edit(value)
            return jcs(value)

        return apply

    def swapped(value: Value) -> None:
        one, other = value["items"][0]["parts"][:2]
        one["sha256"], other["sha256"] = other["sha256"], one["sha256"]

    def to_another(value: Value) -> None:
        value["items"][1]["parts"].append(value["items"][0]["parts"].pop())

    for path, name, edit in (
        ("bag-info.txt", "back-dated", lambda d: d.replace(b"2026-03-09", b"2022-03-09")),
        ("bag-info.txt", "of another size", lambda d: d.replace(b"Oxum: ", b"Oxum: 1")),
        (
            "bag-info.txt",
            "of another export",
            lambda d: d.replace(b"Identifier: ", b"Identifier: 0"),
        ),
        ("bagit.txt", "of another version", lambda d: d.replace(b"1.0", b"0.97")),
        (RECORD, "no specimen", record(lambda v: v.update(specimen=False))),
        (RECORD, "of another schema", record(lambda v: v.update(schema=2))),
        (RECORD, "with an item less", record(lambda v: v["items"].pop())),
        (RECORD, "with a part less", record(lambda v: v["items"][0]["parts"].pop())),
        (RECORD, "with digests exchanged", record(swapped)),
        (RECORD, "with a part of another", record(to_another)),
        (RECORD, "with another number", record(lambda v: v["items"][0].update(number="M-1"))),
        (RECORD, "not canonical", lambda d: d.replace(b",", b", ", 1)),
    ):
        yield spoilt(
            f"keeper: {path} {name}",
            partial(with_edit, path, edit),
            BYTES,
        )


def heads() -> Iterator[Mutation]:
    """Heads that the keeper signed and should not have."""
    told, bag = story(), whole()
    ledger = told.ledger
    for path in bag.old_heads:
        size = int(path.split("/")[2].split("-")[0])
        forked = sign_note(
            Checkpoint(ledger.origin, size, sha256(b"fork").digest()).text, ledger.key
        )
        hashes = bag.files[path].split(b"\n\n")[2]
        changed = bag.changed({path: forked.to_bytes() + b"\n" + hashes})
        yield spoilt(
            f"keeper: another past at {size}",
            changed.sealed_and_zipped,
            APPEND,
        )
    text = bag.files[CHECKPOINT].decode().split("\n\n")[0] + "\n"
    for name, other in {
        "an extension line": text + "extension\n",
        "a smaller size": text.replace("\n15\n", "\n14\n"),
        "another root": Checkpoint(ledger.origin, 15, sha256(b"x").digest()).text,
    }.items():
        head = sign_note(other, ledger.key).to_bytes()
        changes: dict[str, bytes | None] = {CHECKPOINT: head}
        for path in bag.proofs:
            changes[path] = bag.files[path].split(b"\n\n", 1)[0] + b"\n\n" + head
        yield spoilt(
            f"keeper: a head with {name}",
            bag.changed(changes).sealed_and_zipped,
            INCLUDED,
            may=(APPEND, BYTES),
        )


def with_stranger(place: int) -> bytes:
    """The exhibit with one entry more, which is about something else."""
    told = story()
    ledger, full = told.ledger, told.custody
    stranger = ledger.written[place]
    entries = [*full.entries, Entry(place, stranger.leaf, stranger.texts)]
    proof = tuple(inclusion_proof(ledger.reader, place, ledger.size))
    custody = replace(
        full,
        entries=tuple(sorted(entries, key=lambda entry: entry.index)),
        proofs={**full.proofs, place: proof},
    )
    return forged(replace(told, custody=custody)).zipped()


def strangers() -> Iterator[Mutation]:
    """Entries too many, each properly proved."""
    for place in (0, 4, 9):
        name = f"keeper: entry {place} of a stranger"
        yield spoilt(name, partial(with_stranger, place), CHAIN, may=(BYTES, APPEND))


def keepers() -> Iterator[Mutation]:
    yield from chains()
    yield from batches()
    yield from leaves()
    yield from parts()
    yield from selections()
    yield from made_files()
    yield from heads()
    yield from strangers()
