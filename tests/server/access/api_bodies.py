"""What each operation of the API is sent: a body its schema takes, about records that exist.

What an operation asks for in its address stands in `query_of`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_REASON = {"reason": "to hold the table"}
_GROUNDS = {"authority": "SPECIMEN order", **_REASON}
_INCIDENTS = "POST /api/incidents"
_CASES = "POST /api/cases"

BODIES: Mapping[str, dict[str, Any]] = {
    "POST /api/items": {"files": None, "source": "SPECIMEN API"},
    "POST /api/items/{item}/describe": {"title": "SPECIMEN item"},
    "POST /api/items/{item}/examine": {},
    "POST /api/items/{item}/assessments": {
        "question": "where",
        "method": "a map",
        "result": "at the hospital",
    },
    "POST /api/assessments/{assessment}/review": {"answer": "verified", **_REASON},
    "POST /api/sources": {"name": "SPECIMEN source", "kind": "official"},
    "POST /api/claims": {"source": "{source}", "kind": "event", "text": "It happened."},
    "POST /api/claims/{claim}/grade": {
        "credibility": "3",
        "attribution": "checked",
        "content": "unverified",
        **_REASON,
    },
    _INCIDENTS: {"title": "SPECIMEN incident"},
    f"{_INCIDENTS}/{{incident}}/describe": {"title": "SPECIMEN incident", **_REASON},
    f"{_INCIDENTS}/{{incident}}/evidence": {"item": "{over_item}", "stance": "supports"},
    f"{_INCIDENTS}/{{incident}}/grade": {"happened": "fair", "author": "contested", **_REASON},
    f"{_INCIDENTS}/{{incident}}/crimes": {"crime": "rs_7_1_a"},
    f"{_INCIDENTS}/{{incident}}/crimes/{{crime}}": {
        "element": "{element}",
        "item": "{item}",
        "stance": "supports",
    },
    f"{_INCIDENTS}/{{incident}}/victims": {"known": {"harm": "killed"}},
    "POST /api/victims/{victim}/correct": {"known": {"harm": "killed"}, **_REASON},
    "POST /api/persons": {"name": "SPECIMEN person"},
    "POST /api/persons/{person}/names": {"text": "SPECIMEN name"},
    "POST /api/persons/{person}/postings": {"unit": "{unit}", "title": "commander"},
    "POST /api/units": {"name": "SPECIMEN unit", "kind": "military"},
    "POST /api/units/{unit}/superiors": {"superior": "{over}"},
    "POST /api/state/clock": _REASON,
    "POST /api/situations": {"title": "SPECIMEN situation"},
    _CASES: {"situation": "{situation}", "title": "SPECIMEN case"},
    f"{_CASES}/{{case}}/lead": {"person": "colleague", **_REASON},
    f"{_CASES}/{{case}}/suspects": {"person": "{person}", **_REASON},
    f"{_CASES}/{{case}}/charges": {
        "suspect": "{person}",
        "crime": "{crime}",
        "mode": "{mode}",
        "incidents": ["{incident}"],
    },
    f"{_CASES}/{{case}}/charges/{{charge}}/cells": {
        "row": "{row}",
        "item": "{over_item}",
        "stance": "supports",
        "strength": "weak",
    },
    f"{_CASES}/{{case}}/charges/{{charge}}/opinions": {
        "standard": "{standard}",
        "met": False,
        "text": "Nothing shows intent.",
    },
    f"{_CASES}/{{case}}/cells/{{cell}}/read": _REASON,
    "POST /api/collections": {"title": "SPECIMEN collection"},
    "POST /api/collections/{collection}/items": {"item": "{over_item}"},
    "POST /api/people": {"name": "SPECIMEN newcomer", "handle": "newcomer", "role": "reader"},
    "POST /api/people/{leaver}/end": _REASON,
    "POST /api/people/{colleague}/roles": {"role": "auditor", **_REASON},
    "POST /api/tokens": {"title": "for this table"},
    "POST /api/items/{item}/requests": {"act": "shred", **_GROUNDS},
    "POST /api/items/{item}/redactions": {
        "part": "{part}",
        "removed": "a name",
        "file": None,
        **_GROUNDS,
    },
    "POST /api/items/{held_item}/holds": _GROUNDS,
    "POST /api/items/{barred_item}/aside": _REASON,
    "POST /api/items/{hidden_item}/existence": _REASON,
    "POST /api/items/{told_item}/existence/hide": _REASON,
    "POST /api/holds/{hold}/release": _GROUNDS,
    "POST /api/requests/{request}/approve": {"answer": "looked at it"},
    "POST /api/requests/{gone_request}/refuse": {"answer": "looked at it"},
    "POST /api/packages": {"items": ["{item}"], "recipient": "SPECIMEN court"},
}


_QUERIES = {
    "GET /api/search": "?q=SPECIMEN",
    "GET /api/log/consistency": "?old=1&new=2",
}


def query_of(operation: str) -> str:
    """Return what stands behind the address of an operation."""
    if operation.startswith("DELETE"):
        return "?reason=to+hold+the+table"
    return _QUERIES.get(operation, "")


def body_of(operation: str, names: Mapping[str, str]) -> dict[str, Any] | None:
    """Return what to send with an operation, its names filled in; None where nothing is sent."""
    body = BODIES.get(operation)
    return None if body is None else {key: _filled(value, names) for key, value in body.items()}


def _filled(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return value.format(**names)
    if isinstance(value, list):
        return [_filled(one, names) for one in value]
    return value
