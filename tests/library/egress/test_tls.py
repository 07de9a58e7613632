"""TLS is checked for the name that was asked, at the address that was checked."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from muniment.egress import Egress, Limits, Request, Rule
from muniment.errors import InvalidInput, Unavailable
from tests.library.egress.servers import answer, raw, serving

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)
LIMITS = Limits(seconds=5)


class Authority:
    """A certificate authority of a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self._own = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=2))
            .not_valid_after(NOW + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def trusting(self) -> ssl.SSLContext:
        """A client's context that believes this authority alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self._own.public_bytes(Encoding.PEM).decode())
        return context

    def server(self, *names: x509.GeneralName, days: int = 1) -> ssl.SSLContext:
        """A server's context with a certificate for these names."""
        key = load_pem_private_key(ec_key := pem(), None)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self._name)
            .public_key(key.public_key())  # type: ignore[arg-type]  # an EC key
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=2))
            .not_valid_after(NOW + timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName(names), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        path = self._folder / "server.pem"
        path.write_bytes(ec_key + certificate.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def pem() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def way(port: int, context: ssl.SSLContext) -> Egress:
    return Egress(
        Rule.loopback(port), resolver=lambda host, port, seconds: ["127.0.0.1"], context=context
    )


def test_the_certificate_is_checked_for_the_name_and_kept(authority: Authority) -> None:
    context = authority.server(x509.DNSName("name.example"))
    asked: list[str | None] = []
    context.sni_callback = lambda tls, name, context: asked.append(name)
    with serving(answer(b"secret"), context) as server:
        found = way(server.port, authority.trusting).fetch(
            Request(server.url(host="name.example")), LIMITS
        )
    assert (found.body, found.hops[0].address) == (b"secret", "127.0.0.1")
    assert asked == ["name.example"]
    [names] = x509.load_der_x509_certificate(found.hops[0].certificate or b"").extensions
    assert names.value == x509.SubjectAlternativeName([x509.DNSName("name.example")])


def test_a_certificate_for_an_address_serves_a_literal(authority: Authority) -> None:
    context = authority.server(x509.IPAddress(ip_address("127.0.0.1")))
    with serving(answer(b"ok"), context) as server:
        found = way(server.port, authority.trusting).fetch(Request(server.url()), LIMITS)
    assert found.body == b"ok"


@pytest.mark.parametrize("wrong", ["name", "expired", "stranger", "not TLS"])
def test_what_does_not_check_is_not_spoken_to(authority: Authority, wrong: str) -> None:
    name = x509.DNSName("other.example" if wrong == "name" else "name.example")
    context = authority.server(name, days=-1 if wrong == "expired" else 1)
    trusting = authority.trusting
    if wrong == "stranger":
        trusting = Egress()._way.context
    plain = wrong == "not TLS"
    with serving(raw(b"HTTP/1.1 200 x\r\n\r\n" * 9), None if plain else context) as server:
        url = f"https://name.example:{server.port}/"
        with pytest.raises(Unavailable) as refused:
            way(server.port, trusting).fetch(Request(url), Limits(seconds=2))
        assert server.asked == []
    expected = {"egress.tls", "egress.time"} if plain else {"egress.certificate"}
    assert refused.value.code in expected


def test_session_keys_are_never_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = Egress()._way.context
    assert not context.keylog_filename
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_what_was_sent_in_tls_is_not_sent_again_without_it(authority: Authority) -> None:
    context = authority.server(x509.DNSName("name.example"))
    with serving(answer(b"plain")) as plain:
        location = plain.url(host="name.example")
        with serving(answer(status=307, Location=location), context) as server:
            out = Egress(
                Rule.loopback(server.port, plain.port),
                resolver=lambda host, port, seconds: ["127.0.0.1"],
                context=authority.trusting,
            )
            url = server.url(host="name.example")
            with pytest.raises(InvalidInput) as refused:
                out.fetch(Request(url, "POST", (), b"secret"), LIMITS)
            assert refused.value.code == "egress.redirect"
            assert plain.calls == 0
            assert out.fetch(Request(url), LIMITS).body == b"plain"
