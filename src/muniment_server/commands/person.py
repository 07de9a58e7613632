"""`muniment person add`: somebody may work here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from muniment.evidence.folding import fold
from muniment_server.commands import session
from muniment_server.commands.answers import answer

if TYPE_CHECKING:
    import argparse

HELP = "add a person and print their enrolment code"

ROLES = ("administrator", "investigator", "analyst", "lawyer", "reader", "auditor")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `person`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="add a person")
    add.add_argument("name", metavar="NAME", help="as it shall stand beside what they do")
    add.add_argument("--role", required=True, choices=ROLES, help="what they are here to do")
    add.add_argument("--handle", metavar="NAME", help="their log-in name")
    add.add_argument("--json", action="store_true", default=False, help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    """Add the person; the code goes to standard error, where no script keeps it."""
    with session.opened(args) as workspace:
        from muniment_server.accounts import services

        by = session.actor(args, workspace)
        handle = args.handle or _handle(args.name)
        person = services.add_person(
            by,
            name=args.name,
            handle=handle,
            role=services.Role(args.role),
            reason="muniment person add",
        )
        code = services.new_enrolment(person)
    session.say(f"Enrolment code for {handle}, valid three days, shown once: {code}")
    answer(
        {"person": handle, "role": args.role},
        f"{args.name} may log in as {handle} ({args.role}) after enrolling at /enrol/",
        as_json=args.json,
    )
    return 0


def _handle(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")
    return plain[:40] or "person"
