"""`muniment bench`: side by side with peers and the physical limit, in one run, as ratios."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput
from muniment_server.commands.answers import answer, table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from muniment_server.commands.benchmarks.measuring import Result

HELP = "measure, side by side with named peers and the physical limit"

NAMES = (
    "tree", "long-log", "acts", "ingest-small", "ingest-big", "audit-small", "audit-big", "bundle",
    "encryption",
)  # fmt: skip

TAMPER = "tamper"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `bench`."""
    parser.add_argument("name", metavar="NAME", nargs="?", help=", ".join([*NAMES, TAMPER]))
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds (default 3)")
    parser.add_argument("--seed", type=int, metavar="N", help="of the mutations of `tamper`")
    parser.add_argument("--work", metavar="DIR", help="a folder on the disk to measure on")


def run(args: argparse.Namespace) -> int:
    """Measure and print ratios; the numbers are for reading, nothing passes or fails."""
    if args.name == TAMPER:
        return _tamper(args)
    if args.name is not None and args.name not in NAMES:
        raise InvalidInput(
            f"there is no measurement '{args.name}'",
            code="bench.name",
            hint="These exist: " + ", ".join([*NAMES, TAMPER]),
        )
    work = Path(tempfile.mkdtemp(prefix="muniment-bench-", dir=args.work))
    try:
        results: list[Result] = []
        for name in [args.name] if args.name else NAMES:
            sys.stderr.write(f"{name}\n")
            results.extend(_measurements(work, args.rounds)[name]())
    finally:
        shutil.rmtree(work, ignore_errors=True)
    documents = [result.document() for result in results]
    answer({"results": documents}, _text(results), as_json=args.json)
    return 0


def _tamper(args: argparse.Namespace) -> int:
    """Count what readers detect; nothing is measured, and no folder is needed."""
    from muniment_server.commands.benchmarks import tamper

    seed = tamper.SEED if args.seed is None else args.seed
    found = tamper.compare(seed, _say)
    for name in found.missing:
        _say(f"{name}: its reader is not installed, so it was not tried")
    answer(found.document(), tamper.told(found), as_json=args.json)
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _measurements(work: Path, rounds: int) -> dict[str, Callable[[], list[Result]]]:
    from muniment_server.commands.benchmarks.acts import acts
    from muniment_server.commands.benchmarks.audit import audit
    from muniment_server.commands.benchmarks.bundle import bundle
    from muniment_server.commands.benchmarks.encryption import encryption
    from muniment_server.commands.benchmarks.ingest import ingest
    from muniment_server.commands.benchmarks.long_log import long_log
    from muniment_server.commands.benchmarks.tree import tree

    return {
        "tree": lambda: [tree(rounds)],
        "long-log": lambda: long_log(work, rounds),
        "acts": lambda: [acts(work, rounds)],
        "ingest-small": lambda: [ingest(work, big=False, rounds=rounds)],
        "ingest-big": lambda: [ingest(work, big=True, rounds=rounds)],
        "audit-small": lambda: [audit(work, big=False, rounds=rounds)],
        "audit-big": lambda: [audit(work, big=True, rounds=rounds)],
        "bundle": lambda: bundle(work, rounds),
        "encryption": lambda: encryption(work, rounds),
    }


def _text(results: list[Result]) -> str:
    lines = []
    for result in results:
        told = result.document()
        lines.append(f"{result.name} ({result.unit})")
        rows = [(f"  {name}", f"{rate:,.0f}") for name, rate in result.rates.items()]
        lines.append(table(rows))
        for what, ratio, target in (
            (result.limit, told["ratio_limit"], result.target_limit),
            (result.peer, told["ratio_peer"], result.target_peer),
        ):
            if ratio is not None:
                aim = "" if target is None else f" (target {target})"
                lines.append(f"  ours against {what}: {ratio}{aim}")
        lines.extend(f"  {note}" for note in result.notes)
    return "\n".join(lines)
