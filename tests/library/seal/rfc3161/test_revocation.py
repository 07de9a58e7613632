"""Revoked authorities: which tokens they take along (RFC 3161 4), and who may say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ReasonFlags, ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from muniment.seal.rfc3161 import Finding, RevocationData, check_token
from muniment.seal.rfc3161.revocation import status_of
from muniment.seal.rfc3161.stamped import new_query
from muniment.testing.simulated_authority import Signer, SimulatedAuthority, time_stamping
from tests.library.seal.rfc3161.conftest import NOW, STAMPED, trusting

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

DAY = timedelta(days=1)


def asked(simulator: SimulatedAuthority) -> bytes:
    return (
        ocsp.OCSPRequestBuilder()
        .add_certificate(simulator.signer.certificate, simulator.root.certificate, hashes.SHA256())
        .build()
        .public_bytes(Encoding.DER)
    )


def by_list(simulator: SimulatedAuthority) -> RevocationData:
    return RevocationData(crls=(simulator.crl(),))


def by_ocsp(simulator: SimulatedAuthority) -> RevocationData:
    return RevocationData(ocsp=(simulator.ocsp(asked(simulator)),))


@pytest.mark.parametrize("source", [by_list, by_ocsp])
@pytest.mark.parametrize(
    ("revoked", "reason", "finding"),
    [
        (NOW - DAY, ReasonFlags.superseded, Finding.REVOKED),
        (NOW, ReasonFlags.cessation_of_operation, Finding.REVOKED),
        (NOW + DAY, ReasonFlags.superseded, Finding.HOLDS),
        (NOW + DAY, ReasonFlags.cessation_of_operation, Finding.HOLDS),
        (NOW + DAY, ReasonFlags.affiliation_changed, Finding.HOLDS),
        (NOW + DAY, ReasonFlags.unspecified, Finding.HOLDS),
        (NOW + DAY, ReasonFlags.key_compromise, Finding.REVOKED),
        (NOW + DAY, ReasonFlags.ca_compromise, Finding.REVOKED),
        (NOW + DAY, None, Finding.REVOKED),
        (NOW - DAY, None, Finding.REVOKED),
    ],
)
def test_when_and_why_decide(
    source: Callable[[SimulatedAuthority], RevocationData],
    revoked: datetime,
    reason: ReasonFlags | None,
    finding: Finding,
) -> None:
    simulator = SimulatedAuthority(NOW)
    reply = simulator.reply(new_query(STAMPED).data)
    simulator.revoked[simulator.signer.certificate.serial_number] = (revoked, reason)
    found = check_token(reply, STAMPED, trusting(simulator), now=NOW, revocation=source(simulator))
    assert found.finding is finding


def test_not_revoked_is_said_with_its_day(simulator: SimulatedAuthority) -> None:
    for data in (by_list(simulator), by_ocsp(simulator)):
        status = status_of(simulator.signer.certificate, simulator.root.certificate, data)
        assert status
        assert (status.as_of, status.revoked) == (NOW, None)


def test_unknown_counts_only_where_it_is_asked(simulator: SimulatedAuthority) -> None:
    reply = simulator.reply(new_query(STAMPED).data)
    strict = replace(trusting(simulator), needs_revocation=True)
    assert check_token(reply, STAMPED, trusting(simulator), now=NOW).holds
    assert check_token(reply, STAMPED, strict, now=NOW).finding is Finding.STATUS_UNKNOWN
    assert check_token(reply, STAMPED, strict, now=NOW, revocation=by_list(simulator)).holds


def test_only_the_issuer_and_its_responders_say_anything(simulator: SimulatedAuthority) -> None:
    subject, issuer = simulator.signer.certificate, simulator.root.certificate
    query = asked(simulator)
    responder = simulator.issue(*time_stamping(ExtendedKeyUsageOID.OCSP_SIGNING), name="status")
    late = simulator.issue(
        *time_stamping(ExtendedKeyUsageOID.OCSP_SIGNING), end=NOW - DAY, name="late"
    )
    other = SimulatedAuthority(NOW)
    assert status_of(subject, issuer, RevocationData(ocsp=(simulator.ocsp(query, responder),)))
    forged = Signer(other.root.key, simulator.root.certificate)
    for answer in (
        simulator.ocsp(query, simulator.issue()),
        simulator.ocsp(query, late),
        other.ocsp(query),
        simulator.ocsp(query, other.issue(*time_stamping(ExtendedKeyUsageOID.OCSP_SIGNING))),
        ocsp.OCSPResponseBuilder.build_unsuccessful(
            ocsp.OCSPResponseStatus.TRY_LATER
        ).public_bytes(Encoding.DER),
        b"", b"junk", simulator.crl(), simulator.ocsp(query)[:-1],
    ):  # fmt: skip
        assert status_of(subject, issuer, RevocationData(ocsp=(answer,))) is None
    for listed in (other.crl(), simulator.crl(issuer=forged), b"", b"junk", simulator.crl()[:-1]):
        assert status_of(subject, issuer, RevocationData(crls=(listed,))) is None


def test_an_answer_about_another_certificate_says_nothing(simulator: SimulatedAuthority) -> None:
    another = simulator.issue().certificate
    data = by_ocsp(simulator)
    assert status_of(another, simulator.root.certificate, data) is None


def test_the_worst_of_several_answers_counts() -> None:
    simulator = SimulatedAuthority(NOW)
    good = simulator.crl()
    serial = simulator.signer.certificate.serial_number
    simulator.revoked[serial] = (NOW - DAY, ReasonFlags.key_compromise)
    bad = simulator.crl(at=NOW - DAY)
    subject, issuer = simulator.signer.certificate, simulator.root.certificate
    for crls in ((good, bad), (bad, good)):
        status = status_of(subject, issuer, RevocationData(crls=crls))
        assert status
        assert status.reason is x509.ReasonFlags.key_compromise


def test_a_revoked_link_takes_its_tokens_along() -> None:
    simulator = SimulatedAuthority(NOW)
    between = simulator.issue_authority()
    signer = simulator.issue(issuer=between)
    simulator.revoked[between.certificate.serial_number] = (NOW - DAY, None)
    reply = simulator.reply(
        new_query(STAMPED).data, signer=signer, embedded=[signer.certificate, between.certificate]
    )
    found = check_token(reply, STAMPED, trusting(simulator), now=NOW, revocation=by_list(simulator))
    assert found.finding is Finding.REVOKED


@pytest.mark.parametrize("kind", ["changes only", "a part only"])
def test_silence_in_part_of_a_list_says_nothing(simulator: SimulatedAuthority, kind: str) -> None:
    part = x509.IssuingDistributionPoint(
        full_name=None, relative_name=None, only_contains_user_certs=False,
        only_contains_ca_certs=True, only_some_reasons=None, indirect_crl=False,
        only_contains_attribute_certs=False,
    )  # fmt: skip
    listed = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(simulator.root.certificate.subject)
        .last_update(NOW)
        .next_update(NOW + DAY)
        .add_extension(x509.DeltaCRLIndicator(1) if kind == "changes only" else part, critical=True)
        .sign(simulator.root.key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    subject, issuer = simulator.signer.certificate, simulator.root.certificate
    assert status_of(subject, issuer, RevocationData(crls=(listed,))) is None
