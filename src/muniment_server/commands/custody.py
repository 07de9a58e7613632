"""`muniment custody`: a record's acts in order, from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment_server.commands import session
from muniment_server.commands.answers import answer, table

if TYPE_CHECKING:
    import argparse

HELP = "the acts on a record, in order, from the log"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `custody`."""
    parser.add_argument("id", metavar="ID", help="its number, such as M-00001, or its id")


def run(args: argparse.Namespace) -> int:
    """Print each act with its place, its agent and its leaf."""
    with session.opened(args) as workspace:
        from muniment_server.api import acts_of

        acts = acts_of(session.actor(args, workspace), args.id)
    rows = [(f"#{act['index']}", act["t"], act["act"], act["by"], act["reason"]) for act in acts]
    answer({"acts": acts}, table(rows), as_json=args.json)
    return 0
