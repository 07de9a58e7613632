"""`muniment log witness`: watching somebody's log, and having one's own watched.

- `init`, `serve` and `cosign` are the witness's side and need no workspace; `request`, `add` and
  `submit` are the log's side, on the archive of a workspace. No database, no application.

Not its job: doing it (`log_watching`, `log_watched`).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Protocol

from muniment.cli import log_watched, log_watching


class _Steps(Protocol):
    """What `add_subparsers` returns, whose own type has no public name."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:  # noqa: A002 - as argparse calls it
        """Add a parser of a step."""
        ...


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `log witness`."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    one = _step(steps, "init", help="make a witness: a folder with a key of its own")
    _state(one)
    one.add_argument(
        "--name", required=True, help="its name for ever, such as witness.example.org/w1"
    )
    one = _step(steps, "serve", help="cosign over HTTP, as C2SP tlog-witness says")
    _state(one)
    _log_keys(one)
    one.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    one.add_argument("--port", type=int, default=7380, help="0 takes any that is free")
    one = _step(steps, "cosign", help="cosign a request, or a checkpoint, from a file")
    one.add_argument("file", type=Path, metavar="FILE")
    _state(one)
    _log_keys(one)
    one.add_argument(
        "--proof", type=Path, metavar="FILE", help="for a checkpoint: the consistency proof"
    )
    one = _step(steps, "request", help="the published head and its proof, for a witness")
    which = one.add_mutually_exclusive_group()
    which.add_argument(
        "--old", type=int, metavar="SIZE", help="what it cosigned last; 0 is nothing"
    )
    which.add_argument(
        "--witness", metavar="NAME", help="go on from its last cosignature kept here"
    )
    _policy(one)
    one = _step(steps, "add", help="keep the cosignatures of a checkpoint in a file")
    one.add_argument("file", type=Path, metavar="FILE")
    _policy(one)
    one = _step(steps, "submit", help="ask every witness of the policy that has an address")
    one.add_argument(
        "--network",
        action="append",
        default=[],
        metavar="CIDR",
        help="a closed network whose addresses may be reached, such as 10.1.0.0/16",
    )
    _policy(one)


def run(args: argparse.Namespace) -> int:
    """Do one step and return the exit code."""
    steps = {
        "init": log_watching.init,
        "serve": log_watching.serve,
        "cosign": log_watching.cosign,
        "request": log_watched.request,
        "add": log_watched.add,
        "submit": log_watched.submit,
    }
    return steps[args.step](args)


def _step(steps: _Steps, name: str, help: str) -> argparse.ArgumentParser:  # noqa: A002 - as argparse calls it
    one = steps.add_parser(name, help=help, description=help)
    one.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document"
    )
    return one


def _state(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state", type=Path, required=True, metavar="DIR", help="the folder of the witness"
    )


def _log_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log-key",
        action="append",
        required=True,
        metavar="KEY|FILE",
        help="a log to watch, or a file of such keys; may be given again",
    )


def _policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="a C2SP tlog-policy, instead of witnesses.policy in the workspace",
    )
