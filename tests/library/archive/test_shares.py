"""Shares of a key, against a second way to find the secret: by trying every polynomial."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.archive.shares import Share, join, multiply, split
from muniment.errors import InvalidInput

PREFIX = "recovery-share-"


def _product(first: int, second: int) -> int:
    """Multiply in GF(2^8) as polynomials: long multiplication, then long division by 0x11b."""
    product = 0
    for bit in range(8):
        if second >> bit & 1:
            product ^= first << bit
    for bit in range(15, 7, -1):
        if product >> bit & 1:
            product ^= 0x11B << (bit - 8)
    return product


def test_the_field_is_that_of_aes() -> None:
    """Every product, and the one of FIPS 197 4.2."""
    assert multiply(0x57, 0x83) == 0xC1
    assert all(multiply(a, b) == _product(a, b) for a in range(256) for b in range(256))


@pytest.mark.parametrize("needed", [2])
def test_every_pair_of_three_leads_to_the_one_line_through_both(needed: int) -> None:
    """The oracle knows no interpolation: of all 65,536 lines it takes those that fit both."""
    secret = bytes([0, 1, 0x53, 0xCA, 0xFF])
    shares = split(secret, needed, 3)
    for one, two in itertools.combinations(shares, needed):
        for place, byte in enumerate(secret):
            fitting = {
                base
                for base, slope in itertools.product(range(256), repeat=2)
                if base ^ _product(slope, one.place) == one.value[place]
                and base ^ _product(slope, two.place) == two.value[place]
            }
            assert fitting == {byte}
        assert join([one, two]) == join([two, one]) == secret


def test_one_share_of_two_fits_every_secret() -> None:
    """With fewer than needed nothing is learned: each value of the byte has exactly one line."""
    share = split(b"\x2a", 2, 3)[1]
    for guess in range(256):
        slopes = [s for s in range(256) if guess ^ _product(s, share.place) == share.value[0]]
        assert len(slopes) == 1


@settings(max_examples=60, deadline=None)
@given(secret=st.binary(min_size=1, max_size=40), data=st.data())
def test_any_k_of_n_give_it_back_and_fewer_do_not(secret: bytes, data: st.DataObject) -> None:
    """For every k and n that are allowed, through what is printed."""
    count = data.draw(st.integers(2, 16))
    needed = data.draw(st.integers(2, count))
    printed = [one.text(PREFIX) for one in split(secret, needed, count)]
    shares = [Share.parse(PREFIX, text) for text in data.draw(st.permutations(printed))]
    assert join(shares[:needed]) == secret
    with pytest.raises(InvalidInput) as refused:
        join(shares[: needed - 1] * 2)
    assert refused.value.code == "share.few"


def test_what_does_not_belong_together_is_refused() -> None:
    """Another set, a wrong letter, another kind of share, a share that was changed."""
    first, second = split(bytes(32), 2, 3), split(bytes(range(32)), 2, 3)
    with pytest.raises(InvalidInput) as refused:
        join([first[0], second[1]])
    assert refused.value.code == "share.mixed"
    forged = Share(2, 2, first[0].name, second[1].value)
    with pytest.raises(InvalidInput) as refused:
        join([first[0], forged])
    assert refused.value.code == "share.wrong"
    text = first[0].text(PREFIX)
    for bad in (text[:-1], text.replace("Q", "P", 1), "", "recovery-share-1"):
        with pytest.raises(InvalidInput):
            Share.parse(PREFIX, bad)
    with pytest.raises(InvalidInput):
        Share.parse("escrow-share-", text)
    for needed, count in ((1, 3), (4, 3), (2, 17)):
        with pytest.raises(InvalidInput):
            split(b"x", needed, count)
