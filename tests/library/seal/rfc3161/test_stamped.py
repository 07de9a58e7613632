"""What is stamped: the text and the log's own signatures, and nothing that comes later."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha512
from typing import TYPE_CHECKING

import pytest

from muniment.custody.note import NoteSignature, parse_note
from muniment.errors import InvalidInput
from muniment.seal.rfc3161 import stamped_bytes
from muniment.seal.rfc3161.stamped import new_query
from muniment.testing.der import parts
from tests.library.seal.history import head

if TYPE_CHECKING:
    from muniment.seal.signer import FileSigner


def test_cosignatures_change_nothing_that_was_stamped(signer: FileSigner) -> None:
    note = signer.sign(head(7))
    stamped = stamped_bytes(note, signer.verifiers)
    assert stamped == note.to_bytes()
    cosigned = note.with_signature(NoteSignature("witness.example/w", b"abcd", bytes(72)))
    assert cosigned.to_bytes() != stamped
    assert stamped_bytes(cosigned, signer.verifiers) == stamped
    assert parse_note(stamped) == note


def test_a_second_key_of_the_log_is_stamped_too(signer: FileSigner) -> None:
    note = signer.sign(head(7))
    ours, second = signer.verifiers
    own = replace(note, signatures=note.signatures[:1])
    assert stamped_bytes(note, [ours]) == own.to_bytes()
    assert stamped_bytes(note, [ours, second]) == note.to_bytes()


def test_a_head_that_the_log_did_not_sign_is_not_stamped(signer: FileSigner) -> None:
    note = signer.sign(head(7))
    with pytest.raises(InvalidInput) as refused:
        stamped_bytes(note, [])
    assert refused.value.code == "token.unsigned_head"


def test_a_query_names_the_sha_512_of_the_bytes_and_is_never_the_same() -> None:
    first, second = new_query(b"bytes"), new_query(b"bytes")
    assert first.nonce != second.nonce
    [(_, content, _)] = parts(first.data)
    version, (_, imprint, _), nonce, wanted = parts(content)
    assert (version[1], wanted[1]) == (b"\x01", b"\xff")
    assert parts(imprint)[1][1] == first.imprint == sha512(b"bytes").digest()
    assert int.from_bytes(nonce[1], "big") == first.nonce
