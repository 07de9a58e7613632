"""Changes of what the log says, by a careful forger without the log's key.

Entries, proofs, heads and keys are changed, dropped, borrowed from other exhibits and other logs;
manifests and page are made again, and so are the ends of the proofs where the head changes.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import pairwise

from tests.library.exhibit.ledger import Value, key_of
from tests.mutations.bags import (
    APPEND,
    BYTES,
    CHAIN,
    CHECKPOINT,
    DISCLOSED,
    INCLUDED,
    KEYS,
    POLICY,
    WITNESSED,
    Bag,
    Mutation,
    chance,
    closed,
    digest,
    elsewhere,
    flipped,
    jcs,
    later,
    opened,
    spoilt,
    story,
    thief,
    whole,
)

# What follows from entries that say something else.
AFTER_ENTRIES = (CHAIN, BYTES, APPEND, DISCLOSED)


def sealed(name: str, bag: Bag, *must: str, may: tuple[str, ...] = ()) -> Mutation:
    return spoilt(name, bag.sealed_and_zipped, *must, may=may)


def leaf_of(line: Value) -> Value:
    return json.loads(b64decode(line["leaf"]))


def with_leaf(line: Value, leaf: bytes) -> Value:
    return {**line, "leaf": b64encode(leaf).decode()}


def edited(line: Value, name: str, edit: Callable[[Value], Value]) -> tuple[Value, str, str]:
    """The entry with one group saying something else; the digest it had, and the one it has."""
    texts = list(line["disclosures"])
    for at, text in enumerate(texts):
        parts = opened(text)
        if parts[1] == name:
            texts[at] = closed([parts[0], name, edit(parts[2])])
            return {**line, "disclosures": texts}, digest(text), digest(texts[at])
    raise AssertionError(name)


# Entries dropped, moved, renumbered


def entries_dropped() -> Iterator[Mutation]:
    bag = whole()
    lines = bag.lines
    for at, line in enumerate(lines):
        kept = lines[:at] + lines[at + 1 :]
        proof = f"custody/proofs/{line['index']}.tlog-proof"
        without = bag.with_lines(kept, {proof: None})
        yield sealed(f"act {line['index']} dropped", without, CHAIN, may=(BYTES, APPEND))
        yield sealed(
            f"act {line['index']} dropped, its proof left",
            bag.with_lines(kept),
            CHAIN,
            may=(BYTES, APPEND, INCLUDED),
        )
        yield sealed(f"proof {line['index']} dropped", bag.changed({proof: None}), INCLUDED)
    yield from items_dropped()
    yield sealed("no act at all", bag.changed({"custody/entries.jsonl": b""}), INCLUDED)


def items_dropped() -> Iterator[Mutation]:
    """An item left out whole: its acts, its proofs, its parts and its line in the record."""
    bag = whole()
    for number, item in enumerate(story().dossier.items):
        places = {at for at, act in enumerate(story().ledger.written) if act.obj == item.obj}
        lines = [line for line in bag.lines if line["index"] not in places]
        gone: dict[str, bytes | None] = {f"custody/proofs/{at}.tlog-proof": None for at in places}
        yield sealed(
            f"all acts of {item.number} dropped",
            bag.with_lines(lines, gone),
            CHAIN,
            may=(BYTES, APPEND),
        )
        record = bag.value("data/record.json")
        del record["items"][number]
        gone |= {path: None for path in bag.parts if item.number in path}
        gone["data/record.json"] = jcs(record)
        yield sealed(
            f"{item.number} dropped whole", bag.with_lines(lines, gone), CHAIN, BYTES, may=(APPEND,)
        )


def entries_moved() -> Iterator[Mutation]:
    bag = whole()
    lines = bag.lines
    for at, (one, other) in enumerate(pairwise(lines)):
        moved = [*lines[:at], other, one, *lines[at + 2 :]]
        yield sealed(
            f"acts {one['index']} and {other['index']} turned round",
            bag.with_lines(moved),
            INCLUDED,
        )
        named = [*lines[:at], {**one, "index": other["index"]}, {**other, "index": one["index"]}]
        yield sealed(
            f"acts {one['index']} and {other['index']} exchanged",
            bag.with_lines(sorted([*named, *lines[at + 2 :]], key=lambda line: int(line["index"]))),
            INCLUDED,
            may=AFTER_ENTRIES,
        )
        twice = [*lines[:at], one, one, *lines[at + 1 :]]
        yield sealed(f"act {one['index']} twice", bag.with_lines(twice), INCLUDED)
    last = lines[-1]
    further = [*lines[:-1], {**last, "index": 14}]
    proof = bag.files["custody/proofs/13.tlog-proof"].replace(b"index 13", b"index 14")
    moved_on = {"custody/proofs/13.tlog-proof": None, "custody/proofs/14.tlog-proof": proof}
    yield sealed("the last act moved on", bag.with_lines(further, moved_on), INCLUDED)


# Leaves and disclosures


def leaf_edits() -> dict[str, Callable[[Value], bytes]]:
    return {
        "another id": lambda leaf: jcs({**leaf, "eid": "0" * 32}),
        "another log": lambda leaf: jcs({**leaf, "log": "muniment.invalid/real-00000000"}),
        "another version": lambda leaf: jcs({**leaf, "v": 2}),
        "one thing more": lambda leaf: jcs({**leaf, "note": "vouched for"}),
        "a digest less": lambda leaf: jcs({**leaf, "_sd": leaf["_sd"][1:]}),
        "a digest more": lambda leaf: jcs({**leaf, "_sd": sorted([*leaf["_sd"], "A" * 43])}),
        "other spelling": lambda leaf: jcs(leaf).replace(b",", b", ", 1),
    }


def leaves_changed() -> Iterator[Mutation]:
    bag = whole()
    for at, line in enumerate(bag.lines):
        for name, edit in leaf_edits().items():
            lines = bag.lines
            lines[at] = with_leaf(line, edit(leaf_of(line)))
            yield sealed(
                f"leaf {line['index']}: {name}", bag.with_lines(lines), INCLUDED, may=AFTER_ENTRIES
            )


def chain_edits() -> dict[str, Callable[[Value], Value]]:
    return {
        "back-dated": lambda chain: {**chain, "t": "2022-03-09T15:00:00Z"},
        "by another": lambda chain: {**chain, "by": "0" * 32},
        "another act": lambda chain: {**chain, "act": "item.linked"},
        "another subject": lambda chain: {**chain, "obj": "f" * 32},
        "another n": lambda chain: {**chain, "n": chain["n"] + 1},
        "another prev": lambda chain: {**chain, "prev": "0" * 64},
    }


def acts_retold() -> Iterator[Mutation]:
    """A `chain` that says something else: the leaf as it was, and the leaf made to it."""
    bag = whole()
    for at, line in enumerate(bag.lines):
        for name, edit in chain_edits().items():
            told, old, new = edited(line, "chain", edit)
            lines = bag.lines
            lines[at] = told
            what = f"act {line['index']} {name}"
            yield sealed(what, bag.with_lines(lines), DISCLOSED, may=(CHAIN, BYTES, APPEND))
            if at % 3 == 0:
                leaf = leaf_of(line)
                leaf["_sd"] = sorted([*(one for one in leaf["_sd"] if one != old), new])
                lines = bag.lines
                lines[at] = with_leaf(told, jcs(leaf))
                also = f"{what}, and the leaf to it"
                yield sealed(also, bag.with_lines(lines), INCLUDED, may=AFTER_ENTRIES)


def groups_retold() -> Iterator[Mutation]:
    """The digests that the acts fix, changed together with the file they are of."""
    bag = whole()
    planted = sha256(b"planted").hexdigest()
    path = "data/original/M-00871/001.jpg"

    def replant(group: Value) -> Value:
        group["parts"][0] |= {"sha256": planted, "size": 7}
        return group

    def select(group: Value) -> Value:
        for file in group["files"]:
            if file["path"] == path:
                file |= {"sha256": planted, "size": 7}
        return group

    lines = bag.lines
    received, _, _ = edited(lines[0], "object", replant)
    exporting, _, _ = edited(lines[-1], "selection", select)
    record = bag.value("data/record.json")
    record["items"][0]["parts"][0] |= {"sha256": planted, "size": 7}
    files: dict[str, bytes | None] = {path: b"planted", "data/record.json": jcs(record)}
    may = (CHAIN, BYTES, APPEND)
    for name, changed in (
        ("receipt", [received, *lines[1:]]),
        ("selection", [*lines[:-1], exporting]),
        ("receipt and selection", [received, *lines[1:-1], exporting]),
    ):
        yield sealed(
            f"a file planted, {name} to it", bag.with_lines(changed, files), DISCLOSED, may=may
        )
    other, _, _ = edited(lines[-1], "selection", lambda group: {**group, "recipient": "you"})
    yield sealed("another recipient", bag.with_lines([*lines[:-1], other]), DISCLOSED, may=may)


def disclosures_stripped() -> Iterator[Mutation]:
    bag = whole()
    for at, line in enumerate(bag.lines):
        for number, text in enumerate(line["disclosures"]):
            name = opened(text)[1]
            lines = bag.lines
            lines[at]["disclosures"].pop(number)
            what = f"act {line['index']} without {name[:24]}"
            ends = line is bag.lines[-1] or at == len(lines) - 1
            if ends and name in {"chain", "selection"}:
                yield sealed(what, bag.with_lines(lines), CHAIN, may=AFTER_ENTRIES)
            else:
                yield sealed(what, bag.with_lines(lines), DISCLOSED, may=(CHAIN, BYTES, APPEND))


def disclosures_misplaced() -> Iterator[Mutation]:
    bag = whole()
    may = (CHAIN, BYTES, APPEND)
    stranger = closed(["A" * 22, "note", "vouched for"])
    reserved = closed(["A" * 22, "_sd", []])
    for at, line in enumerate(bag.lines):
        texts = line["disclosures"]
        elsewhere_at = (at + 1) % len(bag.lines)
        for name, given in (
            ("twice", [*texts, texts[0]]),
            ("of another act", [*texts, bag.lines[elsewhere_at]["disclosures"][0]]),
            ("of no act", [*texts, stranger]),
            ("with a reserved name", [*texts, reserved]),
            ("padded", [texts[0] + "=", *texts[1:]]),
        ):
            lines = bag.lines
            lines[at] = {**line, "disclosures": given}
            yield sealed(
                f"act {line['index']}: a disclosure {name}",
                bag.with_lines(lines),
                DISCLOSED,
                may=may,
            )
    names = [{opened(text)[1] for text in line["disclosures"]} for line in bag.lines]
    described = next(at for at, given in enumerate(names) if "state" in given)
    lines = bag.lines
    lines[described]["disclosures"].reverse()
    yield sealed("children before parents", bag.with_lines(lines), DISCLOSED, may=may)


# Proofs


def proof_edits(data: bytes, path: str) -> dict[str, bytes]:
    head, tail = data.split(b"\n\n", 1)
    first, index, *hashes = head.split(b"\n")
    luck = chance("proof", path)
    at = luck.randrange(len(hashes))
    other = b64encode(flipped(b64decode(hashes[at]), luck))

    def proof(*lines: bytes) -> bytes:
        return b"\n".join(lines) + b"\n\n" + tail

    return {
        "a hash changed": proof(first, index, *hashes[:at], other, *hashes[at + 1 :]),
        "a hash less": proof(first, index, *hashes[:-1]),
        "a hash more": proof(first, index, *hashes, hashes[0]),
        "hashes turned round": proof(first, index, *hashes[::-1]),
        "another index": proof(first, b"index 4", *hashes),
        "another version": proof(first.replace(b"v1", b"v2"), index, *hashes),
        "an extra line": proof(first, b"extra AAAA", index, *hashes),
        "a later head": head + b"\n\n" + later().files[CHECKPOINT],
        "another log's head": head + b"\n\n" + elsewhere().files[CHECKPOINT],
        "no head": head + b"\n\n",
    }


def proofs_changed() -> Iterator[Mutation]:
    bag = whole()
    for number, path in enumerate(bag.proofs):
        for turn, (name, data) in enumerate(proof_edits(bag.files[path], path).items()):
            if (number + turn) % 2:
                yield sealed(f"{path}: {name}", bag.changed({path: data}), INCLUDED)
    for one, other in pairwise(bag.proofs):
        swap = {one: bag.files[other], other: bag.files[one]}
        yield sealed(f"proofs exchanged: {one}", bag.changed(swap), INCLUDED)
    for name, stranger in (("later", later()), ("elsewhere", elsewhere()), ("thief", thief())):
        for path in bag.proofs[:4]:
            if path in stranger.files:
                borrowed = bag.changed({path: stranger.files[path]})
                yield sealed(f"{path} borrowed from {name}", borrowed, INCLUDED)


# Heads, keys, policy


def with_head(bag: Bag, head: bytes) -> Bag:
    """The bag under another head, all proofs ending in it."""
    changes: dict[str, bytes | None] = {CHECKPOINT: head}
    for path in bag.proofs:
        changes[path] = bag.files[path].split(b"\n\n", 1)[0] + b"\n\n" + head
    for path in bag.old_heads:
        size = head.split(b"\n")[1].decode(errors="replace")
        if re.fullmatch("[1-9][0-9]*", size):
            moved = path.rsplit("-", 1)[0] + f"-{size}"
            changes[path] = None
            changes[moved] = bag.files[path]
    return bag.changed(changes)


def head_edits(head: bytes) -> dict[str, bytes]:
    luck = chance("heads")
    root = head.split(b"\n")[2]
    signature = head.rsplit(b" ", 1)[1].strip()
    return {
        "one more entry": head.replace(b"\n15\n", b"\n16\n"),
        "one entry less": head.replace(b"\n15\n", b"\n14\n"),
        "another root": head.replace(root, b64encode(flipped(b64decode(root), luck))),
        "another origin": head.replace(b"tests-0", b"tests-1", 1),
        "a zero before the size": head.replace(b"\n15\n", b"\n015\n"),
        "a plus before the size": head.replace(b"\n15\n", b"\n+15\n"),
        "an extension line": head.replace(root + b"\n", root + b"\nextension\n", 1),
        "line ends of another system": head.replace(b"\n", b"\r\n"),
        "another signature": head.replace(
            signature, b64encode(b64decode(signature)[:4] + luck.randbytes(64))
        ),
        "another key id": head.replace(
            signature, b64encode(b"\0\0\0\0" + b64decode(signature)[4:])
        ),
        "no signature": head.split("—".encode())[0],
        "two signatures": head + head.split(b"\n\n")[1],
        "a stranger's signature": head + thief().files[CHECKPOINT].split(b"\n\n")[1],
        "a thief's head": thief().files[CHECKPOINT],
        "another log's head": elsewhere().files[CHECKPOINT],
        "a later head": later().files[CHECKPOINT],
        "an older head": whole().files["custody/consistency/6-15"].rsplit(b"\n\n", 1)[0] + b"\n",
    }


def heads_changed() -> Iterator[Mutation]:
    bag = whole()
    for name, head in head_edits(bag.files[CHECKPOINT]).items():
        may = (APPEND, BYTES, WITNESSED, DISCLOSED, CHAIN)
        yield sealed(f"head: {name}", with_head(bag, head), INCLUDED, may=may)
        yield sealed(
            f"head: {name}, in its own file only",
            bag.changed({CHECKPOINT: head}),
            INCLUDED,
            may=may,
        )


def keys_changed() -> Iterator[Mutation]:
    bag = whole()
    key = story().ledger.key.verifier.text
    small = "specimen.muniment.invalid/tests-00000000"
    weak = b"\x01" + bytes(32)
    weak_id = sha256(small.encode() + b"\n" + weak).digest()[:4].hex()
    stranger = key_of("example.invalid/stranger").verifier.text
    for name, text in {
        "another log's": elsewhere().files[KEYS].decode(),
        "a thief's": thief().files[KEYS].decode(),
        "a thief's before it": thief().files[KEYS].decode() + key + "\n",
        "a thief's after it": key + "\n" + thief().files[KEYS].decode(),
        "a stranger's after it": f"{key}\n{stranger}\n",
        "it twice": f"{key}\n{key}\n",
        "none": "",
        "garbage": "not a key\n",
        "its id changed": re.sub(r"\+[0-9a-f]{8}\+", "+00000000+", key) + "\n",
        "one under which anyone signs": f"{small}+{weak_id}+{b64encode(weak).decode()}\n",
        "not ended": key,
    }.items():
        changed = bag.changed({KEYS: text.encode()})
        yield sealed(f"keys: {name}", changed, INCLUDED, may=(WITNESSED,))
        policy = f"log {text.splitlines()[0] if text else ''}\nquorum none\n".encode()
        both = changed.changed({POLICY: policy})
        if policy != bag.files[POLICY]:
            yield sealed(f"keys and policy: {name}", both, INCLUDED, may=(WITNESSED,))
    for name, text in {
        "garbage": "trust me\n",
        "empty": "",
        "no quorum": f"log {key}\n",
        "two quorums": f"log {key}\nquorum none\nquorum none\n",
        "a quorum of nobody": f"log {key}\nquorum x\n",
        "another log's": elsewhere().files[POLICY].decode(),
        "two logs": f"log {key}\n" + elsewhere().files[POLICY].decode(),
        "not ended": f"log {key}\nquorum none",
    }.items():
        changed = bag.changed({POLICY: text.encode()})
        yield sealed(f"policy: {name}", changed, WITNESSED, may=(INCLUDED,))


def old_heads_changed() -> Iterator[Mutation]:
    bag = whole()
    for path in bag.old_heads:
        text, signature, hashes = bag.files[path].split(b"\n\n")
        luck = chance("old", path)
        lines = hashes.splitlines()
        other = b64encode(flipped(b64decode(lines[0]), luck))
        size = text.split(b"\n")[1]
        for name, data in {
            "a hash changed": b"\n".join([other, *lines[1:]]) + b"\n",
            "a hash less": b"\n".join(lines[1:]) + b"\n",
            "a hash more": hashes + lines[0] + b"\n",
            "no hash": b"",
        }.items():
            whole_file = b"\n\n".join([text, signature, data])
            yield sealed(f"{path}: {name}", bag.changed({path: whole_file}), APPEND)
        root = text.split(b"\n")[2]
        for name, note in {
            "another root": text.replace(root, b64encode(flipped(b64decode(root), luck))),
            "another size": text.replace(b"\n" + size + b"\n", b"\n3\n"),
            "another origin": text.replace(b"tests-0", b"tests-1"),
        }.items():
            whole_file = b"\n\n".join([note, signature, hashes])
            yield sealed(
                f"{path}: {name}", bag.changed({path: whole_file}), APPEND, may=(INCLUDED,)
            )
        for name, stranger in (("thief", thief()), ("elsewhere", elsewhere())):
            borrowed = bag.changed({path: stranger.files[path]})
            yield sealed(f"{path} borrowed from {name}", borrowed, APPEND, may=(INCLUDED,))
        yield sealed(f"{path} lost", bag.changed({path: None}), APPEND)
        moved = bag.changed({path: None, path.replace("-15", "-14"): bag.files[path]})
        yield sealed(f"{path} renamed", moved, APPEND, may=(BYTES,))
    stranger = later()
    borrowed = bag.changed({path: stranger.files[path] for path in stranger.old_heads})
    yield sealed("a later export's consistency", borrowed, APPEND, may=(BYTES,))


def rewritten() -> Iterator[Mutation]:
    """The whole story told anew under another key: only a key from elsewhere can tell."""
    key = story().ledger.key.verifier.text
    for name, bag in (("another key", thief()), ("another log", elsewhere())):
        yield spoilt(f"rewritten under {name}", bag.zipped, INCLUDED, log_key=key)
    yield spoilt("under a key that is not its own", whole().zipped, INCLUDED, log_key=thief_key())


def thief_key() -> str:
    return thief().files[KEYS].decode().strip()


def forgers() -> Iterator[Mutation]:
    yield from entries_dropped()
    yield from entries_moved()
    yield from leaves_changed()
    yield from acts_retold()
    yield from groups_retold()
    yield from disclosures_stripped()
    yield from disclosures_misplaced()
    yield from proofs_changed()
    yield from heads_changed()
    yield from keys_changed()
    yield from old_heads_changed()
    yield from rewritten()
