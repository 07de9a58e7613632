"""`muniment show`: one record with everything known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from muniment.errors import NotFound
from muniment_server.commands import session
from muniment_server.commands.answers import answer

if TYPE_CHECKING:
    import argparse

    from muniment_server.api import Kind

HELP = "show one record with everything known of it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `show`."""
    parser.add_argument("id", metavar="ID", help="its number, such as M-00001, or its id")


def run(args: argparse.Namespace) -> int:
    """Print the record as the API gives it."""
    with session.opened(args) as workspace:
        by = session.actor(args, workspace)
        record = None
        for kind in kinds_of(args.id):
            try:
                record = kind.shown(by, args.id)
                break
            except NotFound:
                continue
        if record is None:
            raise NotFound(
                f"there is no record {args.id}",
                code="record.not_found",
                hint="`muniment list` shows what there is.",
            )
    answer(record, json.dumps(record, ensure_ascii=False, indent=2), as_json=args.json)
    return 0


def kinds_of(key: str) -> list[Kind]:
    """Return the kinds a number can belong to: one for a prefix, all for an id."""
    from muniment_server.api import KINDS

    prefix = key.upper().rpartition("-")[0]
    named = [kind for kind in KINDS.values() if kind.prefix == prefix]
    return named or list(KINDS.values())
