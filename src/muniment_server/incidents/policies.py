"""Who may do what with sources, claims, incidents and assessments, one question a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Assessment


def may_read(by: Actor) -> bool:
    """Say who may read the register at all; which records is a matter of compartments."""
    return by.may("record.read")


def may_record_source(by: Actor) -> bool:
    """Say who may record who or what says so."""
    return by.may("source.record")


def may_record_claim(by: Actor) -> bool:
    """Say who may record what is said, denials included."""
    return by.may("claim.record")


def may_link_claim(by: Actor) -> bool:
    """Say who may tie a claim to an incident."""
    return by.may("claim.link")


def may_grade_claim(by: Actor) -> bool:
    """Say who may set credibility, attribution and content status."""
    return by.may("claim.grade")


def may_assess(by: Actor) -> bool:
    """Say who may answer a verification question about an item."""
    return by.may("assessment.record")


def may_review(by: Actor, assessment: Assessment) -> bool:
    """Say who may confirm an answer: somebody who assesses, and not whoever answered."""
    return may_assess(by) and assessment.author != by.agent


def may_open_incident(by: Actor) -> bool:
    """Say who may open an incident."""
    return by.may("incident.open")


def may_describe_incident(by: Actor) -> bool:
    """Say who may say when, where and what."""
    return by.may("incident.describe")


def may_link_evidence(by: Actor) -> bool:
    """Say who may put evidence for or against an incident beside it."""
    return by.may("incident.link")


def may_grade_incident(by: Actor) -> bool:
    """Say who may grade whether it happened and who did it."""
    return by.may("incident.grade")


def may_classify(by: Actor) -> bool:
    """Say who may name a crime an incident could be."""
    return by.may("incident.classify")


def may_declassify(by: Actor) -> bool:
    """Say who may withdraw a classification."""
    return by.may("incident.declassify")
