"""Tokens that are wrong in one thing each, well signed otherwise: the verdict names that thing.

`openssl ts -verify` reads each of them too, at the time that the token states. It has no opinion on
the clock and on revocation, and it does not ask for a policy; all else it must refuse as well.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from muniment.seal.rfc3161 import Finding, check_token
from muniment.seal.rfc3161.checking import Span
from muniment.seal.rfc3161.stamped import Query, new_query
from muniment.testing.der import SEQUENCE, der, integer, parts
from muniment.testing.simulated_authority import (
    POLICY,
    SimulatedAuthority,
    time_stamping,
)
from tests.library.seal.rfc3161.conftest import NOW, STAMPED, trusting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.seal.rfc3161 import TimeAuthority

SHA256 = "2.16.840.1.101.3.4.2.1"
SHORT = sha256(STAMPED).digest()
SIGNING = ExtendedKeyUsageOID.CODE_SIGNING
STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
DAY = timedelta(days=1)
MOMENT = timedelta(seconds=1)


def says(**changes: object) -> Callable[[SimulatedAuthority, bytes], bytes]:
    """A token that says something else."""
    return lambda it, query: it.reply(
        query,
        alter=lambda statement: replace(statement, **changes),  # type: ignore[arg-type]  # by name
    )


def signed_with(
    *purposes: x509.ObjectIdentifier, critical: bool = True, **dates: datetime
) -> Callable[[SimulatedAuthority, bytes], bytes]:
    """A token under another certificate of the same root."""
    extensions = time_stamping(*purposes, critical=critical)
    return lambda it, query: it.reply(query, signer=it.issue(*extensions, **dates))  # type: ignore[arg-type]  # dates only


def with_usage_only(it: SimulatedAuthority, query: bytes) -> bytes:
    return it.reply(query, signer=it.issue(*time_stamping(STAMPING)[:2]))


def stranger(it: SimulatedAuthority, query: bytes) -> bytes:
    return SimulatedAuthority(NOW).reply(query)


def strangers_root_along(it: SimulatedAuthority, query: bytes) -> bytes:
    other = SimulatedAuthority(NOW)
    shown = [other.signer.certificate, other.root.certificate]
    return other.reply(query, embedded=shown)


def key_of_another(it: SimulatedAuthority, query: bytes) -> bytes:
    right, wrong = it.signer, SimulatedAuthority(NOW).signer
    return it.reply(query, signer=replace(right, key=wrong.key))


def issued_by_a_leaf(it: SimulatedAuthority, query: bytes) -> bytes:
    leaf = it.issue()
    signer = it.issue(issuer=leaf)
    return it.reply(query, signer=signer, embedded=[signer.certificate, leaf.certificate])


def between_left_out(it: SimulatedAuthority, query: bytes) -> bytes:
    return it.reply(query, signer=it.issue(issuer=it.issue_authority()))


def without_certificate(it: SimulatedAuthority, query: bytes) -> bytes:
    return it.reply(query, embedded=[])


def another_certificate(it: SimulatedAuthority, query: bytes) -> bytes:
    return it.reply(query, embedded=[it.issue().certificate])


def for_other_bytes(it: SimulatedAuthority, query: bytes) -> bytes:
    return it.reply(new_query(b"other bytes").data)


def replayed(it: SimulatedAuthority, query: bytes) -> bytes:
    return it.reply(new_query(STAMPED).data)


def turned(place: int) -> Callable[[SimulatedAuthority, bytes], bytes]:
    """One bit of a right reply changed, so far from its end."""

    def make(it: SimulatedAuthority, query: bytes) -> bytes:
        data = bytearray(it.reply(query))
        data[-place] ^= 1
        return bytes(data)

    return make


def restated(it: SimulatedAuthority, query: bytes) -> bytes:
    """The time changed after it was signed."""
    return it.reply(query).replace(b"20260601120000Z", b"20250601120000Z")


def cut(it: SimulatedAuthority, query: bytes) -> bytes:
    return it.reply(query)[:-1]


def cut_short(it: SimulatedAuthority, query: bytes) -> bytes:
    return it.reply(query)[:40]


def followed(it: SimulatedAuthority, query: bytes) -> bytes:
    return it.reply(query) + b"\0"


def query_as_reply(it: SimulatedAuthority, query: bytes) -> bytes:
    return query


def long_form(it: SimulatedAuthority, query: bytes) -> bytes:
    """BER that is not DER: a length in more bytes than it needs."""
    [(_, content, _)] = parts(it.reply(query))
    return b"\x30\x84" + len(content).to_bytes(4, "big") + content


def granted_without_token(it: SimulatedAuthority, query: bytes) -> bytes:
    return der(SEQUENCE, der(SEQUENCE, integer(0)))


def refused(status: int) -> Callable[[SimulatedAuthority, bytes], bytes]:
    return lambda it, query: it.reply(query, status=status)


def off(clock: timedelta) -> Callable[[SimulatedAuthority, bytes], bytes]:
    return lambda it, query: it.reply(query, clock=clock)


@dataclass(frozen=True)
class Case:
    """A wrong token; `accepted` where OpenSSL has no objection."""

    name: str
    make: Callable[[SimulatedAuthority, bytes], bytes]
    finding: Finding
    accepted: bool = False


CASES = [
    Case("other bytes", for_other_bytes, Finding.IMPRINT),
    Case("imprint of one bit less", says(imprint=bytes(64)), Finding.IMPRINT),
    Case("imprint cut", says(imprint=bytes(32)), Finding.IMPRINT),
    Case("SHA-256 named", says(algorithm=SHA256), Finding.IMPRINT),
    Case("a SHA-256 imprint", says(algorithm=SHA256, imprint=SHORT), Finding.IMPRINT),
    Case("SHA-1 named", says(algorithm="1.3.14.3.2.26"), Finding.IMPRINT),
    Case("another query's nonce", replayed, Finding.NONCE),
    Case("nonce 1", says(nonce=1), Finding.NONCE),
    Case("no nonce", says(nonce=None), Finding.NONCE),
    Case("another policy", says(policy="1.3.6.1.4.1.32473.9"), Finding.POLICY, accepted=True),
    Case("the policy's parent", says(policy=POLICY[:-2]), Finding.POLICY, accepted=True),
    Case("purpose not critical", signed_with(STAMPING, critical=False), Finding.PURPOSE),
    Case("a second purpose", signed_with(STAMPING, SIGNING), Finding.PURPOSE),
    Case("another purpose", signed_with(ExtendedKeyUsageOID.SERVER_AUTH), Finding.PURPOSE),
    Case("any purpose", signed_with(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE), Finding.PURPOSE),
    Case("no purpose", with_usage_only, Finding.PURPOSE),
    Case("expired a second before", signed_with(STAMPING, end=NOW - MOMENT), Finding.EXPIRED),
    Case("expired at that second", signed_with(STAMPING, end=NOW), Finding.EXPIRED),
    Case("expired a year before", signed_with(STAMPING, end=NOW - 365 * DAY), Finding.EXPIRED),
    Case("valid a second later", signed_with(STAMPING, start=NOW + MOMENT), Finding.NOT_YET_VALID),
    Case("valid a year later", signed_with(STAMPING, start=NOW + 365 * DAY), Finding.NOT_YET_VALID),
    Case("before its root began", off(-4000 * DAY), Finding.NOT_YET_VALID),
    Case("after its root ended", off(4000 * DAY), Finding.EXPIRED),
    Case("a stranger's", stranger, Finding.PATH),
    Case("a stranger's, with its root", strangers_root_along, Finding.PATH),
    Case("issued by a leaf", issued_by_a_leaf, Finding.PATH),
    Case("a link left out", between_left_out, Finding.PATH),
    Case("the key of another", key_of_another, Finding.SIGNATURE),
    Case("signature's last bit", turned(1), Finding.SIGNATURE),
    Case("time changed afterwards", restated, Finding.SIGNATURE),
    Case("no certificate", without_certificate, Finding.SIGNER),
    Case("another's certificate", another_certificate, Finding.SIGNER),
    Case("clock a day behind", off(-DAY), Finding.CLOCK, accepted=True),
    Case("clock six minutes behind", off(timedelta(minutes=-6)), Finding.CLOCK, accepted=True),
    Case("clock six minutes ahead", off(timedelta(minutes=6)), Finding.CLOCK, accepted=True),
    Case("clock a year ahead", off(365 * DAY), Finding.CLOCK, accepted=True),
    Case("cut by a byte", cut, Finding.UNREADABLE),
    Case("cut short", cut_short, Finding.UNREADABLE),
    Case("a byte too many", followed, Finding.UNREADABLE, accepted=True),
    Case("not DER", long_form, Finding.UNREADABLE, accepted=True),
    Case("the query again", query_as_reply, Finding.UNREADABLE),
    Case("granted, and nothing there", granted_without_token, Finding.UNREADABLE),
    Case("empty", lambda it, query: b"", Finding.UNREADABLE),
    Case("a page", lambda it, query: b"<html>busy</html>", Finding.UNREADABLE),
    Case("far too large", lambda it, query: b"\x30" * (2 << 20), Finding.UNREADABLE),
    Case("granted with changes", refused(1), Finding.REFUSED, accepted=True),
    Case("refused", refused(2), Finding.REFUSED),
    Case("put off", refused(3), Finding.REFUSED),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_wrong_token_is_found_for_what_is_wrong(
    case: Case, simulator: SimulatedAuthority, authority: TimeAuthority, query: Query
) -> None:
    picky = replace(authority, policies=frozenset({POLICY}))
    verdict = check_token(
        case.make(simulator, query.data), STAMPED, picky,
        now=NOW, nonce=query.nonce, asked=Span(NOW, NOW),
    )  # fmt: skip
    assert verdict.finding is case.finding
    assert not verdict.holds
    assert verdict.detail.isprintable()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_openssl_agrees_on_what_it_looks_at(
    case: Case, simulator: SimulatedAuthority, query: Query, tmp_path: Path
) -> None:
    reply = case.make(simulator, query.data)
    at = NOW + 4000 * DAY if case.name == "after its root ended" else NOW
    at = NOW - 4000 * DAY if case.name == "before its root began" else at
    assert openssl_accepts(tmp_path, simulator, query, reply, at) is case.accepted


def test_a_right_token_holds_for_both_readers(
    simulator: SimulatedAuthority, authority: TimeAuthority, query: Query, tmp_path: Path
) -> None:
    between = simulator.issue_authority()
    deep = simulator.issue(issuer=between)
    both = [simulator.signer.certificate, simulator.root.certificate]
    verdicts = []
    for reply in (
        simulator.reply(query.data),
        simulator.reply(query.data, clock=timedelta(minutes=4)),
        simulator.reply(query.data, clock=timedelta(minutes=-4)),
        simulator.reply(query.data, embedded=both),
        simulator.reply(query.data, signer=deep, embedded=[deep.certificate, between.certificate]),
        signed_with(STAMPING, end=NOW + MOMENT)(simulator, query.data),
        signed_with(STAMPING, start=NOW)(simulator, query.data),
    ):  # fmt: skip
        verdict = check_token(
            reply, STAMPED, authority, now=NOW, nonce=query.nonce, asked=Span(NOW, NOW)
        )
        assert verdict.finding is Finding.HOLDS, verdict.detail
        assert openssl_accepts(tmp_path, simulator, query, reply, NOW)
        assert verdict.path[-1] == simulator.root.certificate
        verdicts.append(len(verdict.path))
    assert verdicts == [2, 2, 2, 2, 3, 2, 2]


def test_a_token_outlives_its_certificate_and_our_own_question(
    simulator: SimulatedAuthority, authority: TimeAuthority, query: Query
) -> None:
    reply = simulator.reply(query.data)
    later = NOW + timedelta(days=20_000)
    assert check_token(reply, STAMPED, authority, now=later).holds


def test_a_token_from_the_future_of_whoever_checks_does_not_hold(
    simulator: SimulatedAuthority, authority: TimeAuthority, query: Query
) -> None:
    reply = simulator.reply(query.data)
    found = check_token(reply, STAMPED, authority, now=NOW - DAY)
    assert found.finding is Finding.CLOCK


def test_links_that_were_chosen_beforehand_are_used(
    simulator: SimulatedAuthority, query: Query
) -> None:
    between = simulator.issue_authority()
    signer = simulator.issue(issuer=between)
    knowing = replace(trusting(simulator), intermediates=(between.certificate, signer.certificate))
    for embedded in ([], [signer.certificate]):
        reply = simulator.reply(query.data, signer=signer, embedded=embedded)
        found = check_token(reply, STAMPED, knowing, now=NOW)
        assert found.finding is Finding.HOLDS
        assert len(found.path) == 3


@pytest.mark.filterwarnings("ignore:Parsed a")
def test_every_bit_of_what_was_signed_counts(
    simulator: SimulatedAuthority, authority: TimeAuthority, query: Query
) -> None:
    reply = simulator.reply(query.data)
    assert check_token(reply, STAMPED, authority, now=NOW, nonce=query.nonce).holds
    said = check_token(reply, STAMPED, authority, now=NOW).token
    accepted = 0
    for place in range(len(reply)):
        for bit in (1, 32, 128):
            data = bytearray(reply)
            data[place] ^= bit
            found = check_token(bytes(data), STAMPED, authority, now=NOW, nonce=query.nonce)
            if found.holds:
                accepted += 1
                assert found.token
                assert said
                assert (found.token.at, found.token.serial) == (said.at, said.serial)
                assert found.path[1:] == (simulator.root.certificate,)
                assert found.path[0] == simulator.signer.certificate
    # Not covered by any signature (RFC 5652): the two version numbers, how the text in the signer's
    # name is tagged, and the name of the signature algorithm, which the key decides.
    assert accepted <= 3 * 12


def openssl_accepts(
    folder: Path, simulator: SimulatedAuthority, query: Query, reply: bytes, at: datetime
) -> bool:
    """What `openssl ts -verify` says of a reply to a query, as of a time."""
    files = {
        "reply": reply,
        "query": query.data,
        "root": simulator.root.certificate.public_bytes(Encoding.PEM),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    done = subprocess.run(
        [
            "openssl", "ts", "-verify", "-in", "reply", "-queryfile", "query", "-CAfile", "root",
            "-attime", str(int(at.timestamp())),
        ],
        cwd=folder, capture_output=True, check=False, text=True,
    )  # fmt: skip
    return done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr
