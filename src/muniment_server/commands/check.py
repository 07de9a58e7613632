"""`muniment check`: objects, rows, leaves, tiles and checkpoints against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment.archive.workspace import find_workspace
from muniment.errors import TamperSuspected
from muniment_server.commands import session
from muniment_server.commands.answers import answer

if TYPE_CHECKING:
    import argparse

    from muniment.archive.problem import Problem
    from muniment.archive.workspace import Workspace

HELP = "check that the evidence and its log are whole, and name what is not"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`."""
    parser.add_argument(
        "--sample", type=int, metavar="N", help="hash N objects chosen at random instead of all"
    )


def run(args: argparse.Namespace) -> int:
    """Check the workspace; exit code 1 where anything is wrong."""
    workspace = find_workspace(args.workspace)
    session.start_django(workspace)
    document = examine_workspace(workspace, sample=args.sample)
    answer(document, _text(document), as_json=args.json)
    return 0 if document["ok"] else 1


def examine_workspace(workspace: Workspace, sample: int | None = None) -> dict[str, Any]:
    """Check everything and return the report as `--json` prints it."""
    from muniment.archive.check import check_archive
    from muniment.archive.problem import Problem
    from muniment.cli.progress import progress
    from muniment.custody.keys import SigningKey
    from muniment_server.custody.ledger import checking, publishing, startup

    problems: list[Problem] = []
    try:
        startup.check()
        publishing.publish()
    except TamperSuspected as error:
        problems.append(Problem(error.code, workspace.origin, str(error)))
    key = SigningKey.from_text(workspace.log_key.read_text(encoding="ascii").strip()).verifier
    with progress("objects") as advance:
        report = check_archive(workspace.archive, key=key, sample=sample, progress=advance)
    with progress("rows") as advance:
        problems.extend(checking.check_rows(advance))
    problems.extend(report.problems)
    return {
        "ok": not problems,
        "objects": report.objects,
        "entries": report.entries,
        "problems": [
            {"code": one.code, "subject": one.subject, "message": one.message} for one in problems
        ],
        "not_checked": list(report.not_checked),
    }


def _text(document: dict[str, Any]) -> str:
    lines = [f"{document['objects']} objects, {document['entries']} acts"]
    lines += [f"! {one['subject']}: {one['message']}" for one in document["problems"]]
    lines += [f"not checked: {one}" for one in document["not_checked"]]
    lines.append("All checked out." if document["ok"] else f"{len(document['problems'])} problems.")
    return "\n".join(lines)
