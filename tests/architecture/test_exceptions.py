"""The library catches what it can answer for, and nothing wider."""

from __future__ import annotations

import ast

from tests.architecture.tree import SRC, parsed, python_files, shown

BROAD = {"Exception", "BaseException"}
# A parser in the sandbox may raise anything, and whatever it raises ends its own process.
THE_PROCESS_ENDS = {"src/muniment/sandbox/worker.py"}


def caught(handler: ast.ExceptHandler) -> set[str]:
    """The names of the exceptions a handler catches; an empty clause catches everything."""
    if handler.type is None:
        return {"BaseException"}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(kind) for kind in kinds}


def test_the_library_has_no_broad_except() -> None:
    found = [
        f"{shown(path)}:{node.lineno}"
        for path in python_files(SRC / "muniment")
        if shown(path) not in THE_PROCESS_ENDS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler) and caught(node) & BROAD
    ]
    assert found == []
