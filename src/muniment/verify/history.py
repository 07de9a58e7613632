"""Whether the log only ever grew between taking an item in and handing it out.

- For each item the bundle rests on the first kept head above its first leaf: signed by the log,
  listed in the selection, and a beginning of the checkpoint's tree.
- A head on which no item rests, that no time token covers and no witness signed, is a file too
  many.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from muniment.verify.fault import Fault
from muniment.verify.layout import CONSISTENCY
from muniment.verify.merkle import check_consistency
from muniment.verify.note import Head, parse_head
from muniment.verify.proofs import split_consistency

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.verify.canonical import Json
    from muniment.verify.chains import Story
    from muniment.verify.trust import Trust


def _size(token: Json) -> int:
    return token if isinstance(token, int) else 0


def read_old_heads(files: Mapping[str, bytes]) -> dict[str, tuple[Head, list[bytes]]]:
    """The old head and the hashes in each consistency file, by path."""
    found: dict[str, tuple[Head, list[bytes]]] = {}
    for path, data in files.items():
        if CONSISTENCY.fullmatch(path):
            note, hashes = split_consistency(data, path)
            found[path] = parse_head(note, path), hashes
    return found


def check_history(
    story: Story, checkpoint: Head, trust: Trust, old: Mapping[str, tuple[Head, list[bytes]]]
) -> str:
    """In words, from which heads the log is shown to have grown; `Fault` where it is not."""
    for path, (head, hashes) in old.items():
        name = CONSISTENCY.fullmatch(path)
        sizes = name.groups() if name else ()
        if sizes != (str(head.size), str(checkpoint.size)):
            raise Fault(f"{path} is not named for its two heads")
        trust.check(head, f"the old head in {path}")
        check_consistency(head.size, head.root, checkpoint.size, checkpoint.root, hashes)
    sizes_kept = sorted(head.size for head, _ in old.values())
    if sizes_kept != list(story.selection.heads):
        raise Fault("the old heads are not those that the selection names")
    rested: set[int] = set()
    for chain in story.chains.values():
        place = bisect_right(sizes_kept, chain[0].index)
        if place == len(sizes_kept):
            raise Fault(f"no old head covers entry {chain[0].index}, the first of its item")
        rested.add(sizes_kept[place])
    idle = set(sizes_kept) - rested - set(map(_size, story.selection.tokens))
    idle -= story.selection.cosigned
    if idle:
        raise Fault(f"no item rests on the old head of size {min(idle)}")
    return (
        f"the log of size {checkpoint.size} continues the log as it was signed at size "
        f"{', '.join(map(str, sizes_kept))}"
    )
