from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from muniment.custody.leaf import leaf_hash
from muniment.custody.merkle import EMPTY_ROOT, node_hash, root_of
from muniment.custody.proof import (
    LogProof,
    consistency_proof,
    format_proof,
    inclusion_proof,
    parse_proof,
    verify_consistency,
    verify_inclusion,
)
from muniment.custody.tiles import TileEdge, TileReader
from muniment.errors import InvalidInput, TamperSuspected
from tests.library.custody import definition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LEAVES = definition.leaves(1100)
READER = TileReader(TileEdge().grown(LEAVES).files.__getitem__, len(LEAVES))
# A reader of a log of 70,000, where a path crosses three tiles.
MANY = definition.leaves(70_000)
LARGE = TileReader(TileEdge().grown(MANY).files.__getitem__, len(MANY))

# The set accepts equal sizes with equal roots whatever the roots are; these are 12 bytes of text,
# and we take no root that is not 32 bytes.
NO_ROOTS = {"consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"}


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    try:
        verify_inclusion(leaf, index, size, proof, root)
    except TamperSuspected:
        return False
    return True


def extends(old: int, old_root: bytes, new: int, root: bytes, proof: Sequence[bytes]) -> bool:
    try:
        verify_consistency(old, old_root, new, root, proof)
    except TamperSuspected:
        return False
    return True


def test_the_vectors_of_other_implementations_are_judged_alike(shared: Path) -> None:
    folder = shared / "vectors/merkle/testdata"
    judged = {"inclusion": 0, "consistency": 0}
    differing = set()
    for path in sorted(folder.rglob("*.json")):
        vector = json.loads(path.read_text())
        proof = [b64decode(one) for one in vector["proof"] or []]
        if "leafIdx" in vector:
            kind, index, size = "inclusion", vector["leafIdx"], vector["treeSize"]
            leaf, root = (b64decode(vector[name] or "") for name in ("leafHash", "root"))
            accepted = included(leaf, index, size, proof, root)
        else:
            kind, old, new = "consistency", vector["size1"], vector["size2"]
            roots = [b64decode(vector[name] or "") for name in ("root1", "root2")]
            accepted = extends(old, roots[0], new, roots[1], proof)
        judged[kind] += 1
        if accepted is vector["wantErr"]:
            differing.add(str(path.relative_to(folder)))
    assert judged == {"inclusion": 98, "consistency": 98}
    assert differing == NO_ROOTS


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 33, 64, 100])
def test_every_proof_of_a_small_log_is_that_of_the_definition(size: int) -> None:
    for index in range(size):
        assert inclusion_proof(READER, index, size) == definition.path(index, LEAVES[:size])
    for old in range(1, size + 1):
        assert consistency_proof(READER, old, size) == definition.growth(old, LEAVES[:size])


@given(st.data())
def test_inclusion_proofs_are_those_of_the_definition_and_check(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(READER, index, size)
    assert proof == definition.path(index, LEAVES[:size])
    verify_inclusion(LEAVES[index], index, size, proof, definition.root(LEAVES[:size]))


@given(st.data())
def test_consistency_proofs_are_those_of_the_definition_and_check(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, len(LEAVES)))
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(READER, old, new)
    assert proof == definition.growth(old, LEAVES[:new])
    roots = definition.root(LEAVES[:old]), definition.root(LEAVES[:new])
    verify_consistency(old, roots[0], new, roots[1], proof)


@given(st.data())
def test_proofs_across_tiles_check(data: st.DataObject) -> None:
    size = data.draw(st.integers(60_000, len(MANY)) | st.sampled_from([65_535, 65_536, 65_537]))
    index = data.draw(st.integers(0, size - 1))
    root = LARGE.root(size)
    verify_inclusion(MANY[index], index, size, inclusion_proof(LARGE, index, size), root)
    old = index + 1
    verify_consistency(old, LARGE.root(old), size, root, consistency_proof(LARGE, old, size))


@given(st.integers(1, 80), st.data())
def test_an_independent_tree_makes_the_same_proofs(size: int, data: st.DataObject) -> None:
    tree = InmemoryTree(algorithm="sha256")
    hashes = []
    for index in range(size):
        tree.append_entry(b"%d" % index)
        hashes.append(leaf_hash(b"%d" % index))
    reader = TileReader(TileEdge().grown(hashes).files.__getitem__, size)
    index = data.draw(st.integers(0, size - 1))
    ours = [hashes[index], *inclusion_proof(reader, index, size)]
    # pymerkle counts from one, has the leaf in the path, and begins with the left of the first two.
    theirs = tree.prove_inclusion(index + 1, size).serialize()["path"]
    assert sorted(one.hex() for one in ours[:2]) == sorted(theirs[:2])
    assert [one.hex() for one in ours[2:]] == theirs[2:]
    verify_consistency(
        index + 1,
        tree.get_root(index + 1),
        size,
        tree.get_root(size),
        consistency_proof(reader, index + 1, size),
    )


def spoiled(proof: Sequence[bytes], leaf: bytes) -> list[list[bytes]]:
    """Every way to take, add, double, swap or change one hash of a proof."""
    ways = [[*proof, leaf], [leaf, *proof], [*proof, b"x" * 31]]
    for place, one in enumerate(proof):
        before, after = list(proof[:place]), list(proof[place + 1 :])
        ways.append(before + after)
        ways.append([*before, one, one, *after])
        ways.append([*before, bytes([one[0] ^ 1]) + one[1:], *after])
        ways.append([*before, one[:31] + bytes([one[31] ^ 128]), *after])
        if after and after[0] != one:
            ways.append([*before, after[0], one, *after[1:]])
    return ways


@given(st.integers(2, 300), st.data())
def test_a_spoiled_inclusion_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(READER, index, size), READER.root(size)
    leaf = LEAVES[index]
    assert not any(included(leaf, index, size, way, root) for way in spoiled(proof, leaf))
    assert not included(leaf, index, size, proof, LEAVES[-1])
    assert not included(LEAVES[-1], index, size, proof, root)
    for other in {index - 1, index + 1, index ^ 1, size, 0, -1} - {index}:
        assert not included(leaf, other, size, proof, root)


@given(st.integers(2, 300), st.data())
def test_a_spoiled_consistency_proof_proves_nothing(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(READER, old, new)
    roots = READER.root(old), READER.root(new)
    for way in spoiled(proof, LEAVES[-1]):
        assert not extends(old, roots[0], new, roots[1], way)
    assert not extends(old, LEAVES[-1], new, roots[1], proof)
    assert not extends(old, roots[0], new, LEAVES[-1], proof)
    assert not extends(old, roots[1], new, roots[0], proof)
    for other in {old - 1, old + 1, new} - {old}:
        assert not extends(other, roots[0], new, roots[1], proof)


@given(st.integers(2, 400), st.data())
def test_a_changed_leaf_makes_growth_unprovable(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    changed = list(LEAVES[:new])
    changed[data.draw(st.integers(0, old - 1))] = LEAVES[-1]
    reader = TileReader(TileEdge().grown(changed).files.__getitem__, new)
    proof = consistency_proof(reader, old, new)
    assert not extends(old, READER.root(old), new, reader.root(), proof)


def test_a_proof_is_not_longer_than_the_log_is_high_even_where_its_root_agrees() -> None:
    one, two, three, four, more = LEAVES[:5]
    assert not included(one, 0, 1, [more], node_hash(more, one))
    assert not included(two, 1, 2, [one, more], node_hash(more, node_hash(one, two)))
    left, right = node_hash(one, two), node_hash(three, four)
    proof = [three, four, left]
    assert extends(3, node_hash(left, three), 4, node_hash(left, right), proof)
    old, new = (node_hash(more, node_hash(left, last)) for last in (three, right))
    assert not extends(3, old, 4, new, [*proof, more])


@pytest.mark.parametrize(
    ("old", "old_root", "new", "new_root"),
    [
        (0, EMPTY_ROOT, 3, root_of(LEAVES[:3])),  # whoever accepts a first head needs no proof
        (0, LEAVES[0], 0, LEAVES[0]),
        (-1, LEAVES[0], -1, LEAVES[0]),
        (3, root_of(LEAVES[:3]), 3, root_of(LEAVES[:4])),
        (4, root_of(LEAVES[:4]), 3, root_of(LEAVES[:3])),
        (2**63, LEAVES[0], 2**63, LEAVES[0]),
    ],
)
def test_no_empty_proof_where_there_is_nothing_to_prove(
    old: int, old_root: bytes, new: int, new_root: bytes
) -> None:
    assert not extends(old, old_root, new, new_root, [])


def test_two_empty_logs_are_consistent() -> None:
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])


def test_proofs_that_cannot_be_are_refused() -> None:
    for index, size in [(-1, 5), (5, 5), (0, 0), (0, 1101)]:
        with pytest.raises(InvalidInput):
            inclusion_proof(READER, index, size)
    for old, new in [(0, 5), (6, 5), (1, 1101), (-1, 5)]:
        with pytest.raises(InvalidInput):
            consistency_proof(READER, old, new)


CHECKPOINT = b"example.com/log\n3\nZG9uJ3QgY2FyZQ==\n\n\xe2\x80\x94 example.com/log AAAAAAE=\n"
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)


@given(st.integers(0, 2**63 - 1), hashes, st.none() | st.binary(max_size=40))
def test_a_proof_file_says_what_was_written(
    index: int, path: tuple[bytes, ...], extra: bytes | None
) -> None:
    proof = LogProof(index, path, CHECKPOINT, extra)
    data = format_proof(proof)
    assert data.startswith(b"c2sp.org/tlog-proof@v1\n")
    assert parse_proof(data) == proof


def test_a_proof_file_has_the_lines_of_the_specification() -> None:
    data = format_proof(LogProof(7, (b"\0" * 32, b"\xff" * 32), CHECKPOINT))
    assert data == (
        b"c2sp.org/tlog-proof@v1\nindex 7\n"
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        b"//////////////////////////////////////////8=\n\n" + CHECKPOINT
    )
    with_extra = format_proof(LogProof(0, (), CHECKPOINT, b"more"))
    assert with_extra == b"c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 0\n\n" + CHECKPOINT


ONE = b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c2sp.org/tlog-proof@v1",
        b"c2sp.org/tlog-proof@v1\nindex 7",
        b"c2sp.org/tlog-proof@v1\nindex 7\n" + ONE + b"\n",
        b"c2sp.org/tlog-proof@v2\nindex 7\n\n",
        b"c2sp.org/tlog-proof@v1\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 07\n\n",
        b"c2sp.org/tlog-proof@v1\nindex -1\n\n",
        b"c2sp.org/tlog-proof@v1\nindex +1\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 1_0\n\n",
        b"c2sp.org/tlog-proof@v1\nindex \xd9\xa1\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\n",
        b"c2sp.org/tlog-proof@v1\nindex  7\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 7\r\n\n",
        b"c2sp.org/tlog-proof@v1\nINDEX 7\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 7\nextra AA==\n\n",
        b"c2sp.org/tlog-proof@v1\nextra AA==\nextra AA==\nindex 7\n\n",
        b"c2sp.org/tlog-proof@v1\nextra AB==\nindex 7\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 7\nAAAA\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 7\n" + ONE[:-1] + b"\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 7\n" + ONE[:-2] + b"B=\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 7\n " + ONE + b"\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 7\n" + (ONE + b"\n") * 64 + b"\n",
        b"\xef\xbb\xbfc2sp.org/tlog-proof@v1\nindex 7\n\n",
    ],
)
def test_anything_else_is_no_proof_file(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_proof(data)
    assert caught.value.code == "proof.form"


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused_or_written_again_as_they_were(noise: bytes) -> None:
    for data in (noise, b"c2sp.org/tlog-proof@v1\nindex 3\n" + noise):
        try:
            assert format_proof(parse_proof(data)) == data
        except InvalidInput:
            continue
