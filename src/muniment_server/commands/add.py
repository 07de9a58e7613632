"""`muniment add`: files become items."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import closing
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment_server.commands import session
from muniment_server.commands.answers import answer, table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from muniment.archive.outcome import Refused
    from muniment.archive.workspace import Workspace
    from muniment.capture.api import Capturer
    from muniment_server.catalogue.services import Provenance, Received
    from muniment_server.custody.policies import Actor
    from muniment_server.custody.services.resending import Sent

HELP = "add files as evidence: stored unchanged, hashed, recorded"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `add`."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, or with -r a folder")
    parser.add_argument("-r", "--recursive", action="store_true", help="take folders whole")
    parser.add_argument("--source", metavar="TEXT", default="", help="who or what it came from")
    parser.add_argument("--collected-by", metavar="NAME", default="", help="who collected it")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why it is added")
    parser.add_argument(
        "--key",
        metavar="KEY",
        default="",
        help="128 bits in hexadecimal: run it again with the same files for the same answer",
    )
    parser.add_argument("--compartment", metavar="NAME", default="", help="who may know of it")
    parser.add_argument(
        "--aside", action="store_true", help="put it aside unopened: nobody is shown it"
    )


def run(args: argparse.Namespace) -> int:
    """Add the files and report each; the exit code is the highest of the errors' codes."""
    with session.opened(args) as workspace:
        from muniment_server.catalogue.services import Provenance
        from muniment_server.custody import queries as custody
        from muniment_server.custody.services.resending import resumed

        by = session.actor(args, workspace)
        said = Provenance(
            args.source,
            args.collected_by,
            reason=args.reason,
            compartment=custody.compartment_named(by, args.compartment).pk,
            aside=args.aside,
        )
        ways = list(_ways(args, workspace))
        if args.key:
            sent = _sent(by, args.key, said, ways)
            answered = resumed(sent, lambda start: _added(by, ways, said, start).to_bytes())
            added = _Added(**json.loads(answered))
        else:
            added = _added(by, ways, said)
    _report(added, as_json=args.json)
    return max((one["exit_code"] for one in added.errors), default=0)


@dataclass(frozen=True, slots=True)
class _Added:
    """What became of the files: the items, and what was refused."""

    items: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()


def _added(
    by: Actor, ways: list[tuple[Capturer, str]], said: Provenance, start: int | None = None
) -> _Added:
    """Receive the files; items from act #`start` on were received by the same request before."""
    from muniment.archive.outcome import Refused
    from muniment.cli.progress import progress
    from muniment_server.catalogue.services import receive_files

    added = _Added()
    told: set[str] = set()
    total = sum(way.survey(path).files for way, path in ways)
    found = (one for way, path in ways for one in way.captures(path))
    with progress("adding", total) as advance, closing(receive_files(by, found, said)) as groups:
        for group in groups:
            for one in group:
                if isinstance(one, Refused):
                    added.errors.append(_refusal(one))
                    continue
                item = _item(one)
                since = start is not None and (one.item.seq or 0) >= start
                if since and item["id"] not in told:
                    item["status"] = "received"
                told.add(item["id"])
                added.items.append(item)
            advance(len(group))
    return added


def _sent(by: Actor, key: str, said: Provenance, ways: list[tuple[Capturer, str]]) -> Sent:
    """Return the request with its key, over what is said and over the bytes of every file."""
    from muniment.archive.outcome import Refused
    from muniment_server.custody.services import resending

    def parts() -> Iterator[bytes]:
        yield b"add"
        yield from (str(part).encode() for part in astuple(said))
        for way, path in ways:
            for one in way.captures(path):
                yield one.path if isinstance(one, Refused) else one.folder + b"/" + one.name
                yield b"" if isinstance(one, Refused) else _digest(one.path)

    return resending.sent(by.agent, key, parts())


def _digest(path: bytes) -> bytes:
    try:
        with Path(os.fsdecode(path)).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return b""  # it is refused, with its reason, when its turn comes


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


def _refusal(one: Refused) -> dict[str, Any]:
    from muniment.evidence.names import display_name

    return {
        "path": display_name(one.path),
        "code": one.code,
        "message": one.message,
        "hint": one.hint,
        "exit_code": one.exit_code,
    }


def _report(added: _Added, *, as_json: bool) -> None:
    document = {
        "items": added.items,
        "errors": [
            {name: one[name] for name in ("path", "code", "message")} for one in added.errors
        ],
    }
    words = {"received": "received", "already_held": "already held"}
    rows = [
        (one["number"], words[one["status"]], one["sha256"][:12], one["name"])
        for one in added.items
    ]
    answer(document, table(rows), as_json=as_json)
    for one in added.errors:
        sys.stderr.write(f"muniment: {one['message']}\n  {one['hint']}\n")
