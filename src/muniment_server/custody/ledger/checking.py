"""Checking rows against the log: is each row what its last act said?

A row edited behind the application's back is found here and nowhere else: the database's own
integrity check does not see a changed value (custody-log §5).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.apps import apps

from muniment.archive.problem import Problem
from muniment.custody.leaf import leaf_hash
from muniment.custody.merkle import Frontier
from muniment.errors import MunimentError
from muniment.evidence.canonical import canonical
from muniment_server.custody import queries
from muniment_server.custody.ledger import state
from muniment_server.custody.ledger.reading import read_act, upcast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from muniment_server.custody.models import Leaf


def check_rows(progress: Callable[[int], None]) -> list[Problem]:
    """Compare every leaf with the head, and every recorded row with its last act."""
    problems: list[Problem] = []
    expected: dict[tuple[str, str], tuple[bytes, int]] = {}
    first: dict[str, int] = {}
    frontier = Frontier()
    for leaf in queries.leaves():
        digest = leaf_hash(bytes(leaf.data))
        frontier = frontier.appended([digest])
        first.setdefault(leaf.obj.hex, leaf.index)
        problems.extend(_check_leaf(leaf, digest, expected))
        progress(1)
    head = queries.custody_head()
    if (head.size, bytes(head.frontier)) != (frontier.size, frontier.to_bytes()):
        problems.append(
            Problem(
                "log.head", head.origin, "the head is not the root of the leaves in the database"
            )
        )
    problems.extend(_compare(expected, first))
    return problems


def _check_leaf(
    leaf: Leaf, digest: bytes, expected: dict[tuple[str, str], tuple[bytes, int]]
) -> Iterator[Problem]:
    data = bytes(leaf.data)
    if digest != bytes(leaf.hash):
        yield Problem("log.leaf", f"#{leaf.index}", "the leaf does not have the digest in the tree")
        return
    try:
        act = read_act(leaf.index, data, leaf.disclosures.split("\n"))
        for row in act.rows:
            fields = upcast(apps.get_model(row.model), row)
            expected[(row.model, row.pk)] = (_digest(fields), leaf.index)
    except MunimentError as error:
        yield Problem(error.code, f"#{leaf.index}", str(error))
        return
    chain: Any = act.chain
    told = (chain["obj"], chain["n"], chain["act"], chain["by"])
    if told != (leaf.obj.hex, leaf.n, leaf.kind, leaf.by.hex):
        yield Problem("log.columns", f"#{leaf.index}", "the columns beside the leaf were changed")


def _compare(
    expected: dict[tuple[str, str], tuple[bytes, int]], first: dict[str, int]
) -> Iterator[Problem]:
    for model in state.recorded_models():
        label = state.label(model)
        for row in model._default_manager.iterator(chunk_size=512):
            name = f"{label}/{row.pk.hex}"
            found = expected.pop((label, row.pk.hex), None)
            if found is None:
                yield Problem("row.unlogged", name, "no act in the log made this row")
            elif found[0] != _digest(_flat(state.encode(row))) or not state.is_folded(row):
                message = f"the row differs from what act #{found[1]} recorded"
                yield Problem("row.differs", name, message)
            elif hasattr(row, "seq") and row.seq != first.get(row.pk.hex):
                yield Problem("row.seq", name, "the row's place in the log was changed")
    for (label, pk), (_digest_of, index) in expected.items():
        message = f"the row that act #{index} recorded is gone"
        yield Problem("row.missing", f"{label}/{pk}", message)


def _flat(groups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: value for fields in groups.values() for name, value in fields.items()}


def _digest(fields: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(canonical(dict(fields))).digest()
