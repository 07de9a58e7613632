"""What an archive's published log says, in the formats that others read: C2SP and RFC 9162.

Reads what is published, and nothing else: no database, no key.

Not its job: publishing (`log_files`), checking (`check`).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from muniment.archive.details import read_details
from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.note import parse_note
from muniment.custody.proof import LogProof, consistency_proof, format_proof, inclusion_proof
from muniment.custody.tiles import TileReader
from muniment.errors import NotFound
from muniment.evidence.canonical import canonical

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.evidence.canonical import Json


def checkpoint(archive: Path) -> bytes:
    """Return the newest published head, a signed note; raises NotFound where none is published."""
    try:
        return (archive / "log" / "checkpoint").read_bytes()
    except FileNotFoundError:
        raise NotFound(
            "nothing is published yet",
            code="log.not_published",
            hint="Any command that writes publishes before it ends.",
        ) from None


def proof(archive: Path, index: int) -> bytes:
    """Return the tlog-proof whose `extra` holds the entry with its disclosures (custody-log §1).

    Raises InvalidInput for an entry that the published head does not cover.
    """
    head = checkpoint(archive)
    reader = _reader(archive, head)
    hashes = tuple(inclusion_proof(reader, index, reader.size))
    (line,) = read_details(archive, index, index + 1)
    entry: dict[str, Json] = {
        "disclosures": list(line.disclosures),
        "index": line.index,
        "leaf": base64.b64encode(line.leaf).decode("ascii"),
    }
    return format_proof(LogProof(index, hashes, head, canonical(entry)))


def consistency(archive: Path, old: int, new: int) -> str:
    """Return the hashes which prove that the log of size `new` extends that of `old`, one a line.

    Raises InvalidInput for sizes that the published head does not cover.
    """
    hashes = consistency_proof(_reader(archive, checkpoint(archive)), old, new)
    return "".join(f"{base64.b64encode(one).decode('ascii')}\n" for one in hashes)


def _reader(archive: Path, head: bytes) -> TileReader:
    size = parse_checkpoint(parse_note(head).text).size
    return TileReader(lambda path: (archive / "log" / path).read_bytes(), size)
