"""The API's part about questions asked of an item, and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Router

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import Listed
from muniment_server.incidents import policies, queries, services
from muniment_server.incidents.api.bodies import AssessIn, ReviewIn
from muniment_server.incidents.schemas import (
    AssessmentOut,
    assessment_record,
)

if TYPE_CHECKING:
    from muniment_server.custody.policies import Asked

router = Router(tags=["register"])


@router.get("/assessments", response=Listed[AssessmentOut])
def list_waiting(request: Asked) -> dict[str, Any]:
    """List the answers that wait for a second person, one's own left out."""
    require(policies.may_read, request.actor)
    rows = queries.waiting_for_review(request.actor)
    return {"records": [assessment_record(one) for one in rows], "next": None}


@router.get("/assessments/{number}", response=AssessmentOut)
def show_assessment(request: Asked, number: str) -> dict[str, Any]:
    """Show a question about an item with its answer."""
    require(policies.may_read, request.actor)
    return assessment_record(queries.assessment(request.actor, number))


@router.get("/items/{number}/assessments", response=Listed[AssessmentOut])
def list_assessments(request: Asked, number: str) -> dict[str, Any]:
    """List the questions asked about an item, with their answers."""
    require(policies.may_read, request.actor)
    item = catalogue.item(request.actor, number)
    rows = queries.assessments_of(request.actor, item)
    return {"records": [assessment_record(one) for one in rows], "next": None}


@router.post("/items/{number}/assessments", response=AssessmentOut)
def assess_item(request: Asked, number: str, given: AssessIn) -> dict[str, Any]:
    """Work one question about an item through."""
    said = given.dict()
    question, result, reason = (said.pop(name) for name in ("question", "result", "reason"))
    made = services.assess(
        request.actor,
        item=catalogue.item(request.actor, number),
        question=question,
        result=result,
        working=services.Working(**said),
        reason=reason,
    )
    return assessment_record(made)


@router.post("/assessments/{number}/review", response=AssessmentOut)
def review_assessment(request: Asked, number: str, given: ReviewIn) -> dict[str, Any]:
    """Confirm or dispute somebody else's answer."""
    found = queries.assessment(request.actor, number)
    return assessment_record(services.review_assessment(request.actor, found, **given.dict()))
