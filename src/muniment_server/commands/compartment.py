"""`muniment compartment`: circles of readers, whose material is sealed to keys of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment_server.commands import session
from muniment_server.commands.answers import answer, table

if TYPE_CHECKING:
    import argparse

    from muniment_server.custody.policies import Actor

HELP = "make a closed compartment, let people in and out"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `compartment`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make a closed compartment; whoever makes it is let in")
    add.add_argument("name", metavar="NAME", help="lower-case letters, digits and hyphens")
    add.add_argument("--title", metavar="TEXT", help="what people call it")
    admit = actions.add_parser("admit", help="let somebody read and write in it")
    dismiss = actions.add_parser("dismiss", help="let them in no longer")
    for one in (admit, dismiss):
        one.add_argument("name", metavar="NAME", help="the compartment")
        one.add_argument("handle", metavar="PERSON", help="by log-in name")
    for one in (add, admit, dismiss):
        one.add_argument("--reason", metavar="TEXT", default="", help="why")
    listed = actions.add_parser("list", help="the compartments you are cleared for")
    for one in (add, admit, dismiss, listed):
        one.add_argument("--json", action="store_true", default=False, help="one JSON document")


def run(args: argparse.Namespace) -> int:
    """Do it, and answer with the compartment."""
    with session.opened(args) as workspace:
        by = session.actor(args, workspace)
        rows = _list(by) if args.action == "list" else [_changed(args, by)]
    answer({"compartments": rows}, table([tuple(row.values()) for row in rows]), as_json=args.json)
    return 0


def _changed(args: argparse.Namespace, by: Actor) -> dict[str, str]:
    from muniment_server.accounts import queries as accounts
    from muniment_server.custody import queries, services

    if args.action == "add":
        made = services.make_compartment(
            by, name=args.name, title=args.title or args.name, reason=args.reason
        )
        return {"name": made.name, "title": made.title}
    compartment = queries.compartment_named(by, args.name)
    agent = accounts.person_or_absent(by, args.handle).agent
    if args.action == "admit":
        services.grant_clearance(by, agent, compartment, reason=args.reason)
    else:
        services.revoke_clearance(by, agent, compartment, reason=args.reason)
    return {"name": compartment.name, "title": compartment.title}


def _list(by: Actor) -> list[dict[str, str]]:
    from muniment_server.custody import queries

    rows = queries.all_compartments().filter(pk__in=by.compartments)
    return [{"name": one.name, "title": one.title} for one in rows]
