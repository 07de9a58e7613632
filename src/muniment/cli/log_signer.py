"""`muniment log signer`: the log's key in a process of another user than the application's.

Needs no workspace and no database: a folder of keys and a socket.
"""

from __future__ import annotations

import os
import pwd
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `log signer`."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    text = "sign the heads that extend the last one, for the users named; until stopped"
    serve = steps.add_parser("serve", help=text, description=text)
    serve.add_argument(
        "--socket", type=Path, required=True, metavar="PATH", help="where to listen, a Unix socket"
    )
    serve.add_argument(
        "--keys",
        type=Path,
        required=True,
        metavar="DIR",
        help="a folder of this user's alone, with log.key and signed-heads",
    )
    serve.add_argument(
        "--allow",
        action="append",
        required=True,
        metavar="USER",
        help="a name or number of a user who may ask; may be given again",
    )
    text = "give keys whose memory is lost a new one, from the newest head known to be published"
    restore = steps.add_parser("restore", help=text, description=text)
    restore.add_argument("--keys", type=Path, required=True, metavar="DIR", help="their folder")
    restore.add_argument(
        "--checkpoint", type=Path, required=True, metavar="FILE", help="that head, a signed note"
    )


def run(args: argparse.Namespace) -> int:
    """Do one step and return the exit code."""
    if args.json:
        raise InvalidInput(
            "a signer has nothing to say as a document", code="log.json", hint="Leave --json away."
        )
    return _restore(args) if args.step == "restore" else _serve(args)


def _restore(args: argparse.Namespace) -> int:
    """Make the memory of the log that a head is of; prints the head it begins with."""
    from muniment.cli.log_watching import read_file
    from muniment.custody.note import parse_note
    from muniment.seal.signer_service import restore_memory

    head = restore_memory(args.keys, parse_note(read_file(args.checkpoint)))
    sys.stdout.write(head.text)
    return 0


def _serve(args: argparse.Namespace) -> int:
    """Serve until somebody stops it; prints the logs it signs once it listens."""
    from muniment.seal.signer_service import listen

    allowed = _users(args.allow)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no key in a dump
    if os.geteuid() in allowed:
        sys.stderr.write(
            "Whoever asks here is the signer's own user, and can read the key: for trial only.\n"
        )
    with listen(args.socket, args.keys, allowed) as (server, service):

        def stop(*_: object) -> None:
            server.end()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        sys.stdout.write("".join([f"{origin}\n" for origin in service.origins]))
        sys.stdout.flush()
        server.serve()
    return 0


def _users(given: Sequence[str]) -> frozenset[int]:
    """Return user ids; raises InvalidInput for a user whom this machine does not know."""
    found = set[int]()
    for one in given:
        try:
            found.add(int(one) if one.isdecimal() else pwd.getpwnam(one).pw_uid)
        except (KeyError, ValueError):
            message = f"there is no user {one!r} on this machine"
            raise InvalidInput(message, code="signer.user", hint="Name who may ask.") from None
    return frozenset(found)
