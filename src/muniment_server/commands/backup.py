"""`muniment backup`: an encrypted copy of the workspace, taken from what is new, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.errors import InvalidInput, TamperSuspected
from muniment_server.commands import session
from muniment_server.commands.answers import answer

if TYPE_CHECKING:
    import argparse

    from muniment.archive.age import AgeKey
    from muniment.archive.backup import Gathered
    from muniment.archive.backup_folder import BackupFolder
    from muniment.archive.workspace import Workspace

HELP = "copy the workspace, encrypted, and check the copy"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `backup`."""
    parser.add_argument("folder", metavar="DEST", help="a new folder, or one of earlier copies")
    parser.add_argument(
        "--recipient",
        metavar="AGE",
        action="append",
        default=[],
        help="another public age key that opens these copies, such as one kept offline",
    )
    parser.add_argument(
        "--keep",
        type=int,
        metavar="N",
        help="once this copy is checked, remove all but the N newest",
    )
    parser.add_argument(
        "--quick", action="store_true", help="do not open again what was copied and checked before"
    )


def run(args: argparse.Namespace) -> int:
    """Copy, check, and say what there is now."""
    if args.keep is not None and (args.keep < 1 or args.quick):
        raise InvalidInput(
            "nothing older is removed like this",
            code="backup.keep",
            hint="--keep takes a number from 1 on, and removes nothing unless all was checked.",
        )
    with session.opened(args) as workspace:
        document = back_up(
            workspace,
            Path(args.folder),
            recipients=args.recipient,
            keep=args.keep,
            verify=not args.quick,
        )
    if args.quick:
        session.say("Not checked: what earlier backups copied. Leave out --quick to open it all.")
    text = (
        f"{document['set']}: {document['entries']} acts and {document['objects']} objects, "
        f"{document['copied']} files new"
    )
    answer(document, text, as_json=args.json)
    return 0


def back_up(
    workspace: Workspace,
    folder: Path,
    *,
    recipients: list[str],
    keep: int | None = None,
    verify: bool = True,
) -> dict[str, Any]:
    """Copy a workspace that was opened, and return the report as `--json` prints it.

    Raises `InvalidInput` for a folder that cannot take it, `TamperSuspected` where the workspace is
    damaged or older than its copy, `Unavailable`.
    """
    from muniment.archive.backup_folder import BackupFolder
    from muniment_server.custody.ledger import expiring

    place = folder.resolve()
    if place.is_relative_to(workspace.root) or workspace.root.is_relative_to(place):
        raise InvalidInput(
            f"{folder} lies in the workspace, or around it",
            code="backup.inside",
            hint="Name a folder on another disk.",
        )
    key = _key(workspace)
    copies = BackupFolder(place, key)
    copies.prepare()
    with expiring.files_at_rest():
        return _copy(workspace, copies, key, recipients, keep, verify=verify)


def _copy(
    workspace: Workspace,
    copies: BackupFolder,
    key: AgeKey,
    recipients: list[str],
    keep: int | None,
    *,
    verify: bool,
) -> dict[str, Any]:
    from muniment.archive.backup import Copying, check_follows, check_whole, recipients_of
    from muniment.cli.progress import progress

    gathered = _gathered(workspace)
    newest = check_follows(copies, gathered, workspace.archive)
    check_whole(workspace.archive, copies, newest)
    _check_access_log(workspace)
    total = len(gathered.lasting) + len(gathered.read)
    with progress("files", 2 * total if verify else total) as advance:
        to = recipients_of(key, newest, recipients)
        copying = Copying(workspace, copies, to, advance)
        name = copying.copy(gathered, newest, verify=verify)
    removed = copies.remove_older(keep) if keep else 0
    return {
        "workspace": str(workspace.root),
        "entries": gathered.head.size,
        "objects": sum(path.startswith("archive/objects/") for path in gathered.lasting),
        "set": name,
        "copied": copying.copied,
        "removed": removed,
    }


def _key(workspace: Workspace) -> AgeKey:
    """Return the key of the copies; the first backup makes it, and says so."""
    from muniment.archive.age import create_age_key, read_age_key
    from muniment.archive.backup import BACKUP_KEY

    path = workspace.keys / BACKUP_KEY
    if path.exists():
        return read_age_key(path)
    key = create_age_key(path)
    session.say(
        f"Made the key of your copies: {path}\n"
        "Print it, or keep it on a stick, away from this machine and away from the copies:\n"
        "without it they cannot be read, and whoever has both can read everything."
    )
    return key


def _check_access_log(workspace: Workspace) -> None:
    """Raise `TamperSuspected` where what the archive holds of the access log is damaged."""
    from muniment.archive.check import check_archive
    from muniment.archive.fixity import Sample
    from muniment_server.custody.ledger import readings

    report = check_archive(workspace.access_archive, sample=Sample(0, ""))
    for one in readings.archive_problems(report.problems):
        raise TamperSuspected(
            f"the access log is damaged and was not copied: {one.subject}: {one.message}",
            code="backup.damaged",
            hint="Run `muniment check`; the earlier copies are as they were.",
        )


def _gathered(workspace: Workspace) -> Gathered:
    """Read what belongs together at one head of each log, with nobody writing meanwhile."""
    from muniment.archive.backup import gather
    from muniment_server.custody.ledger import publishing, sealing
    from muniment_server.custody.queries import access_log

    with sealing.alone(), sealing.alone(access_log()):
        publishing.publish()
        publishing.publish_readings()
        return gather(workspace)
