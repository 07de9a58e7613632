"""When to ask an authority again: a description that any queue can follow.

- A head has to be stamped within ten minutes (custody-log §4); after that it is overdue, which is
  shown and changes nothing else. Nobody gives up: a token that comes a day late is worth more than
  none, and the next head is asked for by itself.
- An authority that cannot be reached is asked again soon, then less and less often. One that must
  not be reached (an address that is refused) waits for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from muniment.errors import MunimentError, Unavailable
from muniment.seal.rfc3161.checking import Finding

if TYPE_CHECKING:
    from datetime import datetime

    from muniment.seal.rfc3161.client import Stamp


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """Waits that double from `first` to `longest`; `overdue` is when a person is told."""

    first: timedelta = timedelta(seconds=15)
    longest: timedelta = timedelta(hours=1)
    overdue: timedelta = timedelta(minutes=10)

    def next_attempt(self, failures: int, last: datetime) -> datetime:
        """Return when to ask again, after so many failures, the last at `last`."""
        doublings = min(max(failures - 1, 0), 30)
        wait: timedelta = min(self.first * (1 << doublings), self.longest)
        return last + wait

    def is_overdue(self, since: datetime, now: datetime) -> bool:
        """Whether a head that waits since then should have its token by now."""
        return now - since > self.overdue


def is_worth_asking_again(outcome: Stamp | MunimentError) -> bool:
    """Whether asking the same authority again may help without a person doing something first.

    A network that failed may recover, and so may an authority that refuses or is out of order; a
    configuration does not.
    """
    if isinstance(outcome, MunimentError):
        return isinstance(outcome, Unavailable)
    return outcome.verdict.finding not in _NEED_A_PERSON


_NEED_A_PERSON = frozenset(
    {Finding.HOLDS, Finding.POLICY, Finding.PURPOSE, Finding.PATH, Finding.REVOKED}
)
