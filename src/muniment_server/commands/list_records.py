"""`muniment list`: find records of a kind, in the order of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment.errors import InvalidInput
from muniment_server.commands import session
from muniment_server.commands.answers import answer, table

if TYPE_CHECKING:
    import argparse

HELP = "list records of a kind, in the order in which they entered the log"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `list`."""
    parser.add_argument("words", metavar="QUERY", nargs="*", help="words, a number, a digest")
    parser.add_argument("--kind", default="item", metavar="KIND", help="item, incident, claim, …")
    parser.add_argument("--after", type=int, default=-1, metavar="N", help="begin after this place")


def run(args: argparse.Namespace) -> int:
    """Print a page of records and where the next begins."""
    with session.opened(args) as workspace:
        from muniment_server.api import KINDS

        if args.kind not in KINDS:
            raise InvalidInput(
                f"there is no kind '{args.kind}'",
                code="list.kind",
                hint="These exist: " + ", ".join(sorted(KINDS)),
            )
        by = session.actor(args, workspace)
        records, following = KINDS[args.kind].listed(by, " ".join(args.words), args.after)
    rows = [(record["number"], _title(record)) for record in records]
    text = table(rows) or "Nothing matches."
    if following is not None:
        text += f"\nmore: muniment list --kind {args.kind} --after {following}"
    answer({"records": records, "next": following}, text, as_json=args.json)
    return 0


def _title(record: dict[str, Any]) -> str:
    return str(record.get("title") or record.get("name") or record.get("text") or "")
