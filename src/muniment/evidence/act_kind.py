"""What is said of one kind of act: its name, its permission, and its words for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActKind:
    """One kind of act."""

    name: str
    permission: str
    sentence: str
    explanation: str
