"""A time-stamping authority of one's own (RFC 3161): demonstration, proves nothing.

    authority = SimulatedAuthority()
    reply = authority.reply(query)                      # a true one
    reply = authority.reply(query, clock=timedelta(days=-1))
    with authority.serving() as urls: ...               # over HTTP, on loopback

- It makes its own root and its own certificate; both say in their names what they are, and every
  checker of Muniment shows that name.
- It can be made to err: `Statement` is what it would say, `alter` changes that before it signs,
  `signer` lets it sign with another certificate. So wrong tokens are as well signed as right ones.
- It revokes: `crl` and `ocsp` answer for its certificates.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

from muniment.seal.rfc3161.authority import DEMONSTRATION
from muniment.testing.der import (
    FIRST,
    NULL,
    OCTETS,
    SEQUENCE,
    UTF8,
    der,
    integer,
    oid,
    parts,
    set_of,
    time,
)
from muniment.testing.simulated_web import AnswersPosts, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

NAME: Final = DEMONSTRATION
POLICY: Final = "1.3.6.1.4.1.32473.1.1"  # 32473 is set aside for examples (RFC 5612)
SHA512: Final = "2.16.840.1.101.3.4.2.3"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.47"
_ECDSA_SHA512: Final = "1.2.840.10045.4.3.4"
_NONCE: Final = 0x02
_YEARS: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a token says (RFC 3161 2.4.2, TSTInfo)."""

    policy: str
    algorithm: str
    imprint: bytes
    serial: int
    at: datetime
    nonce: int | None

    @property
    def encoded(self) -> bytes:
        """The TSTInfo in DER."""
        digest = der(SEQUENCE, oid(self.algorithm), NULL)
        return der(
            SEQUENCE,
            integer(1),
            oid(self.policy),
            der(SEQUENCE, digest, der(OCTETS, self.imprint)),
            integer(self.serial),
            time(self.at),
            der(SEQUENCE, integer(1)),
            integer(self.nonce) if self.nonce is not None else b"",
        )


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate and its key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class Urls:
    """Where a serving authority listens; all on one port of loopback."""

    port: int
    stamps: str
    revoked: str
    status: str


def _unaltered(statement: Statement) -> Statement:
    return statement


class SimulatedAuthority:
    """A root, a certificate for time stamping, and whatever else they are asked to sign."""

    def __init__(self, now: datetime | None = None, *, urls: Urls | None = None) -> None:
        """Make the root and the certificate, both as if ten years were their middle age."""
        self.now = now
        self.start = (now or datetime.now(UTC)) - _YEARS
        self.end = (now or datetime.now(UTC)) + _YEARS
        self.urls = urls
        self.revoked: dict[int, tuple[datetime, x509.ReasonFlags | None]] = {}
        self._serials = 0
        key = ec.generate_private_key(ec.SECP256R1())
        self.root = Signer(key, self._certificate(key, "root", key, None, _authority()))
        self.signer = self.issue()

    def issue(
        self,
        *extensions: tuple[x509.ExtensionType, bool],
        start: datetime | None = None,
        end: datetime | None = None,
        name: str = "time stamps",
        issuer: Signer | None = None,
    ) -> Signer:
        """Return a certificate; without `extensions` one that is right for time stamping."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = issuer or self.root
        given = extensions or time_stamping(ExtendedKeyUsageOID.TIME_STAMPING)
        made = self._certificate(key, name, issuer.key, issuer.certificate, given, start, end)
        return Signer(key, made)

    def issue_authority(self, name: str = "intermediate") -> Signer:
        """Return a certificate that may issue others."""
        return self.issue(*_authority(), name=name)

    def reply(
        self,
        query: bytes,
        *,
        clock: timedelta = timedelta(0),
        status: int = 0,
        alter: Callable[[Statement], Statement] = _unaltered,
        signer: Signer | None = None,
        embedded: Sequence[x509.Certificate] | None = None,
    ) -> bytes:
        """Return the reply to a query; the rest says how it errs."""
        if status > 1:
            reason = der(SEQUENCE, der(UTF8, b"refused by the simulator"))
            return der(SEQUENCE, der(SEQUENCE, integer(status), reason))
        signer = signer or self.signer
        shown = [signer.certificate] if embedded is None else embedded
        statement = alter(self._statement(query, clock))
        token = self._token(statement.encoded, signer, shown)
        return der(SEQUENCE, der(SEQUENCE, integer(status)), token)

    def crl(self, at: datetime | None = None, issuer: Signer | None = None) -> bytes:
        """Return the list of revoked certificates of the root, in DER."""
        issuer, at = issuer or self.root, at or self._clock()
        listed = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.certificate.subject)
            .last_update(at)
            .next_update(at + timedelta(days=7))
        )
        for serial, (when, reason) in self.revoked.items():
            entry = x509.RevokedCertificateBuilder(serial, when)
            if reason:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            listed = listed.add_revoked_certificate(entry.build())
        return listed.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def ocsp(self, query: bytes, responder: Signer | None = None) -> bytes:
        """Return the status of a certificate that an OCSP query names."""
        asked = ocsp.load_der_ocsp_request(query)
        when, reason = self.revoked.get(asked.serial_number, (None, None))
        responder = responder or self.root
        at = self._clock()
        made = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if when else ocsp.OCSPCertStatus.GOOD,
            this_update=at,
            next_update=at + timedelta(days=1),
            revocation_time=when,
            revocation_reason=reason,
        )
        made = made.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        if responder is not self.root:
            made = made.certificates([responder.certificate])
        return made.sign(responder.key, hashes.SHA256()).public_bytes(Encoding.DER)

    @classmethod
    @contextmanager
    def serving(cls) -> Generator[SimulatedAuthority]:
        """An authority that answers over HTTP on loopback while the context lasts."""
        answers = AnswersPosts()
        with listening(answers) as port:
            address = f"http://127.0.0.1:{port}"
            urls = Urls(port, f"{address}/tsa", f"{address}/crl", f"{address}/ocsp")
            authority = cls(urls=urls)
            answers.give("/tsa", "application/timestamp-reply", authority.reply)
            answers.give("/ocsp", "application/ocsp-response", authority.ocsp)
            answers.give("/crl", "application/pkix-crl", lambda _: authority.crl())
            yield authority

    def _statement(self, query: bytes, clock: timedelta) -> Statement:
        """The true answer to a query (RFC 3161 2.4.1)."""
        [(_, content, _)] = parts(query)
        _, (_, imprint, _), *rest = parts(content)
        (_, algorithm, _), (_, digest, _) = parts(imprint)
        nonces = [int.from_bytes(value, "big") for tag, value, _ in rest if tag == _NONCE]
        known = {parts(oid(SHA512))[0][1]: SHA512}
        self._serials += 1
        return Statement(
            policy=POLICY,
            algorithm=known.get(parts(algorithm)[0][1], "1.3.14.3.2.26"),
            imprint=digest,
            serial=self._serials,
            at=self._clock() + clock,
            nonce=nonces[0] if nonces else None,
        )

    def _clock(self) -> datetime:
        return (self.now or datetime.now(UTC)).replace(microsecond=0)

    def _token(
        self, statement: bytes, signer: Signer, embedded: Sequence[x509.Certificate]
    ) -> bytes:
        """A CMS SignedData over a TSTInfo (RFC 5652 5, RFC 3161 2.4.2, RFC 5816)."""
        made = signer.certificate.public_bytes(Encoding.DER)
        mark = der(OCTETS, hashlib.sha256(made).digest())
        attributes = [
            der(SEQUENCE, oid(kind), set_of(value))
            for kind, value in (
                (_CONTENT_TYPE, oid(_TST_INFO)),
                (_MESSAGE_DIGEST, der(OCTETS, hashlib.sha512(statement).digest())),
                (_SIGNING_CERTIFICATE, der(SEQUENCE, der(SEQUENCE, der(SEQUENCE, mark)))),
            )
        ]
        signature = signer.key.sign(set_of(*attributes), ec.ECDSA(hashes.SHA512()))
        sha512 = der(SEQUENCE, oid(SHA512), NULL)
        who = der(
            SEQUENCE,
            signer.certificate.issuer.public_bytes(),
            integer(signer.certificate.serial_number),
        )
        info = der(
            SEQUENCE, integer(1), who, sha512, der(FIRST, *sorted(attributes)),
            der(SEQUENCE, oid(_ECDSA_SHA512)), der(OCTETS, signature),
        )  # fmt: skip
        shown = sorted(each.public_bytes(Encoding.DER) for each in embedded)
        data = der(
            SEQUENCE, integer(3), set_of(sha512),
            der(SEQUENCE, oid(_TST_INFO), der(FIRST, der(OCTETS, statement))),
            der(FIRST, *shown) if shown else b"", set_of(info),
        )  # fmt: skip
        return der(SEQUENCE, oid(_SIGNED_DATA), der(FIRST, data))

    def _certificate(
        self,
        key: ec.EllipticCurvePrivateKey,
        name: str,
        issuer_key: ec.EllipticCurvePrivateKey,
        issuer: x509.Certificate | None,
        extensions: Sequence[tuple[x509.ExtensionType, bool]],
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> x509.Certificate:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, NAME),
                x509.NameAttribute(NameOID.COMMON_NAME, f"{name} ({NAME})"),
            ]
        )
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start or self.start)
            .not_valid_after(end or self.end)
            .add_extension(own, critical=False)
            .add_extension(above, critical=False)
        )
        for extension, critical in (*extensions, *(self._places() if issuer else ())):
            made = made.add_extension(extension, critical=critical)
        return made.sign(issuer_key, hashes.SHA256())

    def _places(self) -> Sequence[tuple[x509.ExtensionType, bool]]:
        """Where revocation of a certificate is told, if this authority serves."""
        if not self.urls:
            return ()
        told = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(self.urls.status)
        )
        listed = x509.DistributionPoint(
            [x509.UniformResourceIdentifier(self.urls.revoked)], None, None, None
        )
        return (
            (x509.AuthorityInformationAccess([told]), False),
            (x509.CRLDistributionPoints([listed]), False),
        )


def time_stamping(
    *purposes: x509.ObjectIdentifier, critical: bool = True
) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """The extensions of a certificate for time stamping; other purposes make a wrong one."""
    return (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(signing=True), True),
        (x509.ExtendedKeyUsage(purposes), critical),
    )


def _authority() -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return (
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (_usage(signing=False), True),
    )


def _usage(*, signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signing, content_commitment=signing, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=not signing,
        crl_sign=not signing, encipher_only=False, decipher_only=False,
    )  # fmt: skip
