"""`muniment hold`: legal holds, which keep an item from being shredded or destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment_server.commands import session
from muniment_server.commands.answers import answer, table

if TYPE_CHECKING:
    import argparse

    from muniment_server.custody.policies import Actor

HELP = "set a legal hold, list those that stand, ask to release one"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `hold`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    put = actions.add_parser("set", help="hold items; one person does it")
    put.add_argument("ids", metavar="ID", nargs="+", help="items, by number or id")
    release = actions.add_parser("release", help="ask to release a hold; two people do it")
    release.add_argument("hold", metavar="HOLD", help="by its id")
    for one in (put, release):
        one.add_argument("--authority", metavar="TEXT", required=True, help="on whose decision")
        one.add_argument("--reason", metavar="TEXT", required=True, help="why")
    listed = actions.add_parser("list", help="the holds that stand")
    for one in (put, release, listed):
        one.add_argument("--json", action="store_true", default=False, help="one JSON document")


def run(args: argparse.Namespace) -> int:
    """Do it, and answer with the holds, or with the request to release one."""
    with session.opened(args) as workspace:
        by = session.actor(args, workspace)
        name, records = _done(args, by)
    text = table([(one["id"], one["item"], one["authority"]) for one in records])
    answer({name: records}, text, as_json=args.json)
    return 0


def _done(args: argparse.Namespace, by: Actor) -> tuple[str, list[dict[str, Any]]]:
    from muniment_server.oversight import queries, services
    from muniment_server.oversight.schemas import hold_record, request_record

    if args.action == "list":
        return "holds", [hold_record(one) for one in queries.holds(by)]
    grounds = {"authority": args.authority, "reason": args.reason}
    if args.action == "set":
        items = [queries.item_of(by, key) for key in args.ids]
        made = [services.set_hold(by, item=item, **grounds) for item in items]
        return "holds", [hold_record(one) for one in made]
    found = queries.hold(by, args.hold)
    wish = services.Wish(services.Decided.RELEASED, args.authority, args.reason, hold=found)
    return "requests", [request_record(services.ask(by, found.item, wish))]
