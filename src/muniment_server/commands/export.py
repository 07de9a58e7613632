"""`muniment export`: items in a bundle that proves itself."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from muniment.errors import Conflict, InvalidInput, NotFound
from muniment_server.commands import session
from muniment_server.commands.answers import answer

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from muniment_server.custody.policies import Actor
    from muniment_server.custody.services.resending import Sent

HELP = "export items as a bundle that anyone can check offline"

_WAIT: Final = 120.0  # seconds
_PAUSE: Final = 2.0  # seconds between two rounds of asking


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `export`."""
    parser.add_argument("ids", metavar="ID", nargs="*", help="an item, by number or id")
    parser.add_argument("--act", metavar="EID", help="make the bytes of an earlier export again")
    parser.add_argument("--to", metavar="FILE", required=True, help="where to write the bundle")
    parser.add_argument(
        "--as", dest="format", metavar="FORMAT", default="exhibit", help="the format (exhibit)"
    )
    parser.add_argument("--recipient", metavar="TEXT", default="", help="for whom it is")
    parser.add_argument("--reason", metavar="TEXT", default="", help="purpose or authority")
    parser.add_argument(
        "--key",
        metavar="KEY",
        default="",
        help="128 bits in hexadecimal: run it again with the same words for the same export",
    )
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=float,
        nargs="?",
        const=_WAIT,
        help=f"until a quorum of witnesses has signed this export, at most so long ({_WAIT:.0f})",
    )
    parser.add_argument(
        "--sha512", action="store_true", help="list the files by SHA-512 too, in a second manifest"
    )
    parser.add_argument(
        "--withhold",
        metavar="GROUP",
        action="append",
        default=[],
        help="leave a group of disclosures out: source, handling, reason, identity",
    )


def run(args: argparse.Namespace) -> int:
    """Export and say where, with the digest."""
    if bool(args.ids) == bool(args.act):
        raise InvalidInput(
            "export takes items, or --act and no item",
            code="export.arguments",
            hint="muniment export M-00001 --to exhibit.zip --recipient 'the court'",
        )
    to = Path(args.to)
    if to.exists():
        raise Conflict(
            f"{to} exists already",
            code="export.exists",
            hint="Name another file; nothing was overwritten.",
        )
    with session.opened(args) as workspace:
        from muniment.plugins import exporters
        from muniment_server.catalogue import queries as catalogue
        from muniment_server.disclosure import queries
        from muniment_server.disclosure.services import Order, export, export_again

        exporter = exporters().get(args.format)
        if exporter is None:
            raise NotFound(
                f"there is no format '{args.format}'",
                code="export.format",
                hint="These exist: " + ", ".join(sorted(exporters())),
            )
        by = session.actor(args, workspace)
        wait = None if args.wait is None else partial(_wait, args.wait)
        if args.act:
            package = queries.package_of_act(by, args.act)
            written = export_again(by, package, exporter, to, wait=wait)
        else:
            withheld = frozenset(args.withhold)
            order = Order(args.recipient, args.reason, withheld, wait, sha512=args.sha512)
            items = catalogue.items_of(by, args.ids)
            sent = _sent(by, args) if args.key else None
            package, written = export(by, items, order, exporter, to, sent=sent)
        numbers = [item.number for item in queries.items_in(by, package)]
    sha256, act = written.sha256, package.eid.hex
    document = {"file": str(to), "sha256": sha256, "act": act, "items": numbers}
    text = f"{to}\nSHA-256  {sha256}\nact      {act}\nitems    {', '.join(numbers)}"
    answer(document, text, as_json=args.json)
    return 0


def _sent(by: Actor, args: argparse.Namespace) -> Sent:
    """Return the request with its key, over everything that makes the export what it is."""
    from muniment_server.custody.services import resending

    asked = [args.format, args.recipient, args.reason, *sorted(args.withhold), *args.ids]
    asked.append("" if args.wait is None else "wait")
    asked.append("sha512" if args.sha512 else "")
    return resending.sent(by.agent, args.key, [b"export", *(one.encode() for one in asked)])


def _wait(seconds: float, done: Callable[[], bool]) -> None:
    """Ask the witnesses until enough have signed, or the time is up."""
    from muniment.cli.progress import progress
    from muniment_server.custody.ledger import witnesses

    end = time.monotonic() + seconds
    with progress("waiting for witnesses") as advance:
        while not done():
            asked = witnesses.ask()
            left = end - time.monotonic()
            if left <= 0:
                return
            if asked is None or not asked.added:
                time.sleep(min(_PAUSE, left))
            advance(1)
