"""`muniment check`: objects, rows, leaves, tiles and checkpoints against each other."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from muniment_server.commands import session

if TYPE_CHECKING:
    import argparse

    from muniment.archive.check import Problem

HELP = "check that the evidence and its log are whole, and name what is not"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`."""
    parser.add_argument(
        "--sample", type=int, metavar="N", help="hash N objects chosen at random instead of all"
    )


def run(args: argparse.Namespace) -> int:
    """Check the workspace; exit code 1 where anything is wrong."""
    from muniment.archive.workspace import find_workspace

    workspace = find_workspace(args.workspace)
    session.start_django(workspace)
    from muniment.archive.check import check_archive
    from muniment.cli.progress import progress
    from muniment_server.custody.ledger import checking, publishing, startup

    problems: list[Problem] = []
    try:
        startup.check()
        publishing.publish()
    except session.TAMPERED as error:
        from muniment.archive.check import Problem

        problems.append(Problem(error.code, workspace.origin, str(error)))
    with progress("objects") as advance:
        report = check_archive(workspace.archive, sample=args.sample, progress=advance)
    with progress("rows") as advance:
        problems.extend(checking.check_rows(advance))
    problems.extend(report.problems)
    document = {
        "ok": not problems,
        "objects": report.objects,
        "entries": report.entries,
        "problems": [
            {"code": one.code, "subject": one.subject, "message": one.message} for one in problems
        ],
        "not_checked": list(report.not_checked),
    }
    if args.json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        _print(document)
    return 1 if problems else 0


def _print(document: dict[str, object]) -> None:
    pass
