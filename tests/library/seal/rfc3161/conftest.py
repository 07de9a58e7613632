from __future__ import annotations

from datetime import UTC, datetime

import pytest

from muniment.seal.rfc3161 import TimeAuthority
from muniment.seal.rfc3161.stamped import Query, new_query
from muniment.testing.simulated_authority import SimulatedAuthority

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
STAMPED = b"specimen.muniment.invalid/tests-0123abcd\n7\nAAAA\n\n\xe2\x80\x94 someone AAAA\n"


@pytest.fixture(scope="session")
def simulator() -> SimulatedAuthority:
    """Revokes nothing: tests that revoke make their own."""
    return SimulatedAuthority(NOW)


@pytest.fixture(scope="session")
def authority(simulator: SimulatedAuthority) -> TimeAuthority:
    return trusting(simulator)


@pytest.fixture
def query() -> Query:
    return new_query(STAMPED)


def trusting(simulator: SimulatedAuthority, url: str = "http://tsa.example/") -> TimeAuthority:
    return TimeAuthority("Simulator", url, (simulator.root.certificate,))
