"""The API's part about situations, cases, charges, and the law they are measured by."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ninja import Query, Router, Schema

from muniment.errors import InvalidInput
from muniment.law.taxonomy import taxonomy
from muniment_server.accounts import queries as accounts
from muniment_server.cases import policies, queries, services
from muniment_server.cases.schemas import (
    CaseOut,
    CaseWholeOut,
    CellWholeOut,
    ChargeWholeOut,
    CrimeOut,
    CrimesOut,
    SituationOut,
    SituationWholeOut,
    case_record,
    cell_record,
    charge_record,
    charge_whole,
    crime_record,
    situation_record,
    suspect_record,
)
from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import (
    Listed,
    Words,
)
from muniment_server.custody.schemas.readings import ReadingOut, reading_record
from muniment_server.entities import queries as entities
from muniment_server.incidents import queries as register
from muniment_server.pictures.window import Window

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor, Asked

router = Router(tags=["cases"])


class SituationIn(Schema):
    """The setting in which crimes are alleged."""

    title: Words
    area: str = ""
    held_from: date | None = None
    held_to: date | None = None
    conflict_type: services.ConflictType | None = None
    reason: str = ""


class CaseIn(Schema):
    """A case file in a situation."""

    situation: Words
    title: Words
    reason: str = ""


class LeadIn(Schema):
    """Who leads a case (by log-in name), and why."""

    person: Words
    reason: Words


class SuspectIn(Schema):
    """A person suspected, and why."""

    person: Words
    reason: Words


class ChargeIn(Schema):
    """A suspect (by the person's number), a crime, a mode of liability, the incidents."""

    suspect: Words
    crime: Words
    mode: Words
    incidents: list[str]
    reason: str = ""


class CellIn(Schema):
    """An item at one row of a charge, by the row's name."""

    row: Words
    item: Words
    stance: services.Stance
    strength: services.Strength | None = None
    place: str = ""
    note: str = ""
    reason: str = ""


class ReasonIn(Schema):
    """Why."""

    reason: Words


class OpinionIn(Schema):
    """A named person's opinion whether a standard is met."""

    standard: Words
    met: bool
    text: Words
    reason: str = ""


@router.get("/law/crimes", response=CrimesOut)
def list_crimes(request: Asked) -> dict[str, Any]:
    """List the crimes of the law data with their elements."""
    require(policies.may_read_law, request.actor)
    law = taxonomy()
    records = [crime_record(one) for one in law.crimes.values()]
    return {"version": law.version_id, "disclaimer": law.disclaimer, "records": records}


@router.get("/law/crimes/{crime}", response=CrimeOut)
def show_crime(request: Asked, crime: str) -> dict[str, Any]:
    """Show one crime of the law data."""
    require(policies.may_read_law, request.actor)
    return crime_record(taxonomy().crime(crime))


@router.get("/situations", response=Listed[SituationOut])
def list_situations(request: Asked, q: str = "") -> dict[str, Any]:
    """List situations in log order."""
    require(policies.may_read, request.actor)
    rows = queries.situations(request.actor, words=q)
    return {"records": [situation_record(one) for one in rows], "next": None}


@router.post("/situations", response=SituationOut)
def open_situation(request: Asked, given: SituationIn) -> dict[str, Any]:
    """Open a situation."""
    said = {**given.dict(), "conflict_type": given.conflict_type or ""}
    return situation_record(services.open_situation(request.actor, **said))


@router.get("/situations/{number}", response=SituationWholeOut)
def show_situation(request: Asked, number: str) -> dict[str, Any]:
    """Show a situation with its cases."""
    require(policies.may_read, request.actor)
    return _situation(request.actor, number)


@router.get("/cases", response=Listed[CaseOut])
def list_cases(
    request: Asked, within: Query[Window], q: str = "", situation: str = "", after: int = -1
) -> dict[str, Any]:
    """List cases in log order."""
    require(policies.may_read, request.actor)
    wanted = queries.CaseFilter(q, situation, within.span())
    page = queries.cases(request.actor, wanted, after=after)
    return {"records": [case_record(one) for one in page.rows], "next": page.after}


@router.post("/cases", response=CaseOut)
def open_case(request: Asked, given: CaseIn) -> dict[str, Any]:
    """Open a case in a situation."""
    by = request.actor
    situation = queries.situation(by, given.situation)
    made = services.open_case(by, situation=situation, title=given.title, reason=given.reason)
    return case_record(made)


@router.get("/cases/{number}", response=CaseWholeOut)
def show_case(request: Asked, number: str) -> dict[str, Any]:
    """Show a case with its suspects and charges."""
    require(policies.may_read, request.actor)
    return _case(request.actor, number)


@router.get("/cases/{number}/readings", response=Listed[ReadingOut])
def list_case_readings(request: Asked, number: str, before: int | None = None) -> dict[str, Any]:
    """List who read what of a case, newest first: for whoever leads it, and for auditors."""
    by = request.actor
    require(policies.may_read, by)
    found = queries.case(by, number)
    lead = queries.lead_of(found)
    require(lambda actor: policies.may_read_readings(actor, lead), by)
    page = queries.readings_of(by, found, before)
    return {"records": [reading_record(one) for one in page.readings], "next": page.before}


@router.post("/cases/{number}/lead", response=CaseWholeOut)
def name_lead(request: Asked, number: str, given: LeadIn) -> dict[str, Any]:
    """Name who leads a case."""
    by = request.actor
    found = queries.case(by, number)
    person = accounts.person_or_absent(by, given.person)
    services.name_lead(by, found, person=person, reason=given.reason)
    return _case(by, number)


@router.post("/cases/{number}/suspects", response=CaseWholeOut)
def add_suspect(request: Asked, number: str, given: SuspectIn) -> dict[str, Any]:
    """Add a suspect to a case."""
    by = request.actor
    found = queries.case(by, number)
    person = entities.person(by, given.person)
    services.add_suspect(by, found, person=person, reason=given.reason)
    return _case(by, number)


@router.post("/cases/{number}/charges", response=ChargeWholeOut)
def add_charge(request: Asked, number: str, given: ChargeIn) -> dict[str, Any]:
    """Add a charge against a suspect."""
    by = request.actor
    found = queries.case(by, number)
    made = services.add_charge(
        by,
        found,
        suspect=queries.suspect(by, found, given.suspect),
        crime=given.crime,
        mode=given.mode,
        incidents=[register.incident(by, one) for one in given.incidents],
        reason=given.reason,
    )
    return _charge(by, found, made.pk.hex)


@router.get("/cases/{number}/charges/{key}", response=ChargeWholeOut)
def show_charge(request: Asked, number: str, key: str) -> dict[str, Any]:
    """Show a charge with every row of its matrix; coverage is no finding."""
    require(policies.may_read, request.actor)
    return _charge(request.actor, queries.case(request.actor, number), key)


@router.post("/cases/{number}/charges/{key}/cells", response=ChargeWholeOut)
def fill_cell(request: Asked, number: str, key: str, given: CellIn) -> dict[str, Any]:
    """Put an item to one row of a charge."""
    by = request.actor
    found = queries.case(by, number)
    charge = queries.charge(by, found, key)
    rows = {str(row.key): row.key for row in queries.charge_view(by, charge).matrix.rows}
    if given.row not in rows:
        raise InvalidInput(
            "the charge has no such row",
            code="cell.row",
            hint="The charge lists its rows; evidence counts for its own incident only.",
        )
    place = {"place": given.place} if given.place else {}
    exhibit = services.Exhibit(given.stance, given.strength or "", place, given.note)
    services.fill_cell(
        by,
        found,
        charge=charge,
        row=rows[given.row],
        item=catalogue.item(by, given.item),
        exhibit=exhibit,
        reason=given.reason,
    )
    return _charge(by, found, key)


@router.post("/cases/{number}/charges/{key}/opinions", response=ChargeWholeOut)
def record_opinion(request: Asked, number: str, key: str, given: OpinionIn) -> dict[str, Any]:
    """Record your own opinion whether a standard is met for a charge."""
    by = request.actor
    found = queries.case(by, number)
    charge = queries.charge(by, found, key)
    services.record_opinion(by, found, charge=charge, **given.dict())
    return _charge(by, found, key)


@router.get("/cases/{number}/cells/{key}", response=CellWholeOut)
def show_cell(request: Asked, number: str, key: str) -> dict[str, Any]:
    """Show one exhibit, and the row of charges at which it stands."""
    require(policies.may_read, request.actor)
    found = queries.case(request.actor, number)
    cell = queries.cell(request.actor, found, key)
    return {**cell_record(cell), "row": str(queries.row_key(cell))}


@router.post("/cases/{number}/cells/{key}/read", response=CaseWholeOut)
def second_reading(request: Asked, number: str, key: str, given: ReasonIn) -> dict[str, Any]:
    """Confirm, as a second person, what an exhibit does at its row."""
    by = request.actor
    found = queries.case(by, number)
    services.second_reading(by, found, cell=queries.cell(by, found, key), reason=given.reason)
    return _case(by, number)


@router.delete("/cases/{number}/cells/{key}", response=CaseWholeOut)
def withdraw_cell(request: Asked, number: str, key: str, reason: Words) -> dict[str, Any]:
    """Take an exhibit away from a row."""
    by = request.actor
    require(policies.may_fill_cell, by)
    found = queries.case(by, number)
    services.withdraw_cell(by, found, cell=queries.cell(by, found, key), reason=reason)
    return _case(by, number)


def _charge(by: Actor, found: Any, key: str) -> dict[str, Any]:  # noqa: ANN401 - a case
    return charge_whole(queries.charge_view(by, queries.charge(by, found, key)))


def _cases(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.cases(by, queries.CaseFilter(words), after=after)
    return [case_record(one) for one in page.rows], page.after


def _case(by: Actor, number: str) -> dict[str, Any]:
    found = queries.case(by, number)
    charges = queries.charges_of(by, found)
    return {
        **case_record(found),
        "suspects": [suspect_record(one) for one in queries.suspects_of(by, found)],
        "charges": [charge_record(queries.charge_view(by, one)) for one in charges],
    }


def _situations(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    rows = queries.situations(by, words=words).filter(seq__gt=after)
    return [situation_record(one) for one in rows], None


def _situation(by: Actor, number: str) -> dict[str, Any]:
    found = queries.situation(by, number)
    return {
        **situation_record(found),
        "cases": [one.number for one in queries.cases_in(by, found)],
    }


#: kind -> prefix of its numbers, how to list it, how to show one
KINDS = {
    "case": ("CASE", _cases, _case),
    "situation": ("SIT", _situations, _situation),
}
