"""A small log with objects, written by the library's own hands, for tests that then damage it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from muniment.archive.details import DetailsLine
from muniment.archive.log_files import LogFiles
from muniment.archive.objects import FolderStore
from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import SigningKey
from muniment.custody.leaf import leaf_bytes, leaf_hash
from muniment.custody.note import Note, sign_note
from muniment.custody.tiles import TileEdge
from muniment.evidence.disclosure import Disclosure, disclose, sd

ORIGIN = "muniment.invalid/test-00000000"


def salt(*words: object) -> bytes:
    return sha256(repr(words).encode()).digest()[:16]


class Ledger:
    """Appends acts that receive an object each, and publishes them."""

    def __init__(self, archive: Path, key: SigningKey) -> None:
        self.archive = archive
        self.store = FolderStore(archive)
        self.store.prepare()
        self.files = LogFiles(archive)
        self.key = key
        self.lines: list[DetailsLine] = []
        self.edge = TileEdge()
        self.tiles: dict[str, bytes] = {}

    @property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(line.leaf) for line in self.lines]

    def append(self, number: int, **object_group: object) -> None:
        """Add so many acts; `object_group` replaces members of what they say of their object."""
        start = len(self.lines)
        objects = [self.store.put_bytes(b"object %d" % one) for one in range(7)]
        for index in range(start, start + number):
            stored = objects[index % 7]
            part = {
                "media_type": "text/plain",
                "part": f"{index:032x}",
                "sha256": stored.sha256,
                "size": stored.size,
            }
            group = {"parts": [{**part, **object_group}]}
            self.add(index, group)

    def add(self, index: int, group: object) -> None:
        """Add one act with a chain, an object and a state of one row in two groups."""
        fields = [
            disclose("public", {"title": f"Item {index}"}, salt(index, "public")),
            disclose("source", {"url": "https://example.org"}, salt(index, "source")),
        ]
        row = disclose("item/1", {"_sd": sd(fields), "schema": 1}, salt(index, "row"))
        top = [
            disclose("chain", {"n": index, "obj": "0" * 32}, salt(index, "chain")),
            disclose("object", group, salt(index, "object")),  # type: ignore[arg-type]  # groups are JSON
            disclose("state", {"_sd": sd([row])}, salt(index, "state")),
        ]
        self.commit(index, top, [row, *fields])

    def commit(self, index: int, top: list[Disclosure], below: list[Disclosure]) -> None:
        leaf = leaf_bytes(ORIGIN, f"{index:032x}", sd(top))
        texts = tuple(one.text for one in (*top, *below))
        self.lines.append(DetailsLine(index, leaf, texts))
        growth = self.edge.grown([leaf_hash(leaf)])
        self.edge = growth.edge
        self.tiles.update(growth.files)

    def note(self) -> Note:
        """The head of what was appended, signed."""
        root = self.edge.frontier.root()
        return sign_note(Checkpoint(ORIGIN, len(self.lines), root).text, self.key)

    def publish(self) -> None:
        """Publish everything that is not published, as the application does."""
        start = self.files.details_size()
        self.files.publish_details(self.lines[start:])
        self.files.publish_tiles(self.tiles)
        self.files.publish_checkpoint(self.note())
        self.tiles = {}
