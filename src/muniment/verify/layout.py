"""Which paths a bundle may hold (custody-log §7).

- A path is at most 200 ASCII characters; its parts are `[A-Za-z0-9._-]` and begin with a letter or
  a digit, so nothing is hidden, absolute, an option or a step upwards.
- No part ends in a dot or is a device name of Windows: such names open something else there.
- No two paths differ in case only.
- What a path means is decided by its full form: `unknown` says which paths have none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from muniment.verify.fault import Malformed, shown

if TYPE_CHECKING:
    from collections.abc import Collection

KEYS = "custody/keys"
POLICY = "custody/policy"
CHECKPOINT = "custody/checkpoint"
ENTRIES = "custody/entries.jsonl"
PROOF = re.compile(r"custody/proofs/(0|[1-9][0-9]{0,15})\.tlog-proof", re.ASCII)
CONSISTENCY = re.compile(r"custody/consistency/([1-9][0-9]{0,15})-([1-9][0-9]{0,15})", re.ASCII)
TIME_TOKEN = re.compile(
    r"custody/tsa/[1-9][0-9]{0,15}(?:\.note|-[1-9]\.(?:tsr|pem|crl|ocsp))", re.ASCII
)

RECORD = "data/record.json"
PAGE = "record.html"
PART = re.compile(
    r"data/(?:original|renditions)/([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)/"
    r"[0-9]{3}(?:\.[a-z0-9]{1,8})?",
    re.ASCII,
)

BAG_DECLARATION = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
SECOND_MANIFEST = "manifest-sha512.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"

# What the selection names besides parts: the bag's tag files and the two that explain it.
SELECTED = frozenset({BAG_DECLARATION, BAG_INFO, RECORD, "VERIFY.md", "verify.py"})
# What is remade from the selection and the log, and so is not named in it.
REMADE = frozenset({MANIFEST, SECOND_MANIFEST, TAG_MANIFEST, PAGE})
_CUSTODY = frozenset({KEYS, POLICY, CHECKPOINT, ENTRIES})

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?", re.ASCII)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.ASCII)
_LONGEST = 200
_MOST_FILES = 1_000_000


def check_paths(paths: Collection[str]) -> None:
    """`Malformed` if a path could mean one thing here and another to some other tool."""
    if len(paths) > _MOST_FILES:
        raise Malformed("the bundle holds too many files")
    folded: dict[str, str] = {}
    for path in paths:
        names = path.split("/")
        safe = all(_NAME.fullmatch(name) and not _DEVICE.fullmatch(name.lower()) for name in names)
        if not safe or len(path) > _LONGEST:
            raise Malformed(f"the path {shown(path)} is not allowed in a bundle")
        other = folded.setdefault(path.lower(), path)
        if other != path:
            raise Malformed(f"the paths {shown(path)} and {shown(other)} differ in case only")
        # ASCII order does not put "a/b" next to "a": look for every folder that is also a file.
    for path in folded:
        for depth in range(1, path.count("/") + 1):
            folder = path.rsplit("/", depth)[0]
            if folder in folded:
                raise Malformed(f"{shown(folder)} is both a file and a folder")


def unknown(path: str) -> bool:
    """Whether the layout of §7 has no place for this path."""
    return not (
        path in SELECTED
        or path in REMADE
        or path in _CUSTODY
        or any(form.fullmatch(path) for form in (PART, PROOF, CONSISTENCY, TIME_TOKEN))
    )


def is_selectable(path: str) -> bool:
    """Whether a selection may name this path: parts, tag files and what explains the bundle."""
    return path in SELECTED or PART.fullmatch(path) is not None
