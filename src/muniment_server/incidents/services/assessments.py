"""The acts of verification: one question about one item, and a second person."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from muniment_server.custody.acting import act, keep
from muniment_server.incidents import policies
from muniment_server.incidents.models import Answer, Assessment, Question

if TYPE_CHECKING:
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


@dataclass(frozen=True, slots=True)
class Working:
    """How an answer was found: method, steps, confidence, alternatives considered."""

    method: str
    steps: str = ""
    confidence: str = ""
    alternatives: str = ""


@act("assessment.recorded", may=policies.may_assess)
def assess(
    by: Actor, *, item: Item, question: Question, result: str, working: Working, reason: str = ""
) -> Assessment:
    """Answer one verification question about an item; a second person confirms it."""
    return keep(
        Assessment(item=item, question=question, result=result, author=by.agent, **asdict(working))
    )


@act("assessment.recorded", may=policies.may_review)
def review_assessment(
    by: Actor, assessment: Assessment, *, answer: Answer, reason: str
) -> Assessment:
    """Confirm or dispute somebody else's answer."""
    assessment.answer = answer
    assessment.reviewer = by.agent
    return keep(assessment)
