"""Whether each entry is in the log: one proof an entry, from its leaf to the checkpoint's root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.verify.fault import Fault, about
from muniment.verify.layout import PROOF
from muniment.verify.merkle import check_inclusion
from muniment.verify.proofs import inclusion_hashes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from muniment.verify.entries import Entry
    from muniment.verify.note import Head


def check_entries(
    entries: Sequence[Entry], files: Mapping[str, bytes], head: Head, checkpoint: bytes
) -> str:
    """In words, what is included where; `Fault` at an entry or proof that does not fit."""
    paths = {path for path in files if PROOF.fullmatch(path)}
    for entry in entries:
        path = f"custody/proofs/{entry.index}.tlog-proof"
        if path not in paths:
            raise Fault(f"the proof of entry {entry.index} is missing")
        paths.discard(path)
        if entry.log != head.origin:
            raise Fault(f"entry {entry.index} belongs to another log")
        hashes = inclusion_hashes(files[path], entry.index, checkpoint)
        with about(f"entry {entry.index}"):
            check_inclusion(entry.hash, entry.index, head.size, hashes, head.root)
    if paths:
        raise Fault(f"{min(paths)} proves no entry of the bundle")
    return f"{len(entries)} entries are in the log of size {head.size}"
