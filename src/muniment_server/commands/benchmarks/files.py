"""Files to measure on: incompressible like footage, each different, the same in every run."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_POOL = 1 << 25


def make_files(folder: Path, count: int, size: int) -> None:
    """Write `count` files of `size` bytes, a hundred to a folder."""
    rng = random.Random(7)  # noqa: S311 - reproducible, not secret
    pool = rng.randbytes(_POOL)
    for number in range(count):
        below = folder / f"d{number // 100:04d}"
        below.mkdir(parents=True, exist_ok=True)
        with (below / f"f{number:06d}.bin").open("wb", buffering=0) as file:
            file.write(b"%016d" % number)
            left = size - 16
            while left > 0:
                start = rng.randrange(0, _POOL - (1 << 20))
                some = min(left, 1 << 20)
                file.write(pool[start : start + some])
                left -= some
