"""When a head needs a new token because the old one ages (custody-log §1; security reference 3.14).

- Before the first certificate on its path expires: afterwards its status is no longer published.
- Before an algorithm in it is no longer trusted, by the dates of NIST SP 800-57 part 1 rev. 5 (112
  bits of strength until the end of 2030) and of the draft NIST IR 8547 (RSA and elliptic curves at
  all until the end of 2035).
- Once a year in any case, so that the way of doing it is never forgotten.
- A new token covers the newest head, and with it all earlier ones: the old tokens are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography import x509

    from muniment.seal.rfc3161.paths import Path
    from muniment.seal.rfc3161.token import Token

_BROKEN: Final = datetime(2013, 12, 31, tzinfo=UTC)  # NIST SP 800-131A: SHA-1 in signatures
_WEAK: Final = datetime(2030, 12, 31, tzinfo=UTC)
_CLASSICAL: Final = datetime(2035, 12, 31, tzinfo=UTC)
_WEAK_HASHES: Final = frozenset({"md5", "sha1"})
_STRONG_RSA: Final = 3072
_STRONG_CURVE: Final = 256


@dataclass(frozen=True, slots=True)
class RenewalRule:
    """How long before an end to stamp again, and how often in any case."""

    margin: timedelta = timedelta(days=90)
    interval: timedelta = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Renewal:
    """From when on a new token is due, and why."""

    due: datetime
    reason: str


def renewal_of(token: Token, path: Path, rule: RenewalRule | None = None) -> Renewal:
    """Return the first moment at which a token's head needs another one."""
    rule = rule or RenewalRule()
    return min(_renewals(token, path, rule), key=lambda one: one.due)


def due_for_restamp(
    token: Token, path: Path, now: datetime, rule: RenewalRule | None = None
) -> Renewal | None:
    """Return why a token's head needs another one now, or None while it does not."""
    renewal = renewal_of(token, path, rule)
    return renewal if renewal.due <= now else None


def _renewals(token: Token, path: Path, rule: RenewalRule) -> Iterator[Renewal]:
    yield Renewal(token.at + rule.interval, "a year has passed")
    for each in path:
        end = each.not_valid_after_utc
        yield Renewal(end - rule.margin, f"a certificate expires on {end:%Y-%m-%d}")
        algorithm, end = _trusted_until(each)
        yield Renewal(end - rule.margin, f"{algorithm} is trusted until {end:%Y-%m-%d}")


def _trusted_until(certificate: x509.Certificate) -> tuple[str, datetime]:
    """The algorithm of a certificate's key or signature that ends first, and when."""
    used = certificate.signature_hash_algorithm
    self_signed = certificate.issuer == certificate.subject  # nobody relies on that signature
    if used and used.name in _WEAK_HASHES and not self_signed:
        return used.name.upper(), _BROKEN
    key = certificate.public_key()  # readable: a path was found through it
    match key:
        case rsa.RSAPublicKey():
            return f"RSA-{key.key_size}", _WEAK if key.key_size < _STRONG_RSA else _CLASSICAL
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {key.curve.name}", _WEAK if key.key_size < _STRONG_CURVE else _CLASSICAL
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            return "EdDSA", _CLASSICAL
        case dsa.DSAPublicKey():
            return "DSA", _BROKEN
        case _:
            # The post-quantum signatures that `cryptography` knows (FIPS 204) have no end yet.
            return "its algorithm", datetime.max.replace(tzinfo=UTC)
