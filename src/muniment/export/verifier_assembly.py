"""Joins the parts under `verifier/` into `verify.py`, the one file that travels in a bundle.

- The same parts give the same bytes: the text depends on nothing else, and it is never committed.
- Parts are read as text and not imported. Their docstrings become headings, their imports are
  gathered at the top, and imports of one another fall away: all names live in one module, which
  the tests hold to be unique.
"""

from __future__ import annotations

import ast
import re
from importlib.resources import files

_PARTS = (
    "fault",
    "ed25519",
    "jcs",
    "merkle",
    "notes",
    "policy",
    "opening",
    "entries",
    "story",
    "papers",
    "openssl",
    "tokens",
    "examination",
    "program",
)
_PACKAGE = "muniment.export.verifier"
_FUTURE = "from __future__ import annotations"
_RULE = "# " + "-" * 78
_REMARK = re.compile(r"  # noqa: .*")  # for our own linter, no use to a reader of the file
_HEAD = '''\
#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
#
# Permission to use, copy, modify, and/or distribute this software for any purpose with or without
# fee is hereby granted.
#
# THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS
# SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE
# AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
# WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
# NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE
# OF THIS SOFTWARE.
"""Checks an exhibit bundle of Muniment, with nothing but Python 3.8 or later.

    python3 -I verify.py                       checks the folder that this file lies in
    python3 -I verify.py exhibit.zip           checks a bundle that was not extracted
    python3 -I verify.py --log-key KEY         ... under a log key that you were given elsewhere
    python3 -I verify.py --time-root FILE      ... and time tokens under a root that you brought

It opens no network connection. It writes nothing and runs nothing, but for the last of these: then
openssl, where it is installed, reads copies of the time tokens in a folder that is removed again.
What it shows, if all holds: these files are the ones that the log signed; each act on each item is
in the log; the log only grew since the item was received; no act is missing. It never says whether
the content of a file is true.

A copy of this program that came with a bundle was made by whoever made the bundle. To trust its
answer, read it (it is meant to be read from top to bottom), or use a copy from elsewhere.
"""

'''
_TAIL = '\n\nif __name__ == "__main__":\n    sys.exit(main())\n'


def assemble() -> str:
    """The whole text of `verify.py`."""
    plain: set[str] = set()
    typing: list[str] = []
    sections: list[str] = []
    for part in _PARTS:
        source = (files(_PACKAGE.rpartition(".")[0]) / "verifier" / f"{part}.py").read_text("utf-8")
        module = ast.parse(source)
        last = 0
        for statement in module.body:
            if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
                typing += [line for inner in statement.body for line in _kept(inner, source)]
            elif isinstance(statement, ast.Import | ast.ImportFrom):
                plain.update(_kept(statement, source))
            elif not isinstance(statement, ast.Expr) or statement is not module.body[0]:
                break
            last = statement.end_lineno or last
        body = "\n".join(source.split("\n")[last:]).strip("\n")
        sections.append(_heading(ast.get_docstring(module) or part) + _REMARK.sub("", body))
    names = "\n".join(_merged(plain - {_FUTURE}))
    only_typing = _typing_block([line for line in typing if line not in plain])
    head = f"{_HEAD}{_FUTURE}\n\n{names}\n\n{only_typing}"
    return "\n\n\n".join([head, *sections]) + "\n" + _TAIL


def _kept(statement: ast.stmt, source: str) -> list[str]:
    """An import or alias as single lines, one name each; nothing for imports between parts."""
    if isinstance(statement, ast.ImportFrom):
        if (statement.module or "").startswith(_PACKAGE):
            return []
        return [f"from {statement.module} import {alias.name}" for alias in statement.names]
    return [ast.get_source_segment(source, statement) or ""]


def _merged(lines: set[str]) -> list[str]:
    """Import lines in order, the names of one module together."""
    modules: dict[str, list[str]] = {}
    for line in sorted(lines):
        if line.startswith("from "):
            module, _, name = line.removeprefix("from ").partition(" import ")
            modules.setdefault(module, []).append(name)
    direct = sorted(line for line in lines if line.startswith("import "))
    return direct + [f"from {name} import {', '.join(given)}" for name, given in modules.items()]


def _typing_block(lines: list[str]) -> str:
    """What only type checkers read; it is not run, so it may be newer than Python 3.8."""
    imports = _merged({line for line in lines if line.startswith("from ")})
    aliases = [line for line in lines if not line.startswith("from ")]
    return "\n    ".join(["if TYPE_CHECKING:", *imports, "", *aliases]).replace("    \n", "\n")


def _heading(docstring: str) -> str:
    lines = [f"# {line}".rstrip() for line in docstring.split("\n")]
    return "\n".join([_RULE, *lines, _RULE]) + "\n\n"
