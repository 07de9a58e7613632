"""A worker's care for time tokens: asks while jobs go on, and says what came in the way, once.

Without an authority in the settings nothing happens here.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from muniment_server.commands.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace

_LOOK: Final = 10.0  # seconds between two looks at whether an authority is due


@contextmanager
def stamping(workspace: Workspace) -> Iterator[None]:
    """Ask for time tokens beside whatever the block does, as long as it lasts."""
    if not workspace.outside.authorities:
        yield
        return
    keeper = _TimeKeeper()
    keeper.start()
    try:
        yield
    finally:
        keeper.end()


def stamp_now(workspace: Workspace) -> list[dict[str, Any]]:
    """Ask whoever is due, once, and return where each authority stands, as `--json` prints it."""
    if not workspace.outside.authorities:
        return []
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.services.stamping import ask

    publishing.publish()
    ask()
    return standings(workspace)


def standings(workspace: Workspace) -> list[dict[str, Any]]:
    """Return where each authority stands, as `--json` prints it."""
    if not workspace.outside.authorities:
        return []
    from muniment.evidence.instant import to_seconds
    from muniment_server.custody.services.stamping import time_queue

    return [
        {
            "authority": one.authority,
            "size": one.size,
            "at": to_seconds(one.at) if one.at else "",
            "failures": one.attempts.failures,
            "since": one.attempts.since,
            "error": one.attempts.message,
            "overdue": one.overdue,
            "waits_for_person": one.attempts.waits_for_person,
        }
        for one in time_queue().standings()
    ]


def lines(records: list[dict[str, Any]]) -> list[str]:
    """Return where the authorities stand, in words."""
    return [_line(one) for one in records]


def _line(record: dict[str, Any]) -> str:
    stamped = (
        f"{record['size']} acts stamped at {record['at']}" if record["at"] else "no time token yet"
    )
    if not record["failures"]:
        return f"{record['authority']}: {stamped}"
    fate = "waits for a person" if record["waits_for_person"] else "will be asked again"
    late = "overdue; " if record["overdue"] else ""
    return f"{record['authority']}: {stamped}; {late}{record['error']}  ({fate})"


class _TimeKeeper(Rounds):
    """Asks whichever authority is due."""

    def __init__(self) -> None:
        """Look a few times a minute."""
        super().__init__("time tokens", _LOOK)

    def look(self) -> None:
        """Ask, and say who answered what they should not."""
        from muniment_server.custody.services.stamping import ask

        outcome = ask()
        for name in outcome.stamped:
            self.tell(name)
        for name, attempts in outcome.failed.items():
            self.tell(name, attempts.message)
