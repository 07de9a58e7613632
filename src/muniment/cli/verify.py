"""`muniment verify FILE`: checks a bundle without workspace, network or Django (cli.md).

- Standard output holds the report, as text or as one JSON document.
- 0: intact; 1: refused; 2: the request cannot be carried out.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from cryptography import x509

NAME = "verify"
HELP = "check an exhibit bundle, anywhere, offline"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the ZIP, or the extracted folder")
    parser.add_argument(
        "--log-key",
        action="append",
        default=[],
        metavar="KEY|FILE",
        help="a log key that you were given elsewhere, or a file of such keys",
    )
    parser.add_argument(
        "--time-root",
        action="append",
        default=[],
        metavar="FILE",
        help="the root certificate of a time authority, in PEM, that you were given elsewhere",
    )
    parser.add_argument(
        "--require",
        default="",
        metavar="VERDICT,...",
        help="refuse unless these verdicts are proved, such as witnessed,existed_before",
    )


def run(args: argparse.Namespace) -> int:
    """Check the bundle, print the report, return the exit code."""
    from muniment.verify import read_log_keys, verify

    log_keys = [key for given in args.log_key for key in read_log_keys(given)]
    require = frozenset(name.strip() for name in args.require.split(",") if name.strip())
    roots = _time_roots(args.time_root) if args.time_root else []
    report = verify(args.file, log_keys=log_keys, require=require, time_roots=roots)
    text = report.to_json() + "\n" if getattr(args, "json", False) else report.to_text()
    sys.stdout.write(text)
    return report.exit_code


def _time_roots(given: list[str]) -> list[x509.Certificate]:
    from muniment.verify.tokens import read_time_roots

    return [root for path in given for root in read_time_roots(path)]
