"""Documents near a given one: each value of it replaced in turn by each kind of wrong value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACES: Final = 60
_WRONG: Final[list[object]] = [
    *json.loads('[null, true, -1, 0, 123456789012345678901234567890, 1.5, [], {}, [[]], [{}], ""]'),
    "x" * 5000,
    "\u202e\x00\x1b[31m\ud800",
]


def reshaped(data: bytes) -> Iterator[bytes]:
    """The JSON document in `data`, each of its values replaced in turn by each wrong one."""
    try:
        document: object = json.loads(data)
    except (ValueError, RecursionError):
        return
    for path in [*_paths(document)][:_PLACES]:
        for wrong in _WRONG:
            yield json.dumps(_with(document, path, wrong)).encode()


def _paths(value: object) -> Iterator[tuple[str | int, ...]]:
    yield ()
    for key, inner in _entries(value):
        for path in _paths(inner):
            yield (key, *path)


def _entries(value: object) -> list[tuple[str | int, object]]:
    if isinstance(value, dict):
        return list(cast("dict[str | int, object]", value).items())
    if isinstance(value, list):
        return list(enumerate(cast("list[object]", value)))
    return []


def _with(value: object, path: tuple[str | int, ...], wrong: object) -> object:
    if not path:
        return wrong
    changed = [(k, _with(v, path[1:], wrong) if k == path[0] else v) for k, v in _entries(value)]
    return dict(changed) if isinstance(value, dict) else [inner for _, inner in changed]
