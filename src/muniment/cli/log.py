"""`muniment log`: the log itself, in its standard formats, on standard output.

Reads the archive and the public part of the key; no database, no application.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from muniment.cli import log_signer, log_witness
from muniment.cli.log_actions import log_actions
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    import argparse

    from muniment.archive.workspace import Workspace

_CUSTODY_ONLY = frozenset({"witness", "signer"})
HELP = "the log itself: its head, its key, proofs, its witnesses, its signer"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `log`."""
    parser.add_argument(
        "--access", action="store_true", help="the log of who looked at what, instead"
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("checkpoint", help="the newest published head, a signed note")
    actions.add_parser("key", help="the public keys, C2SP verifier keys, a line each")
    proof = actions.add_parser("proof", help="a C2SP tlog-proof of one entry, with the entry")
    proof.add_argument("index", type=int, metavar="INDEX")
    consistency = actions.add_parser("consistency", help="that the log of size B extends size A")
    consistency.add_argument("old", type=int, metavar="A")
    consistency.add_argument("new", type=int, metavar="B")
    witness = actions.add_parser("witness", help="watch a log, and have one's own watched")
    log_witness.configure(witness)
    for name, action in log_actions().items():
        one = actions.add_parser(name, help=action.HELP, description=action.HELP)
        action.configure(one)
        one.set_defaults(perform=action.perform)
    signer = actions.add_parser("signer", help="keep the log's key in a process of another user")
    log_signer.configure(signer)


def run(args: argparse.Namespace) -> int:
    """Print what was asked for."""
    from muniment.archive import log_text
    from muniment.archive.workspace import find_workspace

    if hasattr(args, "perform"):
        return int(args.perform(args))
    if args.access and args.action in _CUSTODY_ONLY:
        raise InvalidInput(
            f"`muniment log {args.action}` is for the log of acts alone",
            code="log.access",
            hint="Leave --access away.",
        )
    if args.action == "witness":
        return log_witness.run(args)
    if args.action == "signer":
        return log_signer.run(args)
    if args.json:
        raise InvalidInput(
            "the log's formats are text already",
            code="log.json",
            hint="Leave --json away; the formats are C2SP's.",
        )
    workspace = find_workspace(args.workspace)
    archive = workspace.access_archive if args.access else workspace.archive
    match args.action:
        case "checkpoint":
            sys.stdout.buffer.write(log_text.checkpoint(archive))
        case "key":
            sys.stdout.write(_keys(workspace, access=args.access))
        case "proof":
            sys.stdout.buffer.write(log_text.proof(archive, args.index))
        case _:
            sys.stdout.write(log_text.consistency(archive, args.old, args.new))
    return 0


def _keys(workspace: Workspace, *, access: bool) -> str:
    from muniment.archive.signing import public_keys

    origin, path = workspace.origin, workspace.log_key
    if access:
        origin, path = workspace.access_origin, workspace.access_key
    return "".join([f"{key.text}\n" for key in public_keys(workspace, origin, path)])
