"""What a check found to be wrong: a value, so that one problem never hides the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Problem(NamedTuple):
    """One thing that is not as it should be."""

    code: str  # stable and dotted, such as `object.damaged`
    subject: str  # what is wrong: a digest, a path below the archive, an entry as `#7`
    message: str  # one sentence


# Every code that a check of an archive gives, and what it stands for.
PROBLEMS: Mapping[str, str] = {
    "archive.unreadable": "A published file cannot be read.",
    "checkpoint.ahead": "A kept head covers more than the published one.",
    "checkpoint.cosignature": "A witness did not cosign the head whose line it bears.",
    "checkpoint.damaged": "A head is no signed head, or that of another log or size.",
    "checkpoint.missing": "The published head was not kept.",
    "checkpoint.root": "A head has another root than the leaves it covers.",
    "checkpoint.signature": "A head is not signed by the key of the log.",
    "details.damaged": "A file of details is not what its name says, or a line is none.",
    "details.disclosure": "A disclosure stands nowhere in its leaf, or twice, or is none.",
    "details.incomplete": "A leaf commits to something whose disclosure is not there.",
    "details.leaf": "The leaf in the details is not the one in the tree.",
    "details.missing": "The details of an entry are not there.",
    "details.object": "An entry names an object without a digest.",
    "details.origin": "A leaf belongs to another log.",
    "details.unreadable": "A file of details cannot be read.",
    "object.damaged": "The bytes of an object are not those that its name says.",
    "object.missing": "An object that an entry received is not there.",
    "object.size": "An object has another size than was recorded.",
    "object.stray": "Something lies among the objects that is none.",
    "object.unreadable": "An object cannot be read.",
    "tile.differs": "A tile does not follow from the leaves.",
    "tile.missing": "A tile that readers of the log need is not there.",
    "tile.size": "A tile has another length than its name says.",
    "tile.stray": "Something lies among the tiles that is none.",
    "tile.unreadable": "A tile cannot be read.",
    "time.damaged": "A time token, or what is said of it, is not as it was kept.",
    "time.head": "What a time token stamps is no head of this log.",
    "time.stray": "A time token is missing, or something lies among them that is none.",
    "time.token": "A time token does not hold.",
}
