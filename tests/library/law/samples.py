"""Cases and files that the tests of the law share."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING

from muniment.law.jurisdiction import Opinion, opinion, read_case

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = resources.files("muniment.law") / "data"

# A case in which every fact of the case is known and nothing stands in the way.
CLEAR: Mapping[str, object] = {
    "crime_id": "rs_8_2_b_ix",
    "conduct_from": "2022-03-09",
    "conduct_to": "2022-03-09",
    "place_states": ["UA"],
    "place_status": "sovereign",
    "suspect_nationalities": ["RU"],
    "suspect_age_at_conduct": 40,
    "suspect_office": "none",
    "conflict_type": "IAC",
    "trigger": "state_referral",
    "referring_states": ["GB"],
    "domestic_proceedings": [],
    "gravity": {"scale": "a ward of forty beds", "sufficient": True},
    "forum": ["ICC"],
    "suspect_before_court": True,
    "suspect_residences": [],
}
# The same for aggression, between two invented Parties that took on the amendments long ago.
PARTIES: tuple[Mapping[str, object], ...] = tuple(
    {
        "state": code,
        "facts": [
            {"kind": "party", "valid_from": "2003-01-01"},
            {"kind": "amendments_8bis", "valid_from": "2015-01-01"},
        ],
    }
    for code in ("XA", "XB")
)
AGGRESSION: Mapping[str, object] = {
    **CLEAR,
    "crime_id": "rs_8_bis",
    "place_states": ["XA"],
    "suspect_nationalities": ["XB"],
    "suspect_directs_state": True,
    "unsc_aggression_determination": True,
    "states": PARTIES,
}


def proceeding(**changes: object) -> dict[str, object]:
    """Domestic proceedings in the same case, still under investigation, without concern."""
    return {
        "state": "UA",
        "same_person": True,
        "same_conduct": True,
        "stage": "investigation",
        "outcome": "pending",
        "concerns": [],
        **changes,
    }


def answered(facts: Mapping[str, object], **changes: object) -> Opinion:
    """The opinion on facts with some of them changed; a change to None leaves a fact out."""
    merged = {key: value for key, value in {**facts, **changes}.items() if value is not None}
    # JSON is YAML: what is written is what a file of facts would hold.
    return opinion(read_case(json.dumps(merged).encode(), "facts"))


def steps(found: Opinion) -> dict[str, str]:
    """The outcome of every rule that applies or cannot be told."""
    return {step.rule.id: step.outcome.value for step in found.steps}


def answers(found: Opinion) -> tuple[str, str, str]:
    """The three answers: jurisdiction, admissibility, arrest."""
    three = found.answers
    return (
        three.jurisdiction.answer.value,
        three.admissibility.answer.value,
        three.arrest.answer.value,
    )
