from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.keys import COSIGNATURE_V1, ED25519, SigningKey, VerifierKey, is_key_name
from muniment.custody.note import Note, NoteSignature, check_note, parse_note, sign_note
from muniment.errors import InvalidInput, TamperSuspected

if TYPE_CHECKING:
    from pathlib import Path

# golang.org/x/mod/sumdb/note, example_test.go and note_test.go
PETER = SigningKey.from_text(
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
)
ENOCH = VerifierKey.parse("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot "
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
GOLDEN = f"{TEXT}\n{PETER_LINE}".encode()
# C2SP signed-note, Verifier keys: Example
FOO = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
FOO_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm"
    "RKuwHjG1Yu72IneyaQM=\n"
).encode()


def test_the_golden_note_is_read_checked_and_written_byte_for_byte() -> None:
    note = parse_note(GOLDEN)
    assert note.text == TEXT
    assert check_note(note, PETER.verifier)
    assert note.to_bytes() == GOLDEN
    assert sign_note(TEXT, PETER).to_bytes() == GOLDEN


def test_the_example_of_the_specification_is_read_and_checked() -> None:
    assert check_note(parse_note(FOO_NOTE), FOO)


def test_each_signer_of_a_note_is_found_and_others_are_not() -> None:
    note = parse_note(GOLDEN + ENOCH_LINE.encode())
    assert check_note(note, PETER.verifier)
    assert check_note(note, ENOCH)
    assert not check_note(note, FOO)


def test_a_signature_can_be_added() -> None:
    note = parse_note(GOLDEN)
    more = note.with_signature(parse_note(f"x\n\n{ENOCH_LINE}".encode()).signatures[0])
    assert more.to_bytes() == GOLDEN + ENOCH_LINE.encode()


def changed(signature: NoteSignature) -> NoteSignature:
    spoiled = bytes([signature.signature[0] ^ 1]) + signature.signature[1:]
    return NoteSignature(signature.name, signature.key_id, spoiled)


def test_a_known_key_that_fails_makes_the_note_false() -> None:
    note = parse_note(GOLDEN)
    good = note.signatures[0]
    for signatures in ([changed(good)], [changed(good), good], [good, changed(good)]):
        with pytest.raises(TamperSuspected) as caught:
            check_note(Note(TEXT, tuple(signatures)), PETER.verifier)
        assert caught.value.code == "note.signature"
    with pytest.raises(TamperSuspected):
        check_note(Note(TEXT.replace("If", "Is"), (good,)), PETER.verifier)


def test_unknown_keys_are_ignored_even_under_a_known_name_or_id() -> None:
    good = parse_note(GOLDEN).signatures[0]
    other_id = NoteSignature(good.name, b"\0\0\0\0", good.signature)
    other_name = NoteSignature("SomebodyElse", good.key_id, good.signature)
    assert not check_note(Note(TEXT, (other_id, other_name)), PETER.verifier)
    assert check_note(Note(TEXT, (other_id, good, other_name)), PETER.verifier)


def test_a_witness_key_checks_no_note_by_itself() -> None:
    witness = SigningKey.generate("witness", COSIGNATURE_V1)
    with pytest.raises(InvalidInput):
        check_note(parse_note(GOLDEN), witness.verifier)
    with pytest.raises(InvalidInput):
        sign_note(TEXT, witness)


@pytest.mark.parametrize("text", ["", "no line end", "a\tb\n", "a\r\n", "\x00\n"])
def test_what_is_no_note_text_is_not_signed(text: str) -> None:
    with pytest.raises(InvalidInput):
        sign_note(text, PETER)


ENCODED = PETER_LINE.split()[2]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        GOLDEN[:-1],
        GOLDEN + b"\n",
        GOLDEN.replace(b"\n", b"\r\n"),
        GOLDEN.replace(b"If", b"\xff\xfe"),
        GOLDEN.replace(b"If", b"I\tf"),
        GOLDEN.replace(b"If", b"\0"),
        GOLDEN.replace(b"\n\n", b"\n"),
        GOLDEN.replace("— ".encode(), "– ".encode()),
        GOLDEN.replace("— ".encode(), "—".encode()),
        GOLDEN.replace("— ".encode(), b"- "),
        GOLDEN.replace("— ".encode(), "—  ".encode()),
        GOLDEN.replace(b"PeterNeumann x", b"PeterNeumann  x"),
        GOLDEN.replace(b"PeterNeumann", b"Peter+Neumann"),
        GOLDEN.replace(b"PeterNeumann ", "Peter\u00a0Neumann ".encode()),
        GOLDEN.replace(b"PeterNeumann ", b""),
        GOLDEN.replace(b"=\n", b"\n"),
        GOLDEN.replace(b"AM=\n", b"AN=\n"),
        GOLDEN.replace(b"AM=\n", b"AM= \n"),
        GOLDEN.replace(ENCODED.encode(), b"x08gow=="),
        GOLDEN.replace(ENCODED.encode(), b""),
        f"{TEXT}\n{PETER_LINE * 101}".encode(),
        b"x" * 1_000_000 + GOLDEN,
        b"\n" + PETER_LINE.encode(),
    ],
)
def test_bytes_that_are_no_note_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_note(data)
    assert caught.value.code == "note.form"


def test_a_text_may_have_empty_lines_and_a_hundred_signatures() -> None:
    text = "one\n\ntwo\n\n\nthree\n"
    assert parse_note(sign_note(text, PETER).to_bytes()).text == text
    assert len(parse_note(f"{TEXT}\n{PETER_LINE * 100}".encode()).signatures) == 100


lines = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32), max_size=20)
signatures = st.builds(
    NoteSignature,
    st.text(min_size=1, max_size=10).filter(is_key_name),
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=1, max_size=80),
)


@given(st.lists(lines, min_size=1), st.lists(signatures, min_size=1, max_size=5))
def test_any_note_reads_back(text: list[str], signed: list[NoteSignature]) -> None:
    note = Note("\n".join(text) + "\n", tuple(signed))
    assert parse_note(note.to_bytes()) == note


@given(st.binary(max_size=60), st.integers(0, len(GOLDEN)))
def test_noise_is_refused_or_written_again_as_it_was(noise: bytes, place: int) -> None:
    for data in (noise, GOLDEN[:place] + noise + GOLDEN[place:]):
        try:
            assert parse_note(data).to_bytes() == data
        except InvalidInput:
            continue


def test_wycheproof_signatures_over_text_are_judged_alike_in_notes(shared: Path) -> None:
    groups = json.loads((shared / "vectors/wycheproof/ed25519_test.json").read_text())["testGroups"]
    judged = 0
    for group in groups:
        key = VerifierKey.of("wycheproof", ED25519, bytes.fromhex(group["publicKey"]["pk"]))
        for test in group["tests"]:
            signature, message = bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"])
            if not signature or not message.isascii():
                continue
            note = Note(message.decode(), (NoteSignature("wycheproof", key.key_id, signature),))
            try:
                accepted = check_note(note, key)
            except TamperSuspected:
                accepted = False
            assert accepted is (test["result"] == "valid"), test["tcId"]
            judged += 1
    assert judged > 40
