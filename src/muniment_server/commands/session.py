"""Starting the application for one command: the workspace, the checks, and who acts."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from muniment.archive.workspace import ENVIRONMENT, find_workspace
from muniment.errors import MunimentError, Unavailable

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
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import publishing, startup

    with database_errors():
        startup.check()
        try:
            yield workspace
        except MunimentError as error:
            told = queries.note_refused(error, f"muniment {args.command}")
            if told is error:
                raise
            raise told from error
        finally:
            publishing.publish()
            publishing.keep_readings()


@contextmanager
def database_errors() -> Iterator[None]:
    """Say in one sentence what the database could not do (a full disk, a damaged file).

    Raises `Unavailable`; what was not acknowledged may or may not be recorded.
    """
    from django.db.utils import DatabaseError, DataError, IntegrityError, ProgrammingError

    try:
        yield
    except (DataError, IntegrityError, ProgrammingError):
        raise  # these are our own mistakes, and show where they were made
    except DatabaseError as error:
        if _has_no_room(error.__cause__):
            raise Unavailable(
                "the disk of the database has no room left",
                code="storage.full",
                hint="Free some space and run it again; what was acknowledged is kept.",
            ) from error
        raise Unavailable(
            f"the database could not do it: {error}",
            code="database.failed",
            hint="Check its disk, then run `muniment check`; what was acknowledged is kept.",
        ) from error


def _has_no_room(cause: BaseException | None) -> bool:
    codes = (getattr(cause, "sqlite_errorname", ""), getattr(cause, "sqlstate", ""))
    return codes[0] == "SQLITE_FULL" or codes[1] == "53100"


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
