"""What a check found to be wrong: a value, so that one problem never hides the next."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is not as it should be."""

    code: str  # stable and dotted, such as `object.damaged`
    subject: str  # what is wrong: a digest, a path below the archive, an entry as `#7`
    message: str  # one sentence
