"""The specimen story: one incident, told by three sources who disagree, and one case.

An attack on a hospital during an agreed pause. Two numbers, one denial, evidence both ways; a
classification with elements that nothing supports yet; one suspect, two cells for and one against.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment_server.cases import queries as case_queries
from muniment_server.cases import services as cases
from muniment_server.casualties import services as casualties
from muniment_server.commands.specimen.material import ERROR_M, LATITUDE_E7, LONGITUDE_E7
from muniment_server.entities import services as entities
from muniment_server.incidents import services as register

if TYPE_CHECKING:
    from muniment_server.cases.services import Case, Charge
    from muniment_server.catalogue.services import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.services import Incident, Source

CRIME = "rs_8_2_b_ix"
MODE = "m_25_3_b_order"
_DAY = datetime.date(2031, 5, 14)
_ZONE = datetime.timezone(datetime.timedelta(hours=-2))


@dataclass(frozen=True, slots=True)
class Items:
    """The story's items, by what they are."""

    before: Item
    after: Item
    altered: Item
    page: Item
    statement: Item
    order: Item


@dataclass(frozen=True, slots=True)
class Told:
    """What the story made."""

    incident: Incident
    case: Case
    charge: Charge


def tell(by: Actor, items: Items) -> Told:
    """Record the whole story and return its incident and its case."""
    incident = _incident(by, items)
    _claims(by, incident, items)
    _classify(by, incident, items)
    _victims(by, incident)
    case, charge = _case(by, incident, items)
    return Told(incident, case, charge)


def _at(hour: int, minute: int = 0) -> datetime.datetime:
    return datetime.datetime(_DAY.year, _DAY.month, _DAY.day, hour, minute, tzinfo=_ZONE)


def _incident(by: Actor, items: Items) -> Incident:
    incident = register.open_incident(
        by,
        title="SPECIMEN: attack on the Lissem district hospital during an agreed pause",
        described=register.Description(
            description="Invented. One explosion in the east wing in the afternoon of 14 May.",
            occurred_from=_at(14, 45),
            occurred_to=_at(15, 20),
            precision=register.Precision.HOUR,
            place="District hospital, Lissem, Calderra (invented)",
            latitude_e7=LATITUDE_E7,
            longitude_e7=LONGITUDE_E7,
            error_m=ERROR_M,
            object_hit="hospital",
            protection="marked hospital",
            means="explosive, reported as dropped from the air",
            pause_agreed="Both sides announced a pause until 18:00 on 14 May.",
            conflict_type="IAC",
        ),
        reason="three sources speak of it",
    )
    supports, undermines = register.Stance.SUPPORTS, register.Stance.UNDERMINES
    for item, stance, note in (
        (items.before, supports, "the building and its mark before"),
        (items.after, supports, "the east wing after"),
        (items.statement, supports, "an eyewitness on the second floor"),
        (
            items.altered,
            undermines,
            f"shows vehicles in the yard; the bytes are not those of {items.after.number}",
        ),
    ):
        register.link_evidence(by, incident=incident, item=item, stance=stance, note=note)
    return incident


def _claims(by: Actor, incident: Incident, items: Items) -> None:
    town, ministry, nurse = _sources(by)
    event = register.record_claim(
        by,
        source=town,
        kind=register.ClaimKind.EVENT,
        said=register.Said(
            "The district hospital was struck during the agreed pause.",
            said_at=_at(16, 40),
            authority="official",
        ),
        incident=incident,
        item=items.page,
    )
    _count(by, incident, items.page, town, 3, register.Operator.EXACTLY)
    _count(by, incident, items.statement, nurse, 5, register.Operator.ABOUT)
    register.record_claim(
        by,
        source=ministry,
        kind=register.ClaimKind.DENIAL,
        said=register.Said(
            "The building had been emptied of patients and was used by armed men.",
            said_at=_at(19, 5),
            authority="official",
        ),
        item=items.page,
        denies=event,
    )
    register.grade_claim(
        by,
        event,
        credibility=register.Credibility.POSSIBLE,
        attribution=register.Attribution.CHECKED,
        content=register.ContentStatus.UNVERIFIED,
        reason="the page quotes the administration; nothing else was checked yet",
    )
    register.grade_incident(
        by,
        incident,
        happened=register.Grade.FAIR,
        author=register.Grade.CONTESTED,
        reason="two independent origins say it happened; the other side denies",
    )


def _sources(by: Actor) -> tuple[Source, Source, Source]:
    kind, reliability = register.SourceKind, register.Reliability
    return (
        register.record_source(
            by,
            name="SPECIMEN: regional administration of Lissem",
            kind=kind.OFFICIAL,
            party="Calderra (invented)",
            reliability=reliability.C,
        ),
        register.record_source(
            by,
            name="SPECIMEN: ministry of defence of Norvost",
            kind=kind.OFFICIAL,
            party="Norvost (invented)",
            reliability=reliability.D,
        ),
        register.record_source(
            by, name="SPECIMEN: nurse, second floor", kind=kind.EYEWITNESS, origin="own eyes"
        ),
    )


def _count(
    by: Actor,
    incident: Incident,
    item: Item,
    source: Source,
    value: int,
    operator: register.Operator,
) -> None:
    register.record_claim(
        by,
        source=source,
        kind=register.ClaimKind.COUNT,
        said=register.Said(f"{value} dead"),
        incident=incident,
        item=item,
        count=register.Count(
            value, "killed", operator, population="people in the hospital", as_of=_DAY
        ),
    )


def _classify(by: Actor, incident: Incident, items: Items) -> None:
    supports, undermines = register.Stance.SUPPORTS, register.Stance.UNDERMINES
    register.classify(
        by,
        incident,
        crime=CRIME,
        support=[
            register.Support("rs_8_2_b_ix.e1", items.after, supports),
            register.Support("rs_8_2_b_ix.e2", items.before, supports),
            register.Support("rs_8_2_b_ix.e2", items.altered, undermines),
        ],
        reason="a marked hospital was hit; whether it was meant is open",
    )


def _victims(by: Actor, incident: Incident) -> None:
    casualties.record_victim(
        by,
        incident=incident,
        known=casualties.Known(
            harm=casualties.Harm.KILLED,
            least=3,
            most=5,
            status=casualties.VictimStatus.UNKNOWN,
            cause="explosive weapon",
            note="two sources, two numbers",
        ),
    )


def _case(by: Actor, incident: Incident, items: Items) -> tuple[Case, Charge]:
    colonel = entities.record_person(by, name="SPECIMEN: Dorn Varrow", nationality="Norvost")
    regiment = entities.record_unit(
        by,
        name="SPECIMEN: 4th Air Regiment",
        kind=entities.UnitKind.MILITARY,
        party="Norvost (invented)",
    )
    entities.record_posting(by, person=colonel, unit=regiment, title="commander", rank="colonel")
    situation = cases.open_situation(
        by, title="SPECIMEN: Calderra and Norvost", area="Lissem", conflict_type="IAC"
    )
    case = cases.open_case(by, situation=situation, title="SPECIMEN: Lissem hospital")
    suspect = cases.add_suspect(by, case, person=colonel, reason="named in a paper (specimen)")
    charge = cases.add_charge(
        by, case, suspect=suspect, crime=CRIME, mode=MODE, incidents=[incident]
    )
    rows = {row.key.element: row.key for row in case_queries.matrix_of(charge).rows}
    stance = register.Stance
    for element, item, exhibit in (
        (
            "rs_8_2_b_ix.e2",
            items.before,
            cases.Exhibit(stance.SUPPORTS, cases.Strength.STRONG, note="the mark is visible"),
        ),
        (
            "m_25_3_b_order.e1",
            items.order,
            cases.Exhibit(stance.SUPPORTS, cases.Strength.WEAK, note="a copy, not authenticated"),
        ),
        (
            "rs_8_2_b_ix.e2",
            items.altered,
            cases.Exhibit(stance.UNDERMINES, cases.Strength.WEAK, note="vehicles in the yard"),
        ),
    ):
        cases.fill_cell(by, case, charge=charge, row=rows[element], item=item, exhibit=exhibit)
    return case, charge
