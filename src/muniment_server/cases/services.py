"""The acts of a case: situation, case, suspects, charges, cells, opinions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from muniment.errors import Conflict, InvalidInput
from muniment.law.elements import Charge as ChargedLaw
from muniment.law.elements import RowKey, matrix
from muniment.law.taxonomy import taxonomy
from muniment_server.cases import policies, queries
from muniment_server.cases.models import (
    Case,
    Cell,
    Charge,
    ChargeIncident,
    Lead,
    Opinion,
    Situation,
    Strength,
    Suspect,
)
from muniment_server.custody.acting import act, keep, moment
from muniment_server.incidents.models import ConflictType, Stance
from muniment_server.oversight.services import require_whole_view

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from muniment_server.accounts.models import Person as Member
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.entities.models import Person
    from muniment_server.incidents.models import Incident


__all__ = [
    "Case",
    "Charge",
    "ConflictType",
    "Exhibit",
    "Stance",
    "Strength",
    "add_charge",
    "add_suspect",
    "fill_cell",
    "name_lead",
    "open_case",
    "open_situation",
    "record_opinion",
    "second_reading",
    "withdraw_cell",
]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What an item does at a row of the matrix, and where inside it."""

    stance: Stance
    strength: Strength | str = ""
    citation: dict[str, Any] = field(default_factory=dict)
    note: str = ""


@act("situation.opened", may=policies.may_open_situation)
def open_situation(
    by: Actor,
    *,
    title: str,
    area: str = "",
    held_from: datetime.date | None = None,
    held_to: datetime.date | None = None,
    conflict_type: str = "",
    reason: str = "",
) -> Situation:
    """Open a situation: the setting whose context is proved once for every charge in it.

    Raises `InvalidInput` where the period ends before it begins.
    """
    if held_from and held_to and held_to < held_from:
        raise InvalidInput(
            _("the end lies before the beginning"),
            code="interval.order",
            hint=_("Give the earlier day first."),
        )
    return keep(
        Situation(
            title=title,
            area=area,
            held_from=held_from,
            held_to=held_to,
            conflict_type=conflict_type,
        )
    )


@act("case.opened", may=policies.may_open_case)
def open_case(by: Actor, *, situation: Situation, title: str, reason: str = "") -> Case:
    """Open a case file in a situation."""
    return keep(Case(situation=situation, title=title))


@act("lead.named", may=policies.may_name_lead)
def name_lead(by: Actor, case: Case, *, person: Member, reason: str) -> Lead:
    """Name who leads a case from now on; they see who read what of it.

    Raises `Conflict` for somebody who works here no longer, or who leads it already.
    """
    if person.ended is not None or queries.lead_of(case) == person.agent_id:
        raise Conflict(
            _("{name} cannot be named").format(name=person.agent.name),
            code="lead.not_named",
            hint=_("They lead this case already, or work here no longer."),
        )
    for earlier in Lead.objects.filter(case=case, ended__isnull=True):
        earlier.ended = moment()
        keep(earlier)
    return keep(Lead(case=case, agent_id=person.agent_id))


@act("suspect.added", may=policies.may_add_suspect)
def add_suspect(by: Actor, case: Case, *, person: Person, reason: str) -> Suspect:
    """Add a person to a case as a suspect, and nothing more.

    Raises `Conflict` where the person is one already.
    """
    if Suspect.objects.filter(case=case, person=person, ended__isnull=True).exists():
        raise Conflict(
            _("this person is a suspect in this case already"),
            code="suspect.exists",
            hint=_("Add a charge to the suspect instead."),
        )
    return keep(Suspect(case=case, person=person))


@act("charge.added", may=policies.may_add_charge)
def add_charge(
    by: Actor,
    case: Case,
    *,
    suspect: Suspect,
    crime: str,
    mode: str,
    incidents: Sequence[Incident],
    reason: str = "",
) -> Charge:
    """Charge a suspect with a crime and a mode of liability for incidents.

    Raises `InvalidInput` where the law data does not allow the combination, or the suspect is of
    another case; `Conflict` for a charge that is there already.
    """
    if suspect.case_id != case.pk:
        raise InvalidInput(
            _("the suspect is not one of this case"),
            code="charge.suspect",
            hint=_("Choose one of this case's suspects."),
        )
    law = taxonomy()
    rows = matrix(
        ChargedLaw(
            crime=crime,
            mode=mode,
            situation=case.situation_id.hex,
            incidents=tuple(incident.pk.hex for incident in incidents),
            person=suspect.person_id.hex,
        ),
        law,
    )
    same = Charge.objects.filter(suspect=suspect, crime=crime, mode=mode, ended__isnull=True)
    if same.exists():
        raise Conflict(
            _("the suspect is charged with this crime under this mode already"),
            code="charge.exists",
            hint=_("Add evidence to that charge."),
        )
    charge = keep(Charge(suspect=suspect, crime=crime, mode=mode, law_version=rows.version_id))
    for incident in incidents:
        keep(ChargeIncident(charge=charge, incident=incident))
    return charge


@act("cell.filled", may=policies.may_fill_cell)
def fill_cell(
    by: Actor,
    case: Case,
    *,
    charge: Charge,
    row: RowKey,
    item: Item,
    exhibit: Exhibit,
    reason: str = "",
) -> Cell:
    """Put an item to one row of a charge's matrix, for or against.

    Raises `InvalidInput` for a row that the charge does not have: evidence of one incident has no
    place in the row of another; `Conflict` where the item stands at the row in this case already.
    """
    _of_case(case, charge)
    if row not in {known.key for known in queries.matrix_of(charge).rows}:
        raise InvalidInput(
            _("the charge has no such row"),
            code="cell.row",
            hint=_("Choose a row of this charge; evidence counts for its own incident only."),
        )
    at = {"element": row.element, "of": row.of, "situation_id": _id(row.situation)}
    at |= {"incident_id": _id(row.incident), "person_id": _id(row.person)}
    if Cell.objects.filter(case=case, item=item, ended__isnull=True, **at).exists():
        raise Conflict(
            _("the item stands at this row already"),
            code="cell.exists",
            hint=_("Withdraw it first; that it stood there stays in the log."),
        )
    return keep(
        Cell(
            case=case,
            element=row.element,
            of=row.of,
            situation_id=_id(row.situation),
            incident_id=_id(row.incident),
            person_id=_id(row.person),
            item=item,
            stance=exhibit.stance,
            strength=exhibit.strength,
            citation=exhibit.citation,
            note=exhibit.note,
            analyst=by.agent,
        )
    )


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None


@act("cell.filled", may=policies.may_fill_cell)
def withdraw_cell(by: Actor, case: Case, *, cell: Cell, reason: str) -> Cell:
    """Take an exhibit away from a row; that it stood there stays in the log.

    Raises `InvalidInput` for a cell of another case.
    """
    _cell_of_case(case, cell)
    cell.ended = moment()
    return keep(cell)


@act("cell.filled", may=policies.may_fill_cell)
def second_reading(by: Actor, case: Case, *, cell: Cell, reason: str) -> Cell:
    """Record that a second person read an exhibit at its row and agrees with what it does there.

    Raises `InvalidInput` for a cell of another case, `Conflict` for the person who filled it and
    where it was read already.
    """
    _cell_of_case(case, cell)
    if cell.analyst == by.agent:
        raise Conflict(
            _("the second reader is somebody else than the first"),
            code="cell.same_reader",
            hint=_("Ask a colleague to read it."),
        )
    if cell.second_reader is not None:
        raise Conflict(
            _("a second person has read this already"),
            code="cell.read",
            hint=_("Withdraw it if you disagree, and say why."),
        )
    cell.second_reader = by.agent
    return keep(cell)


def _of_case(case: Case, charge: Charge) -> None:
    if charge.suspect.case_id != case.pk:
        raise InvalidInput(
            _("the charge is not one of this case"),
            code="charge.case",
            hint=_("Open the case that the charge belongs to."),
        )


def _cell_of_case(case: Case, cell: Cell) -> None:
    if cell.case_id != case.pk or cell.ended is not None:
        raise InvalidInput(
            _("the exhibit does not stand at a row in this case"),
            code="cell.case",
            hint=_("Open the case in which it was put there."),
        )


@act("opinion.recorded", may=policies.may_give_opinion)
def record_opinion(
    by: Actor, case: Case, *, charge: Charge, standard: str, met: bool, text: str, reason: str = ""
) -> Opinion:
    """Record a named person's opinion whether a standard is met for a charge.

    Raises `NotFound` for a standard the law data does not have, `InvalidInput` without reasons,
    `Conflict` where a record is known to exist that whoever gives it may not see.
    """
    _of_case(case, charge)
    taxonomy().standard(standard)
    require_whole_view(by, queries.items_bearing_on(charge))
    if not text.strip():
        raise InvalidInput(
            _("an opinion gives its reasons"),
            code="opinion.reasons",
            hint=_("Write what it rests on."),
        )
    return keep(
        Opinion(
            charge=charge,
            standard=standard,
            met=met,
            text=text,
            author=by.agent,
            given=moment(),
        )
    )
