"""Where things stand in an archive: the names of its folders and files, and nothing else.

    archive/
    ├── objects/<2 hex>/<62 hex>      one object: the SHA-256 of its stored bytes is its name
    ├── log/                          served as it is (C2SP tlog-tiles)
    │   ├── checkpoint                the newest published head, a signed note
    │   ├── checkpoints/<size>        every head that was handed out or time-stamped, kept for ever
    │   ├── tsa/<size>/<k>/           the k-th time token over that head, as it came; never changed
    │   ├── tsa/refused/<size>-<k>/   a reply that does not hold, raw, with what speaks against it
    │   └── tile/<L>/<N>[.p/<W>]      hashes; a partial tile goes once its full tile exists
    ├── details/                      disclosures, never served (custody-log §1)
    │   ├── <N>.jsonl                 entries 256·N to 256·N + 255, complete and immutable
    │   └── recent/<first>-<last>.jsonl   entries of a commit group, until their 256 are complete
    ├── access/                       the archive of the access log: `log` and `details` as above
    ├── nodes                         derived: inner nodes of a long log's tiles, for fast proofs
    ├── quarantine/                   what a repair found damaged and set aside; never deleted
    └── tmp/                          what is being written; after a crash, leftovers

- `<N>` is written as C2SP tlog-tiles writes the number of a tile: `003`, `x001/234`.
- An archive is complete without a database; nothing outside these names belongs to it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.custody.tiles import tile_path
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

KEPT = "checkpoints"
TOKENS = "tsa"
REFUSED = "refused"
BUNDLE = 256  # entries to a file of details, as hashes to a tile

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders and files of the archive at `root`."""

    root: Path

    @property
    def objects(self) -> str:
        """The folder of objects."""
        return os.path.join(self.root, "objects")

    @property
    def temporaries(self) -> str:
        """The folder of what is being written; on the same file system as everything else."""
        return os.path.join(self.root, "tmp")

    @property
    def quarantine(self) -> str:
        """The folder of what was found damaged: kept, never served, no part of the archive."""
        return os.path.join(self.root, "quarantine")

    @property
    def nodes(self) -> str:
        """The file of inner nodes: derived, made again when it is gone, in no copy."""
        return os.path.join(self.root, "nodes")

    @property
    def log(self) -> str:
        """The folder that is served to anyone who asks."""
        return os.path.join(self.root, "log")

    @property
    def details(self) -> str:
        """The folder of disclosures."""
        return os.path.join(self.root, "details")


def object_folders() -> list[str]:
    """Return the names of the 256 folders of objects, in order."""
    return [f"{number:02x}" for number in range(256)]


def object_name(sha256: str) -> str:
    """Return the name of an object below `objects`; raises InvalidInput for no digest."""
    if not is_digest(sha256):
        message = f"{sha256[:80]!r} is not a SHA-256 digest: 64 lower-case hexadecimal digits"
        raise InvalidInput(message, code="object.digest")
    return f"{sha256[:2]}/{sha256[2:]}"


def is_digest(text: str) -> bool:
    """Say whether a text is a SHA-256 digest as this archive writes them."""
    return _DIGEST.fullmatch(text) is not None


def kept_checkpoint(size: int) -> str:
    """Return the name, below `log`, of the kept head of a log of this size."""
    return f"{KEPT}/{size}"


def bundle_name(number: int) -> str:
    """Return the name, below `details`, of the entries from 256 · number on."""
    return tile_path(0, number).removeprefix("tile/0/") + ".jsonl"


def recent_name(first: int, last: int) -> str:
    """Return the name, below `details`, of the entries first to last, both included."""
    return f"recent/{first}-{last}.jsonl"
