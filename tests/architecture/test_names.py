"""A module is named for what it holds, so no module is named for being useful."""

from __future__ import annotations

import re

from tests.architecture.tree import SRC, TESTS, python_files, shown

# `base` is the name that Django asks of a database backend; `data` stands for the law alone.
FORBIDDEN = re.compile(
    r"(^|_)(utils?|helpers?|common|base|core|misc|managers?|handlers?|data)(_|$)", re.IGNORECASE
)
GIVEN_BY_DJANGO = "src/muniment_server/database/base.py"


def is_forbidden(path: str, part: str) -> bool:
    """Whether a part of a module's path says nothing of what it holds."""
    found = FORBIDDEN.search(part)
    if found is None or path == GIVEN_BY_DJANGO:
        return False
    return found[2] != "data" or "/law/" not in path


def test_no_module_or_package_has_an_empty_name() -> None:
    found = [
        shown(path)
        for folder in (SRC, TESTS)
        for path in python_files(folder)
        for part in (*path.relative_to(SRC.parent).parent.parts, path.stem)
        if is_forbidden(shown(path), part)
    ]
    assert found == []
