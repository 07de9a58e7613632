"""`muniment readings`: who looked at what, who unusually much, and the end of old readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment_server.commands import session
from muniment_server.commands.answers import answer, table

if TYPE_CHECKING:
    import argparse

    from muniment_server.custody.policies import Actor

HELP = "who looked at what; removing it once its time is over"

_PAGE = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `readings`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    shown = actions.add_parser("list", help="the newest readings; looking is recorded too")
    shown.add_argument("--case", metavar="NUMBER", help="of one case, for whoever leads it")
    shown.add_argument("--before", type=int, metavar="PLACE", help="older ones than this place")
    actions.add_parser("unusual", help="who read unusually much in the last seven days")
    ended = actions.add_parser(
        "expire", help="remove who read what where the rule of muniment.toml says that it is time"
    )
    ended.add_argument("--reason", metavar="TEXT", default="", help="why now")


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    with session.opened(args) as workspace:
        by = session.actor(args, workspace)
        action = {"list": _list, "unusual": _unusual, "expire": _expire}[args.action]
        document, text = action(by, args)
    answer(document, text, as_json=args.json)
    return 0


def _list(by: Actor, args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from muniment_server.cases import policies as case_policies
    from muniment_server.cases import queries as cases
    from muniment_server.custody import policies, queries
    from muniment_server.custody.schemas.readings import reading_record

    if args.case:
        policies.require(case_policies.may_read, by)
        found = cases.case(by, args.case)
        lead = cases.lead_of(found)
        policies.require(lambda actor: case_policies.may_read_readings(actor, lead), by)
        page = cases.readings_of(by, found, args.before)
    else:
        policies.require(policies.may_read_accesses, by)
        page = queries.readings(by, _PAGE, args.before)
    records = [reading_record(one) for one in page.readings]
    lines = [
        (f"#{one['index']}", one["at"][:19], one["by"] or "-", one["kind"], one["on"])
        for one in records
    ]
    return {"records": records, "next": page.before}, table(lines) or "Nobody looked at anything."


def _unusual(by: Actor, _args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from muniment_server.custody import policies, queries
    from muniment_server.custody.schemas.readings import rule_record, volume_record

    policies.require(policies.may_read_accesses, by)
    queries.note_accesses_read(by)
    records = [volume_record(one) for one in queries.volumes(by)]
    lines = [
        (
            one["by"],
            f"{one['count']} {one['kind']}",
            f"in the {one['per']} from {one['start'][:16]}",
            f"limit {one['limit']}"
            if one["because"] == "limit"
            else f"at most {one['busiest']} before",
        )
        for one in records
    ]
    said = table(lines) or "Nothing in the last seven days."
    return {"rule": rule_record(), "records": records}, said


def _expire(by: Actor, args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from muniment_server.custody.services.retention import expire_readings

    done = expire_readings(by, reason=args.reason)
    text = f"Removed who read what from {done.removed} readings; {done.held} stay under a hold."
    return {"removed": done.removed, "held": done.held}, text
