"""Changes nobody thought of: any bit of a bundle, any bit under `custody/` even by a forger.

The seed is fixed, so that a failure can be met again.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.library.verify.exhibits import Plan, exhibit
from tests.library.verify.readers import assembled, read
from tests.library.verify.second_writer import LOG_KEY, key

if TYPE_CHECKING:
    from pathlib import Path

WITNESS = key("witness.invalid/w", 4)
GOOD = exhibit(
    Plan(
        policy=f"log {LOG_KEY.text}\nwitness w {WITNESS.text}\nquorum w\n",
        signers=(LOG_KEY, WITNESS),
    )
)
ZIP = GOOD.zipped()
CUSTODY = [path for path in sorted(GOOD.files) if path.startswith("custody/")]


def changed(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one thing done to them: flipped, dropped, doubled, replaced, swapped."""
    at = chance.randrange(len(data))
    to = min(len(data), at + chance.choice((1, 1, 4, 60)))
    some = data[at:to]
    match chance.randrange(6):
        case 0 | 1:
            return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        case 2:
            return data[:at] + data[to:]
        case 3:
            return data[:at] + some + data[at:]
        case 4:
            return data[:at] + chance.randbytes(len(some)) + data[to:]
        case _:
            other = chance.randrange(len(data))
            return data[:other] + some + data[other + len(some) :]


@pytest.mark.parametrize("seed", range(10))
def test_any_change_of_the_zip_is_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / "bundle.zip"
    for _ in range(15):
        data = changed(ZIP, chance)
        path.write_bytes(data)
        assert data == ZIP or read(path, stand_alone=assembled()).verdict == "refused"


@pytest.mark.parametrize("seed", range(10))
def test_any_change_under_custody_is_refused_though_all_is_sealed_again(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    path = tmp_path / "bundle.zip"
    for _ in range(15):
        spoiled = chance.choice(CUSTODY)
        data = changed(GOOD.files[spoiled], chance)
        path.write_bytes(GOOD.resealed({spoiled: data}).zipped())
        outcome = read(path, stand_alone=assembled())
        assert data == GOOD.files[spoiled] or outcome.verdict == "refused", (spoiled, data)
        assert data == GOOD.files[spoiled] or outcome.failed - {"bytes_intact"}, spoiled


@pytest.mark.parametrize("seed", range(4))
def test_lines_under_custody_may_not_move(tmp_path: Path, seed: int) -> None:
    """Lines dropped, doubled, swapped or taken from another file, all sealed again."""
    chance = random.Random(1000 + seed)
    path = tmp_path / "bundle.zip"
    for _ in range(15):
        spoiled, giver = chance.choice(CUSTODY), chance.choice(CUSTODY)
        lines = GOOD.files[spoiled].splitlines(keepends=True)
        at = chance.randrange(len(lines))
        given = chance.choice(GOOD.files[giver].splitlines(keepends=True))
        lines[at : at + chance.randrange(2)] = chance.choice(
            ([], [given], [lines[at], lines[at]], [lines[at], given])
        )
        data = b"".join(lines)
        path.write_bytes(GOOD.resealed({spoiled: data}).zipped())
        outcome = read(path, stand_alone=assembled())
        assert data == GOOD.files[spoiled] or outcome.verdict == "refused", (spoiled, data)
