"""Who may issue whom: each condition by itself, the others being right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from muniment.seal.rfc3161.paths import find_path

if TYPE_CHECKING:
    from muniment.testing.simulated_authority import SimulatedAuthority


def usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=certificates, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def basic(length: int | None = None, *, ca: bool = True) -> x509.BasicConstraints:
    return x509.BasicConstraints(ca=ca, path_length=length)


@pytest.mark.parametrize(
    ("extensions", "steps"),
    [
        ((basic(), usage(certificates=True)), 3),
        ((basic(0), usage(certificates=True)), 3),
        ((basic(),), 3),
        ((basic(), usage(certificates=False)), 0),
        ((basic(ca=False), usage(certificates=True)), 0),
        ((usage(certificates=True),), 0),
    ],
    ids=["right", "no authority below", "no usage", "other usage", "a leaf", "no constraints"],
)
def test_an_issuer_is_an_authority_that_may_issue(
    simulator: SimulatedAuthority, extensions: tuple[x509.ExtensionType, ...], steps: int
) -> None:
    between = simulator.issue(*((one, True) for one in extensions), name="between")
    signer = simulator.issue(issuer=between).certificate
    path = find_path(signer, [between.certificate], [simulator.root.certificate])
    expected = (signer, between.certificate, simulator.root.certificate)
    assert (path or ()) == expected[:steps]


@pytest.mark.parametrize(("length", "steps"), [(None, 4), (1, 4), (0, 0)])
def test_a_path_is_no_longer_than_its_authorities_allow(
    simulator: SimulatedAuthority, length: int | None, steps: int
) -> None:
    upper = simulator.issue((basic(length), True), name="upper")
    lower = simulator.issue((basic(), True), name="lower", issuer=upper)
    signer = simulator.issue(issuer=lower).certificate
    between = [lower.certificate, upper.certificate]
    path = find_path(signer, between, [simulator.root.certificate])
    assert len(path or ()) == steps


def test_a_name_alone_issues_nothing(simulator: SimulatedAuthority) -> None:
    signer = simulator.issue(issuer=replace(simulator.root, key=simulator.signer.key)).certificate
    assert find_path(signer, [], [simulator.root.certificate]) is None


def test_certificates_that_issued_each_other_end(simulator: SimulatedAuthority) -> None:
    first = simulator.issue((basic(), True), name="first")
    second = simulator.issue((basic(), True), name="second", issuer=first)
    assert find_path(second.certificate, [first.certificate, second.certificate], []) is None
