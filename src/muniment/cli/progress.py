"""Progress bars: on a terminal only, for whatever takes over a second, on standard error."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_DELAY = 1.0  # seconds; what is done sooner shows nothing (cli.md)


@contextmanager
def progress(what: str, total: int | None = None) -> Generator[Callable[[int], None]]:
    """Show how far a loop is; the function given takes how many more are done."""
    from tqdm import tqdm

    with tqdm(
        total=total, desc=what, unit="", delay=_DELAY, disable=None, file=sys.stderr, leave=False
    ) as bar:

        def advance(done: int = 1) -> None:
            bar.update(done)

        yield advance


def on_terminal() -> bool:
    """Say whether anybody sees a bar, so that a total is worth counting."""
    return sys.stderr.isatty()
