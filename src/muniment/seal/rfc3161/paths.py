"""From the certificate that signed a token to a root that was chosen beforehand.

- Each step is a certificate that issued the one before: name and signature both fit.
- An issuer is a certificate authority that may sign certificates, within its path length.
- Dates are looked at for the time that the token states, not for today (RFC 3161 2.3, 4.3).

Not its job: revocation; the token's own signature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Path = tuple[x509.Certificate, ...]
_LONGEST: Final = 8
# What `cryptography` and rfc3161-client raise for what is not as it should be.
UNREADABLE: Final = (
    LookupError,
    TypeError,
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


def find_path(
    signer: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
) -> Path | None:
    """Return the way from a certificate to a root, both included; None where there is none."""
    return _onward((signer,), between, roots)


def _onward(
    path: Path, between: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> Path | None:
    last = path[-1]
    if last in roots:
        return path
    if len(path) >= _LONGEST:
        return None
    for issuer in (*roots, *between):
        if issuer in path or not _issued(issuer, last, len(path) - 1):
            continue
        if found := _onward((*path, issuer), between, roots):
            return found
    return None


def _issued(issuer: x509.Certificate, subject: x509.Certificate, below: int) -> bool:
    """Whether one certificate issued another, with `below` authorities under it."""
    try:
        subject.verify_directly_issued_by(issuer)
        extensions = issuer.extensions
    except (InvalidSignature, *UNREADABLE):
        return False
    known = {each.oid: each.value for each in extensions}
    basic, usage = known.get(x509.BasicConstraints.oid), known.get(x509.KeyUsage.oid)
    # RFC 5280 4.2.1.3: without key usage nothing is ruled out.
    if isinstance(usage, x509.KeyUsage) and not usage.key_cert_sign:
        return False
    if not isinstance(basic, x509.BasicConstraints) or not basic.ca:
        return False
    return basic.path_length is None or below <= basic.path_length


def outside_its_time(path: Path, at: datetime) -> str:
    """Say which certificate was not valid then: `expired`, `not yet valid`, or nothing."""
    for each in path:
        if at < each.not_valid_before_utc:
            return "not yet valid"
        if at >= each.not_valid_after_utc:  # OpenSSL excludes that second; RFC 5280 would not
            return "expired"
    return ""


def stamps_time_only(signer: x509.Certificate) -> bool:
    """Whether a certificate is for time stamping alone, and says so critically (RFC 3161 2.3)."""
    try:
        purpose = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    return purpose.critical and [*purpose.value] == [ExtendedKeyUsageOID.TIME_STAMPING]


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate, as 64 hexadecimal digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()
