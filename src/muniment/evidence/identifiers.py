"""Identifiers of subjects, acts and agents: 128 random bits, 32 lower-case hexadecimal digits.

- Random, so that an identifier tells nothing about whom or what it names (custody-log §2, §3).
"""

from __future__ import annotations

import re
from uuid import uuid4

_ID = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """Return a fresh identifier (UUIDv4, without hyphens)."""
    return uuid4().hex


def is_id(text: str) -> bool:
    """Say whether text has the form of an identifier."""
    return _ID.fullmatch(text) is not None
