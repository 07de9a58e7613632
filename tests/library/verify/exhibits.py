"""The exhibit that the readers' tests take apart: two items, three batches, two kept heads.

Log, by index: 0 a stranger · 1 `a.received`, 2 `b.received`, 3 `x.closed` (their batch, whole)
· 4 a stranger · 5 `a.described` · 6 a stranger's item, 7 `a.rendered`, 8 `y.closed` (their batch,
half here) · 9 `b.exported`, 10 `a.exported`, 11 `e.closed` (this export) · 12 a stranger.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.library.verify.second_writer import (
    LOG_KEY,
    ORIGIN,
    TEMPLATE,
    Act,
    Bundle,
    Hooks,
    Item,
    Key,
    Log,
    Part,
    b64,
    consistency,
    inclusion,
    jcs,
    name_id,
    sealed,
    sha,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME = "exhibit-00007"
EXPORT = "e.closed"
RECIPIENT = "Fictional Court, Room 4"


@dataclass
class Plan:
    """What an exhibit is made of; tests change it before it is written."""

    hooks: Hooks = field(default_factory=dict)
    origin: str = ORIGIN
    signers: tuple[Key, ...] = (LOG_KEY,)
    old_signers: tuple[Key, ...] = (LOG_KEY,)
    keys: tuple[Key, ...] = (LOG_KEY,)
    policy: str = f"log {LOG_KEY.text}\nquorum none\n"
    heads: tuple[int, ...] = (2, 4)
    size: int | None = None
    groups: tuple[str, ...] = ("ba",)
    strangers: tuple[int, ...] = ()
    withhold: frozenset[str] = frozenset()
    withheld: tuple[str, ...] = ()
    sha512: bool = False
    tokens: tuple[int, ...] = ()
    stamps: Callable[[str, bytes], dict[str, bytes]] | None = None


def items() -> tuple[Item, Item]:
    a = Item(
        "M-00871",
        "item a",
        [
            Part("data/original/M-00871/001.jpg", b"\xff\xd8 SPECIMEN first photograph" * 40),
            Part("data/original/M-00871/002", b"SPECIMEN notes\n", "notes", "text/plain"),
            Part("data/renditions/M-00871/001.png", b"\x89PNG SPECIMEN thumbnail", "t.png"),
        ],
    )
    b = Item("M-00872", "item b", [Part("data/original/M-00872/001.txt", b"", "empty.txt")])
    return a, b


def exhibit(plan: Plan | None = None) -> Bundle:
    """The exhibit, written as planned."""
    plan = plan or Plan()
    a, b = items()
    log = Log(plan.hooks, plan.origin)
    _tell(log, plan, a, b)
    files = _selected(log, plan, a, b)
    group = log.hook("selection", _selection(plan, files, a, b))
    for number, letters in enumerate(plan.groups, 1):
        members = [log.append(_exported(a if letter == "a" else b)) for letter in letters]
        if number < len(plan.groups):
            log.close(f"e{number}.closed", "export", members, reason={"more": True})
        else:
            log.close(EXPORT, "export", members, selection=group)
    log.append(Act("later", "log.heartbeat", "log"))
    files |= _custody(log, plan)
    files |= dict.fromkeys(("manifest-sha256.txt", "tagmanifest-sha256.txt", "record.html"), b"")
    if plan.sha512:
        files["manifest-sha512.txt"] = b""
    files = log.hook("files", files)
    return sealed(Bundle(NAME, files))


def _tell(log: Log, plan: Plan, a: Item, b: Item) -> None:
    """Everything that happened before the export."""
    log.append(Act("agent", "agent.created", "agent"))
    log.append(_received(plan, a, "a.received", a.parts[:2]))
    log.append(_received(plan, b, "b.received", b.parts))
    log.close("x.closed", "batch x", [1, 2], reason={"reason": "deposit <of> a folder"})
    log.append(Act("more", "log.heartbeat", "log"))
    row = {"rows": {f"item/{a.obj}": {"title": "Лікарня №3 <before>"}}}
    described = Act("a.described", "item.described", a.label, {"state": row}, plan.withhold)
    log.append(described)
    log.append(Act("c.received", "item.received", "item c"))
    thumbnail = {"parts": [a.parts[2].committed]}
    rendered = {"object": thumbnail, "handling": {"batch": name_id("batch y")}}
    log.append(Act("a.rendered", "rendition.made", a.label, rendered, plan.withhold))
    log.close("y.closed", "batch y", [6, 7])


def _received(plan: Plan, item: Item, label: str, parts: list[Part]) -> Act:
    groups: dict[str, Any] = {
        "object": {"parts": [part.committed for part in parts]},
        "source": {"name": "a witness, called Ⅳ"},
        "handling": {"batch": name_id("batch x"), "compartment": "open"},
    }
    return Act(label, "item.received", item.label, groups, plan.withhold)


def _exported(item: Item) -> Act:
    groups = {"handling": {"batch": name_id("export"), "compartment": "open"}}
    return Act(f"{item.label[-1]}.exported", "item.exported", item.label, groups)


def _selected(log: Log, plan: Plan, a: Item, b: Item) -> dict[str, bytes]:
    """The files that the selection names, those withheld among them."""
    parts = {part.path: part.data for item in (a, b) for part in item.parts}
    parts = {path: data for path, data in parts.items() if path not in plan.withheld}
    record = {
        "schema": 1,
        "specimen": True,
        "batch": {
            "by": name_id("agent"),
            "date": "2026-11-21",
            "eid": name_id(EXPORT),
            "obj": name_id("export"),
            "recipient": RECIPIENT,
        },
        "items": [_item_record(item) for item in (a, b)],
    }
    parts["data/record.json"] = log.hook("record bytes", jcs(log.hook("record", record)))
    payload = f"{sum(map(len, parts.values()))}.{len(parts)}"
    info = {
        "Bag-Software-Agent": "Muniment",
        "Bagging-Date": "2026-11-21",
        "External-Identifier": name_id(EXPORT),
        "Payload-Oxum": payload,
    }
    info = log.hook("bag info", info)
    selected = {
        **parts,
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{label}: {value}\n" for label, value in info.items()).encode(),
        "VERIFY.md": b"# How to check this\n",
        "verify.py": b"# stands for the reader that travels with a bundle\n",
    }
    return dict(log.hook("selected", selected))


def _item_record(item: Item) -> dict[str, Any]:
    parts = [
        {**part.named, "name": part.name, "media_type": part.media_type, "part": name_id(part.path)}
        for part in item.parts
    ]
    return {"number": item.number, "obj": item.obj, "title": item.label, "parts": parts}


def _selection(plan: Plan, files: Mapping[str, bytes], a: Item, b: Item) -> dict[str, Any]:
    named = [
        {"path": path, "sha256": sha(data), "size": len(data)}
        for path, data in sorted(files.items())
    ]
    return {
        "files": named,
        "heads": list(plan.heads),
        "items": [a.obj, b.obj],
        "name": NAME,
        "recipient": RECIPIENT,
        "template": sha(TEMPLATE),
        "tokens": list(plan.tokens),
        "withheld": list(plan.withheld),
    }


def _custody(log: Log, plan: Plan) -> dict[str, bytes]:
    """Everything under custody/."""
    size = len(log.logged) if plan.size is None else plan.size
    checkpoint = log.head(size, plan.signers)
    hashes = log.hashes[:size]
    indices = [
        at
        for at, one in enumerate(log.logged)
        if at in plan.strangers or one.act.subject not in ("agent", "log", "item c")
    ]
    files = {
        "custody/keys": "".join(f"{one.text}\n" for one in plan.keys).encode(),
        "custody/policy": plan.policy.encode(),
        "custody/checkpoint": checkpoint,
        "custody/entries.jsonl": b"".join(_line(log, at) for at in indices),
    }
    for at in indices:
        proof = "".join(f"{b64(one)}\n" for one in inclusion(hashes, at))
        text = f"c2sp.org/tlog-proof@v1\nindex {at}\n{proof}\n".encode() + checkpoint
        files[f"custody/proofs/{at}.tlog-proof"] = text
    for old in plan.heads:
        proof = "".join(f"{b64(one)}\n" for one in consistency(hashes, old))
        text = log.head(old, plan.old_signers) + b"\n" + proof.encode()
        files[f"custody/consistency/{old}-{size}"] = text
    for stamped in plan.tokens:
        note = log.head(stamped, (LOG_KEY,))
        files[f"custody/tsa/{stamped}.note"] = note
        if plan.stamps:
            files |= plan.stamps(f"custody/tsa/{stamped}", note)
    return files


def _line(log: Log, index: int) -> bytes:
    logged = log.logged[index]
    entry = {"disclosures": logged.disclosures, "index": index, "leaf": b64(logged.leaf)}
    return jcs(entry) + b"\n"
