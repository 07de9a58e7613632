"""Actions of `muniment log` that need the application: found by entry point, where it is installed.

An action is a module of the group `muniment.log_actions` with `HELP`, `configure(parser)` and
`perform(args) -> int`; it imports what is heavy inside `perform`.
"""

from __future__ import annotations

import importlib.util
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import argparse

GROUP = "muniment.log_actions"


class Action(Protocol):
    """What an action offers."""

    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the action's own arguments."""

    def perform(self, args: argparse.Namespace) -> int:
        """Do it and return the exit code."""
        ...


def log_actions() -> dict[str, Action]:
    """Return the actions that work here, by name."""
    if importlib.util.find_spec("django") is None:
        return {}
    return {one.name: cast("Action", one.load()) for one in entry_points(group=GROUP)}
