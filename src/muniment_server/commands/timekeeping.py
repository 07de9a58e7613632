"""A worker's care for time tokens: asks while jobs go on, and says what came in the way, once.

Without an authority in the settings nothing happens here.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from muniment.errors import MunimentError
from muniment_server.commands import session

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


class _TimeKeeper(threading.Thread):
    """Looks a few times a minute whether an authority is due, and asks."""

    def __init__(self) -> None:
        """Prepare a thread that does not keep the process alive."""
        super().__init__(name="time", daemon=True)
        self._ended = threading.Event()
        self._told: dict[str, str] = {}

    def run(self) -> None:
        """Ask until told to end."""
        from django.db import connections
        from django.db.utils import OperationalError

        while not self._ended.is_set():
            try:
                self._look()
                self._tell("time tokens", "")
            except MunimentError as error:
                self._tell("time tokens", f"{error}\n  {error.hint}".rstrip())
            except OperationalError as error:
                self._tell("time tokens", f"the database does not answer: {error}".strip())
            finally:
                connections.close_all()
            self._ended.wait(_LOOK)

    def end(self) -> None:
        """Ask no more; waits for the round under way."""
        self._ended.set()
        self.join()

    def _look(self) -> None:
        from muniment_server.custody.services.stamping import ask

        outcome = ask()
        for name in outcome.stamped:
            self._tell(name, "")
        for name, attempts in outcome.failed.items():
            self._tell(name, attempts.message)

    def _tell(self, who: str, message: str) -> None:
        """Say what came in the way, where it is not what was said last."""
        if message and self._told.get(who) != message:
            session.say(f"muniment: {who}: {message}")
        self._told[who] = message
