"""A module is named for what it holds, so no module is named for being useful."""

from __future__ import annotations

import re

from tests.architecture.tree import SRC, TESTS, python_files, shown

# `data` stands for the law alone; `base` is the name that Django asks of a database backend.
FORBIDDEN = re.compile(
    r"(^|_)(utils?|helpers?|common|base|core|misc|managers?|handlers?|data)(_|$)", re.IGNORECASE
)
GIVEN_BY_DJANGO = {"src/muniment_server/database/base.py"}


def test_no_module_or_package_has_an_empty_name() -> None:
    named = {
        shown(path): [*path.relative_to(SRC.parent).parent.parts, path.stem]
        for folder in (SRC, TESTS)
        for path in python_files(folder)
    }
    found = [
        path
        for path, parts in named.items()
        if path not in GIVEN_BY_DJANGO
        and any(FORBIDDEN.search(part) for part in parts)
        and not path.startswith("src/muniment/law/data")
    ]
    assert found == []
