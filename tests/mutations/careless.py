"""Changes by someone who takes no care: files changed, cut, added, lost, swapped, renamed.

Nothing is made again, so the manifests know; and so does whatever read the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from tests.faults.counts import LONG, cases
from tests.mutations.bags import (
    APPEND,
    BYTES,
    CHAIN,
    CHECKPOINT,
    DISCLOSED,
    ENTRIES,
    EXISTED,
    INCLUDED,
    KEYS,
    POLICY,
    RECORD,
    REMADE,
    WITNESSED,
    Mutation,
    chance,
    flipped,
    spoilt,
    whole,
)


def readers_of(path: str) -> tuple[str, ...]:
    """The verdicts besides `bytes_intact` that a change of this file may fail."""
    if path == ENTRIES:
        return INCLUDED, CHAIN, DISCLOSED, APPEND
    if path.startswith("custody/consistency/"):
        return (APPEND,)
    return {
        CHECKPOINT: (INCLUDED, APPEND),
        KEYS: (INCLUDED, WITNESSED),
        POLICY: (WITNESSED, INCLUDED),
    }.get(path, (INCLUDED,) if path.startswith("custody/proofs/") else ())


def bits_flipped() -> Iterator[Mutation]:
    bag = whole()
    for path, data in sorted(bag.files.items()):
        if not data:
            continue
        for turn in range(cases(3 if path.startswith("custody/") else 2, 20)):
            other = flipped(data, chance("flip", path, turn))
            yield spoilt(
                f"flip {turn} in {path}",
                bag.changed({path: other}).zipped,
                may=(BYTES, *readers_of(path)),
            )


def lengths_changed() -> Iterator[Mutation]:
    bag = whole()
    for path, data in sorted(bag.files.items()):
        may = (BYTES, *readers_of(path))
        cut = data[: len(data) // 2] if data else None
        for name, other in (("cut", cut), ("longer", data + b"\n"), ("lost", None)):
            if name == "lost" and not data:
                continue  # cut is the same
            yield spoilt(
                f"{name}: {path}",
                bag.changed({path: other}).zipped,
                may=may,
            )


SURPLUS: dict[str, tuple[str, ...]] = {
    "README.txt": (),
    "fetch.txt": (),
    ".DS_Store": (),
    "index.html": (),
    "manifest-md5.txt": (),
    "manifest-sha512.txt": (),
    "data/extra.bin": (),
    "data/record.json.bak": (),
    "data/original/M-00871/003.jpg": (),
    "data/original/M-99999/001.jpg": (),
    "data/original/M-00871/001.JPG": (),
    "data/renditions/M-00871/002.png": (),
    "custody/notes.txt": (),
    "custody/proofs/4.tlog-proof": (INCLUDED,),
    "custody/consistency/10-15": (APPEND,),
    "custody/tsa/15.tsr": (EXISTED,),
}


def files_too_many() -> Iterator[Mutation]:
    bag = whole()
    for path, others in SURPLUS.items():
        more = bag.changed({path: b"one more\n"})
        for name, made in (
            ("", more.zipped),
            (" sealed", more.sealed_and_zipped),
        ):
            yield spoilt(f"surplus{name}: {path}", made, may=(BYTES, *others))


def files_swapped() -> Iterator[Mutation]:
    bag = whole()
    for one, other in combinations(bag.parts, 2):
        swap = bag.changed({one: bag.files[other], other: bag.files[one]})
        yield spoilt(f"swap {one} {other}", swap.zipped, BYTES)
        yield spoilt(f"swap sealed {one} {other}", swap.sealed_and_zipped, BYTES)
    tags = ["VERIFY.md", "bag-info.txt", "bagit.txt", "verify.py", *REMADE, RECORD]
    for one, other in combinations(tags, 2):
        swap = bag.changed({one: bag.files[other], other: bag.files[one]})
        yield spoilt(f"swap {one} {other}", swap.zipped, BYTES)


def files_renamed() -> Iterator[Mutation]:
    bag = whole()
    for path in bag.parts:
        for name, new in (
            ("number", path.replace("/00", "/01")),
            ("case", path.replace("M-", "m-")),
            ("kind", path.replace("original", "renditions") if "original" in path else ""),
        ):
            if not new or new in bag.files:
                continue
            moved = bag.changed({path: None, new: bag.files[path]})
            yield spoilt(f"renamed by {name}: {path}", moved.zipped, BYTES)
            yield spoilt(
                f"renamed by {name}, sealed: {path}",
                moved.sealed_and_zipped,
                BYTES,
            )


def cuts_anywhere() -> Iterator[Mutation]:
    """The long form: each file cut at a dozen places."""
    bag = whole()
    for path, data in sorted(bag.files.items()):
        luck = chance("cut", path)
        for length in sorted({luck.randrange(len(data)) for _ in range(12)} if data else ()):
            yield spoilt(
                f"cut to {length}: {path}",
                bag.changed({path: data[:length]}).zipped,
                may=(BYTES, *readers_of(path)),
            )


def pairs_lost() -> Iterator[Mutation]:
    """The long form: every two files missing together."""
    bag = whole()
    for one, other in combinations(sorted(path for path, data in bag.files.items() if data), 2):
        yield spoilt(
            f"lost: {one} and {other}",
            bag.changed({one: None, other: None}).zipped,
            may=(BYTES, INCLUDED, CHAIN, APPEND, DISCLOSED, WITNESSED, EXISTED),
        )


def careless() -> Iterator[Mutation]:
    yield from bits_flipped()
    yield from lengths_changed()
    yield from files_too_many()
    yield from files_swapped()
    yield from files_renamed()
    if LONG:
        yield from cuts_anywhere()
        yield from pairs_lost()
