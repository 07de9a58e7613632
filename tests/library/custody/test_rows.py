from __future__ import annotations

from hashlib import sha256

import pytest

from muniment.custody.merkle import node_hash, parents, root_of, split_hashes
from muniment.custody.rows import LeafHashes, TreeRows, rows_of
from muniment.custody.tiles import TileEdge
from muniment.errors import InvalidInput

SIZES = (0, 1, 2, 3, 255, 256, 257, 511, 513, 1000, 65_535, 65_536, 65_537, 70_001)
LEAVES = [sha256(b"%d" % number).digest() for number in range(max(SIZES))]


def joined(size: int) -> bytes:
    return b"".join(LEAVES[:size])


@pytest.mark.parametrize("size", SIZES)
def test_rows_are_the_tiles_that_a_growing_log_publishes(size: int) -> None:
    tree = TreeRows(joined(size))
    grown = TileEdge().grown(LEAVES[:size]).files
    rows = rows_of(joined(size))
    assert sum(-(-len(row) // 8192) for row in rows) == len(grown)
    for path, content in grown.items():
        level, index = path.split("/", 2)[1:]
        number = int(index.partition(".p")[0].replace("x", "").replace("/", ""))
        assert tree.tile(int(level), number) == content


@pytest.mark.parametrize("size", SIZES[1:])
def test_the_root_at_every_kind_of_size(size: int) -> None:
    tree = TreeRows(joined(70_001))
    assert tree.root(size) == root_of(LEAVES[:size])
    assert TreeRows(joined(size)).root(size) == root_of(LEAVES[:size])


def test_a_tree_has_no_root_beyond_its_leaves_and_no_tile_beyond_its_edge() -> None:
    tree = TreeRows(joined(300))
    with pytest.raises(InvalidInput):
        tree.root(301)
    assert tree.tile(0, 1) == joined(300)[8192:]
    assert tree.tile(0, 2) == tree.tile(3, 0) == b""


def test_parents_are_one_a_pair_and_a_last_one_alone_has_none() -> None:
    one, two, three = LEAVES[:3]
    assert parents(one + two + three) == node_hash(one, two)
    assert parents(one) == parents(b"") == b""


def test_joined_hashes_are_a_sequence() -> None:
    hashes = LeafHashes(joined(5))
    assert list(hashes) == LEAVES[:5] == list(split_hashes(joined(5)))
    assert hashes[1:3] == LEAVES[1:3]
    assert LEAVES[4] in hashes
    with pytest.raises(IndexError):
        hashes[5]
