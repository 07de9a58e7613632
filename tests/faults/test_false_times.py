"""Clocks that are wrong and tokens that are wrong: 30 cases, the right verdict in each.

A token is judged by two readers that share no code, ours and `openssl ts`: what one of them must
refuse the other must refuse. A clock is judged by what the log does: tell of it, stop, or go on.
"""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from muniment.errors import Unavailable
from muniment.seal.rfc3161 import Finding, RevocationData, check_token
from muniment.seal.rfc3161.checking import Span
from muniment.seal.rfc3161.stamped import new_query
from muniment.testing.simulated_authority import SimulatedAuthority
from tests.faults.counts import tell
from tests.library.seal.rfc3161.conftest import NOW, STAMPED, trusting
from tests.library.seal.rfc3161.test_wrong_tokens import CASES, openssl_accepts
from tests.server.clocks import Clocks

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from muniment_server.custody.policies import Actor

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
YEAR = 365 * DAY
WRONG_IN = {
    Finding.IMPRINT: 5,
    Finding.NONCE: 3,
    Finding.PURPOSE: 4,
    Finding.EXPIRED: 3,
}
#: how the clock is set, and what the log does: the acts of the next request, or a refusal
STEPS = {
    "right": (timedelta(0), ["collection.made"]),
    "two seconds": (2 * SECOND, ["collection.made"]),
    "three seconds": (3 * SECOND, ["clock.anomaly", "collection.made"]),
    "three seconds back": (-3 * SECOND, ["clock.anomaly", "collection.made"]),
    "half an hour": (HOUR / 2, ["clock.anomaly", "collection.made"]),
    "half an hour back": (-HOUR / 2, ["clock.anomaly", "collection.made"]),
    "an hour": (HOUR, ["clock.anomaly", "collection.made"]),
    "more than an hour": (HOUR + SECOND, ["clock.jumped"]),
    "a day back": (-DAY, ["clock.anomaly", "collection.made"]),
    "a year": (YEAR, ["clock.jumped"]),
    "a year back": (-YEAR, ["clock.anomaly", "collection.made"]),
}


def test_every_false_time_gets_the_right_verdict(
    machine: Actor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tokens = _wrong_tokens(tmp_path)
    revoked = _revoked_tokens(tmp_path)
    clocks = _clocks(machine, monkeypatch)
    told = f"{tokens} wrong tokens, {revoked} revoked or not, {clocks} clocks"
    tell(capsys, f"false times: {tokens + revoked + clocks} cases ({told}): all judged right")
    assert tokens + revoked + clocks == 30


def _wrong_tokens(folder: Path) -> int:
    """Tokens wrong in imprint, nonce, purpose (EKU) and time of their certificate, two readers."""
    simulator = SimulatedAuthority(NOW)
    count = 0
    for finding, number in WRONG_IN.items():
        for case in [one for one in CASES if one.finding is finding][:number]:
            query = new_query(STAMPED)
            reply = case.make(simulator, query.data)
            span = Span(NOW, NOW)
            found = check_token(
                reply, STAMPED, trusting(simulator), now=NOW, nonce=query.nonce, asked=span
            )
            assert found.finding is finding, case.name
            assert not openssl_accepts(folder, simulator, query, reply, NOW), case.name
            count += 1
    return count


def _revoked_tokens(folder: Path) -> int:
    """A token whose signer was replaced before, stolen before, stolen after; and one that holds."""
    cases: list[tuple[datetime | None, x509.ReasonFlags, bool]] = [
        (NOW - DAY, x509.ReasonFlags.superseded, False),
        (NOW - DAY, x509.ReasonFlags.key_compromise, False),
        (NOW + DAY, x509.ReasonFlags.key_compromise, False),
        (None, x509.ReasonFlags.unspecified, True),
    ]
    for at, reason, holds in cases:
        simulator = SimulatedAuthority(NOW)
        query = new_query(STAMPED)
        reply = simulator.reply(query.data)
        if at is not None:
            simulator.revoked[simulator.signer.certificate.serial_number] = (at, reason)
        data = RevocationData(crls=(simulator.crl(),))
        found = check_token(reply, STAMPED, trusting(simulator), now=NOW, revocation=data)
        assert found.holds is holds, (at, reason, found)
        assert found.finding is (Finding.HOLDS if holds else Finding.REVOKED)
        assert _openssl_with_list(folder, simulator, query.data, reply) is holds, (at, reason)
    return len(cases)


def _openssl_with_list(
    folder: Path, simulator: SimulatedAuthority, query: bytes, reply: bytes
) -> bool:
    listed = x509.load_der_x509_crl(simulator.crl()).public_bytes(Encoding.PEM)
    root = simulator.root.certificate.public_bytes(Encoding.PEM)
    for name, data in {"query": query, "reply": reply, "trusted": root + listed}.items():
        (folder / name).write_bytes(data)
    done = subprocess.run(
        [
            *("openssl", "ts", "-verify", "-in", "reply", "-queryfile", "query"),
            *("-CAfile", "trusted", "-crl_check", "-attime", str(int(NOW.timestamp()))),
        ],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    return done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr


def _clocks(machine: Actor, monkeypatch: pytest.MonkeyPatch) -> int:
    """Clocks set forward and back while the machine runs: told, refused, or not worth a word."""
    from muniment_server.catalogue.services import make_collection
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import appending, clock

    head = queries.custody_head()
    assert head.t is not None
    clocks = Clocks(head.t.astimezone(UTC) + SECOND)
    monkeypatch.setattr(clock, "read", clocks.read)
    monkeypatch.setattr(appending, "now", lambda: clocks.wall)
    for name, (step, expected) in STEPS.items():
        clocks.boot, clocks.up = name, DAY
        make_collection(machine, title="SPECIMEN")  # both clocks are seen together
        before = queries.custody_head()
        clocks.passes(SECOND, step=step)
        try:
            make_collection(machine, title="SPECIMEN")
            refused = []
        except Unavailable as error:
            refused = [error.code]
        assert refused or _kinds(before.size) == expected, name
        assert not refused or (refused, _kinds(before.size)) == (expected, []), name
        after = queries.custody_head()
        assert before.t is not None
        assert after.t is not None
        assert after.t >= before.t, name
        clocks.passes(3 * YEAR, step=-step)  # right again, and past all that the log holds
        clocks.up = DAY
    return len(STEPS)


def _kinds(start: int) -> list[str]:
    from muniment_server.custody.models import Leaf

    return [leaf.kind for leaf in Leaf.objects.filter(index__gte=start).order_by("index")]
