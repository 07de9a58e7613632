"""`muniment restore`: a workspace from an encrypted copy, rebuilt and checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.archive.workspace import find_workspace, read_settings
from muniment.errors import InvalidInput, NotFound, TamperSuspected
from muniment_server.commands import session
from muniment_server.commands.answers import answer

if TYPE_CHECKING:
    import argparse

    from muniment.archive.backup_folder import BackupFolder, BackupSet

HELP = "make a workspace again from an encrypted copy, and check it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `restore`."""
    parser.add_argument("source", metavar="SRC", help="a folder that `muniment backup` made")
    parser.add_argument("folder", metavar="DIR", help="the new workspace; empty or not there")
    parser.add_argument(
        "--key", metavar="FILE", help="the key of the copies; else that of the workspace here"
    )
    parser.add_argument("--set", metavar="NAME", help="an older set instead of the newest")


def run(args: argparse.Namespace) -> int:
    """Restore, check, and say what came back; exit code 1 where the check finds anything."""
    from muniment.archive.age import read_age_key
    from muniment.archive.backup_folder import BackupFolder

    copies = BackupFolder(Path(args.source), read_age_key(_key_file(args)))
    names = copies.sets()
    if not names:
        raise NotFound(
            f"{args.source} holds no backup",
            code="backup.no_set",
            hint="Name the folder that was given to `muniment backup`.",
        )
    document, codes, one = restore(copies, args.set or names[-1], Path(args.folder))
    for handle, code in codes:
        session.say(f"Enrolment code for {handle}, valid three days, shown once: {code}")
    session.say(
        f"This is the state of {one.size} acts, copied at {one.made}.\n"
        "If the lost workspace went on after that, add nothing here before you have asked whoever\n"
        "holds a later head of its log: another history under the same key is what witnesses\n"
        "report as tampering."
    )
    problems = document["problems"]
    lines = [
        document["workspace"],
        f"{document['entries']} acts and {document['objects']} objects",
        *(f"! {one['subject']}: {one['message']}" for one in problems),
        f"{len(problems)} problems." if problems else "All checked out.",
    ]
    answer(document, "\n".join(lines), as_json=args.json)
    return 1 if problems else 0


def restore(
    copies: BackupFolder, name: str, folder: Path
) -> tuple[dict[str, Any], list[tuple[str, str]], BackupSet]:
    """Make a workspace in `folder`; return its report, everybody's enrolment codes, and the set.

    Raises `InvalidInput` where the folder is not empty, `TamperSuspected` where a copy is damaged
    (nothing is left behind then) or does not give the head that its set names; `Unavailable`.
    """
    from muniment.archive.restoring import put_back
    from muniment.cli.progress import progress
    from muniment_server.commands.check import examine_workspace
    from muniment_server.commands.rebuild import checked_head, fill

    one = copies.read_set(name)
    with progress("files", len(one.entries)) as advance:
        put_back(copies, one, folder, advance)
    settings = read_settings(folder)
    head = checked_head(folder / "archive", folder / "keys", settings.signer)
    if (head.origin, head.size, head.root.hex()) != (one.origin, one.size, one.root):
        raise TamperSuspected(
            "the archive that came back has another head than its set names",
            code="restore.head",
            hint="Take an older set with --set, or another copy.",
        )
    workspace = replace(settings, database="", access_database="")
    document, codes = fill(workspace, head)
    problems = examine_workspace(workspace)["problems"]
    return {**document, "problems": problems}, codes, one


def _key_file(args: argparse.Namespace) -> Path:
    from muniment.archive.backup import BACKUP_KEY

    if args.key:
        return Path(args.key)
    try:
        return find_workspace(args.workspace).keys / BACKUP_KEY
    except NotFound:
        raise InvalidInput(
            "the key of the copies is needed",
            code="restore.key",
            hint="Give it with --key FILE; the first backup made it, as keys/backup.key.",
        ) from None
