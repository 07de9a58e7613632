"""Starting the application for one command: the workspace, the checks, and who acts."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from muniment.archive.workspace import ENVIRONMENT, find_workspace

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace
    from muniment_server.custody.policies import Actor


def start_django(workspace: Workspace) -> None:
    """Start Django for a workspace; nothing of the application is imported before."""
    os.environ[ENVIRONMENT] = str(workspace.root)
    os.environ["DJANGO_SETTINGS_MODULE"] = "muniment_server.settings"
    import django

    django.setup()


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Workspace]:
    """Open the workspace of a command, check it, and publish what was committed at the end.

    Raises `NotFound` without a workspace and `TamperSuspected` where log and database disagree.
    """
    workspace = find_workspace(args.workspace)
    start_django(workspace)
    from muniment_server.custody.ledger import publishing, startup

    startup.check()
    try:
        yield workspace
    finally:
        publishing.publish()


def actor(args: argparse.Namespace, workspace: Workspace) -> Actor:
    """Return who acts: the person of `--as` with a token, else this machine's agent."""
    from muniment_server.accounts import queries
    from muniment_server.custody.policies import Door

    if args.person:
        return queries.actor_by_token(
            os.environ.get("MUNIMENT_TOKEN", ""), handle=args.person, via=Door.COMMAND
        )
    return queries.machine_actor(workspace.agent)


def say(text: str) -> None:
    """Tell the person at the terminal something; never part of the answer."""
    sys.stderr.write(text + "\n")
