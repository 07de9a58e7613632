"""Every read of situations and cases, and the matrix of a charge with its coverage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q

from muniment.law import coverage as law_coverage
from muniment.law.elements import Charge as ChargedLaw
from muniment.law.elements import Matrix, RowKey, matrix
from muniment.law.taxonomy import taxonomy
from muniment_server.cases.models import (
    Case,
    Cell,
    Charge,
    ChargeIncident,
    Lead,
    Opinion,
    Situation,
    Suspect,
)
from muniment_server.custody import queries as custody
from muniment_server.custody.models import Access
from muniment_server.custody.queries import PAGE, Page
from muniment_server.incidents import queries as register
from muniment_server.pictures import dated
from muniment_server.pictures.spans import EVER, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from muniment.law.coverage import Coverage
    from muniment_server.custody.policies import Actor
    from muniment_server.custody.queries import ReadingsPage
    from muniment_server.entities.models import Person
    from muniment_server.incidents.models import Incident

READINGS = 100
_WHEN = ("occurred_from", "occurred_to", "precision")


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge with its rows, the cells at each, and what they cover.

    Exhibits, and incidents charged, that the reader may not know of leave no trace here.
    """

    charge: Charge
    incidents: list[Incident]
    matrix: Matrix
    coverage: Coverage
    cells: dict[RowKey, list[Cell]]
    opinions: list[Opinion]

    @property
    def gaps(self) -> set[RowKey]:
        """The rows shown as gaps: needed, in no branch that another replaces, without support."""
        open_rows = {
            one.row.key
            for alternatives in self.coverage.open_alternatives
            for branch in alternatives.branches
            for one in branch.rows
            if not one.supports
        }
        return open_rows.union(self.coverage.without_support)

    @property
    def supporting(self) -> int:
        """How many exhibits speak for a row."""
        return sum(one.supports for one in self.coverage.rows)

    @property
    def undermining(self) -> int:
        """How many exhibits speak against a row."""
        return sum(one.undermines for one in self.coverage.rows)


def situations(by: Actor, *, words: str = "") -> QuerySet[Situation]:
    """Return the situations an actor may know of, in log order."""
    custody.note_list(by, Situation, detail=words)
    rows = custody.visible(by, Situation.objects.all()).order_by("seq")
    return custody.matching(rows, words, "title_folded")


def situation(by: Actor, number: str) -> Situation:
    """Return one situation by number; raises `NotFound`."""
    return custody.one(by, Situation.objects.all(), number, "situation")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list of cases is narrowed to; empty means all."""

    words: str = ""
    situation: str = ""
    within: Span = EVER


def cases(by: Actor, wanted: CaseFilter, *, after: int = -1, limit: int = PAGE) -> Page:
    """Return a page of cases, in log order."""
    custody.note_list(by, Case, detail=wanted.words)
    rows = _narrowed(by, wanted)
    facets = {"situation": custody.tally(rows, "situation__number")}
    return custody.page_of(rows, after=after, limit=limit, facets=facets)


def _narrowed(by: Actor, wanted: CaseFilter) -> QuerySet[Case]:
    rows = custody.matching(_cases(by), wanted.words, "title_folded")
    if wanted.situation:
        rows = rows.filter(situation__number=wanted.situation.upper())
    if wanted.within:
        spans = _spans(by, rows).items()
        rows = rows.filter(pk__in=[pk for pk, span in spans if span.meets(wanted.within)])
    return rows


def case_spans(by: Actor, wanted: CaseFilter) -> list[tuple[Span, int]]:
    """Return from when to when the incidents charged in each of these cases can have happened."""
    rows = _narrowed(by, wanted)
    known = _spans(by, rows)
    return [(known.get(pk, EVER), 1) for pk in rows.order_by().values_list("pk", flat=True)]


def _spans(by: Actor, rows: QuerySet[Case]) -> dict[UUID, Span]:
    """Return the stretch of each case that holds its incidents, as far as the actor knows them."""
    charged = ChargeIncident.objects.filter(
        charge__ended__isnull=True, charge__suspect__ended__isnull=True
    )
    seen = custody.visible_through(
        by, charged, "incident", "charge__suspect__case", "charge__suspect__person"
    ).filter(charge__suspect__case__in=rows.order_by().values("pk"))
    columns = ("charge__suspect__case", *(f"incident__{name}" for name in _WHEN))
    found: dict[UUID, Span] = {}
    for case, start, end, precision in seen.order_by().values_list(*columns):
        if span := dated.interval(start, end, precision):
            found[case] = found[case].around(span) if case in found else span
    return found


def cases_in(by: Actor, found: Situation) -> list[Case]:
    """Return the cases of a situation that the actor may know of."""
    return list(_cases(by).filter(situation=found).order_by("seq"))


def _cases(by: Actor) -> QuerySet[Case]:
    rows = custody.visible(by, Case.objects.select_related("situation"))
    return rows.filter(situation__compartment__in=by.compartments)


def case(by: Actor, number: str) -> Case:
    """Return one case by number; raises `NotFound`."""
    return custody.one(by, _cases(by), number, "case")


def lead_of(found: Case) -> UUID:
    """Return the agent who leads a case: whoever was named last, else whoever opened it."""
    named = Lead.objects.filter(case=found, ended__isnull=True).first()
    return custody.chain_of(found.pk)[0].by if named is None else named.agent_id


def readings_of(by: Actor, found: Case, before: int | None = None) -> ReadingsPage:
    """Return who read what of a case, newest first; that it was asked for is recorded too.

    Of a case are the case, its situation, its suspects, the incidents charged and the exhibits, as
    far as the actor may know of them (decision 0011).
    """
    custody.note(by, Access.Kind.LISTED, found)
    return custody.readings_about(by, _belonging(found), READINGS, before)


def _belonging(found: Case) -> set[UUID]:
    suspects = Suspect.objects.filter(case=found, ended__isnull=True)
    charged = ChargeIncident.objects.filter(charge__suspect__case=found, ended__isnull=True)
    cells = Cell.objects.filter(case=found, ended__isnull=True)
    return {
        found.pk,
        found.situation_id,
        *suspects.values_list("person", flat=True),
        *charged.values_list("incident", flat=True),
        *cells.values_list("item", flat=True),
    }


def suspects_of(by: Actor, found: Case) -> list[Suspect]:
    """Return a case's suspects whom the actor may know of."""
    rows = Suspect.objects.filter(case=found).select_related("person", "case")
    return list(custody.visible_through(by, rows, "case", "person").order_by("person__seq"))


def suspected_in(by: Actor, rows: Iterable[Case]) -> dict[UUID, list[Person]]:
    """Return the suspects of each case whom the actor may know of, in one query."""
    links = Suspect.objects.filter(case__in=list(rows)).select_related("person")
    seen = custody.visible_through(by, links, "case", "person")
    found: dict[UUID, list[Person]] = {}
    for link in seen.order_by("person__seq"):
        found.setdefault(link.case_id, []).append(link.person)
    return found


def charge_counts(by: Actor, rows: Iterable[Case]) -> dict[UUID, int]:
    """Return how many charges each case has against suspects the actor may know of."""
    charges = Charge.objects.filter(suspect__case__in=list(rows), suspect__ended__isnull=True)
    seen = custody.visible_through(by, charges, "suspect__case", "suspect__person")
    counted = seen.order_by().values_list("suspect__case").annotate(n=Count("pk"))
    return dict(counted)


def suspect(by: Actor, found: Case, number: str) -> Suspect:
    """Return the suspect of a case who is the person of a number; raises `NotFound`."""
    for one in suspects_of(by, found):
        if one.person.number == number.upper():
            return one
    raise custody.absent(by, "suspect", number)


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


def items_bearing_on(found: Charge) -> list[UUID]:
    """Return the ids of every item on a charge: in its case's matrix, or of its incidents.

    Whoever may know of them, and so not to be shown.
    """
    cells = Cell.objects.filter(case=found.suspect.case_id, ended__isnull=True)
    links = found.incidents.filter(ended__isnull=True)
    incidents = register.items_linked(links.values_list("incident", flat=True))
    return [*cells.values_list("item", flat=True), *incidents]


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

    Cells whose item or case the reader may not know of are as if they were not (decision 0011).
    """
    links = found.incidents.filter(ended__isnull=True).select_related("incident")
    charged = [link.incident for link in links.order_by("incident__seq")]
    known = [one for one in charged if one.compartment_id in by.compartments]
    rows = _rows_known(matrix_of(found), {one.pk.hex for one in known})
    keys = {row.key for row in rows.rows}
    seen = [one for one in _cells_at(found) if row_key(one) in keys and _may_see(by, one)]
    at: dict[RowKey, list[Cell]] = {}
    for one in seen:
        at.setdefault(row_key(one), []).append(one)
    marks = [law_coverage.Cell(row_key(one), law_coverage.Mark(one.stance)) for one in seen]
    opinions = found.opinions.filter(ended__isnull=True).order_by("given", "pk")
    return ChargeView(
        charge=found,
        incidents=known,
        matrix=rows,
        coverage=law_coverage.coverage(rows, marks),
        cells=at,
        opinions=list(opinions),
    )


def _rows_known(rows: Matrix, incidents: set[str]) -> Matrix:
    """Leave out the rows of incidents that the reader may not know of."""
    kept = tuple(row for row in rows.rows if not row.key.incident or row.key.incident in incidents)
    return replace(rows, rows=kept)


def _may_see(by: Actor, cell: Cell) -> bool:
    roots = (cell.item, cell.case, *(one for one in (cell.incident, cell.person) if one))
    return all(root.compartment_id in by.compartments for root in roots)


def _cells_at(found: Charge) -> QuerySet[Cell]:
    """Return every cell that could stand at a row of this charge, from all cases that share it."""
    situation = found.suspect.case.situation_id
    incidents = found.incidents.filter(ended__isnull=True).values("incident")
    return (
        Cell.objects.filter(ended__isnull=True)
        .filter(Q(situation=situation) | Q(incident__in=incidents))
        .select_related("item", "case", "incident", "person")
        .order_by("item__seq", "pk")
    )


def cell(by: Actor, found: Case, key: str) -> Cell:
    """Return one cell of a case by id; raises `NotFound`."""
    try:
        wanted = UUID(key)
    except ValueError:
        raise custody.absent(by, "cell", key) from None
    rows = Cell.objects.filter(case=found, pk=wanted, ended__isnull=True)
    known = rows.select_related("item", "case", "situation", "incident", "person").first()
    if known is None or not _may_see(by, known):
        raise custody.absent(by, "cell", key)
    return known


def charges_on(by: Actor, incident: Incident) -> list[Charge]:
    """Return the charges that rest on an incident, as far as the actor may know."""
    rows = Charge.objects.filter(incidents__incident=incident, incidents__ended__isnull=True)
    seen = custody.visible_through(by, rows, "suspect__case", "suspect__person")
    return list(seen.select_related("suspect__case").order_by("suspect__case__seq", "crime"))


def suspecting(by: Actor, person: Person) -> list[Case]:
    """Return the cases in which a person is a suspect, as far as the actor may know."""
    rows = custody.visible_through(by, Suspect.objects.filter(person=person), "case", "person")
    return list(_cases(by).filter(pk__in=rows.values("case")).order_by("seq"))


def context_cells(by: Actor, found: Situation) -> list[Cell]:
    """Return the exhibits for what is proved once for a situation."""
    rows = Cell.objects.filter(situation=found, person__isnull=True, ended__isnull=True)
    standing = rows.select_related("item", "case", "incident", "person").order_by("element")
    return [one for one in standing if _may_see(by, one)]


def incidents_under(by: Actor, crime: str) -> list[Incident]:
    """Return the incidents sorted under a crime that the actor may know of."""
    rows = register.visible_incidents(by)
    found = rows.filter(classifications__crime=crime, classifications__ended__isnull=True)
    return list(found.distinct())


def row_texts(by: Actor, found: Charge) -> list[tuple[str, str]]:
    """Return the names of the rows of a charge the actor may know of, each with its words."""
    view = charge_view(by, found)
    numbers = {one.pk.hex: one.number for one in view.incidents}
    return [
        (
            str(row.key),
            " · ".join(part for part in (row.element.text, numbers.get(row.key.incident)) if part),
        )
        for row in view.matrix.rows
    ]
