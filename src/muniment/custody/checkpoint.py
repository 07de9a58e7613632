"""The head of a log as a text (C2SP tlog-checkpoint): origin, size, root, and no further line.

- In our own logs extension lines are refused: no monitor can audit them (custody-log §1). A witness
  of foreign logs reads them as `HeadLines` and makes no statement about them.
- A parsed checkpoint writes the same text again.

Not its job: signatures (`note`), growth (`proof`).
"""

from __future__ import annotations

from dataclasses import dataclass

from muniment.custody.keys import is_key_name
from muniment.custody.lines import base64_text, parse_base64, parse_decimal
from muniment.custody.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE
from muniment.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its name, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse a head that no log can have."""
        if not is_key_name(self.origin):
            message = f"{self.origin[:80]!r} cannot be the origin of a log"
            raise InvalidInput(message, code="checkpoint.origin")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_BYTES:
            message = f"a log head has a size and a root of {HASH_BYTES} bytes"
            raise InvalidInput(message, code="checkpoint.form")
        if self.size == 0 and self.root != EMPTY_ROOT:
            message = "the root of an empty log is the hash of nothing"
            raise InvalidInput(message, code="checkpoint.form")

    @property
    def text(self) -> str:
        """The text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{base64_text(self.root)}\n"


@dataclass(frozen=True, slots=True)
class HeadLines:
    """The head of any log as its lines say it, extension lines included; no sense is made of it."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def parse_head_lines(text: str) -> HeadLines:
    """Return what the lines of any log's head say (C2SP tlog-checkpoint); raises InvalidInput."""
    try:
        origin, size, root, *extensions, end = text.split("\n")
        head = HeadLines(origin, parse_decimal(size), parse_base64(root), tuple(extensions))
    except ValueError:
        head, end = None, ""
    if head is None or end or not head.origin or not all(head.extensions):
        message = "a checkpoint is lines of text: origin, size, root in base64, extensions"
        raise InvalidInput(message, code="checkpoint.form")
    if len(head.root) != HASH_BYTES:
        message = f"the root of a log has {HASH_BYTES} bytes"
        raise InvalidInput(message, code="checkpoint.form")
    return head


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the head a note text says; raises InvalidInput for any other form."""
    try:
        origin, size, root, rest = text.split("\n")
        head = Checkpoint(origin, parse_decimal(size), parse_base64(root))
    except ValueError:
        head, rest = None, ""
    if head is None or rest:
        message = "a checkpoint is three lines: origin, size, root in base64"
        raise InvalidInput(message, code="checkpoint.form")
    return head
