"""The API's part about persons, units, postings and command."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ninja import Router, Schema

from muniment_server.custody.policies import require
from muniment_server.custody.schemas import (
    Listed,
    Words,
)
from muniment_server.entities import policies, queries, services
from muniment_server.entities.schemas import (
    PersonOut,
    PersonWholeOut,
    UnitOut,
    UnitWholeOut,
    name_record,
    person_record,
    posting_record,
    subordination_record,
    unit_record,
)

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor, Asked

router = Router(tags=["persons and units"])


class PersonIn(Schema):
    """A person whom evidence speaks of."""

    name: Words
    sex: services.Sex = services.Sex.UNKNOWN
    born_from: date | None = None
    born_to: date | None = None
    nationality: str = ""
    note: str = ""
    reason: str = ""


class CitedIn(Schema):
    """Where it can be read, and why it is recorded."""

    item: str = ""
    place: str = ""
    reason: str = ""


class NameIn(CitedIn):
    """A further name."""

    text: Words
    language: str = ""
    kind: str = ""


class UnitIn(Schema):
    """A unit or organisation."""

    name: Words
    kind: services.UnitKind
    party: str = ""
    note: str = ""
    reason: str = ""


class HeldIn(CitedIn):
    """Since when and until when, as far as known."""

    held_from: date | None = None
    held_to: date | None = None
    confidence: str = ""

    def held(self) -> services.Held:
        """Return the dates."""
        return services.Held(self.held_from, self.held_to, self.confidence)


class PostingIn(HeldIn):
    """A person's post in a unit."""

    unit: Words
    title: Words
    rank: str = ""


class SuperiorIn(HeldIn):
    """The unit that a unit stood under."""

    superior: Words


@router.get("/persons", response=Listed[PersonOut])
def list_persons(request: Asked, q: str = "", after: int = -1) -> dict[str, Any]:
    """List persons in log order."""
    require(policies.may_read, request.actor)
    records, following = _persons(request.actor, q, after)
    return {"records": records, "next": following}


@router.post("/persons", response=PersonOut)
def record_person(request: Asked, given: PersonIn) -> dict[str, Any]:
    """Record a person."""
    return person_record(services.record_person(request.actor, **given.dict()))


@router.get("/persons/{number}", response=PersonWholeOut)
def show_person(request: Asked, number: str) -> dict[str, Any]:
    """Show a person with further names and posts."""
    require(policies.may_read, request.actor)
    return _person(request.actor, number)


@router.post("/persons/{number}/names", response=PersonWholeOut)
def add_name(request: Asked, number: str, given: NameIn) -> dict[str, Any]:
    """Record a further name of a person."""
    by = request.actor
    found = queries.person(by, number)
    said = given.dict()
    citation = queries.citation(by, said.pop("item"), said.pop("place"))
    services.add_name(by, found, citation=citation, **said)
    return _person(by, number)


@router.post("/persons/{number}/postings", response=PersonWholeOut)
def record_posting(request: Asked, number: str, given: PostingIn) -> dict[str, Any]:
    """Record a post that a person held."""
    by = request.actor
    services.record_posting(
        by,
        person=queries.person(by, number),
        unit=queries.unit(by, given.unit),
        title=given.title,
        rank=given.rank,
        held=given.held(),
        citation=queries.citation(by, given.item, given.place),
        reason=given.reason,
    )
    return _person(by, number)


@router.get("/units", response=Listed[UnitOut])
def list_units(request: Asked, q: str = "", kind: str = "", after: int = -1) -> dict[str, Any]:
    """List units in log order."""
    require(policies.may_read, request.actor)
    page = queries.units(request.actor, words=q, kind=kind, after=after)
    return {"records": [unit_record(one) for one in page.rows], "next": page.after}


@router.post("/units", response=UnitOut)
def record_unit(request: Asked, given: UnitIn) -> dict[str, Any]:
    """Record a unit."""
    return unit_record(services.record_unit(request.actor, **given.dict()))


@router.get("/units/{number}", response=UnitWholeOut)
def show_unit(request: Asked, number: str, day: date | None = None) -> dict[str, Any]:
    """Show a unit with its posts, all or those that may have been held on a day."""
    require(policies.may_read, request.actor)
    return _unit(request.actor, number, day)


@router.post("/units/{number}/superiors", response=UnitWholeOut)
def record_superior(request: Asked, number: str, given: SuperiorIn) -> dict[str, Any]:
    """Record which unit a unit stood under."""
    by = request.actor
    services.record_subordination(
        by,
        unit=queries.unit(by, number),
        superior=queries.unit(by, given.superior),
        held=given.held(),
        citation=queries.citation(by, given.item, given.place),
        reason=given.reason,
    )
    return _unit(by, number)


def _persons(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.persons(by, words=words, after=after)
    return [person_record(one) for one in page.rows], page.after


def _person(by: Actor, number: str) -> dict[str, Any]:
    found = queries.person(by, number)
    names, postings = queries.names_of(found), queries.postings_of_person(by, found)
    cited = queries.cited(by, [*names, *postings])
    return {
        **person_record(found),
        "names": [name_record(one, cited) for one in names],
        "postings": [posting_record(one, cited) for one in postings],
    }


def _units(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.units(by, words=words, after=after)
    return [unit_record(one) for one in page.rows], page.after


def _unit(by: Actor, number: str, on: date | None = None) -> dict[str, Any]:
    found = queries.unit(by, number)
    postings = queries.postings_of_unit(by, found, on)
    over, under = queries.superiors_of(by, found), queries.subordinates_of(by, found)
    cited = queries.cited(by, [*postings, *over, *under])
    return {
        **unit_record(found),
        "postings": [posting_record(one, cited) for one in postings],
        "superiors": [subordination_record(one, cited) for one in over],
        "subordinates": [subordination_record(one, cited) for one in under],
    }


def _shown_unit(by: Actor, number: str) -> dict[str, Any]:
    return _unit(by, number)


#: kind -> prefix of its numbers, how to list it, how to show one
KINDS = {
    "person": ("P", _persons, _person),
    "unit": ("U", _units, _shown_unit),
}
