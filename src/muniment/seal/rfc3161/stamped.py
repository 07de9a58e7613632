"""What exactly is stamped of a head (custody-log §1, §7), and the query that asks for it.

- The bytes are the note's text, a blank line and the lines of the log's own keys, in the order they
  stand: cosignatures that arrive later change nothing that was stamped.
- The imprint is SHA-512; each query has a nonce of its own and asks for the certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha512
from typing import TYPE_CHECKING

from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from muniment.custody.note import Note, names
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment.custody.keys import VerifierKey


@dataclass(frozen=True, slots=True)
class Query:
    """One question to an authority: its bytes, and what the reply must repeat."""

    data: bytes
    nonce: int
    imprint: bytes


def stamped_bytes(note: Note, log_keys: Sequence[VerifierKey]) -> bytes:
    """Return what of a signed head is stamped.

    Raises InvalidInput where no line of the log's own keys stands under it.
    """
    own = tuple(one for one in note.signatures if any(names(one, key) for key in log_keys))
    if not own:
        message = "this head is not signed by the log, so there is nothing to stamp"
        raise InvalidInput(message, code="token.unsigned_head")
    return Note(note.text, own).to_bytes()


def new_query(stamped: bytes) -> Query:
    """Return a new question about these bytes, with a new nonce."""
    built = (
        TimestampRequestBuilder()
        .data(stamped)
        .hash_algorithm(HashAlgorithm.SHA512)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    if built.nonce is None:
        message = "the query has no nonce"
        raise InvalidInput(message, code="token.query")
    return Query(built.as_bytes(), built.nonce, sha512(stamped).digest())
