"""Reads templates and messages without running the application.

- Templates are compiled by Django's own engine, with the tag libraries that pages may load.
- Messages are what gettext would collect: from templates by their nodes, from Python by its syntax.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.template import Engine, Node
from django.template.base import FilterExpression, Template, TextNode
from django.template.defaulttags import CommentNode
from django.template.loader_tags import BlockNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
SERVER = ROOT / "src" / "muniment_server"
TEMPLATES = SERVER / "templates"
LOOK = SERVER / "static" / "look"
LIBRARIES = {
    "allauth": "allauth.templatetags.allauth",
    "humanize": "django.contrib.humanize.templatetags.humanize",
    "i18n": "django.templatetags.i18n",
    "l10n": "django.templatetags.l10n",
    "once": "muniment_server.custody.templatetags.once",
    "static": "django.templatetags.static",
    "tz": "django.templatetags.tz",
}
HOLE = "\N{REPLACEMENT CHARACTER}"
# What gettext collects: the function's name, and which arguments are context, singular, plural.
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
}


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """A text to be translated, by what identifies it."""

    singular: str
    plural: str = ""
    context: str = ""


def template_names() -> list[str]:
    """Return every page and part, by the name it is included with."""
    found = [path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}]
    return sorted(path.relative_to(TEMPLATES).as_posix() for path in found)


@lru_cache
def _engine() -> Engine:
    return Engine(dirs=[str(TEMPLATES)], libraries=LIBRARIES)


@cache
def compiled(name: str) -> Template:
    """Compile a template; what does not compile raises here."""
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    return Template(source, name=name, engine=_engine())


def _nodes(parent: Node | Template) -> Iterator[Node]:
    """Give a node's children in the order in which they stand in the source."""
    if isinstance(parent, Template):
        yield from parent.nodelist
        return
    for attribute in ("nodelist", "nodelist_true", "nodelist_loop", "nodelist_empty"):
        yield from getattr(parent, attribute, None) or ()
    for _condition, nodelist in getattr(parent, "conditions_nodelists", ()):
        yield from nodelist


def everything(parent: Node | Template) -> Iterator[Node]:
    """Give every node of a template, depth first, without comments and blocks of attributes."""
    for node in _nodes(parent):
        if isinstance(node, CommentNode) or _within_a_tag(node):
            continue
        yield node
        if not isinstance(node, BlockTranslateNode):
            yield from everything(node)


def _within_a_tag(node: Node) -> bool:
    return isinstance(node, BlockNode) and node.name.startswith(("at_", "body_class"))


def skeleton(name: str) -> str:
    """Return a template's own text, with a hole for whatever is filled in."""
    return "".join(
        node.s if isinstance(node, TextNode) else HOLE for node in everything(compiled(name))
    )


def template_messages() -> dict[Message, str]:
    """Return the messages of all templates, each with a place where it stands."""
    found = {}
    for name in template_names():
        for node in everything(compiled(name)):
            if isinstance(node, TranslateNode):
                context = node.message_context
                found[_message(str(node.filter_expression.var.literal), "", context)] = name
            elif isinstance(node, BlockTranslateNode):
                singular, _names = node.render_token_list(node.singular)
                plural, _names = node.render_token_list(node.plural or [])
                found[_message(singular, plural, node.message_context)] = name
    return found


def _message(singular: str, plural: str, context: FilterExpression | None) -> Message:
    text = singular.strip("\"'") if singular[:1] in {'"', "'"} else singular
    return Message(text, plural, str(context.var) if context else "")


def python_messages() -> dict[Message, str]:
    """Return the messages of all Python modules, each with a place where it stands."""
    found = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (message := _called(node)):
                found[message] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def _called(node: ast.Call) -> Message | None:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name not in CALLS:
        return None
    texts = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
    context, singular, plural = (
        "" if place is None or place >= len(texts) else texts[place] for place in CALLS[name]
    )
    if not isinstance(singular, str) or not singular:
        return None
    return Message(singular, str(plural or ""), str(context or ""))


def choices(app: str, kind: str) -> list[str]:
    """Return the stored values of a model's choices, read from its source."""
    source = (SERVER / app / "models.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == kind:
            return [
                line.value.elts[0].value  # type: ignore[misc]  # a choice begins with its value
                for line in node.body
                if isinstance(line, ast.Assign)
                and isinstance(line.value, ast.Tuple)
                and isinstance(line.value.elts[0], ast.Constant)
            ]
    raise LookupError(f"{app}.models has no {kind}")
