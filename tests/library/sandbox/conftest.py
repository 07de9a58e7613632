"""Every confinement that works on this machine; each test of one runs under all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from muniment.sandbox import find_confinement, working_confinements

if TYPE_CHECKING:
    from muniment.sandbox import Confinement

WORKING = {found.name: found for found in working_confinements()}


@pytest.fixture(params=sorted(WORKING) or ["none"])
def confinement(request: pytest.FixtureRequest) -> Confinement:
    assert WORKING, "neither bubblewrap nor Landlock confines on this machine"
    return WORKING[request.param]


@pytest.fixture(scope="session")
def strongest() -> Confinement:
    return find_confinement()
