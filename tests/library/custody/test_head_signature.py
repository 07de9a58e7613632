from __future__ import annotations

import json
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.head_signature import check_head, cosigned_message, sign_head
from muniment.custody.keys import COSIGNATURE_V1, ED25519, ML_DSA_44, SigningKey, VerifierKey
from muniment.custody.note import check_note, parse_note
from muniment.errors import InvalidInput, TamperSuspected

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "specimen.muniment.invalid/tests-0123abcd"
HEAD = Checkpoint(ORIGIN, 7, bytes(range(32)))
ED, ML = SigningKey.generate(ORIGIN), SigningKey.generate(ORIGIN, ML_DSA_44)
NOTE = sign_head(HEAD, [ED, ML])
MOST_VECTORS = 150  # of 180: keys of another length and contexts, which notes do not have, go off


def test_a_head_is_signed_by_both_keys_and_each_line_stands_alone() -> None:
    note = parse_note(NOTE.to_bytes())
    assert note == NOTE
    assert check_head(note, ED.verifier)
    assert check_head(note, ML.verifier)
    assert check_note(note, ED.verifier)  # whoever knows the first key only, as before
    only = replace(note, signatures=note.signatures[:1])
    assert check_head(only, ED.verifier)
    assert not check_head(only, ML.verifier)
    assert sign_head(HEAD, [ED]) == only


def test_what_is_signed_is_what_the_specification_writes() -> None:
    name = ORIGIN.encode()
    by_hand = b"subtree/v1\n\0" + bytes([len(name)]) + name + bytes(8)
    by_hand += bytes([len(name)]) + name + bytes(8) + struct.pack(">Q", 7) + bytes(range(32))
    assert cosigned_message(HEAD, ORIGIN) == by_hand
    line = NOTE.signatures[1].signature
    assert (len(line), line[:8]) == (8 + 2420, bytes(8))
    assert ML.verifier.signed(by_hand, line[8:])


def test_every_line_of_a_known_key_must_hold() -> None:
    ed, ml = NOTE.signatures
    other = replace(HEAD, size=8)
    for text in (other.text, replace(HEAD, root=bytes(32)).text):
        moved = replace(NOTE, text=text)
        for key in (ED, ML):
            with pytest.raises(TamperSuspected):
                check_head(moved, key.verifier)
    for spoilt in (
        ml.signature[:-1],
        ml.signature + b"\0",
        ml.signature[:8],
        b"\0",
        ml.signature[:7] + b"\1" + ml.signature[8:],  # a time: not what a log says
        ml.signature[:100] + bytes([ml.signature[100] ^ 1]) + ml.signature[101:],
    ):
        wrong = replace(NOTE, signatures=(ed, replace(ml, signature=spoilt)))
        assert check_head(wrong, ED.verifier)
        with pytest.raises(TamperSuspected) as caught:
            check_head(wrong, ML.verifier)
        assert caught.value.code == "note.signature"


def test_a_head_of_an_unknown_key_is_not_signed_by_ours() -> None:
    stranger = SigningKey.generate(ORIGIN, ML_DSA_44)
    assert not check_head(NOTE, stranger.verifier)


def test_a_head_of_another_log_or_of_a_very_long_name_is_not_signed_by_ours() -> None:
    for origin in ("another.example/log", "x" * 300):
        other = Checkpoint(origin, 7, bytes(range(32)))
        assert not check_head(sign_head(other, [SigningKey.generate(origin)]), ML.verifier)
        moved = replace(NOTE, text=other.text)
        with pytest.raises(TamperSuspected):
            check_head(moved, ML.verifier)
    long = Checkpoint("x" * 300, 7, bytes(range(32)))
    keys = [SigningKey.generate(long.origin), SigningKey.generate(long.origin, ML_DSA_44)]
    with pytest.raises(InvalidInput):
        sign_head(long, keys)


def test_a_witness_signs_no_head() -> None:
    witness = SigningKey.generate("w.example", COSIGNATURE_V1)
    with pytest.raises(InvalidInput):
        sign_head(HEAD, [witness])
    with pytest.raises(InvalidInput):
        check_head(NOTE, witness.verifier)
    with pytest.raises(InvalidInput):
        sign_head(HEAD, [ML])


def test_keys_of_both_kinds_are_written_and_read() -> None:
    for key, size in ((ED, 32), (ML, 1312)):
        assert SigningKey.from_text(key.text) == key
        assert VerifierKey.parse(key.verifier.text) == key.verifier
        assert len(key.verifier.public) == size
        assert key.seed.hex() not in repr(key)
    with pytest.raises(InvalidInput) as caught:
        VerifierKey.of(ORIGIN, ML_DSA_44, bytes(1311))
    assert caught.value.code == "key.size"
    assert (
        SigningKey(ORIGIN, ML_DSA_44, bytes(32)).verifier
        != SigningKey(ORIGIN, ED25519, bytes(32)).verifier
    )


def test_wycheproof_signatures_are_judged_as_their_authors_say(shared: Path) -> None:
    file = shared / "vectors/wycheproof/mldsa_44_verify_test.json"
    judged = 0
    for group in json.loads(file.read_text())["testGroups"]:
        public = bytes.fromhex(group["publicKey"])
        if len(public) != 1312:
            with pytest.raises(InvalidInput):
                VerifierKey.of("wycheproof", ML_DSA_44, public)
            continue
        key = VerifierKey.of("wycheproof", ML_DSA_44, public)
        for case in group["tests"]:
            if case.get("ctx"):
                continue
            judged += 1
            found = key.signed(bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            assert found == (case["result"] == "valid"), case["tcId"]
    assert judged >= MOST_VECTORS
