"""YAML as plain values, without YAML's surprises.

- A plain scalar is text, a whole number, true, false or null, and nothing else: `NO` is Norway and
  not false, a date stays the text that was written, `1.10` keeps its nought.
- A key written twice, tags, anchors, aliases and a second document are refused.
- The tree is built from the parser's events, without recursion and to a small depth: however a
  file is nested, reading it ends in a sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import yaml

from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

Value: TypeAlias = "str | int | list[Value] | dict[str, Value] | None"

# The C parser is there wherever PyYAML was built with libyaml; it is ten times as fast.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 12
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})\Z")
_CONSTANTS: Mapping[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}


@dataclass(slots=True)
class _Open:
    """A mapping or a list whose end has not come yet."""

    value: dict[str, Value] | list[Value]
    key: str | None = None


def read_value(text: str, file: str) -> Value:
    """Read one YAML document; None if it is empty."""
    reader = _Reader(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        message = f"{file} cannot be read{line}: {problem}."
        raise InvalidInput(
            message, code="law.data", hint="Check indentation and quotes there."
        ) from error
    return reader.result


class _Reader:
    """Builds the value of one document, event by event."""

    def __init__(self, file: str) -> None:
        self.result: Value = None
        self._file = file
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the parser's next event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(event, "a second document begins", "Keep one document a file.")
        elif isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._open.pop()

    def _node(self, event: yaml.NodeEvent) -> None:
        # PyYAML's stubs leave these attributes untyped.
        anchor: object = getattr(event, "anchor", None)
        tag: object = getattr(event, "tag", None)
        if anchor is not None or tag is not None:
            self._refuse(event, "has an anchor, an alias or a tag", "Write plain values.")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(str(event.value), event)
        else:
            value: dict[str, Value] | list[Value]
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._put(value, event)
            self._open.append(_Open(value))
            if len(self._open) > _DEEPEST:
                self._refuse(event, "is nested too deeply", f"At most {_DEEPEST} levels are read.")

    def _scalar(self, text: str, event: yaml.ScalarEvent) -> None:
        inside = self._open[-1] if self._open else None
        if inside is not None and isinstance(inside.value, dict) and inside.key is None:
            if text in inside.value:
                self._refuse(event, f"writes `{text}` a second time", "Keep one of the two.")
            inside.key = text
        else:
            self._put(_plain(text) if not event.style else text, event)

    def _put(self, value: Value, event: yaml.Event) -> None:
        if not self._open:
            self.result = value
            return
        inside = self._open[-1]
        if isinstance(inside.value, list):
            inside.value.append(value)
        elif inside.key is None:
            self._refuse(event, "has a key that is not text", "Write `key: value`.")
        else:
            inside.value[inside.key] = value
            inside.key = None

    def _refuse(self, event: yaml.Event, sentence: str, hint: str) -> NoReturn:
        mark = event.start_mark
        line = f"line {mark.line + 1}" if mark is not None else "it"
        raise InvalidInput(f"{self._file}: {line} {sentence}.", code="law.data", hint=hint)


def _plain(text: str) -> Value:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _WHOLE.match(text) else text
