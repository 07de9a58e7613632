"""Changes of files by a careful forger: manifests and page are made again, and all agree.

What the forger cannot make again is the export act: it names the digests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256

from tests.library.exhibit.ledger import Value
from tests.mutations.bags import (
    BYTES,
    PAGE,
    RECORD,
    TAG_MANIFEST,
    Bag,
    Mutation,
    chance,
    elsewhere,
    flipped,
    jcs,
    later,
    manifest,
    spoilt,
    whole,
)


def sealed(name: str, bag: Bag, *may: str) -> Mutation:
    return spoilt(name, bag.sealed_and_zipped, BYTES, may=may)


def contents() -> Iterator[Mutation]:
    bag = whole()
    for path in [*bag.parts, "VERIFY.md", "bag-info.txt", "bagit.txt", "verify.py"]:
        data = bag.files[path]
        yield sealed(f"emptied, sealed: {path}", bag.changed({path: b"" if data else b"x"}))
        yield sealed(f"longer, sealed: {path}", bag.changed({path: data + b" "}))
        for turn in range(3 if data else 0):
            other = flipped(data, chance("sealed flip", path, turn))
            yield sealed(f"flip {turn}, sealed: {path}", bag.changed({path: other}))
    for path in bag.parts:
        yield sealed(f"lost, sealed: {path}", bag.changed({path: None}))
    for path in ("VERIFY.md", "bag-info.txt", "bagit.txt", "verify.py", "record.html"):
        yield sealed(f"lost, sealed: {path}", bag.changed({path: None}))


def record_edits() -> dict[str, Callable[[Value], object]]:
    """Edits of record.json in place, by what they would have a reader believe."""

    def drop_item(record: Value) -> None:
        del record["items"][1]

    def drop_part(record: Value) -> None:
        del record["items"][0]["parts"][1]

    def move_part(record: Value) -> None:
        record["items"][1]["parts"].append(record["items"][0]["parts"].pop())

    def swap_names(record: Value) -> None:
        one, other = record["items"][0]["parts"][:2]
        one["name"], other["name"] = other["name"], one["name"]

    def same_numbers(record: Value) -> None:
        record["items"][1]["number"] = record["items"][0]["number"]

    def another_digest(record: Value) -> None:
        record["items"][0]["parts"][0]["sha256"] = sha256(b"planted").hexdigest()

    return {
        "no longer a specimen": lambda record: record.update(specimen=False),
        "another schema": lambda record: record.update(schema=2),
        "another recipient": lambda record: record["batch"].update(recipient="someone else"),
        "another date": lambda record: record["batch"].update(date="2022-03-09"),
        "another organisation": lambda record: record["batch"].update(organisation="A Court"),
        "another agent": lambda record: record["agents"][0].update(name="a witness"),
        "another title": lambda record: record["items"][0].update(title="Staged scene"),
        "another number": lambda record: record["items"][0].update(number="M-00001"),
        "another subject": lambda record: record["items"][0].update(obj="0" * 32),
        "another name": lambda record: record["items"][0]["parts"][0].update(name="x.jpg"),
        "another type": lambda record: record["items"][0]["parts"][0].update(media_type="x/y"),
        "another size": lambda record: record["items"][0]["parts"][0].update(size=1),
        "one thing more": lambda record: record.update(note="vouched for"),
        "items in another order": lambda record: record["items"].reverse(),
        "an item less": drop_item,
        "a part less": drop_part,
        "a part elsewhere": move_part,
        "names swapped": swap_names,
        "numbers the same": same_numbers,
        "another digest": another_digest,
    }


def records() -> Iterator[Mutation]:
    bag = whole()
    for name, edit in record_edits().items():
        record = bag.value(RECORD)
        edit(record)
        changed = bag.changed({RECORD: jcs(record)})
        yield sealed(f"record: {name}", changed)
        if name == "another digest":
            planted = changed.changed({"data/original/M-00871/001.jpg": b"planted"})
            yield sealed("record: another digest, and the file to it", planted)
    data = bag.files[RECORD]
    for name, other in (("spaced", data.replace(b",", b", ", 1)), ("cut", data[:-1])):
        yield sealed(f"record: {name}", bag.changed({RECORD: other}))
    yield sealed("record: a later export's", bag.changed({RECORD: later().files[RECORD]}))


def page_edits(page: bytes) -> dict[str, bytes]:
    """Edits of record.html, by what they do."""
    policy = page[page.index(b"default-src") : page.index(b'">', page.index(b"default-src"))]
    block = page.index(b'id="bundle">') + len(b'id="bundle">')
    lie = b'<script>document.title = "checked";</script>'
    return {
        "a script more": page.replace(b"</body>", lie + b"</body>"),
        "any script allowed": page.replace(policy, b"script-src *"),
        "another word": page.replace(b"What is not proved", b"What is certain"),
        "a script that agrees": page.replace(b'return "refused";', b'return "intact_anchored";'),
        "another style": page.replace(b".specimen {", b".specimen { display: none;"),
        "another title inside": page.replace(b"Window of the ward", b"Staged scene", 1),
        "a space inside": page[:block] + b" " + page[block:],
        "nothing inside": page[:block] + page[page.index(b"</script>", block) :],
        "two blocks": page.replace(b"</body>", page[block - 43 : block] + b"</script></body>"),
        "nothing": b"",
    }


def pages() -> Iterator[Mutation]:
    bag = whole()
    edits = page_edits(bag.files[PAGE])
    edits["a later export's"] = later().files[PAGE]
    edits["another log's"] = elsewhere().files[PAGE]
    for name, page in edits.items():
        assert page != bag.files[PAGE], name
        changed = bag.changed({PAGE: page})
        tags = changed.files.keys() - {*changed.parts, RECORD, TAG_MANIFEST}
        listed = changed.changed({TAG_MANIFEST: manifest(changed.files, tags)})
        yield spoilt(f"page: {name}", listed.zipped, BYTES)


def names() -> Iterator[Mutation]:
    bag = whole()
    for name in ("exhibit-00013", "exhibit", "x"):
        renamed = Bag(name, bag.files, bag.template)
        yield spoilt(f"the folder is called {name}", renamed.zipped, BYTES)


def careful() -> Iterator[Mutation]:
    yield from contents()
    yield from records()
    yield from pages()
    yield from names()
