"""`muniment law`: the crimes and their elements, and a jurisdiction opinion from a file of facts.

- With `--json` exactly one document on standard output; otherwise text (`law_text`).
- The law is read when a command runs, never for `--help`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME = "law"
HELP = "crimes and their elements, and jurisdiction opinions from facts"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add `crimes`, `crime ID` and `jurisdiction FILE`."""
    commands = parser.add_subparsers(dest="law_command", metavar="COMMAND", required=True)
    crimes = commands.add_parser("crimes", help="list the crimes of the Rome Statute")
    crimes.add_argument("--family", metavar="ID", help="only the crimes of this family")
    crimes.set_defaults(law_run=_crimes)
    crime = commands.add_parser("crime", help="one crime: what has to be proved, and where")
    crime.add_argument("id", metavar="ID", help="as `muniment law crimes` lists it")
    crime.set_defaults(law_run=_crime)
    jurisdiction = commands.add_parser(
        "jurisdiction", help="jurisdiction, admissibility and arrest from a file of facts"
    )
    jurisdiction.add_argument("file", metavar="FILE", help="facts in YAML; - is standard input")
    jurisdiction.set_defaults(law_run=_jurisdiction)
    for one in (crimes, crime, jurisdiction):
        one.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document"
        )


def run(args: argparse.Namespace) -> int:
    """Run the chosen command; 0, or an error of `muniment.errors`."""
    return int(args.law_run(args))


def _crimes(args: argparse.Namespace) -> int:
    from muniment.cli.law_text import crimes_text
    from muniment.law.documents import crimes_document
    from muniment.law.taxonomy import taxonomy

    law = taxonomy()
    if args.family is None:
        crimes = tuple(law.crimes.values())
    else:
        crimes = law.in_family(law.family(args.family).id)
    if getattr(args, "json", False):
        _print_json(crimes_document(law, crimes))
    else:
        _print_lines(crimes_text(law, crimes))
    return 0


def _crime(args: argparse.Namespace) -> int:
    from muniment.cli.law_text import crime_text
    from muniment.law.documents import crime_document
    from muniment.law.taxonomy import taxonomy

    law = taxonomy()
    crime = law.crime(args.id)
    if getattr(args, "json", False):
        _print_json(crime_document(law, crime))
    else:
        _print_lines(crime_text(law, crime))
    return 0


def _jurisdiction(args: argparse.Namespace) -> int:
    from muniment.cli.law_text import opinion_text
    from muniment.law.documents import opinion_document
    from muniment.law.jurisdiction import opinion, read_case

    found = opinion(read_case(_read(args.file), args.file))
    if getattr(args, "json", False):
        _print_json(opinion_document(found))
    else:
        _print_lines(opinion_text(found))
    return 0


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except FileNotFoundError as error:
        message = f"There is no file {file}."
        raise NotFound(message, code="law.facts", hint="Give the path of the facts.") from error
    except IsADirectoryError as error:
        message = f"{file} is a folder."
        raise InvalidInput(message, code="law.facts", hint="Give the path of the facts.") from error


def _print_json(document: Mapping[str, object]) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
