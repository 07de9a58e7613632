from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from muniment.custody.leaf import leaf_hash
from muniment.custody.merkle import EMPTY_ROOT, Frontier, climb, root_of
from muniment.errors import InvalidInput
from tests.library.custody import definition

LEAVES = definition.leaves(700)
cuts = st.lists(st.integers(0, 140), max_size=5)


@pytest.mark.parametrize("size", [*range(70), 127, 128, 129, 255, 256, 257, 511, 512, 513])
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert root_of(LEAVES[:size]) == definition.root(LEAVES[:size])


def test_the_root_is_that_of_an_independent_tree() -> None:
    tree = InmemoryTree(algorithm="sha256")
    hashes = []
    for index in range(300):
        tree.append_entry(b"entry %d" % index)
        hashes.append(leaf_hash(b"entry %d" % index))
        assert root_of(hashes) == tree.get_root()


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == definition.root([])


@given(cuts)
def test_how_leaves_arrive_makes_no_difference(runs: list[int]) -> None:
    frontier = Frontier()
    for run in runs:
        frontier = frontier.appended(LEAVES[frontier.size : frontier.size + run])
    assert frontier == Frontier().appended(LEAVES[: sum(runs)])
    assert frontier.root() == definition.root(LEAVES[: sum(runs)])


@given(st.integers(0, 300), st.integers(0, 300))
def test_new_nodes_of_each_level_are_the_whole_nodes_not_there_before(old: int, more: int) -> None:
    _, levels = climb(Frontier().appended(LEAVES[:old]), LEAVES[old : old + more])
    for level, nodes in enumerate(levels):
        width = 1 << level
        assert nodes == [
            definition.root(LEAVES[index * width : (index + 1) * width])
            for index in range(old >> level, (old + more) >> level)
        ]
    assert (old + more) >> len(levels) == old >> len(levels)


def test_appending_leaves_the_old_frontier_as_it_was() -> None:
    old = Frontier().appended(LEAVES[:5])
    before = old.to_bytes()
    old.appended(LEAVES[5:9])
    assert old.to_bytes() == before
    assert old.root() == definition.root(LEAVES[:5])


@given(st.integers(0, 600))
def test_a_frontier_survives_storage(size: int) -> None:
    frontier = Frontier().appended(LEAVES[:size])
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier
    assert len(frontier.to_bytes()) == 8 + 32 * size.bit_count()


def test_no_bytes_are_the_empty_frontier() -> None:
    assert Frontier.from_bytes(b"") == Frontier()


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 7,
        b"\0" * 7 + b"\1",
        b"\0" * 7 + b"\1" + b"x" * 31,
        b"\0" * 7 + b"\1" + b"x" * 64,
        b"\0" * 7 + b"\3" + b"x" * 32,
        b"\x80" + b"\0" * 7 + b"x" * 32,
    ],
)
def test_bytes_that_are_no_frontier_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        Frontier.from_bytes(data)


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidInput, match="32 bytes") as caught:
        root_of([LEAVES[0], b"short"])
    assert caught.value.code == "hash.size"
