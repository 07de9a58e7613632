"""`muniment add`: files become items."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

from muniment.errors import Unavailable
from muniment_server.commands import session
from muniment_server.commands.answers import answer, table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from muniment.archive.outcome import Refused
    from muniment.archive.workspace import Workspace
    from muniment.capture.api import Capturer
    from muniment_server.catalogue.services import Received

HELP = "add files as evidence: stored unchanged, hashed, recorded"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `add`."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, or with -r a folder")
    parser.add_argument("-r", "--recursive", action="store_true", help="take folders whole")
    parser.add_argument("--source", metavar="TEXT", default="", help="who or what it came from")
    parser.add_argument("--collected-by", metavar="NAME", default="", help="who collected it")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why it is added")
    parser.add_argument("--compartment", metavar="NAME", default="open", help="who may know of it")


def run(args: argparse.Namespace) -> int:
    """Add the files and report each; the exit code is the highest of the errors' codes."""
    with session.opened(args) as workspace:
        from muniment.archive.outcome import Refused
        from muniment.cli.progress import progress
        from muniment_server.catalogue.services import Provenance, receive_files
        from muniment_server.custody.policies import OPEN

        if args.compartment != OPEN:
            raise Unavailable(
                f"the compartment '{args.compartment}' cannot be written yet: closed material "
                "is not encrypted",
                code="compartment.not_ready",
                hint=f"Leave --compartment away, or use '{OPEN}'.",
            )
        by = session.actor(args, workspace)
        said = Provenance(args.source, args.collected_by, reason=args.reason)
        items: list[dict[str, Any]] = []
        errors: list[Refused] = []
        ways = list(_ways(args, workspace))
        total = sum(way.survey(path).files for way, path in ways)
        found = (one for way, path in ways for one in way.captures(path))
        with (
            progress("adding", total) as advance,
            closing(receive_files(by, found, said)) as groups,
        ):
            for group in groups:
                for one in group:
                    if isinstance(one, Refused):
                        errors.append(one)
                    else:
                        items.append(_item(one))
                advance(len(group))
    _report(items, errors, as_json=args.json)
    return max((one.exit_code for one in errors), default=0)


def _ways(args: argparse.Namespace, workspace: Workspace) -> Iterator[tuple[Capturer, str]]:
    """Give each path with the way in that takes it; the workspace is never evidence of its own."""
    from muniment.capture.file import FileCapturer
    from muniment.capture.folder import FolderCapturer

    kept = [one.stat() for one in (workspace.root, workspace.archive, workspace.keys)]
    folders = FolderCapturer([(facts.st_dev, facts.st_ino) for facts in kept])
    files = FileCapturer()
    for path in args.paths:
        yield (folders if args.recursive and folders.takes(path) else files), path


def _item(one: Received) -> dict[str, Any]:
    from muniment.evidence.names import display_name

    return {
        "id": one.item.pk.hex,
        "number": one.item.number,
        "name": display_name(one.name),
        "sha256": one.sha256,
        "size": one.size,
        "media_type": one.item.media_type,
        "status": "already_held" if one.already_held else "received",
        "index": one.item.seq,
    }


def _report(items: list[dict[str, Any]], errors: list[Refused], *, as_json: bool) -> None:
    from muniment.evidence.names import display_name

    document = {
        "items": items,
        "errors": [
            {"path": display_name(one.path), "code": one.code, "message": one.message}
            for one in errors
        ],
    }
    words = {"received": "received", "already_held": "already held"}
    rows = [(one["number"], words[one["status"]], one["sha256"][:12], one["name"]) for one in items]
    answer(document, table(rows), as_json=as_json)
    for one in errors:
        sys.stderr.write(f"muniment: {one.message}\n  {one.hint}\n")
