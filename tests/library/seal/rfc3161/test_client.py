"""Asking over HTTP on loopback, through the one way out; and when to ask again."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from muniment.egress import Egress, Rule
from muniment.errors import InvalidInput, MunimentError, Unavailable
from muniment.seal.rfc3161 import Finding, Qualification, RetryPlan, Standing, TimeAuthority
from muniment.seal.rfc3161.client import request_stamp
from muniment.seal.rfc3161.retry import is_worth_asking_again
from muniment.testing.simulated_authority import SimulatedAuthority, Urls
from tests.library.egress.servers import answer, serving
from tests.library.seal.rfc3161.conftest import NOW, STAMPED, trusting

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture(scope="module")
def served() -> Generator[SimulatedAuthority]:
    with SimulatedAuthority.serving() as simulator:
        yield simulator


def urls(simulator: SimulatedAuthority) -> Urls:
    assert simulator.urls
    return simulator.urls


def way(simulator: SimulatedAuthority) -> Egress:
    return Egress(Rule.loopback(urls(simulator).port))


def configured(simulator: SimulatedAuthority) -> TimeAuthority:
    return trusting(simulator, urls(simulator).stamps)


def test_a_stamp_brings_all_that_will_be_asked_for_later(served: SimulatedAuthority) -> None:
    known = Qualification(Standing.NOT_QUALIFIED, "a simulator")
    authority = replace(configured(served), qualification=known, needs_revocation=True)
    stamp = request_stamp(way(served), authority, STAMPED)
    assert stamp.verdict.finding is Finding.HOLDS
    assert (stamp.authority, stamp.stamped, stamp.qualification) == ("Simulator", STAMPED, known)
    assert [x509.load_der_x509_certificate(each) for each in stamp.chain] == [
        served.signer.certificate,
        served.root.certificate,
    ]
    assert (len(stamp.revocation.ocsp), stamp.revocation.crls, stamp.revocation.missing) == (
        1,
        (),
        (),
    )
    assert "demonstration, proves nothing" in x509.load_der_x509_certificate(
        stamp.chain[0]
    ).subject.rfc4514_string().replace("\\", "")


def test_a_list_stands_in_where_nobody_answers_for_the_status() -> None:
    with SimulatedAuthority.serving() as simulator:
        simulator.urls = replace(urls(simulator), status=f"{urls(simulator).stamps}/nobody")
        simulator.signer = simulator.issue()
        stamp = request_stamp(way(simulator), configured(simulator), STAMPED)
        assert stamp.verdict.holds
        assert (stamp.revocation.ocsp, len(stamp.revocation.crls)) == ((), 1)
        simulator.urls = replace(urls(simulator), revoked="http://10.0.0.1/crl")
        simulator.signer = simulator.issue()
        stamp = request_stamp(way(simulator), configured(simulator), STAMPED)
        assert stamp.verdict.holds
        assert len(stamp.revocation.missing) == 1
        needing = replace(configured(simulator), needs_revocation=True)
        stamp = request_stamp(way(simulator), needing, STAMPED)
        assert stamp.verdict.finding is Finding.STATUS_UNKNOWN


def test_a_revoked_authority_is_found_at_once() -> None:
    with SimulatedAuthority.serving() as simulator:
        serial = simulator.signer.certificate.serial_number
        simulator.revoked[serial] = (datetime(2026, 1, 1, tzinfo=UTC), None)
        stamp = request_stamp(way(simulator), configured(simulator), STAMPED)
    assert stamp.verdict.finding is Finding.REVOKED
    assert stamp.reply


def test_a_wrong_reply_is_kept_and_judged() -> None:
    other = SimulatedAuthority()
    with serving(
        lambda connection, asked: answer(
            other.reply(asked.partition(b"\r\n\r\n")[2]), Content_Type="application/timestamp-reply"
        )(connection, asked)
    ) as server:
        authority = trusting(SimulatedAuthority(NOW), server.url())
        stamp = request_stamp(Egress(Rule.loopback(server.port)), authority, STAMPED)
    assert stamp.verdict.finding is Finding.PATH
    assert (len(stamp.reply) > 500, stamp.chain) == (True, ())
    assert b"Content-Type: application/timestamp-query" in server.asked[0]
    assert server.asked[0].endswith(stamp.query)


@pytest.mark.parametrize(
    ("status", "media_type"),
    [(200, "text/html"), (500, "application/timestamp-reply"), (404, "text/plain"), (200, "")],
)
def test_what_is_no_reply_is_not_taken_for_one(status: int, media_type: str) -> None:
    with serving(answer(b"x", status, Content_Type=media_type)) as server:
        authority = trusting(SimulatedAuthority(NOW), server.url())
        with pytest.raises(Unavailable) as refused:
            request_stamp(Egress(Rule.loopback(server.port)), authority, STAMPED)
    assert refused.value.code == "token.no_reply"


def test_an_authority_inside_is_not_asked_unless_it_is_allowed(served: SimulatedAuthority) -> None:
    with pytest.raises(InvalidInput) as refused:
        request_stamp(
            Egress(Rule(ports=frozenset({urls(served).port}))), configured(served), STAMPED
        )
    assert refused.value.code == "egress.address"
    assert not is_worth_asking_again(refused.value)


def test_our_own_clock_is_compared_with_the_authoritys(served: SimulatedAuthority) -> None:
    for days in (-365, -1, 1, 365):
        stamp = request_stamp(
            way(served), configured(served), STAMPED,
            now=lambda days=days: datetime.now(UTC) + timedelta(days=days),  # type: ignore[misc]  # bound in the loop
        )  # fmt: skip
        assert stamp.verdict.finding is Finding.CLOCK
        assert is_worth_asking_again(stamp)


def test_waits_double_up_to_an_hour() -> None:
    plan = RetryPlan()
    waits = [plan.next_attempt(failures, NOW) - NOW for failures in (0, 1, 2, 3, 6, 9, 10, 99999)]
    assert [wait.total_seconds() for wait in waits] == [15, 15, 30, 60, 480, 3600, 3600, 3600]


def test_ten_minutes_are_enough() -> None:
    plan = RetryPlan()
    assert not plan.is_overdue(NOW, NOW + timedelta(minutes=10))
    assert plan.is_overdue(NOW, NOW + timedelta(minutes=10, seconds=1))


def test_what_a_person_has_to_mend_is_not_asked_again_by_itself(served: SimulatedAuthority) -> None:
    errors: list[tuple[MunimentError, bool]] = [
        (Unavailable("x", code="egress.connect"), True),
        (InvalidInput("x", code="egress.url"), False),
    ]
    for error, again in errors:
        assert is_worth_asking_again(error) is again
    stamp = request_stamp(way(served), configured(served), STAMPED)
    assert not is_worth_asking_again(stamp)
    for finding in Finding:
        changed = replace(stamp, verdict=replace(stamp.verdict, finding=finding))
        settled = {"holds", "policy", "purpose", "path", "revoked"}
        assert is_worth_asking_again(changed) is (finding not in settled)


def test_a_stamp_is_read_by_openssl_too(served: SimulatedAuthority, tmp_path: Path) -> None:
    stamp = request_stamp(way(served), configured(served), STAMPED)
    (tmp_path / "head.note").write_bytes(stamp.stamped)
    (tmp_path / "head.tsr").write_bytes(stamp.reply)
    roots = x509.load_der_x509_certificate(stamp.chain[-1]).public_bytes(Encoding.PEM)
    (tmp_path / "roots.pem").write_bytes(roots)
    command = "openssl ts -verify -data head.note -in head.tsr -CAfile roots.pem"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
