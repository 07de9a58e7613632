"""`muniment examine`: runs what examinations apply, in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment_server.commands import session
from muniment_server.commands.answers import answer

if TYPE_CHECKING:
    import argparse

    from muniment_server.catalogue.services import Finding

HELP = "examine items: each result is a finding"

_MARKS = {"supports": "+", "contradicts": "!", "inconclusive": "o"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `examine`."""
    parser.add_argument(
        "ids", metavar="ID", nargs="*", help="an item; without any, all not examined yet"
    )


def run(args: argparse.Namespace) -> int:
    """Examine and report every finding."""
    with session.opened(args) as workspace:
        from muniment.cli.progress import progress
        from muniment_server.catalogue import queries
        from muniment_server.catalogue.schemas import finding_record
        from muniment_server.catalogue.services import examine_items, examine_new

        by = session.actor(args, workspace)
        items = queries.items_of(by, args.ids) if args.ids else list(queries.unexamined(by))
        findings: list[Finding] = []
        with progress("examining", len(items)) as advance:
            examine = examine_items if args.ids else examine_new
            for group in examine(by, items):
                findings.extend(group)
                advance(len({finding.part_id for finding in group}))
        records = [finding_record(finding) for finding in findings]
        names = {item.pk.hex: item.number for item in items}
    answer({"findings": records}, _text(records, names), as_json=args.json)
    return 0


def _text(records: list[dict[str, Any]], names: dict[str, str]) -> str:
    lines: list[str] = []
    shown = ""
    for record in records:
        if record["item"] != shown:
            shown = record["item"]
            lines.append(names[shown])
        mark = _MARKS[record["outcome"]]
        lines.append(f"  {mark} {record['examination']}: {record['summary']}")
    return "\n".join(lines) or "Nothing to examine."
