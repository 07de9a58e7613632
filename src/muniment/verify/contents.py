"""Reads every file of a bundle once: digests of all, and the bytes of those that are read as text.

- Parts may be gigabytes: they are hashed as they stream by and never held.
- Several files are read at once, as many as there are processors, four at most.
- SHA-512 is taken of the payload only where the bag has a manifest of it.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.verify.container import CHUNK
from muniment.verify.fault import Fault
from muniment.verify.layout import PAGE, PART, SECOND_MANIFEST, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.verify.container import Container

_LARGEST_TEXT = 1 << 29
_READERS = min(4, os.cpu_count() or 1)


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
    reading = _Reading(container)
    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        others = [pool.submit(reading.take, reading.parts) for _ in range(_READERS - 1)]
        reading.take(reading.papers)
        reading.take(reading.parts)
        for other in others:
            other.result()
    faults = tuple(text for _, text in sorted(reading.faults.items()))
    return Contents(container.name, reading.measured, reading.texts, faults)


class _Reading:
    """Files waiting to be read, and what is known of those that were; shared between threads.

    One thread reads the texts; parts, which may be large, are taken by whoever is free. `hashlib`
    and the system let other threads go on meanwhile.
    """

    def __init__(self, container: Container) -> None:
        paths = sorted(container.sizes)
        self.papers = deque(path for path in paths if _is_text(path))
        self.parts = deque(path for path in paths if not _is_text(path))
        self.measured: dict[str, Measured] = {}
        self.texts: dict[str, bytes] = {}
        self.faults: dict[str, str] = {}
        self._container = container
        self._twice = SECOND_MANIFEST in container.sizes

    def take(self, waiting: deque[str]) -> None:
        """Read files until none is waiting."""
        buffer = bytearray(CHUNK)
        while True:
            try:
                path = waiting.popleft()
            except IndexError:
                return
            self._measure(path, buffer)

    def _measure(self, path: str, buffer: bytearray) -> None:
        held = _is_text(path) and self._container.sizes[path] <= _LARGEST_TEXT
        kept: list[bytes] = []
        sha256, sha512 = hashlib.sha256(), hashlib.sha512()
        length = 0
        try:
            for chunk in self._container.chunks(path, buffer):
                length += len(chunk)
                sha256.update(chunk)
                if self._twice:
                    sha512.update(chunk)
                if held:
                    kept.append(bytes(chunk))
        except Fault as fault:
            self.faults[path] = str(fault)
        longer = sha512.hexdigest() if self._twice else ""
        self.measured[path] = Measured(length, sha256.hexdigest(), longer)
        if held:
            self.texts[path] = b"".join(kept)


def _is_text(path: str) -> bool:
    return not (unknown(path) or PART.fullmatch(path))


def page_files(texts: Mapping[str, bytes], record: str) -> dict[str, bytes]:
    """The files that `record.html` embeds: all under `custody/`, and the record."""
    return {
        path: data
        for path, data in texts.items()
        if (path.startswith("custody/") or path == record) and path != PAGE
    }
