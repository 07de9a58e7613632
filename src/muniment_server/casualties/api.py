"""The API's part about victims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Query, Router, Schema

from muniment_server.casualties import policies, queries, services
from muniment_server.casualties.schemas import (
    VictimsOut,
    VictimWholeOut,
    sum_record,
    victim_record,
)
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import Words
from muniment_server.entities import queries as entities
from muniment_server.incidents import queries as register
from muniment_server.pictures.window import Window

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor, Asked

router = Router(tags=["victims"])


class KnownIn(Schema):
    """What is known of a victim, or of everybody in a group."""

    harm: services.Harm
    name: str = ""
    least: int = 1
    most: int = 1
    sex: services.Sex = services.Sex.UNKNOWN
    age_group: services.AgeGroup = services.AgeGroup.UNKNOWN
    status: services.VictimStatus = services.VictimStatus.UNKNOWN
    cause: str = ""
    established: services.Established = services.Established.PENDING
    standard: str = ""
    note: str = ""


class VictimIn(Schema):
    """A victim of an incident, where it is said, and why it is recorded."""

    known: KnownIn
    item: str = ""
    place: str = ""
    reason: str = ""


class CorrectIn(Schema):
    """What is known now, and why it is recorded anew."""

    known: KnownIn
    reason: Words


@router.get("/victims", response=VictimsOut, exclude_unset=True)
def list_victims(
    request: Asked,
    within: Query[Window],
    q: str = "",
    harm: str = "",
    established: str = "",
    status: str = "",
    after: int = -1,
) -> dict[str, Any]:
    """List victims in log order, with what confirmed records add up to."""
    by = request.actor
    require(policies.may_read, by)
    wanted = queries.VictimFilter(q, harm, established, status, within.span())
    page = queries.victims(by, wanted, after=after)
    names = policies.may_see_names(by)
    return {
        "records": [victim_record(one, names=names) for one in page.rows],
        "next": page.after,
        "sums": [sum_record(one) for one in queries.confirmed_sums(by, wanted)],
    }


@router.get("/victims/{number}", response=VictimWholeOut, exclude_unset=True)
def show_victim(request: Asked, number: str) -> dict[str, Any]:
    """Show a victim."""
    require(policies.may_read, request.actor)
    return _victim(request.actor, number)


@router.post("/incidents/{number}/victims", response=VictimWholeOut, exclude_unset=True)
def record_victim(request: Asked, number: str, given: VictimIn) -> dict[str, Any]:
    """Record a victim, or a group of victims, of an incident."""
    by = request.actor
    made = services.record_victim(
        by,
        incident=register.incident(by, number),
        known=services.Known(**given.known.dict()),
        citation=entities.citation(by, given.item, given.place),
        reason=given.reason,
    )
    return _victim(by, made.number)


@router.post("/victims/{number}/correct", response=VictimWholeOut, exclude_unset=True)
def correct_victim(request: Asked, number: str, given: CorrectIn) -> dict[str, Any]:
    """Record what is known of a victim now."""
    by = request.actor
    found = queries.victim(by, number)
    services.correct_victim(
        by, found, known=services.Known(**given.known.dict()), reason=given.reason
    )
    return _victim(by, number)


def _victims(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.victims(by, queries.VictimFilter(words), after=after)
    names = policies.may_see_names(by)
    return [victim_record(one, names=names) for one in page.rows], page.after


def _victim(by: Actor, number: str) -> dict[str, Any]:
    found = queries.victim(by, number)
    cited = entities.cited(by, [found])
    return victim_record(found, names=policies.may_see_names(by), cited=cited)


#: kind -> prefix of its numbers, how to list it, how to show one
KINDS = {"victim": ("V", _victims, _victim)}
