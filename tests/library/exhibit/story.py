"""Whole exhibits, from a fictional story: three items received, described, worked on, exported.

By place in the log: 0 the agent · 1, 2 photograph and video received in one batch · 3 its end ·
4 a stranger's item · 5 a statement received alone, its name not UTF-8 · 6 the photograph
described · 7 the video examined · 8 a thumbnail of the photograph made · 9 a stranger · 10, 11, 12
the three exported · 13 the end of this export · 14 a stranger. Heads are kept at 4, 6 and 10.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from muniment.evidence.canonical import Json
from muniment.evidence.media import media_type_of
from muniment.export.api import Agent, Custody, Dossier, Item, Part, Prepared
from muniment.export.exhibit import Exhibit
from tests.library.exhibit.ledger import Ledger, Twists, Value, id_of

EXPORT = "export 12"
NAME = "exhibit-00012"
VERIFIER = b"# stands for the program that travels with an exhibit\n"

PHOTO = b"\xff\xd8\xff\xe0 SPECIMEN ward window " * 300
NOTES = "SPECIMEN: записки волонтера\n".encode() * 20
THUMB = b"\x89PNG SPECIMEN thumbnail " * 40
VIDEO = bytes(range(256)) * 700
STATEMENT = b"SPECIMEN. I saw the second car arrive at noon.\n"


def part_of(row: str, name: bytes, data: bytes, made_from: str = "") -> Part:
    return Part(
        row=id_of(row),
        name=name,
        media_type=media_type_of(name),
        sha256=sha256(data).hexdigest(),
        size=len(data),
        open=lambda: BytesIO(data),
        made_from=id_of(made_from) if made_from else "",
    )


def items() -> tuple[Item, ...]:
    photo = part_of("photo", b"IMG_0871.jpg", PHOTO)
    notes = part_of("notes", "записки <b>.txt".encode(), NOTES)
    thumb = part_of("thumb", b"IMG_0871.thumbnail.png", THUMB, "photo")
    return (
        Item(id_of("photo item"), "M-00871", "Window of the ward", (photo, notes, thumb)),
        Item(id_of("video item"), "M-00872", "", (part_of("video", b"-rf *.mp4", VIDEO),)),
        Item(
            id_of("statement item"),
            "M-00873",
            "</script><script>alert('a title')</script> & \N{RIGHT-TO-LEFT OVERRIDE}evil",
            (
                part_of("statement", b"st\xe4tement\n\x1b[31m.TXT", STATEMENT),
                part_of("empty", b"NUL", b""),
            ),
        ),
    )


@dataclass
class Plan:
    """What a story is told with; a test changes what it is about."""

    twists: Twists = field(default_factory=dict)
    secret: str = ""
    origin: str = "specimen.muniment.invalid/tests-00000000"
    verifier: bytes = VERIFIER
    withhold: tuple[str, ...] = ()
    withheld_part: str = ""
    # Files made before the act, edited by a dishonest exporter who then has the act name them.
    edits: Mapping[str, Callable[[bytes], bytes]] = field(default_factory=dict)
    recipient: str = "Fictional Prosecutor, Room 4"
    later_acts: int = 1
    tokens: tuple[int, ...] = ()
    sha512: bool = False


@dataclass(frozen=True)
class Told:
    """A finished story: all that the writer needs."""

    ledger: Ledger
    dossier: Dossier
    prepared: Prepared
    custody: Custody

    def write(self, to: Path) -> bytes:
        Exhibit().write(self.prepared, self.custody, to)
        return to.read_bytes()


def object_group(*parts: Part) -> dict[str, Value]:
    return {
        "parts": [
            {"media_type": p.media_type, "part": p.row, "sha256": p.sha256, "size": p.size}
            for p in parts
        ]
    }


def before_export(ledger: Ledger, plan: Plan) -> None:
    photo, video, statement = items()
    batch = {"batch": id_of("deposit"), "compartment": "open"}
    source = {"name": "a volunteer, called Ⅳ", "url": "https://example.invalid/<post>/4471"}

    def act(label: str, kind: str, obj: str, **groups: Value) -> int:
        return ledger.act(label, kind, obj, groups, withhold=plan.withhold)

    act("agent", "agent.created", id_of("agent"))
    members = [
        act("photo.received", "item.received", photo.obj, object=object_group(*photo.parts[:2]),
            source=source, handling=batch),
        act("video.received", "item.received", video.obj, object=object_group(*video.parts),
            source=source, handling=batch),
    ]  # fmt: skip
    ledger.close("deposit.closed", id_of("deposit"), members, {"reason": {"reason": "a <folder>"}})
    ledger.keep_head()
    act("stranger.1", "item.received", id_of("stranger"))
    act("statement.received", "item.received", statement.obj,
        object=object_group(*statement.parts), source={"name": "witness 7"},
        handling={"compartment": "open"}, reason={"reason": "by hand"})  # fmt: skip
    ledger.keep_head()
    row = f"catalogue.item/{photo.obj}"
    state = {row: {"public": {"title": photo.title}, "identity": {"author": "A. Nonexistent"}}}
    act("photo.described", "item.described", photo.obj, state=state, reason={"reason": "typo"})
    act("video.examined", "item.examined", video.obj, handling={"compartment": "open"})
    act("photo.rendered", "rendition.made", photo.obj, object=object_group(photo.parts[2]))
    act("stranger.2", "item.described", id_of("stranger"))
    ledger.keep_head()


def tell(plan: Plan | None = None) -> Told:
    """The story told under a plan, ready to be written."""
    plan = plan or Plan()
    ledger = Ledger(plan.origin, plan.twists, plan.secret)
    before_export(ledger, plan)
    return exported(ledger, plan, items(), EXPORT)


def exported(ledger: Ledger, plan: Plan, chosen: tuple[Item, ...], label: str) -> Told:
    """The export of some items of a log, as the application makes it."""
    chosen = tuple(without_part(item, plan.withheld_part) for item in chosen)
    heads = sorted({*(ledger.first_head(item.obj) for item in chosen), *plan.tokens})
    dossier = Dossier(
        name=NAME,
        origin=ledger.origin,
        eid=id_of(f"act {label}.closed"),
        obj=id_of(label),
        by=id_of("agent"),
        at=ledger.now,
        recipient=plan.recipient,
        items=chosen,
        heads=tuple(heads),
        verifier=plan.verifier,
        tokens=plan.tokens,
        agents=(Agent(id_of("agent"), "intake desk 2", "program"),),
        organisation="Fictional Archive of Sarnia",
        withheld=tuple(sorted({*plan.withhold, *(["selection"] if label != EXPORT else [])})),
        sha512=plan.sha512,
    )
    prepared = Exhibit().prepare(dossier)
    prepared = edited(prepared, plan.edits)
    selection = ledger.twisted("selection", prepared.selection)
    export_groups(ledger, chosen, label, selection)
    for one in range(plan.later_acts):
        ledger.act(f"later.{one}", "log.heartbeat", id_of("log"), {})
    custody = ledger.custody([item.obj for item in chosen], id_of(label), heads)
    return Told(ledger, dossier, replace(prepared, selection=selection), custody)


def export_groups(
    ledger: Ledger, chosen: tuple[Item, ...], label: str, selection: Mapping[str, Json]
) -> None:
    """The acts of the export, each group of at most 256 ending in a batch leaf."""
    handling = {"batch": id_of(label), "compartment": "open"}
    groups = [chosen[start : start + 256] for start in range(0, len(chosen), 256)]
    for number, group in enumerate(groups, 1):
        acts = [
            ledger.act(f"{item.number}.{label}", "item.exported", item.obj, {"handling": handling})
            for item in group
        ]
        if number == len(groups):
            ledger.close(f"{label}.closed", id_of(label), acts, {"selection": selection})
        else:
            more = {"reason": {"more": True}}
            ledger.close(f"{label}.closed.{number}", id_of(label), acts, more)


def tell_many(count: int) -> Told:
    """A story of many items of one small file each, received in one batch per 256."""
    ledger = Ledger()
    many = tuple(
        Item(
            id_of(f"item {n}"),
            f"M-{n:05}",
            f"Frame {n}",
            (part_of(f"part {n}", b"frame.txt", b"%d" % n),),
        )
        for n in range(count)
    )
    for start in range(0, count, 256):
        batch = {"batch": id_of("deposit"), "compartment": "open"}
        members = [
            ledger.act(
                f"{item.number}.received",
                "item.received",
                item.obj,
                {"object": object_group(*item.parts), "handling": batch},
            )
            for item in many[start : start + 256]
        ]
        last = start + 256 >= count
        more = {} if last else {"reason": {"more": True}}
        ledger.close(f"deposit.{start}", id_of("deposit"), members, more)
        ledger.keep_head()
    return exported(ledger, Plan(), many, EXPORT)


def edited(prepared: Prepared, edits: Mapping[str, Callable[[bytes], bytes]]) -> Prepared:
    """The same export with other files made, and a selection that says so."""
    made = {
        path: edits[path](data) if path in edits else data for path, data in prepared.made.items()
    }
    listed = [(path, sha256(data).hexdigest(), len(data)) for path, data in made.items()]
    listed += [(part.path, part.sha256, part.size) for part in prepared.payload]
    files: list[Json] = [
        {"path": path, "sha256": digest, "size": size} for path, digest, size in sorted(listed)
    ]
    return replace(prepared, made=made, selection={**prepared.selection, "files": files})


def without_part(item: Item, row: str) -> Item:
    parts = [replace(p, open=None) if row and p.row == id_of(row) else p for p in item.parts]
    return replace(item, parts=tuple(parts))
