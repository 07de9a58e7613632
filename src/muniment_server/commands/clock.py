"""`muniment clock`: whether the clock of this machine is believed, and saying that it is right."""

from __future__ import annotations

import argparse

from muniment_server.commands import session
from muniment_server.commands.answers import answer

HELP = "whether the clock of this machine is believed; a person confirms one that jumped"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `clock`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="what it shows, and whether acts are recorded")
    confirm = actions.add_parser("confirm", help="say that a clock which jumped forward is right")
    for action in (show, confirm):
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    confirm.add_argument("--reason", metavar="TEXT", required=True, help="how you know")


def run(args: argparse.Namespace) -> int:
    """Show how the clock stands; exit code 3 where it stops all acts."""
    with session.opened(args) as workspace:
        from muniment_server.custody.schemas.state import clock_record
        from muniment_server.custody.services.clock import confirm_clock

        if args.action == "confirm":
            confirm_clock(session.actor(args, workspace), reason=args.reason)
        document = clock_record()
    text = f"{document['clock']}   {document['said']}"
    answer(document, text, as_json=args.json)
    return 3 if document["state"] == "jumped" else 0
