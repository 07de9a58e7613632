"""A worker's care for witnesses: asks while jobs go on, and says what came in the way, once.

Without a witness policy in the workspace nothing happens here.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from muniment.errors import MunimentError
from muniment_server.commands import session
from muniment_server.commands.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace

_LOOK: Final = 2.0  # seconds between two looks at whether a witness is due
_LEAVE: Final = 1.0  # seconds that a worker that ends waits for an answer under way
_ALARM: Final = 1
_UNFINISHED: Final = 3


@contextmanager
def asking() -> Iterator[None]:
    """Ask witnesses beside whatever the block does, as long as it lasts."""
    watcher = _Watcher()
    watcher.start()
    try:
        yield
    finally:
        watcher.end(_LEAVE)


def ask_now(workspace: Workspace) -> list[dict[str, Any]]:
    """Ask everybody who has not cosigned the published head, once, and return how they stand."""
    if workspace.witness_policy.exists():
        from muniment_server.custody.ledger import publishing, witnesses

        publishing.publish()
        try:
            witnesses.ask()
        except MunimentError as error:
            session.say(f"muniment: witnesses: {error}\n  {error.hint}".rstrip())
    return standings(workspace)


def standings(workspace: Workspace) -> list[dict[str, Any]]:
    """Return how asking stands with each witness, as `--json` prints it."""
    from muniment.archive.asking import questions

    if not workspace.witness_policy.exists():
        return []
    return [asdict(one) for one in questions(workspace.witness_state)]


def lines(records: list[dict[str, Any]]) -> list[str]:
    """Return how asking stands, in words."""
    return [_line(one) for one in records]


def exit_code(records: list[dict[str, Any]]) -> int:
    """Return 1 for an alarm, 3 where somebody could not be asked, else 0."""
    if any(one["alarm"] for one in records):
        return _ALARM
    return _UNFINISHED if any(one["failures"] for one in records) else 0


def _line(record: dict[str, Any]) -> str:
    if not record["failures"]:
        return f"{record['name']}: cosigned {record['size']} acts"
    fate = "ALARM" if record["alarm"] else f"will be asked again after {record['due']}"
    return f"{record['name']}: {record['error']}  ({fate})"


class _Watcher(Rounds):
    """Asks whichever witness is due.

    An answer under way when the worker ends is lost if it takes long; it is asked for again.
    """

    def __init__(self) -> None:
        """Look every other second."""
        super().__init__("witnesses", _LOOK)

    def look(self) -> None:
        """Ask, and say who did not cosign, and why."""
        from muniment_server.custody.ledger import witnesses

        done = witnesses.ask(at_once=False)
        if done is None:
            return
        for name in done.added:
            self.tell(name)
        for one in done.failed:
            self.tell(one.name, one.error)
