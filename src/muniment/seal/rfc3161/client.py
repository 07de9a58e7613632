"""Asking an authority for a token, through the one way out (RFC 3161 3.4).

- What comes back is kept raw, whatever the verdict: a reply that does not hold is evidence too.
- Chain and revocation data are fetched at once, while they are served.
- One call asks once. Whether and when to ask again is `retry`'s to say and the queue's to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import Encoding

from muniment.egress import Limits, Request
from muniment.errors import Unavailable
from muniment.evidence.instant import now as clock
from muniment.seal.rfc3161.checking import Span, Verdict, check_token
from muniment.seal.rfc3161.fetching import fetch_revocation
from muniment.seal.rfc3161.revocation import RevocationData
from muniment.seal.rfc3161.stamped import new_query

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from muniment.egress import Egress
    from muniment.seal.rfc3161.authority import Qualification, TimeAuthority

_LIMITS: Final = Limits(bytes=1 << 20, seconds=30)
_OK: Final = 200
_ASKING: Final = (
    ("Content-Type", "application/timestamp-query"),
    ("Accept", "application/timestamp-reply"),
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """All that is kept of one request for time.

    `stamped`, `query` and `reply` are raw; `chain` is the path in DER, signer first, root last,
    empty where the token leads nowhere. `qualification` is what was known of the authority then.
    """

    authority: str
    stamped: bytes
    query: bytes
    reply: bytes
    chain: tuple[bytes, ...]
    revocation: RevocationData
    qualification: Qualification
    verdict: Verdict


def request_stamp(
    egress: Egress,
    authority: TimeAuthority,
    stamped: bytes,
    *,
    now: Callable[[], datetime] = clock,
) -> Stamp:
    """Ask for a token over these bytes, once, and return it with its verdict.

    Raises Unavailable (`token.no_reply`) for an answer that is no time-stamp reply, and whatever
    `Egress.fetch` raises.
    """
    query = new_query(stamped)
    sent = now()
    answer = egress.fetch(Request(authority.url, "POST", _ASKING, query.data), _LIMITS)
    asked = Span(sent, now())
    if answer.status != _OK or answer.media_type != "application/timestamp-reply":
        message = f"{authority.name} did not send a time-stamp reply (status {answer.status})"
        raise Unavailable(message, code="token.no_reply")
    reply = answer.body
    verdict = check_token(
        reply, stamped, authority, now=asked.received, nonce=query.nonce, asked=asked
    )
    revocation = RevocationData()
    if verdict.path:
        revocation = fetch_revocation(verdict.path, egress)
    if verdict.holds or authority.needs_revocation:
        verdict = check_token(
            reply,
            stamped,
            authority,
            now=asked.received,
            nonce=query.nonce,
            asked=asked,
            revocation=revocation,
        )
    return Stamp(
        authority=authority.name,
        stamped=stamped,
        query=query.data,
        reply=reply,
        chain=tuple(each.public_bytes(Encoding.DER) for each in verdict.path),
        revocation=revocation,
        qualification=authority.qualification,
        verdict=verdict,
    )
