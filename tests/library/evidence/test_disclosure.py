from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import InvalidInput
from muniment.evidence.canonical import Json
from muniment.evidence.disclosure import digest_of, disclose, open_disclosure, sd

SALT = b"0123456789abcdef"
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = text.filter(lambda name: name not in {"_sd", "..."})
values = text | st.booleans() | st.dictionaries(text, text, max_size=4) | st.lists(text, max_size=4)


def plain(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def test_the_digest_of_the_example_of_rfc_9901_agrees() -> None:
    # RFC 9901 4.2.1: the digest is over the text as it stands, whatever JSON is inside.
    example = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest_of(example) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    with pytest.raises(InvalidInput):  # its JSON has spaces: not in our one form
        open_disclosure(example)


@given(names, values, st.binary(min_size=16, max_size=40))
def test_a_disclosure_is_what_the_specification_says_and_opens(
    name: str, value: Json, salt: bytes
) -> None:
    one = disclose(name, value, salt)
    assert one.text == plain(rfc8785.dumps([plain(salt), name, value]))
    assert one.digest == plain(hashlib.sha256(one.text.encode("ascii")).digest())
    assert one.digest == digest_of(one.text)
    opened = open_disclosure(one.text)
    assert (opened.salt, opened.name, opened.digest) == (salt, name, one.digest)
    assert opened.value == value


def test_each_disclosure_has_a_salt_of_its_own_of_128_bits() -> None:
    salts = {open_disclosure(disclose("name", "value").text).salt for _ in range(100)}
    assert len(salts) == 100
    assert {len(salt) for salt in salts} == {16}


def test_digests_are_sorted_by_ascii() -> None:
    many = [disclose("name", number) for number in range(50)]
    assert sd(many) == sorted(one.digest for one in many)
    assert sd([]) == []


@pytest.mark.parametrize("name", ["_sd", "..."])
def test_a_reserved_name_is_refused_in_both_directions(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        disclose(name, "value")
    assert caught.value.code == "disclosure.name"
    with pytest.raises(InvalidInput):
        open_disclosure(plain(rfc8785.dumps([plain(SALT), name, "value"])))


def test_a_short_salt_is_refused_in_both_directions() -> None:
    with pytest.raises(InvalidInput) as caught:
        disclose("name", "value", SALT[:15])
    assert caught.value.code == "disclosure.salt"
    with pytest.raises(InvalidInput):
        open_disclosure(plain(rfc8785.dumps([plain(SALT[:15]), "name", "value"])))


GOOD = disclose("name", "value", SALT).text


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD + "=",
        GOOD + "\n",
        " " + GOOD,
        GOOD[:-1],
        GOOD + "A",
        GOOD[:10] + "+" + GOOD[11:],
        GOOD[:10] + "/" + GOOD[11:],
        GOOD[:10] + "é" + GOOD[11:],
        GOOD[:10] + "\ud800" + GOOD[11:],
        plain(b"{}"),
        plain(b'"text"'),
        plain(b"[]"),
        plain(rfc8785.dumps([plain(SALT), "value"])),  # an array element: not used here
        plain(rfc8785.dumps([plain(SALT), "name", "value", "more"])),
        plain(rfc8785.dumps([plain(SALT), 1, "value"])),
        plain(rfc8785.dumps([1, "name", "value"])),
        plain(rfc8785.dumps([plain(SALT) + "=", "name", "value"])),
        plain(rfc8785.dumps([plain(SALT)[:-1] + "h", "name", "value"])),  # unused bits set
        plain(rfc8785.dumps([plain(SALT), "name", None])),
        plain(rfc8785.dumps([plain(SALT), "name", 1.5])),
        plain(urlsafe_b64decode(GOOD + "=" * (-len(GOOD) % 4)).replace(b",", b", ")),
    ],
)
def test_a_text_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        open_disclosure(text)


def test_unused_bits_of_the_text_must_be_zero() -> None:
    one = next(
        made
        for made in (disclose("n", "v" * width, SALT) for width in range(3))
        if len(made.text) % 4
    )
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = one.text[:-1] + last[last.index(one.text[-1]) + 1]
    with pytest.raises(InvalidInput) as caught:
        open_disclosure(other)
    assert caught.value.code == "disclosure.base64"


@given(st.text(max_size=60))
def test_noise_is_refused(noise: str) -> None:
    with pytest.raises(InvalidInput):
        open_disclosure(noise)
