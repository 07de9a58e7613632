"""Merkle proofs of both readers against foreign vectors and against the definition."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.export.verifier import fault as alone_fault
from muniment.export.verifier import merkle as alone
from muniment.verify import merkle
from muniment.verify.fault import Fault
from tests.library.verify.second_writer import consistency, inclusion, leaf_hash, tree_root

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Check = tuple[bool, bool]

# Vectors that accept an empty old tree; a bundle's old head always covers an act, so both readers
# refuse one. Named here, so that no other difference can hide behind them.
EMPTY_OLD_TREE = {
    "additional/consistency-check-on-empty-tree-size1-is-zero-is-useless.json",
    "additional/size1-is-zero-and-size2-is-not-zero.json",
    "additional/sizes-are-equal-zero-and-proof-is-empty.json",
}


def holds(check: Callable[[], None]) -> bool:
    try:
        check()
    except (Fault, alone_fault.Fault):
        return False
    return True


def both_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> Check:
    return (
        holds(lambda: merkle.check_inclusion(leaf, index, size, proof, root)),
        holds(lambda: alone.demand_included(leaf, index, size, proof, root)),
    )


def both_consistency(old: int, root1: bytes, new: int, root2: bytes, proof: list[bytes]) -> Check:
    return (
        holds(lambda: merkle.check_consistency(old, root1, new, root2, proof)),
        holds(lambda: alone.demand_extension(old, root1, new, root2, proof)),
    )


def decoded(values: list[str] | None) -> list[bytes]:
    return [base64.b64decode(value) for value in values or []]


def test_foreign_inclusion_vectors(shared: Path) -> None:
    files = sorted((shared / "vectors/merkle/testdata/inclusion").rglob("*.json"))
    assert len(files) == 98
    for file in files:
        case = json.loads(file.read_text(encoding="utf-8"))
        found = both_inclusion(
            base64.b64decode(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            decoded(case["proof"]),
            base64.b64decode(case["root"]),
        )
        assert found == (not case["wantErr"],) * 2, file


def test_foreign_consistency_vectors(shared: Path) -> None:
    folder = shared / "vectors/merkle/testdata/consistency"
    files = sorted(folder.rglob("*.json"))
    assert len(files) == 98
    refused_anyway = set()
    for file in files:
        case = json.loads(file.read_text(encoding="utf-8"))
        found = both_consistency(
            case["size1"],
            base64.b64decode(case["root1"]),
            case["size2"],
            base64.b64decode(case["root2"]),
            decoded(case["proof"]),
        )
        assert found[0] == found[1], file
        if found[0] == case["wantErr"]:
            assert not found[0], file
            assert case["size1"] == 0, file
            refused_anyway.add(file.relative_to(folder).as_posix())
    assert refused_anyway <= EMPTY_OLD_TREE


HASHES = [leaf_hash(bytes([n])) for n in range(40)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 16, 21, 32, 33])
def test_every_proof_of_small_trees_holds_and_no_other(size: int) -> None:
    hashes, root = HASHES[:size], tree_root(HASHES[:size])
    assert merkle.root_of(hashes) == alone.tree_hash(hashes) == root
    for index in range(size):
        proof = inclusion(hashes, index)
        assert both_inclusion(hashes[index], index, size, proof, root) == (True, True)
        for wrong in ([*proof, HASHES[0]], proof[:-1], [HASHES[39], *proof[1:]]):
            if wrong != proof:
                answer = both_inclusion(hashes[index], index, size, wrong, root)
                assert answer == (False, False)
        for other in range(size):
            if other != index:
                assert both_inclusion(hashes[index], other, size, proof, root) == (False, False)
    for old in range(1, size + 1):
        before, proof = tree_root(hashes[:old]), consistency(hashes, old)
        assert both_consistency(old, before, size, root, proof) == (True, True)
        for wrong in ([*proof, HASHES[0]], proof[:-1], [HASHES[39], *proof[1:]]):
            if wrong != proof:
                assert both_consistency(old, before, size, root, wrong) == (False, False)
        if old < size:
            swapped = both_consistency(old, root, size, before, proof)
            assert swapped == (False, False)


@given(
    st.integers(0, 70),
    st.integers(0, 70),
    st.lists(st.sampled_from(HASHES), max_size=8),
    st.sampled_from(HASHES),
)
def test_the_two_readers_agree_on_any_proof(
    one: int, other: int, proof: list[bytes], root: bytes
) -> None:
    inclusion_found = both_inclusion(HASHES[0], one, other, proof, root)
    assert inclusion_found[0] == inclusion_found[1]
    consistency_found = both_consistency(one, HASHES[1], other, root, proof)
    assert consistency_found[0] == consistency_found[1]
