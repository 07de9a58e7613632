"""Reads every file of a bundle once: digests of all, and the bytes of those that are read as text.

- Parts may be gigabytes: they are hashed as they stream by and never held.
- SHA-512 is taken of the payload only where the bag has a manifest of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.verify.fault import Fault
from muniment.verify.layout import PAGE, PART, SECOND_MANIFEST, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.verify.container import Container

_LARGEST_TEXT = 1 << 29


@dataclass(frozen=True, slots=True)
class Measured:
    """What a file is: size and digests in hex; `sha512` is empty unless it was asked for."""

    size: int
    sha256: str
    sha512: str


@dataclass(frozen=True, slots=True)
class Contents:
    """All files of a bundle after one reading."""

    name: str | None
    measured: Mapping[str, Measured]
    texts: Mapping[str, bytes]
    faults: tuple[str, ...]

    def text(self, path: str) -> bytes:
        """The bytes of a file that is read as text; `Fault` if it is missing or too large."""
        if path not in self.measured:
            raise Fault(f"{path} is missing")
        if path not in self.texts:
            raise Fault(f"{path} is larger than a bundle needs")
        return self.texts[path]


def read_contents(container: Container) -> Contents:
    """Read each file of the bundle from its first byte to its last."""
    measured: dict[str, Measured] = {}
    texts: dict[str, bytes] = {}
    faults: list[str] = []
    twice = SECOND_MANIFEST in container.sizes
    for path, size in sorted(container.sizes.items()):
        held = _is_text(path) and size <= _LARGEST_TEXT
        kept: list[bytes] = []
        sha256, sha512 = hashlib.sha256(), hashlib.sha512()
        length = 0
        try:
            for chunk in container.chunks(path):
                length += len(chunk)
                sha256.update(chunk)
                if twice:
                    sha512.update(chunk)
                if held:
                    kept.append(chunk)
        except Fault as fault:
            faults.append(str(fault))
        measured[path] = Measured(length, sha256.hexdigest(), sha512.hexdigest() if twice else "")
        if held:
            texts[path] = b"".join(kept)
    return Contents(container.name, measured, texts, tuple(faults))


def _is_text(path: str) -> bool:
    return not (unknown(path) or PART.fullmatch(path))


def page_files(texts: Mapping[str, bytes], record: str) -> dict[str, bytes]:
    """The files that `record.html` embeds: all under `custody/`, and the record."""
    return {
        path: data
        for path, data in texts.items()
        if (path.startswith("custody/") or path == record) and path != PAGE
    }
