"""The age format, read and written here and by pyrage: neither knows the other's code."""

from __future__ import annotations

import os

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.archive import age_format
from muniment.archive.age_format import (
    CHUNK,
    Identity,
    Recipient,
    new_header,
    open_bytes,
    plain_size,
    seal_bytes,
    sealed_size,
)
from muniment.archive.bech32 import decode_bech32, encode_bech32
from muniment.errors import InvalidInput, TamperSuspected

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5)


@pytest.mark.parametrize("size", SIZES)
def test_what_one_seals_the_other_opens(size: int) -> None:
    """With extra stanzas, which pyrage adds at random, and with several recipients."""
    ours, other = Identity.generate(), Identity.generate()
    theirs = pyrage.x25519.Identity.from_str(ours.text)
    data = os.urandom(size)
    sealed = seal_bytes(data, [other.recipient, ours.recipient])
    assert pyrage.decrypt(sealed, [theirs]) == data
    for _ in range(8):
        assert open_bytes(pyrage.encrypt(data, [theirs.to_public()]), [ours]) == data
    header, _ = new_header([other.recipient, ours.recipient])
    assert len(sealed) == sealed_size(size, len(header))
    assert plain_size(len(sealed), len(header)) == size


def test_keys_are_spelled_as_age_spells_them() -> None:
    """Both halves, both ways."""
    for _ in range(20):
        theirs = pyrage.x25519.Identity.generate()
        ours = Identity.parse(str(theirs))
        assert ours.text == str(theirs)
        assert ours.recipient.text == str(theirs.to_public())
        assert Recipient.parse(str(theirs.to_public())) == ours.recipient


@settings(max_examples=60, deadline=None)
@given(size=st.sampled_from(SIZES), data=st.data())
def test_a_changed_cut_or_longer_file_does_not_open(size: int, data: st.DataObject) -> None:
    """A single bit, a missing or added byte, two chunks that changed places."""
    key = Identity.generate()
    sealed = bytearray(seal_bytes(bytes(size), [key.recipient]))
    match data.draw(st.sampled_from(("flip", "cut", "add", "swap"))):
        case "flip":
            place = data.draw(st.integers(0, len(sealed) * 8 - 1))
            sealed[place // 8] ^= 1 << place % 8
        case "cut":
            del sealed[data.draw(st.integers(0, len(sealed) - 1)) :]
        case "add":
            sealed += bytes(data.draw(st.integers(1, CHUNK + 16)))
        case _:
            step = CHUNK + 16
            start = len(sealed) - size - 16 * max(-(-size // CHUNK), 1)
            if size < 2 * CHUNK:
                return
            first, second = sealed[start : start + step], sealed[start + step : start + 2 * step]
            sealed[start : start + 2 * step] = second + first
    with pytest.raises(TamperSuspected):
        open_bytes(bytes(sealed), [key])


def test_another_key_opens_nothing() -> None:
    """As little as no key at all."""
    sealed = seal_bytes(b"who was there", [Identity.generate().recipient])
    for keys in ([Identity.generate()], []):
        with pytest.raises(TamperSuspected):
            open_bytes(sealed, keys)


@given(st.binary(max_size=80))
def test_bech32_comes_back_and_one_wrong_letter_is_noticed(data: bytes) -> None:
    """The checksum is that of BIP 173."""
    text = encode_bech32("age", data)
    assert decode_bech32("age", text) == decode_bech32("age", text.upper()) == data
    place = 4 + len(data) % (len(text) - 4)
    wrong = text[:place] + ("q" if text[place] != "q" else "p") + text[place + 1 :]
    for bad in (wrong, text[:-1], "Age" + text[3:], "age1", "", "agé1qqqqqq"):
        with pytest.raises(InvalidInput):
            decode_bech32("age", bad)


def test_bech32_of_the_standard() -> None:
    """Vectors of BIP 173."""
    assert decode_bech32("a", "A12UEL5L") == b""
    text = "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"
    assert decode_bech32("abcdef", text).hex() == "00443214c74254b635cf84653a56d7c675be77df"
    assert encode_bech32("abcdef", decode_bech32("abcdef", text)) == text


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def spelled_otherwise(text: bytes) -> bytes:
    """The same bytes in base64 whose last, unused bits are not zero."""
    return text[:-1] + ALPHABET[ALPHABET.index(chr(text[-1])) + 1].encode()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_one_file_has_one_spelling(which: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header that says the same in other letters is refused (age: canonical base64).

    Share, body and code of authenticity are spelled otherwise by the writer itself, so that the
    code is right.
    """
    key = Identity.generate()
    written: list[bytes] = []

    def text(data: bytes) -> bytes:
        written.append(plainly(data))
        return spelled_otherwise(written[-1]) if len(written) == which + 1 else written[-1]

    plainly = age_format._text
    with monkeypatch.context() as patch:
        patch.setattr(age_format, "_text", text)
        sealed = seal_bytes(b"where they were taken", [key.recipient])
    assert len(written) == len(("share", "body", "code"))
    with pytest.raises(TamperSuspected):
        open_bytes(sealed, [key])


@pytest.mark.parametrize(
    ("line", "opens"),
    [
        (b"-> x y\nQUI\n", True),
        (b"-> x\n\n", True),
        (b"->  x\n\n", False),
        (b"-> x  y\n\n", False),
        (b"-> \n\n", False),
        (b"-> x\nQUJ\n", False),
    ],
)
def test_a_stanza_of_another_kind_is_well_formed(
    line: bytes, *, opens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is passed over is read all the same."""
    key = Identity.generate()
    stanza = age_format._stanza
    monkeypatch.setattr(age_format, "_stanza", lambda *known: line + stanza(*known))
    sealed = seal_bytes(b"", [key.recipient])
    if opens:
        assert open_bytes(sealed, [key]) == b""
        return
    with pytest.raises(TamperSuspected):
        open_bytes(sealed, [key])
