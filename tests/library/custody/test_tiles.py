from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.merkle import Frontier, root_of
from muniment.custody.tiles import (
    TileEdge,
    TileReader,
    parse_tile_path,
    read_tile,
    tile_path,
    tile_paths,
)
from muniment.errors import InvalidInput, NotFound, TamperSuspected
from tests.library.custody import definition

if TYPE_CHECKING:
    from collections.abc import Callable

LEAVES = definition.leaves(70_000)
WHOLE = TileEdge().grown(LEAVES)


def reading(files: dict[str, bytes]) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        try:
            return files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    return read


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),  # the example of C2SP tlog-tiles
        (1, 999, 255, "tile/1/999.p/255"),
        (2, 1000, 1, "tile/2/x001/000.p/1"),
        (63, 5, 256, "tile/63/005"),
    ],
)
def test_a_tile_has_the_path_of_the_specification(
    level: int, index: int, width: int, path: str
) -> None:
    assert tile_path(level, index, width) == path


@pytest.mark.parametrize("name", [(-1, 0, 256), (64, 0, 256), (0, -1, 256), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_has_no_path(name: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidInput):
        tile_path(*name)


def test_a_log_has_the_tiles_of_the_specification() -> None:
    # C2SP tlog-tiles, Partial Tiles: 273 full ones, 112 wide, a full one, 17 wide, 1 wide.
    paths = tile_paths(70_000)
    assert len(paths) == 277
    assert paths[272:] == [
        "tile/0/272",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    assert tile_paths(256) == ["tile/0/000", "tile/1/000.p/1"]
    assert tile_paths(0) == []


def test_the_tiles_of_a_whole_log_are_named_by_its_size() -> None:
    assert set(WHOLE.files) == set(tile_paths(70_000))


def test_a_tile_holds_the_hashes_of_the_specification() -> None:
    assert WHOLE.files["tile/0/001"] == b"".join(LEAVES[256:512])
    first = WHOLE.files["tile/1/000"]
    assert len(first) == 8192
    assert first[32:64] == definition.root(LEAVES[256:512])
    assert WHOLE.files["tile/2/000.p/1"] == definition.root(LEAVES[:65536])


@given(st.lists(st.integers(0, 700), max_size=6), st.integers(0, 3000))
def test_growing_step_by_step_makes_the_tiles_of_each_size(runs: list[int], start: int) -> None:
    edge = TileEdge().grown(LEAVES[:start]).edge
    files = dict(TileEdge().grown(LEAVES[:start]).files)
    for run in runs:
        old = edge.frontier.size
        growth = edge.grown(LEAVES[old : old + run])
        edge = growth.edge
        assert all(files.setdefault(path, data) == data for path, data in growth.files.items())
        size = old + run
        expected = TileEdge().grown(LEAVES[:size])
        assert edge == expected.edge
        assert {path: files[path] for path in tile_paths(size)} == expected.files
        assert edge.frontier == Frontier().appended(LEAVES[:size])


def test_growth_touches_only_what_changed() -> None:
    edge = WHOLE.edge
    assert set(edge.grown(LEAVES[:1]).files) == {"tile/0/273.p/113"}
    assert set(edge.grown(LEAVES[:200]).files) == {
        "tile/0/273",
        "tile/0/274.p/56",
        "tile/1/001.p/18",
    }
    assert edge.grown([]).files == {}


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])
def test_the_edge_is_read_back_from_the_tiles(size: int) -> None:
    grown = TileEdge().grown(LEAVES[:size])
    opened: list[str] = []

    def read(path: str) -> bytes:
        opened.append(path)
        return grown.files[path]

    assert TileEdge.read(read, size) == grown.edge
    assert len(opened) <= 3


def test_nodes_and_roots_come_from_the_tiles() -> None:
    reader = TileReader(reading(WHOLE.files), 70_000)
    for level, index in [(0, 0), (0, 69_999), (1, 5), (7, 3), (8, 272), (9, 100), (16, 0)]:
        expected = root_of(LEAVES[index << level : (index + 1) << level])
        assert reader.node(level, index) == expected
    assert reader.root() == root_of(LEAVES)
    for size in (0, 1, 2, 3, 255, 256, 257, 1000, 65_536, 65_537, 69_999):
        assert reader.root(size) == root_of(LEAVES[:size])
    assert reader.leaf_hashes(200, 600) == LEAVES[200:600]
    assert reader.leaf_hashes(69_990, 70_000) == LEAVES[69_990:]
    assert reader.leaf_hashes(256, 512) == LEAVES[256:512]
    assert reader.leaf_hashes(7, 7) == []


@pytest.mark.parametrize("node", [(0, 1000), (3, 125), (10, 0), (8, 3), (0, -1), (-1, 0)])
def test_a_node_that_is_not_whole_is_refused(node: tuple[int, int]) -> None:
    reader = TileReader(reading(WHOLE.files), 1000)
    with pytest.raises(InvalidInput):
        reader.node(*node)


def test_a_range_that_is_no_subtree_is_refused() -> None:
    reader = TileReader(reading(WHOLE.files), 1000)
    for start, end in [(1, 4), (1, 7), (2, 7), (4, 1000)]:
        with pytest.raises(InvalidInput, match="no subtree"):
            reader.subtree(start, end)
    with pytest.raises(InvalidInput):
        reader.leaf_hashes(900, 1001)
    for level, tile in [(0, 4), (1, 1), (2, 0), (9, 0)]:
        with pytest.raises(InvalidInput, match="has no tile"):
            reader.block(level, tile)


def test_a_partial_tile_that_was_dropped_is_read_from_the_full_one() -> None:
    reader = TileReader(reading(WHOLE.files), 1000)  # only tiles of 70,000 leaves are there
    assert reader.root() == root_of(LEAVES[:1000])
    assert TileEdge.read(reading(WHOLE.files), 1000).frontier == Frontier().appended(LEAVES[:1000])


def test_a_tile_is_read_once() -> None:
    opened: list[str] = []

    def read(path: str) -> bytes:
        opened.append(path)
        return WHOLE.files[path]

    reader = TileReader(read, 70_000)
    for index in range(256):
        reader.node(0, index)
        reader.node(1, index // 2)
    assert opened == ["tile/0/000"]


def test_a_missing_tile_is_named() -> None:
    with pytest.raises(NotFound, match=r"tile/0/000\.p/5"):
        read_tile(reading({}), 0, 0, 5)


def test_not_found_from_an_archive_counts_as_missing_too() -> None:
    def read(path: str) -> bytes:
        if ".p/" in path:
            raise NotFound("not here", code="x")
        return WHOLE.files[path]

    assert read_tile(read, 0, 0, 5) == b"".join(LEAVES[:5])


@pytest.mark.parametrize("content", [b"", b"x" * 8191, b"x" * 8193, b"x" * 160])
def test_a_tile_of_another_length_is_an_alarm(content: bytes) -> None:
    with pytest.raises(TamperSuspected) as caught:
        read_tile(reading({"tile/0/000": content}), 0, 0, 256)
    assert caught.value.code == "tile.size"


def test_leaves_of_another_length_are_refused() -> None:
    with pytest.raises(InvalidInput):
        TileEdge().grown([b"x" * 31])


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/000", (0, 0, 256)),
        ("tile/1/x001/x234/567.p/12", (1, 1234567, 12)),
        ("tile/2/000.p/255", (2, 0, 255)),
    ],
)
def test_a_path_names_its_tile(path: str, tile: tuple[int, int, int]) -> None:
    assert parse_tile_path(path) == tile
    assert tile_path(*tile) == path


@pytest.mark.parametrize(
    "path",
    ["", "tile/0/0", "tile/0/000.p/256", "tile/0/000.p/0", "tile/00/000", "tile/0/x000/000",
     "tile/64/000", "tile/0/000.p/012", "tile/0/000\n", "tile/entries/000", "tile/0/1000"],
)  # fmt: skip
def test_a_path_that_names_no_tile_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput):
        parse_tile_path(path)
