from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.keys import (
    COSIGNATURE_V1,
    ED25519,
    SigningKey,
    VerifierKey,
    is_key_name,
    parse_keys,
)
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

# golang.org/x/mod/sumdb/note, note_test.go
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
# C2SP signed-note, Verifier keys: Example
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


@pytest.mark.parametrize("text", [PETER, FOO])
def test_keys_of_other_implementations_read_back(text: str) -> None:
    key = VerifierKey.parse(text)
    assert key.text == text
    assert key.type == ED25519
    assert key.name == text.split("+", maxsplit=1)[0]
    assert key.key_id.hex() == text.split("+")[1]


def test_a_private_key_of_another_implementation_reads_back() -> None:
    key = SigningKey.from_text(PETER_PRIVATE)
    assert key.text == PETER_PRIVATE
    assert key.verifier.text == PETER


names = st.text(min_size=1, max_size=30).filter(is_key_name)


@given(names, st.binary(min_size=32, max_size=32), st.sampled_from([ED25519, COSIGNATURE_V1]))
def test_any_key_reads_back_and_checks_what_it_signed(name: str, seed: bytes, kind: int) -> None:
    key = SigningKey(name, kind, seed)
    assert SigningKey.from_text(key.text) == key
    assert VerifierKey.parse(key.verifier.text) == key.verifier
    signature = key.sign(b"text")
    assert key.verifier.signed(b"text", signature)
    assert not key.verifier.signed(b"texu", signature)
    assert not key.verifier.signed(b"text", signature[:-1])
    assert not key.verifier.signed(b"text", signature + b"\0")


def test_a_new_key_is_new() -> None:
    assert SigningKey.generate("a").seed != SigningKey.generate("a").seed


def test_a_private_key_does_not_show_itself() -> None:
    key = SigningKey.from_text(PETER_PRIVATE)
    assert repr(key) == "SigningKey(name='PeterNeumann', type=1)"


def test_the_same_key_of_another_type_has_another_id() -> None:
    key = SigningKey("a", ED25519, b"x" * 32)
    assert SigningKey("a", COSIGNATURE_V1, b"x" * 32).verifier.key_id != key.verifier.key_id


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u00a0b", "a\u2003", "\x00", "\ud800"])
def test_a_name_that_cannot_stand_in_a_signature_line_is_refused(name: str) -> None:
    assert not is_key_name(name)
    with pytest.raises(InvalidInput) as caught:
        SigningKey.generate(name)
    assert caught.value.code == "key.name"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "key.form"),
        ("name", "key.form"),
        ("name+00000000", "key.form"),
        ("name+00000000+", "key.form"),
        (PETER.replace("c74f20a3", "c74f20a4"), "key.id"),
        (PETER.replace("c74f20a3", "C74F20A3"), "key.id"),
        (PETER.replace("c74f20a3", "0c74f20a3"), "key.id"),
        (PETER.replace("Peter", "peter"), "key.id"),
        (PETER + "\n", "key.form"),
        (PETER + "=", "key.form"),
        (PETER.replace("ARpc", "Apc="), "key.form"),
        (PETER[:-4], "key.size"),
        (PETER.replace("+ARpc", "+Bhpc"), "key.size"),
        (PETER.replace("+ARpc", "+BRpc"), "key.type"),
        ("a b" + PETER[12:], "key.name"),
        ("é" * 3 + PETER[12:], "key.id"),
    ],
)
def test_a_line_that_is_no_key_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        VerifierKey.parse(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (PETER, "key.form"),
        (PETER_PRIVATE.removeprefix("PRIVATE+"), "key.form"),
        (PETER_PRIVATE.replace("c74f20a3", "c74f20a4"), "key.id"),
        (PETER_PRIVATE.replace("+AYEK", "+AYEL"), "key.id"),
        (PETER_PRIVATE[:-4], "key.size"),
        ("PRIVATE+KEY+", "key.form"),
    ],
)
def test_a_line_that_is_no_private_key_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        SigningKey.from_text(text)
    assert caught.value.code == code
    assert "AYE" not in str(caught.value)


def test_a_file_of_keys_may_have_comments() -> None:
    assert parse_keys(f"# ours\n{PETER}\n\n  {FOO}\n") == [
        VerifierKey.parse(PETER),
        VerifierKey.parse(FOO),
    ]
    assert parse_keys("# none\n") == []
    with pytest.raises(InvalidInput):
        parse_keys(f"{PETER}\nsomething else\n")


def test_wycheproof_signatures_are_judged_as_their_authors_say(shared: Path) -> None:
    groups = json.loads((shared / "vectors/wycheproof/ed25519_test.json").read_text())["testGroups"]
    judged = 0
    for group in groups:
        key = VerifierKey.of("wycheproof", ED25519, bytes.fromhex(group["publicKey"]["pk"]))
        for test in group["tests"]:
            message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
            assert key.signed(message, signature) is (test["result"] == "valid"), test["tcId"]
            judged += 1
    assert judged == 151


def test_a_key_that_is_no_point_of_the_curve_signs_nothing() -> None:
    key = VerifierKey.of("a", ED25519, b"\xff" * 32)
    assert not key.signed(b"", b"\0" * 64)
