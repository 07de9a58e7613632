"""`muniment check`: objects, rows, leaves, tiles and checkpoints against each other."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.archive.workspace import find_workspace
from muniment.errors import InvalidInput, MunimentError, NotFound, TamperSuspected
from muniment_server.commands import session
from muniment_server.commands.answers import answer
from muniment_server.commands.volumes import warn_of_volumes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from muniment.archive.check import Report
    from muniment.archive.course import Course
    from muniment.archive.fixity import Sample
    from muniment.archive.problem import Problem
    from muniment.archive.workspace import Workspace
    from muniment.custody.keys import VerifierKey
    from muniment.custody.policy import Policy

HELP = "check that the evidence and its log are whole, and name what is not"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`."""
    parser.add_argument(
        "--sample", type=int, metavar="N", help="hash N objects chosen at random instead of all"
    )
    parser.add_argument("--seed", metavar="TEXT", help="choose the sample that this seed gave")
    parser.add_argument(
        "--restart", action="store_true", help="do not go on where a check was broken off"
    )
    parser.add_argument(
        "--repair", action="store_true", help="set aside what is damaged, put back what is lost"
    )
    parser.add_argument(
        "--replica",
        metavar="DIR",
        action="append",
        default=[],
        help="a copy of the archive to repair from, beside those that muniment.toml names",
    )


def run(args: argparse.Namespace) -> int:
    """Check the workspace; exit code 1 where anything is wrong."""
    workspace = find_workspace(args.workspace)
    sample = _sample(args)
    replicas = _replicas(workspace, args.replica) if args.repair else None
    session.start_django(workspace)
    with session.database_errors():
        document = examine_workspace(
            workspace,
            sample=sample,
            course=None if sample else _course(workspace, restart=args.restart),
        )
    if replicas is not None:
        from muniment_server.commands import repairing

        document = repairing.repair(workspace, session.actor(args, workspace), document, replicas)
    if _holds_closed(workspace):
        warn_of_volumes(workspace)
    answer(document, _text(document), as_json=args.json)
    return 0 if document["ok"] else 1


def _holds_closed(workspace: Workspace) -> bool:
    from muniment.archive.keyring import Keyring

    keys = Keyring(workspace.keys)
    return keys.founded and bool(keys.compartments())


def _sample(args: argparse.Namespace) -> Sample | None:
    from muniment.archive.fixity import Sample

    if args.sample is None:
        return None
    if args.sample < 0:
        raise InvalidInput(
            f"a sample of {args.sample} objects cannot be taken",
            code="check.sample",
            hint="Give the number of objects to hash, from 0 on.",
        )
    return Sample(args.sample, args.seed or secrets.token_hex(4))


def _course(workspace: Workspace, *, restart: bool) -> Course:
    from muniment.archive.course import Course

    return Course(workspace.check_state, restart=restart)


def _replicas(workspace: Workspace, named: Sequence[str]) -> list[Path]:
    """Return the archives to repair from: those named now, then those of the settings.

    Raises `InvalidInput` for a folder named now that is none; one of the settings may be away.
    """
    from muniment.archive.mending import replica_of

    found = [replica_of(Path(one)) for one in named]
    for one in workspace.replicas:
        try:
            found.append(replica_of(one))
        except InvalidInput as error:
            session.say(f"{error} (it is named in muniment.toml)")
    return found


def examine_workspace(
    workspace: Workspace, sample: Sample | None = None, course: Course | None = None
) -> dict[str, Any]:
    """Check everything and return the report as `--json` prints it."""
    from muniment.archive.problem import Problem
    from muniment.cli.progress import progress
    from muniment_server.custody.ledger import checking, publishing, readings, startup
    from muniment_server.custody.schemas.state import state_record

    problems: list[Problem] = []
    try:
        startup.check()
        publishing.publish()
        publishing.publish_readings()
    except (TamperSuspected, NotFound) as error:
        problems.append(Problem(error.code, workspace.origin, str(error)))
    report = _examine_archive(workspace, sample, course)
    with progress("rows") as advance:
        problems.extend(checking.check_rows(advance))
    with progress("readings") as advance:
        problems.extend(readings.check_readings(advance))
    problems.extend(_missed())
    looked = _examine_access_log(workspace)
    problems.extend(readings.archive_problems(looked.problems))
    problems.extend(report.problems)
    document = {
        "ok": not problems,
        "objects": report.objects,
        "entries": report.entries,
        "readings": looked.entries,
        "problems": [
            {"code": one.code, "subject": one.subject, "message": one.message} for one in problems
        ],
        "not_checked": [
            *report.not_checked,
            *(f"of the access log: {one}" for one in looked.not_checked),
        ],
    }
    document["disks"] = state_record()["disks"]
    if sample is not None:
        document["sample"] = {"size": sample.size, "seed": sample.seed}
    if course is not None and course.taken_up:
        document["taken_up"] = {"objects": course.taken_up, "begun": course.begun}
    return document


def _missed() -> Iterator[Problem]:
    """Give what the database misses in the archive: time tokens, and the log before this one."""
    from muniment_server.custody.ledger import ended, stamps

    yield from stamps.check_stamps()
    yield from ended.check_earlier()


def _examine_archive(workspace: Workspace, sample: Sample | None, course: Course | None) -> Report:
    from muniment.archive.check import check_archive
    from muniment.archive.fixity import count_objects
    from muniment.archive.keyring import Keyring
    from muniment.archive.layout import Layout
    from muniment.archive.signing import public_keys
    from muniment.cli.progress import on_terminal, progress

    key, *later = public_keys(workspace, workspace.origin, workspace.log_key)
    total = count_objects(Layout(workspace.archive)) if on_terminal() else None
    if total is not None and sample is not None:
        total = min(total, sample.size)
    policy, wrong = _watching(workspace, key)
    with progress("objects", total) as advance:
        report = check_archive(
            workspace.archive,
            key=key,
            later=later,
            policy=policy,
            sample=sample,
            course=course,
            keys=Keyring(workspace.keys).key_named,
            progress=advance,
        )
    return replace(report, problems=(*wrong, *report.problems))


def _examine_access_log(workspace: Workspace) -> Report:
    from muniment.archive.check import check_archive
    from muniment.archive.fixity import Sample
    from muniment.archive.signing import public_keys
    from muniment_server.custody.ledger import readings

    key, *later = public_keys(workspace, workspace.access_origin, workspace.access_key)
    report = check_archive(workspace.access_archive, key=key, later=later, sample=Sample(0, ""))
    left = [one for one in report.not_checked if not one.startswith("objects")]
    # Where nobody has read anything, there is no head to miss.
    return replace(report, not_checked=() if readings.nobody_read() else tuple(left))


def _watching(workspace: Workspace, key: VerifierKey) -> tuple[Policy | None, tuple[Problem, ...]]:
    """Return who watches this log, if anybody does; a policy that cannot be used is a problem."""
    from muniment.archive.problem import Problem
    from muniment.archive.witnessing import read_policy

    try:
        return read_policy(workspace.witness_policy, key), ()
    except NotFound:
        return None, ()
    except MunimentError as error:
        return None, (Problem(error.code, workspace.witness_policy.name, error.message),)


def _text(document: dict[str, Any]) -> str:
    counted = ("objects", "objects"), ("entries", "acts"), ("readings", "readings")
    lines = [", ".join(f"{document[name]} {word}" for name, word in counted)]
    if "taken_up" in document:
        told = document["taken_up"]
        lines.append(f"{told['objects']} of them in a check that began at {told['begun']}")
    lines += [f"! {one['subject']}: {one['message']}" for one in document["problems"]]
    lines += [
        f"repaired: {one['subject']}: {one['message']}" for one in document.get("repaired", ())
    ]
    lines += [f"not checked: {one}" for one in document["not_checked"]]
    lines += [
        f"the disk of the {one['name']} has only its reserve left, and takes no new files"
        for one in document["disks"]
        if not one["takes_files"]
    ]
    lines.append("All checked out." if document["ok"] else f"{len(document['problems'])} problems.")
    return "\n".join(lines)
