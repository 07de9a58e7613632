"""A token ages: with the clock moved on, a new one is due before the old one is worth less."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from muniment.seal.rfc3161 import Renewal, RenewalRule, Token, check_token, due_for_restamp
from muniment.seal.rfc3161.renewal import renewal_of
from muniment.seal.rfc3161.stamped import new_query
from muniment.testing.simulated_authority import NAME, SimulatedAuthority
from tests.library.seal.rfc3161.conftest import NOW, STAMPED, trusting

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
LONG = RenewalRule(interval=timedelta(days=30_000))


def held(end: datetime) -> tuple[Token, tuple[x509.Certificate, ...]]:
    """A right token under a certificate that ends then, and its path."""
    simulator = SimulatedAuthority(NOW)
    reply = simulator.reply(new_query(STAMPED).data, signer=simulator.issue(end=end))
    found = check_token(reply, STAMPED, trusting(simulator), now=NOW)
    assert found.token
    assert found.holds
    return found.token, found.path


def test_before_the_certificate_expires() -> None:
    end = NOW + 300 * DAY
    token, path = held(end)
    due = end - 90 * DAY
    assert due_for_restamp(token, path, NOW) is None
    assert due_for_restamp(token, path, due - SECOND) is None
    found = due_for_restamp(token, path, due)
    assert found == Renewal(due, f"a certificate expires on {end:%Y-%m-%d}")
    assert due_for_restamp(token, path, end + 9999 * DAY) == found


def test_once_a_year_in_any_case() -> None:
    token, path = held(NOW + 3000 * DAY)
    assert due_for_restamp(token, path, NOW + 365 * DAY - SECOND) is None
    assert due_for_restamp(token, path, NOW + 365 * DAY) == Renewal(
        NOW + 365 * DAY, "a year has passed"
    )


def test_before_the_root_expires_though_the_signer_does_not() -> None:
    token, path = held(NOW + 9000 * DAY)
    root = path[-1].not_valid_after_utc
    due = renewal_of(token, path, LONG)
    assert due.due == min(root, datetime(2035, 12, 31, tzinfo=UTC)) - 90 * DAY


def test_the_margin_is_the_callers() -> None:
    end = NOW + 300 * DAY
    token, path = held(end)
    rule = RenewalRule(margin=timedelta(days=10))
    assert renewal_of(token, path, rule).due == end - 10 * DAY


Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def certificate(key: Key, algorithm: hashes.HashAlgorithm | None) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{text} ({NAME})")])

    return (
        x509.CertificateBuilder()
        .subject_name(name("ages"))
        .issuer_name(name("root"))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + 30_000 * DAY)
        .sign(key, algorithm)  # type: ignore[arg-type]  # SHA-256 or none
    )


@pytest.mark.parametrize(
    ("key", "year", "name"),
    [
        pytest.param(key, year, name, id=name)
        for key, year, name in (
            (rsa.generate_private_key(65537, 2048), 2030, "RSA-2048"),
            (rsa.generate_private_key(65537, 3072), 2035, "RSA-3072"),
            (ec.generate_private_key(ec.SECP224R1()), 2030, "ECDSA secp224r1"),
            (ec.generate_private_key(ec.SECP256R1()), 2035, "ECDSA secp256r1"),
            (ed25519.Ed25519PrivateKey.generate(), 2035, "EdDSA"),
        )
    ],
)
def test_before_an_algorithm_is_no_longer_trusted(key: Key, year: int, name: str) -> None:
    token, _ = held(NOW + 300 * DAY)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    path = (certificate(key, algorithm),)
    end = datetime(year, 12, 31, tzinfo=UTC)
    due = end - 90 * DAY
    assert due_for_restamp(token, path, due - SECOND, LONG) is None
    assert due_for_restamp(token, path, due, LONG) == Renewal(
        due, f"{name} is trusted until {year}-12-31"
    )
