from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from muniment.archive.layout import Layout
from muniment.archive.node_file import forget_nodes, inner_nodes
from muniment.archive.proving import Prover
from muniment.custody.proof import inclusion_proof
from muniment.custody.tiles import BLOCK_BYTES, TileEdge, TileReader
from muniment.errors import TamperSuspected

SIZE = 3000
LEAVES = [sha256(b"%d" % number).digest() for number in range(SIZE)]
WHOLE = SIZE // 256


class Log:
    """A log of 3,000 leaves on disk, which counts how often a whole lowest tile is read."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self.files = TileEdge().grown(LEAVES).files
        self.reads = 0

    def read(self, path: str) -> bytes:
        self.reads += path.startswith("tile/0/") and ".p/" not in path
        try:
            return self.files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def prover(self, size: int = SIZE) -> Prover:
        return Prover(self.layout, self.read, held=SIZE, published=SIZE, size=size, long=100)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def from_tiles(log: Log, index: int, size: int = SIZE) -> tuple[bytes, ...]:
    return tuple(inclusion_proof(TileReader(log.read, SIZE), index, size))


@pytest.mark.parametrize("size", [SIZE, 2816, 2817, 700])
def test_proofs_from_inner_nodes_are_those_from_tiles(log: Log, size: int) -> None:
    prover = log.prover(size)
    for index in {0, 1, 255, 256, 511, size // 2, size - 2, size - 1}:
        assert prover.inclusion(index, LEAVES[index]) == from_tiles(log, index, size)


def test_once_made_the_nodes_spare_every_reading_of_whole_tiles(log: Log) -> None:
    log.prover()
    assert Path(log.layout.nodes).stat().st_size == WHOLE * BLOCK_BYTES
    prover = log.prover()
    log.reads = 0
    for index in range(0, WHOLE * 256, 100):
        prover.inclusion(index, LEAVES[index])
    assert log.reads == 0


def test_a_short_log_has_no_file_of_nodes(log: Log) -> None:
    prover = Prover(log.layout, log.read, held=SIZE, published=SIZE, size=SIZE)
    assert prover.inclusion(7, LEAVES[7]) == from_tiles(log, 7)
    assert not Path(log.layout.nodes).exists()


def test_the_file_grows_with_the_log_and_a_torn_block_is_made_again(log: Log) -> None:
    assert inner_nodes(log.layout, log.read, 600) is not None
    with Path(log.layout.nodes).open("ab") as file:
        file.write(b"torn")
    found = inner_nodes(log.layout, log.read, SIZE)
    assert found is not None
    assert found.tiles == WHOLE
    assert Path(log.layout.nodes).stat().st_size == WHOLE * BLOCK_BYTES


def test_nodes_are_not_believed(log: Log) -> None:
    log.prover()
    with Path(log.layout.nodes).open("r+b") as file:
        file.write(bytes(BLOCK_BYTES))
    prover = log.prover()
    assert prover.inclusion(300, LEAVES[300]) == from_tiles(log, 300)
    assert prover.inclusion(3, LEAVES[3]) == from_tiles(log, 3)
    assert not Path(log.layout.nodes).exists()


def test_a_leaf_that_the_log_does_not_hold_is_not_proved(log: Log) -> None:
    with pytest.raises(TamperSuspected):
        log.prover().inclusion(3, LEAVES[4])


def test_without_a_place_for_the_file_proofs_come_from_the_tiles(log: Log) -> None:
    Path(log.layout.nodes).mkdir()
    assert log.prover().inclusion(9, LEAVES[9]) == from_tiles(log, 9)
    forget_nodes(log.layout)
    assert Path(log.layout.nodes).is_dir()
