"""What the settings name of the outside: read again as written, and refused where misspelt."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from muniment.archive.outside import NamedAuthority, Outside
from muniment.archive.time_settings import authorities_of, egress_rule
from muniment.archive.workspace import SETTINGS, Workspace, read_settings, write_settings
from muniment.egress import Rule
from muniment.errors import InvalidInput
from muniment.seal.rfc3161 import Standing
from muniment.testing.simulated_authority import NAME, SimulatedAuthority

FIRST = NamedAuthority(NAME, "https://tsa.example:8318/", "time/root.pem")
SECOND = NamedAuthority(
    f"{NAME} (второй)",
    "http://tsa.example/",
    "time/root.pem",
    intermediates="time/between.pem",
    policies=("1.3.6.1.4.1.32473.1.1",),
    standing="qualified",
    basis='trusted list of "Halvia", seen on 2026-11-21',
    needs_revocation=True,
)
WHOLE = Outside(("10.20.0.0/16", "fd00::/8"), (8443,), ("203.0.113.9/32",), (FIRST, SECOND))


def workspace(folder: Path, outside: Outside) -> Workspace:
    made = Workspace(folder, "archive", "muniment.invalid/archive-1f2e3d4c", "0" * 32)
    return replace(made, outside=outside)


@pytest.mark.parametrize(
    "outside", [Outside(), WHOLE, Outside(ports=(8443,)), Outside(authorities=(SECOND,))]
)
def test_what_is_written_is_read_again(tmp_path: Path, outside: Outside) -> None:
    write_settings(workspace(tmp_path, outside))
    assert read_settings(tmp_path).outside == outside


def test_nothing_is_named_unless_somebody_names_it(tmp_path: Path) -> None:
    write_settings(workspace(tmp_path, Outside()))
    text = (tmp_path / SETTINGS).read_text(encoding="utf-8")
    assert "time" not in text
    assert "egress" not in text
    assert authorities_of(read_settings(tmp_path)) == ()
    assert egress_rule(read_settings(tmp_path)) == Rule()


AUTHORITY = '[[time.authority]]\nname = "N"\nurl = "http://tsa.example/"\nroots = "root.pem"\n'


@pytest.mark.parametrize(
    "text",
    [
        "[egress]\nnetwork = []",
        '[egress]\nnetworks = "10.0.0.0/8"',
        '[egress]\nnetworks = ["10.0.0.1/8"]',
        "[egress]\nnetworks = [10]",
        '[egress]\nown = ["here"]',
        "[egress]\nports = [0]",
        "[egress]\nports = [true]",
        '[egress]\nports = ["80"]',
        "egress = 1",
        "time = 1",
        "[time]\nauthorities = []",
        '[time]\nauthority = "N"',
        "[time]\nauthority = [1]",
        '[[time.authority]]\nname = "N"\nurl = "http://tsa.example/"',
        AUTHORITY + "standing = true",
        AUTHORITY + 'standing = "certified"\nbasis = "x"',
        AUTHORITY + 'standing = "qualified"',
        AUTHORITY + 'standing = "not qualified"\nbasis = " "',
        AUTHORITY + 'policies = "1.2.3"',
        AUTHORITY + "policies = [1]",
        AUTHORITY + 'needs_revocation = "no"',
        AUTHORITY + 'root = "other.pem"',
        AUTHORITY * 2,
    ],
)
def test_what_is_misspelt_is_refused(tmp_path: Path, text: str) -> None:
    write_settings(workspace(tmp_path, Outside()))
    settings = tmp_path / SETTINGS
    before = settings.read_text(encoding="utf-8")
    head, _, rest = before.partition("[workspace]")
    settings.write_text(
        f"{text}\n{before}" if "=" in text.partition("\n")[0] else f"{before}\n{text}\n",
        encoding="utf-8",
    )
    assert head.startswith("#")
    assert rest
    with pytest.raises(InvalidInput) as refused:
        read_settings(tmp_path)
    assert refused.value.code == "workspace.outside"


def test_the_settings_become_authorities_and_a_rule(tmp_path: Path) -> None:
    simulator = SimulatedAuthority()
    (tmp_path / "time").mkdir()
    pem = simulator.root.certificate.public_bytes(Encoding.PEM)
    (tmp_path / "time" / "root.pem").write_bytes(pem)
    (tmp_path / "time" / "between.pem").write_bytes(pem)
    made = workspace(tmp_path, WHOLE)
    first, second = authorities_of(made)
    assert (first.name, first.url, first.roots) == (FIRST.name, FIRST.url, second.roots)
    assert first.qualification.standing is Standing.NOT_KNOWN
    assert first.roots == (simulator.root.certificate,)
    assert second.qualification.standing is Standing.QUALIFIED
    assert second.qualification.basis == SECOND.basis
    assert second.intermediates == (simulator.root.certificate,)
    assert second.policies == {"1.3.6.1.4.1.32473.1.1"}
    assert second.needs_revocation
    rule = egress_rule(made)
    assert rule.ports == {80, 443, 8318, 8443}
    assert rule.networks == (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))
    assert rule.own == (ip_network("203.0.113.9/32"),)


def test_an_authority_that_proves_nothing_says_so_in_its_name(tmp_path: Path) -> None:
    pem = SimulatedAuthority().root.certificate.public_bytes(Encoding.PEM)
    (tmp_path / "root.pem").write_bytes(pem)
    named = NamedAuthority("Ministry of Time", "http://tsa.example/", "root.pem")
    with pytest.raises(InvalidInput) as refused:
        authorities_of(workspace(tmp_path, Outside(authorities=(named,))))
    assert refused.value.code == "authority.demonstration"
    authorities_of(workspace(tmp_path, Outside(authorities=(replace(named, name=NAME),))))


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_roots_that_cannot_be_read_are_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "root.pem").write_bytes(content)
    named = NamedAuthority("N", "http://tsa.example/", "root.pem")
    with pytest.raises(InvalidInput) as refused:
        authorities_of(workspace(tmp_path, Outside(authorities=(named,))))
    assert refused.value.code == "authority.roots"


def test_an_address_without_a_proper_port_is_refused(tmp_path: Path) -> None:
    named = NamedAuthority("N", "http://tsa.example:99999/", "root.pem")
    with pytest.raises(InvalidInput) as refused:
        egress_rule(workspace(tmp_path, Outside(authorities=(named,))))
    assert refused.value.code == "authority.url"
