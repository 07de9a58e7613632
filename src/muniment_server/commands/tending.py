"""What a worker does for the access log: it keeps readings, counts them, ends old ones by rule."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from muniment.errors import Unavailable
from muniment_server.commands import session

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.custody.policies import Actor

_KEEP: Final = 1.0  # seconds between two signatures of what this process read
_COUNT: Final = 600.0
_END: Final = 24 * 60 * 60.0


class Tending:
    """What is due of it, whenever the worker looks."""

    def __init__(self, by: Actor, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with everything due; `clock` gives seconds."""
        self._by = by
        self._clock = clock
        self._due = dict.fromkeys((_KEEP, _COUNT, _END), clock())

    def step(self) -> None:
        """Do what is due; what cannot be done now is told and due again later."""
        from muniment_server.custody.ledger import publishing
        from muniment_server.custody.queries import workspace
        from muniment_server.custody.services import retention

        steps: dict[float, Callable[[], object]] = {
            _KEEP: publishing.keep_readings,
            _COUNT: lambda: retention.flag_volumes(self._by),
        }
        if workspace().access_rules.keep_days is not None:
            steps[_END] = lambda: retention.expire_readings(self._by)
        for every, do in steps.items():
            if self._clock() < self._due[every]:
                continue
            self._due[every] = self._clock() + every
            try:
                do()
            except Unavailable as error:
                session.say(f"muniment: the access log: {error}\n  it will be tried again")
