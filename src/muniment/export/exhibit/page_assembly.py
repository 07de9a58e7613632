"""`record.html`: assembled from its sources, and filled with what one exhibit's log says.

- The template is one file: page, style and scripts, allowed by their digests and nothing else
  (Content-Security-Policy), so that no text of an exhibit can ever run.
- Scripts are small modules under `page/`. Each becomes a function of its own here, in an order in
  which every module stands after those it imports; nothing is global.
- Filling puts one block of JSON into the one place for it. Readers make the same block again.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from muniment.errors import TamperSuspected
from muniment.evidence.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACE = b'<script type="application/json" id="bundle"></script>'
_OPEN, _CLOSE = _PLACE[: -len(b"</script>")], b"</script>"

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([a-z0-9]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|class|const|let)) (\w+)", re.MULTILINE)
# What the rewriting missed, and what would end the script or change how it is read.
_LEFT_OVER = re.compile(r"^(?:import|export)\b|</script|<!--", re.MULTILINE | re.IGNORECASE)
_ENTRY = "main"


@cache
def template() -> bytes:
    """Return the template of record.html as this version writes it."""
    style, script = _source("page/style.css"), script_of(_ENTRY)
    page = _source("record.html")
    for mark, text in (
        ("{{style-digest}}", _policy_digest(style)),
        ("{{script-digest}}", _policy_digest(script)),
        ("{{style}}", style),
        ("{{script}}", script),
    ):
        page = page.replace(mark, text)
    return page.encode()


def script_of(entry: str) -> str:
    """Return one script from the module `entry` and all that it imports."""
    written: dict[str, str] = {}
    _write(entry, written)
    return '"use strict";\n(() => {\n' + "".join(written.values()) + "})();\n"


def _write(name: str, written: dict[str, str]) -> None:
    source = _source(f"page/{name}.js")
    for _, other in _IMPORT.findall(source):
        if other not in written:
            _write(other, written)
    exported = [found[1] for found in _EXPORT.findall(source)]
    body = _IMPORT.sub(lambda found: f"const {found[1]} = {found[2]}_module;\n", source)
    body = _EXPORT.sub(r"\1 \2", body)
    if _LEFT_OVER.search(body):
        raise ValueError(f"page/{name}.js is not written as the page needs it")
    given = ", ".join(exported)
    written[name] = f"const {name}_module = (() => {{\n{body}return {{ {given} }};\n}})();\n"


def _source(path: str) -> str:
    return files("muniment.export.exhibit").joinpath(path).read_text(encoding="utf-8")


def _policy_digest(text: str) -> str:
    """The digest as a Content-Security-Policy names an inline text."""
    return b64encode(sha256(text.encode()).digest()).decode()


def filled(page: bytes, custody: Mapping[str, bytes]) -> bytes:
    """Return a template with the custody files and record.json in it, what is no UTF-8 in base64.

    Raises TamperSuspected for a template without its one place.
    """
    if page.count(_PLACE) != 1:
        raise TamperSuspected("The page of this export has no place for it.", code="exhibit.page")
    text: dict[str, str] = {}
    binary: dict[str, str] = {}
    for path, data in custody.items():
        try:
            text[path] = data.decode()
        except UnicodeDecodeError:
            binary[path] = b64encode(data).decode()
    # Without `<` nothing in the block can end it, whatever an exhibit holds.
    block = canonical({"binary": binary, "text": text}).replace(b"<", b"\\u003c")
    return page.replace(_PLACE, _OPEN + block + _CLOSE)
