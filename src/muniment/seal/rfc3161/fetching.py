"""Getting what issuers say of the certificates on a path, while they are served.

- For each certificate but the root: its OCSP status, and where that is not to be had or not usable,
  its issuer's list. Both are kept raw.

Not its job: what an answer means (`revocation`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from muniment.egress import Request
from muniment.errors import MunimentError
from muniment.seal.rfc3161.paths import UNREADABLE
from muniment.seal.rfc3161.revocation import RevocationData, status_of

if TYPE_CHECKING:
    from muniment.egress import Egress
    from muniment.seal.rfc3161.paths import Path

_OK: Final = 200


def fetch_revocation(path: Path, egress: Egress) -> RevocationData:
    """Fetch and return what the issuers on a path say now; never raises for what is not there."""
    told: list[bytes] = []
    listed: list[bytes] = []
    missing: list[str] = []
    for subject, issuer in pairwise(path):
        answer = _ask(subject, issuer, egress)
        if answer and status_of(subject, issuer, RevocationData(ocsp=(answer,))):
            told.append(answer)
            continue
        crl = _get_list(subject, egress)
        if crl and status_of(subject, issuer, RevocationData(crls=(crl,))):
            listed.append(crl)
        else:
            missing.append(f"the status of {subject.subject.rfc4514_string()}")
    return RevocationData(tuple(told), tuple(dict.fromkeys(listed)), tuple(missing))


def _ask(subject: x509.Certificate, issuer: x509.Certificate, egress: Egress) -> bytes | None:
    """The raw answer of the first OCSP responder that answers."""
    try:
        access = subject.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return None
    question = ocsp.OCSPRequestBuilder().add_certificate(subject, issuer, hashes.SHA256()).build()
    body = question.public_bytes(Encoding.DER)
    for each in access:
        if each.access_method != AuthorityInformationAccessOID.OCSP:
            continue
        headers = (("Content-Type", "application/ocsp-request"),)
        if found := _fetched(_uri(each.access_location), egress, "POST", headers, body):
            return found
    return None


def _get_list(subject: x509.Certificate, egress: Egress) -> bytes | None:
    """The raw list from the first place that serves it."""
    try:
        points = subject.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return None
    for point in points:
        for name in point.full_name or ():
            if found := _fetched(_uri(name), egress):
                return found
    return None


def _uri(name: x509.GeneralName) -> str:
    return name.value if isinstance(name, x509.UniformResourceIdentifier) else ""


def _fetched(
    url: str,
    egress: Egress,
    method: str = "GET",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
) -> bytes | None:
    try:
        answer = egress.fetch(Request(url, method, headers, body))
    except MunimentError:
        return None
    return answer.body if answer.status == _OK else None
