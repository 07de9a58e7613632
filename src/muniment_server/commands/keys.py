"""`muniment keys`: new keys for closed compartments, and the way back after a loss."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput, MunimentError
from muniment_server.commands import session
from muniment_server.commands.answers import answer

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from muniment.archive.age_format import Identity, Recipient

HELP = "the keys of closed compartments: rotate, recover"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `keys`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    rotate = actions.add_parser("rotate", help="give a compartment a new key")
    rotate.add_argument("compartment", metavar="COMPARTMENT", help="its name")
    recover = actions.add_parser(
        "recover", help="make lost compartment keys again, with the recovery key or its shares"
    )
    recover.add_argument(
        "compartment", metavar="COMPARTMENT", nargs="?", help="its name; all of them without one"
    )
    for one in (rotate, recover):
        one.add_argument("--json", action="store_true", default=False, help="one JSON document")


def run(args: argparse.Namespace) -> int:
    """Rotate or recover, and say how many subjects have their keys wrapped anew."""
    with session.opened(args) as workspace:
        from muniment.archive.keyring import Keyring
        from muniment_server.custody import policies, queries

        by = session.actor(args, workspace)
        policies.require(policies.may_create_compartment, by)
        keys = Keyring(workspace.keys)
        if args.compartment:
            named = queries.compartment_named(by, args.compartment)
            homes = {named.pk.hex: named.name}
        else:
            rows = {one.pk.hex: one.name for one in queries.all_compartments()}
            homes = {home: rows.get(home, home) for home in keys.compartments()}
        using = [] if args.action == "rotate" else [_typed(keys.recovery)]
        if using and keys.recover_vault(using[0]):
            session.say("The key of the vault was lost, and is back.")
        done = {name: keys.rotate(home, using=using) for home, name in homes.items()}
    told = [
        f"{name}: a new key, and {count} subjects wrapped to it" for name, count in done.items()
    ]
    answer({"compartments": done}, "\n".join(told), as_json=args.json)
    return 0


def _typed(recipient: Recipient) -> Identity:
    """Return the recovery key that is typed in, whole or in shares; raises InvalidInput."""
    session.say("Type the recovery key, or shares of it, one a line; an empty line ends.")
    key = recovery_key(line.strip() for line in iter(sys.stdin.readline, ""))
    if key.recipient != recipient:
        raise InvalidInput(
            "this is a recovery key, but not of this workspace",
            code="key.other",
            hint="Compare the origin on the sheet with the one in muniment.toml.",
        )
    return key


def recovery_key(lines: Iterable[str]) -> Identity:
    """Return the key of lines as the sheet has them; raises InvalidInput for too few or wrong."""
    from muniment.archive.age_format import Identity
    from muniment.archive.shares import Share, join
    from muniment_server.commands.recovery_sheet import RECOVERY

    shares: list[Share] = []
    missing: MunimentError | None = None
    for line in lines:
        if not line:
            break
        if line.upper().startswith("AGE-SECRET-KEY-"):
            return Identity.parse(line)
        shares.append(Share.parse(RECOVERY, line))
        try:
            return Identity(join(shares))
        except InvalidInput as error:
            if error.code != "share.few":
                raise
            missing = error
    raise missing or InvalidInput(
        "nothing was typed", code="share.few", hint="The recovery sheet holds what is needed."
    )
