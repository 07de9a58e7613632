"""A reply of an authority, read strictly; nothing is believed yet.

- Read as DER by rfc3161-client. Some authorities send certificates in an order that DER does not
  allow: such a reply is kept raw and called unreadable here; `openssl ts` reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography import x509
from rfc3161_client import decode_timestamp_response

from muniment.errors import InvalidInput
from muniment.seal.rfc3161.paths import UNREADABLE

if TYPE_CHECKING:
    from datetime import datetime

    from rfc3161_client import TimeStampResponse

GRANTED: Final = 0
_LONGEST: Final = 1 << 20
_STATES: Final = {
    1: "granted with changes",
    2: "refused",
    3: "put off",
    4: "about to be revoked",
    5: "revoked",
}


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says: who signed which digest, and the time it states.

    `signer` is the certificate that the signature names, None where the reply does not carry it;
    `accuracy` is in seconds.
    """

    at: datetime
    algorithm: str
    imprint: bytes
    serial: int
    policy: str
    nonce: int | None
    accuracy: float
    issuer: x509.Name
    issuer_serial: int
    certificates: tuple[x509.Certificate, ...]
    response: TimeStampResponse

    @property
    def signer(self) -> x509.Certificate | None:
        """The certificate of whoever signed, if it came along."""
        return self.among(self.certificates)

    def among(self, certificates: tuple[x509.Certificate, ...]) -> x509.Certificate | None:
        """Return the signer's certificate among these."""
        for each in certificates:
            if each.issuer == self.issuer and each.serial_number == self.issuer_serial:
                return each
        return None


def read_reply(reply: bytes) -> Token:
    """Return what a reply says.

    Raises InvalidInput: `token.form` for what is no reply as RFC 3161 and DER have it,
    `token.refused` for a reply without a token.
    """
    if len(reply) > _LONGEST:
        raise _unreadable()
    try:
        response = decode_timestamp_response(reply)
        status, words = response.status, response.status_string
    except UNREADABLE:
        raise _unreadable() from None
    if status != GRANTED:
        said = f": {'; '.join(words)[:200]}" if words else ""
        message = f"the authority answered '{_STATES.get(status, 'something unknown')}'{said}"
        raise InvalidInput(message, code="token.refused")
    try:
        return _token(response)
    except UNREADABLE:
        raise _unreadable() from None


def _token(response: TimeStampResponse) -> Token:
    said, signed = response.tst_info, response.signed_data
    signers = [*signed.signer_infos]
    if len(signers) != 1:
        message = "a token has one signature"  # RFC 3161 2.4.2
        raise ValueError(message)
    listed = sorted(signed.certificates)
    return Token(
        at=said.gen_time,
        algorithm=said.message_imprint.hash_algorithm.dotted_string,
        imprint=said.message_imprint.message,
        serial=said.serial_number,
        policy=said.policy.dotted_string,
        nonce=said.nonce,
        accuracy=_seconds(said.accuracy),
        issuer=signers[0].issuer,
        issuer_serial=signers[0].serial_number,
        certificates=tuple(_certificate(each) for each in listed),
        response=response,
    )


def _certificate(data: bytes) -> x509.Certificate:
    """A certificate whose names can be read: `cryptography` reads them only when they are asked."""
    certificate = x509.load_der_x509_certificate(data)
    if not certificate.issuer or not certificate.subject:
        message = "a certificate names nobody"
        raise ValueError(message)
    return certificate


def _seconds(accuracy: object) -> float:
    """RFC 3161 2.4.2: seconds, millis, micros; what is absent counts as nothing."""
    scales = (("seconds", 1.0), ("millis", 1e-3), ("micros", 1e-6))
    return sum((getattr(accuracy, name, None) or 0) * scale for name, scale in scales)


def _unreadable() -> InvalidInput:
    message = "the reply is not a time-stamp reply in DER"
    hint = "It is kept as it came; `openssl ts -reply -in FILE -text` may read what DER forbids."
    return InvalidInput(message, code="token.form", hint=hint)
