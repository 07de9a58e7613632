"""`muniment init`: a workspace, its keys, and this machine's agent."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, NamedTuple

from muniment.archive.workspace import Workspace, new_origin, write_settings
from muniment.errors import InvalidInput, Unavailable
from muniment.evidence.identifiers import new_id
from muniment_server.commands import recovery_sheet
from muniment_server.commands.volumes import warn_of_volumes

if TYPE_CHECKING:
    import argparse

    from muniment.archive.keyring import Founded

HELP = "make a workspace, its keys and this machine's agent"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `init`."""
    parser.add_argument("folder", metavar="DIR", help="a folder that is empty or does not exist")
    parser.add_argument("--name", metavar="TEXT", help="what the workspace is called")
    parser.add_argument("--agent", metavar="NAME", help="what this machine is called in the log")
    parser.add_argument(
        "--closed", action="store_true", help="seal everything: the usual compartment is closed"
    )
    parser.add_argument(
        "--shares",
        metavar="K-of-N",
        default="",
        help="print the recovery and escrow keys in shares, such as 2-of-3",
    )
    parser.add_argument("--database", metavar="URL", default="", help="a PostgreSQL database")
    parser.add_argument(
        "--access-database", metavar="URL", default="", help="another one, for the access log"
    )


def run(args: argparse.Namespace) -> int:
    """Make the workspace and print its recovery sheet."""
    folder = Path(args.folder)
    shares = recovery_sheet.numbers(args.shares)
    made = make(
        folder,
        name=args.name or folder.resolve().name,
        agent=args.agent or f"{platform.node()} (this machine's account)",
        database=args.database,
        access_database=args.access_database,
        closed=args.closed,
    )
    workspace = made.workspace
    sys.stderr.write(recovery_sheet.sheet(made, shares))
    warn_of_volumes(workspace)
    if args.json:
        document = {
            "workspace": str(workspace.root),
            "origin": workspace.origin,
            "log_key": made.log_key,
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(f"Made the workspace {workspace.root}\n{made.log_key}\n")
    return 0


def _new_keyring(workspace: Workspace) -> Founded:
    from muniment.archive.keyring import Keyring

    return Keyring(workspace.keys).found()


class Made(NamedTuple):
    """A new workspace, its log's public key, and the private keys that do not stay in it."""

    workspace: Workspace
    log_key: str
    secrets: Founded


def make(
    folder: Path,
    *,
    name: str,
    agent: str,
    specimen: bool = False,
    database: str = "",
    access_database: str = "",
    closed: bool = False,
) -> Made:
    """Make a workspace and return it with the log's public key and what is to be written down.

    With `closed` everything goes into a closed compartment unless somebody says otherwise.

    Raises `InvalidInput` for a folder that is not empty, `Unavailable` where it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InvalidInput(
                f"{folder} is not empty",
                code="workspace.not_empty",
                hint="Name a new folder; nothing was changed.",
            )
        workspace = prepare(
            Workspace(
                root=folder.resolve(),
                name=name,
                origin=new_origin(name, specimen=specimen),
                agent=new_id(),
                database=database,
                access_database=access_database,
                closed=closed,
            )
        )
        secrets = _new_keyring(workspace)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise Unavailable(
            f"{folder} cannot be made: {error.strerror}",
            code="workspace.not_writable",
            hint="Choose a folder you may write to.",
        ) from None
    return Made(workspace, _found(workspace, agent), secrets)


def prepare(workspace: Workspace) -> Workspace:
    """Make the folders of a workspace, its settings and the key of its web sessions."""
    workspace.keys.mkdir(mode=0o700)
    workspace.archive.mkdir()
    new_web_key(workspace)
    write_settings(workspace)
    return workspace


def new_web_key(workspace: Workspace) -> None:
    """Write a new key for web sessions; whoever was logged in logs in again."""
    path = workspace.keys / "web.key"
    path.unlink(missing_ok=True)
    secret = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(secret, "w", encoding="ascii") as file:
        file.write(token_urlsafe(48))


def migrate() -> None:
    """Make the tables in both databases."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", database="access", verbosity=0, interactive=False)


def _found(workspace: Workspace, agent: str) -> str:
    """Make keys and tables, and record the first three acts."""
    from muniment.archive.log_files import LogFiles
    from muniment.seal.signer import FileSigner
    from muniment_server.commands.session import start_django

    signer = FileSigner.create(workspace.log_key, workspace.signed_heads, workspace.origin)
    LogFiles(workspace.archive)
    start_django(workspace)
    migrate()
    from muniment_server.accounts import queries as accounts
    from muniment_server.custody import services
    from muniment_server.custody.ledger import founding, publishing

    founding.open_log(workspace.origin)
    founding.open_access_log(workspace.access_origin)
    by = accounts.founding_actor(workspace.agent, agent)
    services.found(by, agent=agent, closed=workspace.closed)
    publishing.publish()
    return signer.verifier.text
