"""Whether a certificate was revoked, as the raw answers of its issuers say.

- A status counts only under a signature of the issuer, or of a responder that the issuer made for
  that purpose (RFC 6960 4.2.2.2). What does not check counts as not known.
- RFC 3161 4: a certificate that was revoked because it was replaced or retired leaves earlier
  tokens good; revoked for its key, or without a reason, it takes all of them along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from muniment.seal.rfc3161.paths import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


_HARMLESS: Final = frozenset(
    {
        x509.ReasonFlags.unspecified,
        x509.ReasonFlags.affiliation_changed,
        x509.ReasonFlags.superseded,
        x509.ReasonFlags.cessation_of_operation,
    }
)


@dataclass(frozen=True, slots=True)
class RevocationData:
    """Raw answers, as they came: OCSP responses and revocation lists, in DER.

    `missing` says in words what could not be had.
    """

    ocsp: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of one certificate; `as_of` is when its issuer said so."""

    as_of: datetime
    revoked: datetime | None = None
    reason: x509.ReasonFlags | None = None

    def spoils(self, at: datetime) -> bool:
        """Whether a token of that time is worth nothing any more (RFC 3161 4)."""
        return self.revoked is not None and (self.revoked <= at or self.reason not in _HARMLESS)


def status_of(
    subject: x509.Certificate, issuer: x509.Certificate, data: RevocationData
) -> Status | None:
    """Return the worst that the data says of a certificate, None where it says nothing."""
    found = [
        status
        for status in (
            *(_by_ocsp(subject, issuer, each) for each in data.ocsp),
            *(_by_list(subject, issuer, each) for each in data.crls),
        )
        if status
    ]
    return max(found, key=lambda one: (one.revoked is not None, one.as_of), default=None)


def _by_ocsp(subject: x509.Certificate, issuer: x509.Certificate, data: bytes) -> Status | None:
    try:
        response = ocsp.load_der_ocsp_response(data)
        if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        if not any(_signed(response, each) for each in _responders(response, issuer)):
            return None
        for each in response.responses:
            asked = ocsp.OCSPRequestBuilder().add_certificate(subject, issuer, each.hash_algorithm)
            same = asked.build()
            if (each.serial_number, each.issuer_key_hash, each.issuer_name_hash) != (
                same.serial_number,
                same.issuer_key_hash,
                same.issuer_name_hash,
            ):
                continue
            if each.certificate_status == ocsp.OCSPCertStatus.UNKNOWN:
                return None
            revoked, reason = each.revocation_time_utc, each.revocation_reason
            return Status(each.this_update_utc, revoked, reason)
    except UNREADABLE:
        return None
    return None


def _responders(
    response: ocsp.OCSPResponse, issuer: x509.Certificate
) -> Iterator[x509.Certificate]:
    """Who may sign for an issuer: itself, and those it made for that."""
    yield issuer
    for each in response.certificates:
        try:
            each.verify_directly_issued_by(issuer)
            purposes = each.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (x509.ExtensionNotFound, InvalidSignature, *UNREADABLE):
            continue
        made = response.produced_at_utc
        in_time = each.not_valid_before_utc <= made <= each.not_valid_after_utc
        if ExtendedKeyUsageOID.OCSP_SIGNING in purposes and in_time:
            yield each


def _signed(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    signature, content = response.signature, response.tbs_response_bytes
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm:
            key.verify(signature, content, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm:
            key.verify(signature, content, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, content)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _by_list(subject: x509.Certificate, issuer: x509.Certificate, data: bytes) -> Status | None:
    try:
        listed = x509.load_der_x509_crl(data)
        key = issuer.public_key()
        if listed.issuer != issuer.subject or not listed.is_signature_valid(key):  # type: ignore[arg-type]  # a key that signs nothing raises TypeError
            return None
        if any(one.oid in _PARTIAL for one in listed.extensions):
            return None
        entry = listed.get_revoked_certificate_by_serial_number(subject.serial_number)
        if entry is None:
            return Status(listed.last_update_utc)
        return Status(listed.last_update_utc, entry.revocation_date_utc, _reason(entry))
    except UNREADABLE:
        return None


# Lists of a part of the certificates, or of changes: silence in one of them says nothing.
_PARTIAL: Final = frozenset({x509.DeltaCRLIndicator.oid, x509.IssuingDistributionPoint.oid})


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None
