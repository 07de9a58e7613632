"""The `muniment` command: finds its commands, runs one, and is the one place of exit codes.

- A command is a module named by an entry point of the group `muniment.commands`; it has `HELP`,
  `configure(parser)` and `run(args) -> int`. It imports what is heavy inside `run`.
- Commands of the application appear where Django is installed (cli.md).
- Every error is one sentence and a hint on standard error, or one JSON document.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import sys
from importlib.metadata import entry_points, version
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

from muniment.errors import InvalidInput, MunimentError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUP = "muniment.commands"
_INTERRUPTED = 130


class Command(Protocol):
    """What a command module offers."""

    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it and return the exit code."""
        ...


def commands() -> dict[str, Command]:
    """Return the commands that work here, by name."""
    served = importlib.util.find_spec("django") is not None
    found: dict[str, Command] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if served or not entry.value.startswith("muniment_server"):
            try:
                found[entry.name] = cast("Command", importlib.import_module(entry.value))
            except ImportError as error:
                found[entry.name] = _Unusable(entry.name, str(error))
    return found


class _Unusable:
    """A command that cannot be loaded: it says so, and takes no other down with it."""

    HELP: str = "cannot be loaded here"

    def __init__(self, name: str, why: str) -> None:
        self._name = name
        self._why = why

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Take whatever is given, options of its own too."""
        parser.prefix_chars = "\0"
        parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)

    def run(self, args: argparse.Namespace) -> int:  # noqa: ARG002 - what every command is given
        """Refuse; raises `Unavailable`."""
        raise Unavailable(
            f"the command '{self._name}' cannot be loaded: {self._why}",
            code="command.unusable",
            hint="Install Muniment again, or update the package that brings this command.",
        )


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing a usage block."""
        raise InvalidInput(message, code="command.usage", hint=f"See `{self.prog} --help`.")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = _Parser(
        prog="muniment",
        description="Evidence, from the moment it is seen to the moment a court weighs it.",
        epilog="Exit codes: 0 done and all checked out; 1 evidence does not check; "
        "2 the request is not usable; 3 could not do it now.",
    )
    parser.add_argument("--version", action="version", version=f"muniment {version('muniment')}")
    parser.add_argument("-w", "--workspace", metavar="DIR", help="the workspace to work in")
    parser.add_argument("--as", dest="person", metavar="PERSON", help="act as a person")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, command in commands().items():
        one = subparsers.add_parser(name, help=command.HELP, description=command.HELP)
        one.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="print one JSON document",
        )
        command.configure(one)
        one.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    as_json = "--json" in words
    try:
        parser = build_parser()
        args = parser.parse_args(words)
        if args.command is None:
            parser.print_help()
            return 0
        return int(args.run(args))
    except MunimentError as error:
        return report(error, as_json=as_json)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. What was acknowledged is kept.\n")
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader went away; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        hint = "Free space or fix the file system, then run the command again."
        return report(
            Unavailable(f"{error.strerror}: {error.filename or ''}", code="system", hint=hint),
            as_json=as_json,
        )


def report(error: MunimentError, *, as_json: bool) -> int:
    """Print an error the way the command line promises and return its exit code."""
    if as_json:
        document = {"code": error.code, "message": str(error), "hint": error.hint}
        sys.stdout.write(json.dumps({"error": document}, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"muniment: {error}\n")
        if error.hint:
            sys.stderr.write(f"  {error.hint}\n")
    return error.exit_code
