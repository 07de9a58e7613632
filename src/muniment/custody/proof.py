"""Inclusion and consistency proofs (RFC 9162 2.1.3, 2.1.4) and the `.tlog-proof` file (C2SP).

- Checking consumes the whole proof: a hash too few or too many proves nothing.
- A proof that does not prove is an alarm, `TamperSuspected`, whatever is wrong with it.
- Consistency with an empty log is no proof of anything and is refused in both directions unless
  both sizes are 0; who accepts a first head does so knowingly, without a proof.

Not its job: whether the root is signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.custody.lines import base64_text, parse_base64, parse_decimal
from muniment.custody.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, node_hash
from muniment.custody.tiles import HEIGHT, ROW_STARTS, WIDTH
from muniment.errors import InvalidInput, TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment.custody.tiles import TileReader

_HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = "index "
_MAX_HASHES = 63


def inclusion_proof(reader: TileReader, index: int, size: int) -> list[bytes]:
    """Return the path from leaf `index` to the root at `size`, the leaf's sibling first.

    Raises InvalidInput unless index < size <= reader.size.
    """
    if not 0 <= index < size <= reader.size:
        message = f"there is no leaf {index} in a log of {min(size, reader.size)} leaves"
        raise InvalidInput(message, code="proof.index")
    path: list[bytes] = []
    edge = reader.edge(size)
    block, start = reader.block(0, index // WIDTH)
    for level in range(len(edge) - 1):
        here, whole, height = index >> level, size >> level, level % HEIGHT
        if height == 0 and (here - here % WIDTH) < whole:
            block, start = reader.block(level // HEIGHT, here // WIDTH)
        sibling = here ^ 1
        if sibling < whole:  # in the same tile, since its width is even
            place = start + ROW_STARTS[height] + sibling % (WIDTH >> height) * HASH_BYTES
            path.append(block[place : place + HASH_BYTES])
        elif sibling == whole and (unfinished := edge[level]) is not None:
            path.append(unfinished)
    return path


def consistency_proof(reader: TileReader, old: int, new: int) -> list[bytes]:
    """Return the proof that the log of `new` leaves begins with that of `old` (RFC 9162 2.1.4.1).

    Empty when the sizes are equal. Raises InvalidInput unless 0 < old <= new <= reader.size.
    """
    if not 0 < old <= new <= reader.size:
        message = f"no consistency proof from {old} to {new} in a log of {reader.size} leaves"
        raise InvalidInput(message, code="proof.sizes")
    path: list[bytes] = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(reader.subtree(middle, end))
            end = middle
        else:
            path.append(reader.subtree(start, middle))
            start = middle
    if start:  # the old root is not itself a node of the proof
        path.append(reader.subtree(start, end))
    path.reverse()
    return path


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise TamperSuspected unless the proof leads from the leaf to the root (RFC 9162 2.1.3.2)."""
    message = f"the proof does not show that this leaf stands at index {index} of {size}"
    if not 0 <= index < size <= MAX_SIZE or not _well_formed((leaf_hash, *proof, root)):
        raise TamperSuspected(message, code="proof.inclusion")
    found = leaf_hash
    here, last = index, size - 1
    for sibling in proof:
        if last == 0:
            raise TamperSuspected(message, code="proof.inclusion")
        if here & 1 or here == last:
            found = node_hash(sibling, found)
            while here and not here & 1:
                here >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        here >>= 1
        last >>= 1
    if last or found != root:
        raise TamperSuspected(message, code="proof.inclusion")


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise TamperSuspected unless the new log begins with the old one (RFC 9162 2.1.4.2)."""
    if not _consistent(old, old_root, new, new_root, proof):
        message = f"the log of {new} leaves is not shown to begin with the log of {old}"
        raise TamperSuspected(message, code="proof.consistency")


def _consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    if not _well_formed((old_root, *proof, new_root)) or not 0 <= old <= new <= MAX_SIZE:
        return False
    if old == new:
        return not proof and old_root == new_root and (old > 0 or old_root == EMPTY_ROOT)
    if old == 0 or not proof:
        return False
    whole = old & (old - 1) == 0  # then the old root is itself the first node of the path
    path = [old_root, *proof] if whole else list(proof)
    here, last = old - 1, new - 1
    while here & 1:
        here >>= 1
        last >>= 1
    found_old = found_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            found_old = node_hash(sibling, found_old)
            found_new = node_hash(sibling, found_new)
            while here and not here & 1:
                here >>= 1
                last >>= 1
        else:
            found_new = node_hash(found_new, sibling)
        here >>= 1
        last >>= 1
    return last == 0 and found_old == old_root and found_new == new_root


@dataclass(frozen=True, slots=True)
class LogProof:
    """A `.tlog-proof`: where a leaf stands, the path from it, and the signed head it leads to."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def format_proof(proof: LogProof) -> bytes:
    """Return the bytes of a `.tlog-proof` file (C2SP tlog-proof)."""
    lines = [_HEADER]
    if proof.extra is not None:
        lines.append(f"{_EXTRA}{base64_text(proof.extra)}")
    lines.append(f"{_INDEX}{proof.index}")
    lines.extend([base64_text(one) for one in proof.hashes])
    return "\n".join([*lines, "", ""]).encode() + proof.checkpoint


def parse_proof(data: bytes) -> LogProof:
    """Return what a `.tlog-proof` file says; the checkpoint stays as bytes. Raises InvalidInput."""
    try:
        return _parsed(data)
    except ValueError:
        message = "this is not a proof in the form c2sp.org/tlog-proof@v1"
        raise InvalidInput(message, code="proof.form") from None


def _parsed(data: bytes) -> LogProof:
    head, blank, checkpoint = data.partition(b"\n\n")
    header, *lines = head.decode("ascii").split("\n")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = parse_base64(lines.pop(0).removeprefix(_EXTRA))
    if not blank or header != _HEADER or not lines or not lines[0].startswith(_INDEX):
        raise ValueError
    index = parse_decimal(lines.pop(0).removeprefix(_INDEX))
    hashes = tuple([parse_base64(line) for line in lines])
    if len(hashes) > _MAX_HASHES or not _well_formed(hashes):
        raise ValueError
    return LogProof(index, hashes, checkpoint, extra)


def _well_formed(hashes: Sequence[bytes]) -> bool:
    return all(len(one) == HASH_BYTES for one in hashes)


def _split(width: int) -> int:
    """Return the largest power of two below a width of 2 or more (RFC 9162 2.1.1)."""
    return 1 << ((width - 1).bit_length() - 1)
