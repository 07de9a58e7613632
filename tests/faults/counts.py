"""How many cases the suites of faults run: few in every test run, the long count in `make faults`.

Every suite prints what it ran, so that nobody has to believe a number in a page.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

LONG = os.environ.get("MUNIMENT_FAULTS") == "long"


def cases(short: int, long: int) -> int:
    """The number to run here and now."""
    return long if LONG else short


def tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Print a line past pytest's capture."""
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")
