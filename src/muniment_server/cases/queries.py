"""Every read of situations and cases, and the matrix of a charge with its coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from muniment.law import coverage as law_coverage
from muniment.law.elements import Charge as ChargedLaw
from muniment.law.elements import Matrix, RowKey, matrix
from muniment.law.taxonomy import taxonomy
from muniment_server.cases.models import Case, Cell, Charge, Opinion, Situation, Suspect
from muniment_server.custody import queries as custody
from muniment_server.incidents.models import Incident

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from muniment.law.coverage import Coverage
    from muniment_server.custody.policies import Actor


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge with its rows, the cells at each, and what they cover."""

    charge: Charge
    incidents: list[Incident]
    matrix: Matrix
    coverage: Coverage
    cells: dict[RowKey, list[Cell]]
    hidden: int
    opinions: list[Opinion]


def situations(by: Actor) -> QuerySet[Situation]:
    """Return the situations an actor may know of, in log order."""
    custody.note_list(by, Situation)
    return custody.visible(by, Situation.objects.all()).order_by("seq")


def situation(by: Actor, number: str) -> Situation:
    """Return one situation by number; raises `NotFound`."""
    return custody.one(by, Situation.objects.all(), number, "situation")


def cases(by: Actor) -> QuerySet[Case]:
    """Return the cases an actor may know of, in log order."""
    custody.note_list(by, Case)
    rows = custody.visible(by, Case.objects.select_related("situation"))
    return rows.filter(situation__compartment__in=by.compartments).order_by("seq")


def case(by: Actor, number: str) -> Case:
    """Return one case by number; raises `NotFound`."""
    rows = Case.objects.filter(situation__compartment__in=by.compartments)
    return custody.one(by, rows.select_related("situation"), number, "case")


def suspects_of(by: Actor, found: Case) -> list[Suspect]:
    """Return a case's suspects whom the actor may know of."""
    rows = Suspect.objects.filter(case=found).select_related("person", "case")
    return list(custody.visible_through(by, rows, "case", "person").order_by("person__seq"))


def charges_of(by: Actor, found: Case) -> list[Charge]:
    """Return a case's charges against suspects the actor may know of."""
    rows = Charge.objects.filter(suspect__case=found, suspect__ended__isnull=True)
    seen = custody.visible_through(by, rows, "suspect__case", "suspect__person")
    return list(
        seen.select_related("suspect__person", "suspect__case").order_by(
            "suspect__person__seq", "crime", "mode"
        )
    )


def charge(by: Actor, found: Case, key: str) -> Charge:
    """Return one charge of a case by id; raises `NotFound`."""
    try:
        wanted = UUID(key)
    except ValueError:
        raise custody.absent(by, "charge", key) from None
    for one in charges_of(by, found):
        if one.pk == wanted:
            return one
    raise custody.absent(by, "charge", key)


def matrix_of(found: Charge) -> Matrix:
    """Return the rows of a charge, by the law data in use now."""
    links = found.incidents.filter(ended__isnull=True).order_by("incident__seq")
    incidents = tuple(pk.hex for pk in links.values_list("incident", flat=True))
    return matrix(
        ChargedLaw(
            crime=found.crime,
            mode=found.mode,
            situation=found.suspect.case.situation_id.hex,
            incidents=incidents,
            person=found.suspect.person_id.hex,
        ),
        taxonomy(),
    )


def row_key(cell: Cell) -> RowKey:
    """Return the name of the row a cell stands at."""
    return RowKey(
        cell.element,
        situation=cell.situation_id.hex if cell.situation_id else "",
        incident=cell.incident_id.hex if cell.incident_id else "",
        person=cell.person_id.hex if cell.person_id else "",
        of=cell.of,
    )


def charge_view(by: Actor, found: Charge) -> ChargeView:
    """Return a charge as its page shows it.

    Cells whose item or case the reader may not know of are counted as hidden and shown nowhere:
    an opinion on a partial view needs a cleared person beside it (blueprint §1).
    """
    rows = matrix_of(found)
    keys = {row.key for row in rows.rows}
    standing = _cells_at(found)
    placed = [cell for cell in standing if row_key(cell) in keys]
    seen = [
        cell
        for cell in placed
        if cell.item.compartment_id in by.compartments
        and cell.case.compartment_id in by.compartments
    ]
    at: dict[RowKey, list[Cell]] = {}
    for cell in seen:
        at.setdefault(row_key(cell), []).append(cell)
    marks = [law_coverage.Cell(row_key(cell), law_coverage.Mark(cell.stance)) for cell in seen]
    links = found.incidents.filter(ended__isnull=True).select_related("incident")
    opinions = found.opinions.filter(ended__isnull=True).order_by("given", "pk")
    return ChargeView(
        charge=found,
        incidents=[
            link.incident
            for link in links.order_by("incident__seq")
            if link.incident.compartment_id in by.compartments
        ],
        matrix=rows,
        coverage=law_coverage.coverage(rows, marks),
        cells=at,
        hidden=len(placed) - len(seen),
        opinions=list(opinions),
    )


def _cells_at(found: Charge) -> QuerySet[Cell]:
    """Return every cell that could stand at a row of this charge, from all cases that share it."""
    situation = found.suspect.case.situation_id
    incidents = found.incidents.filter(ended__isnull=True).values("incident")
    return (
        Cell.objects.filter(ended__isnull=True)
        .filter(Q(situation=situation) | Q(incident__in=incidents))
        .select_related("item", "case")
        .order_by("item__seq", "pk")
    )


def cell(by: Actor, found: Case, key: str) -> Cell:
    """Return one cell of a case by id; raises `NotFound`."""
    try:
        wanted = UUID(key)
    except ValueError:
        raise custody.absent(by, "cell", key) from None
    rows = Cell.objects.filter(case=found, pk=wanted, ended__isnull=True)
    known = rows.filter(item__compartment__in=by.compartments).select_related("item").first()
    if known is None:
        raise custody.absent(by, "cell", key)
    return known


def charges_on(by: Actor, incident: Incident) -> list[Charge]:
    """Return the charges that rest on an incident, as far as the actor may know."""
    rows = Charge.objects.filter(incidents__incident=incident, incidents__ended__isnull=True)
    seen = custody.visible_through(by, rows, "suspect__case", "suspect__person")
    return list(seen.select_related("suspect__case").order_by("suspect__case__seq", "crime"))
