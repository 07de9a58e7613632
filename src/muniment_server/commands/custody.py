"""`muniment custody`: a record's acts in order, from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from muniment.errors import NotFound
from muniment_server.commands import session
from muniment_server.commands.answers import answer, table
from muniment_server.commands.show import kinds_of

if TYPE_CHECKING:
    import argparse

HELP = "the acts on a record, in order, from the log"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `custody`."""
    parser.add_argument("id", metavar="ID", help="its number, such as M-00001, or its id")


def run(args: argparse.Namespace) -> int:
    """Print each act with its place, its agent and its leaf."""
    with session.opened(args) as workspace:
        from muniment_server.custody import queries
        from muniment_server.custody.schemas import act_record

        by = session.actor(args, workspace)
        obj = None
        for kind in kinds_of(args.id):
            try:
                obj = UUID(kind.shown(by, args.id)["id"])
                break
            except NotFound:
                continue
        if obj is None:
            raise NotFound(
                f"there is no record {args.id}",
                code="record.not_found",
                hint="`muniment list` shows what there is.",
            )
        acts = [act_record(act) for act in queries.acts_of(by, obj)]
    rows = [(f"#{act['index']}", act["t"], act["act"], act["by"], act["reason"]) for act in acts]
    answer({"acts": acts}, table(rows), as_json=args.json)
    return 0
