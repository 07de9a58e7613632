"""Whether a token holds: imprint, nonce, policy, purpose, path, signature, time, status.

- The checks have a fixed order, and the verdict names the first that fails.
- Everything is judged at the time that the token states (RFC 3161 4.3): an expired certificate that
  was valid then is no fault.
- The signature and the path are checked a second time, by OpenSSL through rfc3161-client.

What it cannot see: a clock that the authority itself set wrong by less than is tolerated, and a key
that was stolen before anybody knew.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha512
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from rfc3161_client import VerificationError, VerifierBuilder

from muniment.errors import InvalidInput
from muniment.seal.rfc3161.paths import Path, find_path, outside_its_time, stamps_time_only
from muniment.seal.rfc3161.revocation import RevocationData, status_of
from muniment.seal.rfc3161.token import Token, read_reply

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from muniment.seal.rfc3161.authority import TimeAuthority

SHA512: Final = "2.16.840.1.101.3.4.2.3"


class Finding(StrEnum):
    """What was found of a token; every one but HOLDS speaks against it."""

    HOLDS = "holds"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    IMPRINT = "imprint"
    NONCE = "nonce"
    POLICY = "policy"
    SIGNER = "signer"
    PURPOSE = "purpose"
    PATH = "path"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    SIGNATURE = "signature"
    CLOCK = "clock"
    REVOKED = "revoked"
    STATUS_UNKNOWN = "status_unknown"


_WORDS: Final = {
    Finding.IMPRINT: "it is for other bytes",
    Finding.NONCE: "it does not answer this query",
    Finding.POLICY: "it was given under a policy that is not accepted",
    Finding.SIGNER: "the certificate of its signer is not there",
    Finding.PURPOSE: "its signer's certificate is not for time stamping alone",
    Finding.PATH: "its signer's certificate leads to no root of this authority",
    Finding.NOT_YET_VALID: "a certificate on its path was not yet valid then",
    Finding.EXPIRED: "a certificate on its path had expired by then",
    Finding.SIGNATURE: "its signature does not hold",
    Finding.CLOCK: "the time it states cannot be",
    Finding.REVOKED: "a certificate on its path was revoked",
    Finding.STATUS_UNKNOWN: "whether its certificates were revoked is not known",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The finding, in words too; token and path as far as the checks came."""

    finding: Finding
    detail: str
    token: Token | None = None
    path: Path = ()

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the token."""
        return self.finding is Finding.HOLDS


@dataclass(frozen=True, slots=True)
class Span:
    """When a query left and when its reply came: the token's time lies between, about."""

    sent: datetime
    received: datetime


def check_token(
    reply: bytes,
    stamped: bytes,
    authority: TimeAuthority,
    *,
    now: datetime,
    nonce: int | None = None,
    asked: Span | None = None,
    revocation: RevocationData | None = None,
) -> Verdict:
    """Return the verdict on a reply about these bytes.

    `nonce` and `asked` are known for a fresh reply and compared then; `revocation` is what was kept
    with it. Never raises for what is in the reply.
    """
    try:
        token = read_reply(reply)
    except InvalidInput as error:
        refused = error.code == "token.refused"
        return Verdict(Finding.REFUSED if refused else Finding.UNREADABLE, error.message)
    signer = token.signer or token.among(authority.intermediates)
    finding = _of_content(token, stamped, authority, nonce)
    path: Path = ()
    if not finding and signer is None:
        finding = Finding.SIGNER
    if not finding and signer is not None:
        between = (*authority.intermediates, *token.certificates)
        path = find_path(signer, between, authority.roots) or ()
        finding = _of_path(token, signer, path)
    finding = finding or _of_signature(token, stamped, path)
    finding = finding or _of_time(token, authority, now, asked)
    finding = finding or _of_status(token, authority, path, revocation or RevocationData())
    if finding:
        return Verdict(finding, _WORDS[finding], token, path)
    words = f"it was there by {token.at:%Y-%m-%d %H:%M:%S} UTC, says {authority.name}"
    return Verdict(Finding.HOLDS, words, token, path)


def _of_content(
    token: Token, stamped: bytes, authority: TimeAuthority, nonce: int | None
) -> Finding | None:
    if token.algorithm != SHA512 or token.imprint != sha512(stamped).digest():
        return Finding.IMPRINT
    if nonce is not None and token.nonce != nonce:
        return Finding.NONCE
    if authority.policies and token.policy not in authority.policies:
        return Finding.POLICY
    return None


def _of_path(token: Token, signer: x509.Certificate, path: Path) -> Finding | None:
    if not stamps_time_only(signer):
        return Finding.PURPOSE
    if not path:
        return Finding.PATH
    return {"": None, "expired": Finding.EXPIRED, "not yet valid": Finding.NOT_YET_VALID}[
        outside_its_time(path, token.at)
    ]


def _of_signature(token: Token, stamped: bytes, path: Path) -> Finding | None:
    signer, *between, root = path
    judge = VerifierBuilder(
        roots=[root],
        intermediates=[*between],
        tsa_certificate=None if token.certificates else signer,
    )
    try:
        judge.build().verify_message(token.response, stamped)
    except VerificationError:
        return Finding.SIGNATURE
    return None


def _of_time(
    token: Token, authority: TimeAuthority, now: datetime, asked: Span | None
) -> Finding | None:
    tolerated = authority.tolerance
    if token.at > now + tolerated:
        return Finding.CLOCK
    if asked and not asked.sent - tolerated <= token.at <= asked.received + tolerated:
        return Finding.CLOCK
    return None


def _of_status(
    token: Token, authority: TimeAuthority, path: Path, revocation: RevocationData
) -> Finding | None:
    for subject, issuer in pairwise(path):
        status = status_of(subject, issuer, revocation)
        if status and status.spoils(token.at):
            return Finding.REVOKED
        if status is None and authority.needs_revocation:
            return Finding.STATUS_UNKNOWN
    return None
