"""`muniment request`: what two people decide about an item, one asking and another answering."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.errors import InvalidInput
from muniment_server.commands import session
from muniment_server.commands.answers import answer, table

if TYPE_CHECKING:
    import argparse

    from muniment_server.custody.policies import Actor
    from muniment_server.oversight.services import ApprovalRequest, Redaction

HELP = "ask two people to restrict, seal, redact, shred or destroy; approve or refuse"

_ACTS = ("restrict", "seal", "unseal", "redact", "shred", "report")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `request`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    ask = actions.add_parser("ask", help="ask for an act, as the first person")
    ask.add_argument("act", metavar="ACT", choices=_ACTS, help=", ".join(_ACTS))
    ask.add_argument("id", metavar="ID", help="an item, by number or id")
    ask.add_argument("--authority", metavar="TEXT", required=True, help="on whose decision, or law")
    ask.add_argument("--reason", metavar="TEXT", required=True, help="why for this item")
    ask.add_argument("--compartment", metavar="NAME", default="", help="for restrict: where to")
    ask.add_argument("--file", metavar="FILE", help="for redact: what is left")
    ask.add_argument("--removed", metavar="TEXT", default="", help="for redact: what is gone")
    approve = actions.add_parser("approve", help="approve as the second person; the act follows")
    approve.add_argument(
        "--escrow-key", metavar="FILE", help="for unseal: the escrow's private key"
    )
    refuse = actions.add_parser("refuse", help="refuse, or take your own request back")
    for one in (approve, refuse):
        one.add_argument("request", metavar="REQUEST", help="by its id")
        one.add_argument("--reason", metavar="TEXT", required=True, help="what you looked at")
    listed = actions.add_parser("list", help="the requests about items that you may know of")
    rest = actions.add_parser("erase", help="erase now what a worker could not")
    for one in (ask, approve, refuse, listed, rest):
        one.add_argument("--json", action="store_true", default=False, help="one JSON document")


def run(args: argparse.Namespace) -> int:
    """Do it, answer with the requests, and erase what an approval took out."""
    with session.opened(args) as workspace:
        from muniment_server.custody.ledger import publishing
        from muniment_server.oversight.schemas import request_record
        from muniment_server.oversight.services import erase_now, erase_rest

        by = session.actor(args, workspace)
        rows = _rows(args, by)
        left: list[str] = []
        if args.action == "approve":
            publishing.publish()
            left = [erase_now(rows[0].item_id)]
        elif args.action == "erase":
            left = list(erase_rest().values())
        for why in filter(None, left):
            session.say(f"Not everything is erased yet: {why}")
        records = [request_record(one) for one in rows]
    answer({"requests": records}, _text(records), as_json=args.json)
    return 3 if any(left) else 0


def _rows(args: argparse.Namespace, by: Actor) -> list[ApprovalRequest]:
    from muniment_server.oversight import queries, services

    if args.action in {"list", "erase"}:
        return list(queries.requests(by))
    if args.action == "ask":
        return [_asked(args, by)]
    found = queries.request(by, args.request)
    if args.action == "refuse":
        return [services.refuse(by, found, answer=args.reason)]
    escrow = Path(args.escrow_key).read_text(encoding="ascii") if args.escrow_key else ""
    return [services.give(by, found, answer=args.reason, escrow=escrow)]


def _asked(args: argparse.Namespace, by: Actor) -> ApprovalRequest:
    from muniment_server.oversight import queries
    from muniment_server.oversight.schemas import SLUGS
    from muniment_server.oversight.services import Wish, ask

    item = queries.item_of(by, args.id)
    home = queries.compartment(by, args.compartment) if args.compartment else None
    redaction = _redaction(args, item) if args.file else None
    wish = Wish(SLUGS[args.act], args.authority, args.reason, home, redaction=redaction)
    return ask(by, item, wish)


def _redaction(args: argparse.Namespace, item: Any) -> Redaction:  # noqa: ANN401 - an item
    from muniment_server.oversight import queries
    from muniment_server.oversight.services import Redaction

    parts = queries.parts_of(item)
    if len(parts) != 1:
        raise InvalidInput(
            "this item has several files",
            code="redact.part",
            hint="Ask on its page, where the file can be chosen.",
        )
    try:
        data = Path(args.file).read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{args.file} cannot be read: {error.strerror}",
            code="redact.file",
            hint="Give the file that is left after the redaction.",
        ) from None
    media_type = mimetypes.guess_type(args.file)[0] or "application/octet-stream"
    return Redaction(parts[0].pk, [data], media_type, args.removed)


def _text(records: list[dict[str, Any]]) -> str:
    rows = [(one["id"], one["item"], one["act"], one["stage"], one["authority"]) for one in records]
    return table(rows)
