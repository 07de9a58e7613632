"""Ed25519 in plain integers, against foreign vectors and OpenSSL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from muniment.export.verifier.ed25519 import is_weak_key, signature_holds
from muniment.verify.keys import ED25519, VerifierKey, signed

if TYPE_CHECKING:
    from pathlib import Path

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493


def openssl_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_all_foreign_vectors_with_both_readers(shared: Path) -> None:
    file = shared / "vectors/wycheproof/ed25519_test.json"
    vectors = json.loads(file.read_text(encoding="utf-8"))
    tried = 0
    for group in vectors["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        key = VerifierKey("a.invalid", b"\0" * 4, ED25519, public, "")
        for case in group["tests"]:
            signature, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])
            expected = case["result"] == "valid"
            assert signature_holds(public, signature, message) is expected, case["comment"]
            assert signed(key, signature, message) is expected, case["comment"]
            tried += 1
    assert tried == vectors["numberOfTests"] == 151


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_signatures_by_openssl_hold_and_none_of_their_neighbours(
    seed: bytes, message: bytes, bit: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = private.sign(message)
    assert signature_holds(public, signature, message)
    assert not signature_holds(public, signature, message + b"x")
    neighbour = bytearray(signature)
    neighbour[bit // 8] ^= 1 << bit % 8
    assert not signature_holds(public, bytes(neighbour), message)
    assert not is_weak_key(public)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), st.binary())
def test_any_bytes_are_judged_as_openssl_judges_them(
    public: bytes, signature: bytes, message: bytes
) -> None:
    if int.from_bytes(public, "little") & (1 << 255) - 1 < PRIME:
        assert signature_holds(public, signature, message) is openssl_holds(
            public, signature, message
        )


def test_a_scalar_that_is_not_reduced_is_refused() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = private.sign(b"m")
    s = int.from_bytes(signature[32:], "little") + ORDER
    assert not signature_holds(public, signature[:32] + s.to_bytes(32, "little"), b"m")


def test_lengths_that_no_key_or_signature_has_are_refused() -> None:
    assert not signature_holds(bytes(31), bytes(64), b"")
    assert not signature_holds(bytes(32), bytes(63), b"")


def test_points_whose_order_divides_eight_are_weak_and_no_others() -> None:
    """Under the neutral point, R = S·B is a signature over anything."""
    neutral = (1).to_bytes(32, "little")
    assert is_weak_key(neutral)
    forged = (1).to_bytes(32, "little") + bytes(32)
    assert signature_holds(neutral, forged, b"anything")
    for y in (0, 1, PRIME - 1):
        assert is_weak_key(y.to_bytes(32, "little"))
        assert is_weak_key((y | 1 << 255).to_bytes(32, "little"))
    for y in range(PRIME, 1 << 255):
        assert is_weak_key(y.to_bytes(32, "little"))
    weak = [y for y in range(2, 200) if is_weak_key(y.to_bytes(32, "little"))]
    assert weak == []
