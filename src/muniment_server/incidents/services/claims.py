"""The acts of sources, claims and denials."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from muniment.errors import InvalidInput
from muniment_server.custody.acting import act, keep
from muniment_server.incidents import policies
from muniment_server.incidents.models import (
    Attribution,
    Claim,
    ClaimKind,
    ContentStatus,
    Credibility,
    Operator,
    Reliability,
    Source,
    SourceKind,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident


@dataclass(frozen=True, slots=True)
class Said:
    """The words, when they were said, with what authority, and where that can be seen."""

    text: str
    language: str = "en"
    original: str = ""
    said_at: datetime.datetime | None = None
    authority: str = ""
    citation: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """A number as somebody gave it: `operator` bounds the truth, `value_to` ends a range."""

    value: int
    unit: str
    operator: Operator = Operator.EXACTLY
    value_to: int | None = None
    population: str = ""
    as_of: datetime.date | None = None
    area: str = ""
    standard: str = ""


@act("source.recorded", may=policies.may_record_source)
def record_source(
    by: Actor,
    *,
    name: str,
    kind: SourceKind,
    party: str = "",
    origin: str = "",
    reliability: Reliability = Reliability.F,
    note: str = "",
    reason: str = "",
) -> Source:
    """Record who or what says so; a source nobody can judge yet is F, not E."""
    return keep(
        Source(name=name, kind=kind, party=party, origin=origin, reliability=reliability, note=note)
    )


@act("claim.recorded", may=policies.may_record_claim)
def record_claim(
    by: Actor,
    *,
    source: Source,
    kind: ClaimKind,
    said: Said,
    incident: Incident | None = None,
    item: Item | None = None,
    denies: Claim | None = None,
    count: Count | None = None,
    reason: str = "",
) -> Claim:
    """Record what a source says.

    Raises `InvalidInput` for a count without a number, or a denial of nothing.
    """
    if (kind == ClaimKind.COUNT) != (count is not None):
        raise InvalidInput(
            _("a count needs a number, and only a count has one"),
            code="claim.count",
            hint=_("Give number, operator and what is counted."),
        )
    if kind == ClaimKind.DENIAL and denies is None and incident is None:
        raise InvalidInput(
            _("a denial denies a claim or an incident"),
            code="claim.denial",
            hint=_("Name what is denied."),
        )
    if incident is None and denies is not None:
        incident = denies.incident
    claim = Claim(
        source=source,
        kind=kind,
        incident=incident,
        item=item,
        denies=denies,
        **asdict(said),
    )
    if count is not None:
        _set_count(claim, count)
    return keep(claim)


def count_of(given: Mapping[str, Any]) -> Count | None:
    """Return the number that a form or a request gives, or nothing."""
    if given.get("value") is None:
        return None
    return Count(
        given["value"],
        given["unit"],
        Operator(given["operator"] or Operator.EXACTLY),
        given["value_to"],
        given["population"],
        given["as_of"],
    )


def _set_count(claim: Claim, count: Count) -> None:
    ranged = count.operator == Operator.BETWEEN
    if ranged != (count.value_to is not None) or (count.value_to or count.value) < count.value:
        raise InvalidInput(
            _("a range has a lower and an upper number, in this order"),
            code="claim.range",
            hint=_("Use 'between' with two numbers, and any other operator with one."),
        )
    for name, value in asdict(count).items():
        setattr(claim, name, value)


@act("claim.linked", may=policies.may_link_claim)
def link_claim(by: Actor, claim: Claim, *, incident: Incident, reason: str = "") -> Claim:
    """Tie a claim to the incident it speaks of."""
    claim.incident = incident
    return keep(claim)


@act("claim.graded", may=policies.may_grade_claim)
def grade_claim(
    by: Actor,
    claim: Claim,
    *,
    credibility: Credibility,
    attribution: Attribution,
    content: ContentStatus,
    reason: str,
) -> Claim:
    """Set what was checked: that they said it, and apart from that whether it is so."""
    claim.credibility = credibility
    claim.attribution = attribution
    claim.content = content
    return keep(claim)
