"""`muniment show`: one record with everything known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from muniment_server.commands import session
from muniment_server.commands.answers import answer

if TYPE_CHECKING:
    import argparse

HELP = "show one record with everything known of it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `show`."""
    parser.add_argument("id", metavar="ID", help="its number, such as M-00001, or its id")


def run(args: argparse.Namespace) -> int:
    """Print the record as the API gives it."""
    with session.opened(args) as workspace:
        from muniment_server.api import shown

        record = shown(session.actor(args, workspace), args.id)
    answer(record, json.dumps(record, ensure_ascii=False, indent=2), as_json=args.json)
    return 0
