"""What somebody finds who has every byte of a workspace and knows what they are looking for."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from muniment.evidence.disclosure import disclose, open_disclosure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from muniment.evidence.canonical import Json
    from muniment_server.custody.models import Leaf

_SALTED = 32  # characters of a disclosure's text that hold its whole salt
_TEXT = re.compile(rb"[A-Za-z0-9_-]{43,}")
_KEPT = "chain"


@dataclass(slots=True)
class Known:
    """What was said of an item before it went: texts, bytes, and every disclosure."""

    needles: dict[str, bytes] = field(default_factory=dict)
    values: list[tuple[str, Json]] = field(default_factory=list)

    def texts(self, *texts: str) -> Known:
        """Look for texts, as they are and in base64 wherever they may begin."""
        for text in texts:
            data = text.encode()
            self.needles[text] = data
            for shift in range(3):
                # whole groups of three only: what stands around them changes the others
                start = (3 - shift) % 3
                cut = data[start : start + (len(data) - start) // 3 * 3]
                self.needles[f"{text} (base64 {shift})"] = base64.urlsafe_b64encode(cut)
        return self

    def leaves(self, leaves: Iterable[Leaf], *, only: str = "") -> Known:
        """Look for the salts of everything that leaves disclose, but for what is to stay."""
        for leaf in leaves:
            for text in leaf.disclosures.split("\n"):
                opened = open_disclosure(text)
                if opened.name == _KEPT or (only and opened.name != only):
                    continue
                self.needles[f"salt of {opened.name} in #{leaf.index}"] = text[:_SALTED].encode()
                self.values.append((opened.name, opened.value))
        return self


def found(known: Known, *folders: Path) -> dict[str, str]:
    """Return which of these things stand in which file, in any file below the folders."""
    traces: dict[str, str] = {}
    for path in _files(folders):
        data = path.read_bytes()
        for name, needle in known.needles.items():
            if needle in data:
                traces[name] = path.name
    return traces


def guessed(known: Known, leaves: Iterable[Leaf], *folders: Path) -> list[str]:
    """Try every known value with every salt that is left anywhere, on each of these leaves.

    Returns the names of the values that one of them was shown to commit to.
    """
    salts = {one.salt for one in _disclosures(folders)}
    committed = {digest for leaf in leaves for digest in _digests(bytes(leaf.data))}
    return [
        name
        for name, value in known.values
        for salt in salts
        if disclose(name, value, salt).digest in committed
    ]


def _digests(data: bytes) -> list[str]:
    return [one.decode() for one in re.findall(rb'"([A-Za-z0-9_-]{43})"', data)]


def _disclosures(folders: Iterable[Path]) -> Iterator:  # type: ignore[type-arg]  # of Opened
    for path in _files(folders):
        for text in _TEXT.findall(path.read_bytes()):
            try:
                yield open_disclosure(text.decode())
            except Exception:  # noqa: BLE001 - most of what looks like one is none
                continue


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())
