"""A configured authority: JSON and back, and nothing assumed about its standing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import InvalidInput
from muniment.seal.rfc3161 import Qualification, Standing, TimeAuthority

if TYPE_CHECKING:
    from muniment.testing.simulated_authority import SimulatedAuthority


def test_nothing_is_assumed_about_its_standing(authority: TimeAuthority) -> None:
    assert authority.qualification == Qualification(Standing.NOT_KNOWN, "")
    for standing in (Standing.QUALIFIED, Standing.NOT_QUALIFIED):
        with pytest.raises(InvalidInput) as refused:
            Qualification(standing, " ")
        assert refused.value.code == "authority.basis"


def test_it_goes_to_json_and_back(authority: TimeAuthority, simulator: SimulatedAuthority) -> None:
    full = replace(
        authority,
        intermediates=(simulator.issue_authority().certificate,),
        policies=frozenset({"1.2.3", "2.999.1"}),
        qualification=Qualification(Standing.QUALIFIED, "trusted list, looked up 2026-05-30"),
        tolerance=timedelta(seconds=90),
        needs_revocation=True,
    )
    asked = Qualification(Standing.NOT_QUALIFIED, "asked")
    for each in (authority, full, replace(full, qualification=asked)):
        assert TimeAuthority.from_json(each.to_json()) == each


def test_what_could_never_be_checked_is_refused(authority: TimeAuthority) -> None:
    for change, code in (
        ({"name": ""}, "authority.name"),
        ({"name": "a\nb"}, "authority.name"),
        ({"roots": ()}, "authority.roots"),
        ({"policies": frozenset({"any"})}, "authority.policy"),
    ):
        with pytest.raises(InvalidInput) as refused:
            replace(authority, **change)
        assert refused.value.code == code


def test_a_wrong_configuration_is_said(authority: TimeAuthority) -> None:
    right: Any = authority.to_json()
    wrong = [
        None, [], {}, right | {"roots": "x"}, right | {"roots": ["x"]}, right | {"tolerance": "1"},
        right | {"qualification": {"standing": "maybe", "basis": "x"}}, {**right, "name": 1},
        right | {"qualification": {"standing": "qualified", "basis": ""}},
    ]  # fmt: skip
    for value in wrong:
        with pytest.raises(InvalidInput) as refused:
            TimeAuthority.from_json(value)
        assert refused.value.code.startswith("authority.")
