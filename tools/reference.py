"""Writes the reference pages that are made from the program itself, or checks them.

    python tools/reference.py            writes the pages in docs/reference
    python tools/reference.py --check    exits 1 and names the pages that would change

- Acts come from the closed list, commands from the parser, errors from where they are raised, the
  description of the API from the API.
- The same sources give the same bytes: a test compares the pages with them.

Not its job: explaining. What a page says about a thing is written where the thing is.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from muniment import errors
from muniment.cli.main import build_parser
from muniment.evidence.acts import ACTS

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
NOTE = "<!-- Written by tools/reference.py (`make docs`): change the source, not this page. -->"


def acts() -> str:
    """The page of acts: every kind, in the order of the closed list, by the noun it begins with."""
    lines = [
        "# Acts",
        NOTE,
        "",
        "Everything that the custody log can say was done. The list is closed: a program that",
        "meets a name not in it says so. Each act needs the permission beside it, and is shown as",
        "its sentence after the name of whoever did it.",
    ]
    for noun, kinds in itertools.groupby(ACTS.values(), key=lambda kind: kind.name.split(".")[0]):
        lines += ["", f"## {noun}", ""]
        for kind in kinds:
            lines += [
                f"- **`{kind.name}`** (permission `{kind.permission}`): *{kind.sentence}*.",
                f"  {kind.explanation}",
            ]
    return "\n".join(lines) + "\n"


def subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands of a parser by name, in the order in which its help shows them."""
    return {
        name: command
        for action in parser._actions  # noqa: SLF001 - argparse offers no other way to list them
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001 - as above
        for name, command in action.choices.items()
    }


def commands() -> str:
    """The page of commands: what `--help` prints, for the program and for each command."""
    os.environ["COLUMNS"] = "80"
    parser = build_parser()
    lines = ["# Commands", NOTE, "", "```text", parser.format_help().rstrip(), "```"]
    waiting = list(subparsers(parser).items())
    while waiting:
        name, command = waiting.pop(0)
        lines += ["", f"## muniment {name}", "", "```text", command.format_help().rstrip(), "```"]
        inner = subparsers(command)
        waiting = [(f"{name} {word}", one) for word, one in inner.items()] + waiting
    return "\n".join(lines) + "\n"


def kinds_of_error() -> dict[str, type[errors.MunimentError]]:
    """The exception classes of the one tree, by name."""
    return {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.MunimentError)
    }


def untranslated(node: ast.expr | None) -> ast.expr | None:
    """What a call of gettext is about, or the node itself."""
    is_marked = isinstance(node, ast.Call) and ast.unparse(node.func) in {"_", "gettext"}
    return node.args[0] if isinstance(node, ast.Call) and is_marked else node


def raised() -> dict[str, dict[str, set[str]]]:
    """Where each stable code is raised: kind of error, code, hints given with it."""
    kinds = kinds_of_error()
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            given = {word.arg: word.value for word in node.keywords}
            code = given.get("code")
            if node.func.id in kinds and isinstance(code, ast.Constant):
                hint = untranslated(given.get("hint"))
                hints = found[node.func.id][str(code.value)]
                if isinstance(hint, ast.Constant) and hint.value:
                    hints.add(str(hint.value))
    return found


def error_codes() -> str:
    """The page of errors: every code, by kind, with the hints a person may see beside it."""
    found = raised()
    lines = ["# Errors", NOTE, "", "Scripts match on the code, never on the text of a sentence."]
    for name, kind in kinds_of_error().items():
        if name not in found:
            continue
        lines += ["", f"## {name}", "", f"Exit code {kind.exit_code}. {kind.__doc__}", ""]
        for code, hints in sorted(found[name].items()):
            lines.append(f"- `{code}`" + "".join(f"  \n  {hint}" for hint in sorted(hints)))
    return "\n".join(lines) + "\n"


_DESCRIBE = """
import django, json
django.setup()
from muniment_server.api import api
described = api.get_openapi_schema(path_prefix="/api/")
print(json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True))
"""


def openapi() -> str:
    """The description of the API, keys sorted; made by a process that works in no workspace."""
    settings = {"DJANGO_SETTINGS_MODULE": "muniment_server.settings", "PYTHONUTF8": "1"}
    inherited = {name: os.environ[name] for name in ("PATH", "VIRTUAL_ENV") if name in os.environ}
    words = [sys.executable, "-c", _DESCRIBE]
    made = subprocess.run(words, env=inherited | settings, stdout=subprocess.PIPE, check=True)
    return made.stdout.decode()


PAGES: dict[Path, Callable[[], str]] = {
    FOLDER / "acts.md": acts,
    FOLDER / "commands.md": commands,
    FOLDER / "errors.md": error_codes,
    FOLDER / "openapi.json": openapi,
}


def main() -> None:
    """Writes the pages, or checks them."""
    made = {path: make() for path, make in PAGES.items()}
    stale = {
        path: text
        for path, text in made.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    }
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not current: run `make docs`.")
        sys.exit(1 if stale else 0)
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)} written.")


if __name__ == "__main__":
    main()
