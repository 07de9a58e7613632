"""What the clock of this machine may be believed (custody-log §2).

- The clock on the wall is held against the one that counts from the start of the machine, sleep
  included (`CLOCK_BOOTTIME`): a pair of both is remembered for each start of each machine.
- A step of more than two seconds, or a clock behind the log by as much, is told by an act, once.
- A jump forward of more than an hour stops all acts until the clock is right again or a person
  confirms it: a time once in the log holds back every time after it.
- Across a start of the machine nothing is known of a jump: the counter begins anew.

Not its job: the time an act carries, which never goes back (`appending.moment_after`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from muniment.errors import Unavailable
from muniment.evidence.instant import now, to_seconds
from muniment_server.custody.models import Clock

if TYPE_CHECKING:
    from muniment.evidence.canonical import Json
    from muniment_server.custody.models import LogHead

STEP: Final = timedelta(seconds=2)
JUMP: Final = timedelta(hours=1)
_REMEMBERED: Final = timedelta(minutes=1)
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Reading:
    """Both clocks, read together: the time of day, and the time since this machine started."""

    wall: datetime
    up: timedelta
    boot: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reading says: how far the clock was set forward, and whether it is behind the log."""

    step: timedelta
    behind: timedelta
    news: bool

    @property
    def jumped(self) -> bool:
        """Whether a person has to say that this time is right."""
        return self.step > JUMP

    def told(self, reading: Reading) -> dict[str, Json]:
        """Return what the act says of it: `clock` is what it showed, `expected` what it should."""
        told: dict[str, Json] = {
            "clock": to_seconds(reading.wall),
            "expected": to_seconds(reading.wall - self.step),
            "step_ms": round(self.step / timedelta(milliseconds=1)),
        }
        if self.behind > STEP:
            told["behind_ms"] = round(self.behind / timedelta(milliseconds=1))
        return told


def read() -> Reading:
    """Read both clocks of this machine."""
    up = timedelta(microseconds=time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000)
    return Reading(now(), up, _boot())


@cache  # a process does not outlive the start of its machine
def _boot() -> str:
    return _BOOT.read_text(encoding="ascii").strip()


def judge(reading: Reading, head: LogHead) -> Judgement:
    """Hold a reading against the pair remembered for this start of this machine, and the log."""
    known = Clock.objects.filter(boot=reading.boot).first()
    step = timedelta(0)
    if known is not None:
        passed = reading.up - timedelta(microseconds=known.up)
        step = reading.wall - (known.wall + passed)
    behind = timedelta(0) if head.t is None else max(head.t - reading.wall, timedelta(0))
    told = known is not None and known.behind
    return Judgement(step, behind, news=abs(step) > STEP or (behind > STEP and not told))


def remember(reading: Reading, judgement: Judgement) -> None:
    """Keep the pair from which the next step is reckoned, in the transaction that is open."""
    behind = judgement.behind > STEP
    known = Clock.objects.filter(boot=reading.boot).first()
    fresh = known is not None and reading.wall - known.wall < _REMEMBERED
    if fresh and known is not None and known.behind == behind and not judgement.news:
        return
    kept = {
        "wall": reading.wall,
        "up": reading.up // timedelta(microseconds=1),
        "behind": behind,
    }
    Clock.objects.update_or_create(boot=reading.boot, defaults=kept)


def admit(head: LogHead) -> dict[str, Json] | None:
    """Return what is to be told of the clock before the acts that come now; None for nothing.

    Raises `Unavailable` where the clock jumped forward and nobody confirmed it.
    """
    reading = read()
    judgement = judge(reading, head)
    if judgement.jumped:
        raise Unavailable(
            _("the clock jumped forward to {time}, and nobody has confirmed it").format(
                time=to_seconds(reading.wall)
            ),
            code="clock.jumped",
            hint=_("Set the clock right; or, where it is right, `muniment clock confirm`."),
        )
    remember(reading, judgement)
    return judgement.told(reading) if judgement.news else None
