"""Both clocks of a machine, in the hands of a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muniment_server.custody.ledger.clock import Reading


@dataclass
class Clocks:
    """Both clocks of a machine, in the hands of a test."""

    wall: datetime
    up: timedelta = timedelta(days=3)
    boot: str = "boot-1"

    def read(self) -> Reading:
        from muniment_server.custody.ledger.clock import Reading

        return Reading(self.wall, self.up, self.boot)

    def passes(self, span: timedelta, *, step: timedelta = timedelta(0)) -> None:
        """Let time pass on both clocks, and set the one on the wall."""
        self.up += span
        self.wall += span + step
