from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.leaf import Leaf, leaf_bytes, leaf_hash, parse_leaf
from muniment.errors import InvalidInput
from muniment.evidence.disclosure import disclose, sd

ORIGIN = "specimen.muniment.invalid/tests-0123abcd"
EID = "00112233445566778899aabbccddeeff"
DIGESTS = sd([disclose("name", number, b"0123456789abcdef") for number in range(16)])

digests = st.lists(st.sampled_from(DIGESTS), min_size=1, max_size=16, unique=True).map(sorted)
origins = st.text("abcdefghijklmnopqrstuvwxyz0123456789./-", min_size=1, max_size=80)


@given(origins, st.uuids(), digests)
def test_a_leaf_is_the_canonical_form_of_what_it_says(
    origin: str, eid: object, listed: list[str]
) -> None:
    identifier = str(eid).replace("-", "")
    data = leaf_bytes(origin, identifier, listed)
    assert data == rfc8785.dumps({"v": 1, "log": origin, "eid": identifier, "_sd": listed})
    assert parse_leaf(data) == Leaf(origin, identifier, tuple(listed))


def test_the_hash_of_a_leaf_has_the_prefix_of_leaves() -> None:
    assert leaf_hash(b"bytes") == sha256(b"\0bytes").digest()


@pytest.mark.parametrize(
    ("origin", "eid", "listed", "code"),
    [
        ("Upper.example", EID, DIGESTS, "leaf.origin"),
        ("", EID, DIGESTS, "leaf.origin"),
        ('a"b', EID, DIGESTS, "leaf.origin"),
        ("a\n", EID, DIGESTS, "leaf.origin"),
        (ORIGIN, EID.upper(), DIGESTS, "leaf.eid"),
        (ORIGIN, EID[:-1], DIGESTS, "leaf.eid"),
        (ORIGIN, EID + "\n", DIGESTS, "leaf.eid"),
        (ORIGIN, EID, [], "leaf.digests"),
        (ORIGIN, EID, sorted([*DIGESTS, "A" * 43]), "leaf.digests"),
        (ORIGIN, EID, DIGESTS[::-1], "leaf.digests"),
        (ORIGIN, EID, [DIGESTS[0], DIGESTS[0]], "leaf.digests"),
        (ORIGIN, EID, [DIGESTS[0][:-1]], "leaf.digests"),
        (ORIGIN, EID, [DIGESTS[0][:-1] + "+"], "leaf.digests"),
        (ORIGIN, EID, [DIGESTS[0] + "," + DIGESTS[1]], "leaf.digests"),
        ("a" * 4000, EID, DIGESTS, "leaf.size"),
    ],
)
def test_a_leaf_that_cannot_be_is_refused(
    origin: str, eid: str, listed: list[str], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        leaf_bytes(origin, eid, listed)
    assert caught.value.code == code


def test_the_largest_leaf_has_4096_bytes() -> None:
    room = 4096 - len(leaf_bytes("a", EID, DIGESTS)) + 1
    assert len(leaf_bytes("a" * room, EID, DIGESTS)) == 4096
    with pytest.raises(InvalidInput):
        leaf_bytes("a" * (room + 1), EID, DIGESTS)


GOOD: dict[str, Any] = {"_sd": DIGESTS[:2], "eid": EID, "log": ORIGIN, "v": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"v": "1"},
        {"extra": "x"},
        {"log": 1},
        {"log": "A"},
        {"eid": [EID]},
        {"_sd": DIGESTS[0]},
        {"_sd": {}},
        {"_sd": [1]},
        {"_sd": DIGESTS[1::-1]},
        {"_sd": []},
    ],
)
def test_bytes_that_say_something_else_are_no_leaf(change: dict[str, Any]) -> None:
    assert parse_leaf(rfc8785.dumps(GOOD)).eid == EID
    with pytest.raises(InvalidInput):
        parse_leaf(rfc8785.dumps({**GOOD, **change}))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b"\xff", b"x" * 5000])
def test_bytes_that_are_no_object_are_no_leaf(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_leaf(data)


def test_the_same_leaf_in_other_bytes_is_no_leaf() -> None:
    data = rfc8785.dumps(GOOD)
    for other in (data + b"\n", b" " + data, data.replace(b":", b": "), data[:-1] + b',"v":1}'):
        with pytest.raises(InvalidInput):
            parse_leaf(other)


def test_a_leaf_over_the_limit_is_not_read() -> None:
    data = rfc8785.dumps({**GOOD, "log": "a" * 4000})
    with pytest.raises(InvalidInput) as caught:
        parse_leaf(data)
    assert caught.value.code == "leaf.size"
