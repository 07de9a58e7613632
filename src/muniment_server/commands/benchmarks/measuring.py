"""How a measurement is taken: cases in turn, round after round, medians, in one run.

- A ratio counts only between cases of the same run; each round runs every case once.
- A case that cannot run here (its program is missing) is left out and said so.
- Whatever is written is synced inside the timed part, ours and the peers' alike.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to time: `run` is timed, `before` and `after` are not."""

    name: str
    run: Callable[[], None]
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Result:
    """A measurement: rates per second, and ours against each of the others."""

    name: str
    unit: str
    rates: Mapping[str, float]
    ours: str
    peer: str
    limit: str
    target_peer: float | None = None
    target_limit: float | None = None
    notes: Sequence[str] = field(default=())

    def document(self) -> dict[str, object]:
        """Return the shape of cli.md, with every rate and the targets beside it."""
        ours = self.rates[self.ours]
        peer, limit = self.rates.get(self.peer), self.rates.get(self.limit)
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": round(ours, 1),
            "peer": None if peer is None else round(peer, 1),
            "limit": None if limit is None else round(limit, 1),
            "ratio_peer": None if not peer else round(ours / peer, 2),
            "ratio_limit": None if not limit else round(ours / limit, 2),
            "target_peer": self.target_peer,
            "target_limit": self.target_limit,
            "peer_name": self.peer,
            "limit_name": self.limit,
            "all": {name: round(rate, 1) for name, rate in self.rates.items()},
            "notes": list(self.notes),
        }


def rates(cases: Sequence[Case], units: float, rounds: int) -> dict[str, float]:
    """Return each case's median rate in units a second, the cases taken in turn."""
    taken: dict[str, list[float]] = {case.name: [] for case in cases}
    for turn in range(rounds):
        for case in cases:
            case.before()
            os.sync()  # what was written or removed before is not this case's to wait for
            start = time.perf_counter()
            case.run()
            seconds = time.perf_counter() - start
            case.after()
            taken[case.name].append(seconds)
            sys.stderr.write(f"  round {turn + 1}  {case.name}: {seconds:.2f} s\n")
    return {name: units / statistics.median(seconds) for name, seconds in taken.items()}
