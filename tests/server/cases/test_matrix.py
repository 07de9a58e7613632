"""The matrix: each row for its own subject, coverage that is no finding, a second reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from muniment.errors import Conflict, InvalidInput, NotFound
from muniment.law.coverage import STATEMENT
from tests.server.cases.conftest import CRIME, ORDER, OWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from tests.server.cases.conftest import Courtroom


def test_a_cell_of_one_incident_never_fills_anothers_row(
    machine: Actor, courtroom: Courtroom, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.cases import queries, services

    (item,) = items("film")
    charge = courtroom.on_both
    supports = services.Exhibit(services.Stance.SUPPORTS)
    at_first = courtroom.row(charge, OWN, courtroom.first)
    at_second = courtroom.row(charge, OWN, courtroom.second)
    services.fill_cell(
        machine, courtroom.case, charge=charge, row=at_first, item=item, exhibit=supports
    )

    view = queries.charge_view(machine, charge)
    counted = {one.row.key: one.supports for one in view.coverage.rows}
    assert (counted[at_first], counted[at_second]) == (1, 0)
    assert at_second in view.gaps
    with pytest.raises(InvalidInput) as raised:
        services.fill_cell(
            machine,
            courtroom.case,
            charge=courtroom.on_first,
            row=at_second,
            item=item,
            exhibit=supports,
        )
    assert raised.value.code == "cell.row"


def test_context_proved_once_serves_every_charge_of_the_situation(
    machine: Actor, courtroom: Courtroom, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.cases import queries, services
    from muniment_server.entities import services as entities

    (item,) = items("declaration of war")
    rows = [row.key for row in queries.matrix_of(courtroom.on_first).rows]
    context = next(key for key in rows if key.situation and not key.person)
    services.fill_cell(
        machine,
        courtroom.case,
        charge=courtroom.on_first,
        row=context,
        item=item,
        exhibit=services.Exhibit(services.Stance.SUPPORTS),
    )
    other = services.open_case(machine, situation=courtroom.situation, title="Another")
    general = entities.record_person(machine, name="Another person")
    suspect = services.add_suspect(machine, other, person=general, reason="r")
    elsewhere = services.add_charge(
        machine, other, suspect=suspect, crime=CRIME, mode=ORDER, incidents=[courtroom.second]
    )
    for charge in (courtroom.on_both, elsewhere):
        assert len(queries.charge_view(machine, charge).cells[context]) == 1

    away = services.open_situation(machine, title="Somewhere else")
    far = services.open_case(machine, situation=away, title="Far away")
    there = services.add_suspect(machine, far, person=general, reason="r")
    apart = services.add_charge(
        machine, far, suspect=there, crime=CRIME, mode=ORDER, incidents=[courtroom.first]
    )
    assert queries.charge_view(machine, apart).cells == {}


def test_the_second_reader_is_somebody_else_and_reads_once(
    person: Callable[..., Actor], courtroom: Courtroom, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.cases import queries, services

    (item,) = items("film")
    one, other, third = (person("lawyer", handle) for handle in ("one", "other", "third"))
    cell = services.fill_cell(
        one,
        courtroom.case,
        charge=courtroom.on_first,
        row=courtroom.row(courtroom.on_first, OWN, courtroom.first),
        item=item,
        exhibit=services.Exhibit(services.Stance.UNDERMINES),
    )
    with pytest.raises(Conflict) as same:
        services.second_reading(one, courtroom.case, cell=cell, reason="mine")
    assert same.value.code == "cell.same_reader"
    assert queries.cell(one, courtroom.case, cell.pk.hex).second_reader is None

    services.second_reading(other, courtroom.case, cell=cell, reason="read it")
    assert queries.cell(one, courtroom.case, cell.pk.hex).second_reader == other.agent
    with pytest.raises(Conflict) as again:
        services.second_reading(third, courtroom.case, cell=cell, reason="me too")
    assert again.value.code == "cell.read"


def test_an_item_stands_at_a_row_once_until_it_is_withdrawn(
    machine: Actor, courtroom: Courtroom, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.cases import queries, services

    (item,) = items("film")
    where = {
        "charge": courtroom.on_first,
        "row": courtroom.row(courtroom.on_first, OWN, courtroom.first),
        "item": item,
    }
    supports = services.Exhibit(services.Stance.SUPPORTS)
    undermines = services.Exhibit(services.Stance.UNDERMINES)
    cell = services.fill_cell(machine, courtroom.case, **where, exhibit=supports)  # type: ignore[arg-type]  # as written above
    with pytest.raises(Conflict) as raised:
        services.fill_cell(machine, courtroom.case, **where, exhibit=undermines)  # type: ignore[arg-type]  # as above
    assert raised.value.code == "cell.exists"

    services.withdraw_cell(machine, courtroom.case, cell=cell, reason="the wrong film")
    assert queries.charge_view(machine, courtroom.on_first).cells == {}
    services.fill_cell(machine, courtroom.case, **where, exhibit=undermines)  # type: ignore[arg-type]  # as above
    assert queries.charge_view(machine, courtroom.on_first).undermining == 1


def test_full_coverage_says_nothing_of_a_standard(
    machine: Actor, courtroom: Courtroom, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.cases import queries, schemas, services

    (item,) = items("film")
    charge = courtroom.on_first
    for row in queries.matrix_of(charge).rows:
        services.fill_cell(
            machine,
            courtroom.case,
            charge=charge,
            row=row.key,
            item=item,
            exhibit=services.Exhibit(services.Stance.SUPPORTS, services.Strength.STRONG),
        )
    view = queries.charge_view(machine, charge)
    assert view.gaps == set()
    record = schemas.charge_whole(view)
    assert record["statement"] == STATEMENT
    assert record["status"] == "alleged"
    assert record["opinions"] == []
    assert not {"met", "proved", "standard"} & set(record)


def test_an_opinion_is_a_named_persons_and_gives_reasons(
    person: Callable[..., Actor], courtroom: Courtroom
) -> None:
    from muniment.law.taxonomy import taxonomy
    from muniment_server.cases import queries, services

    lawyer = person("lawyer")
    standard = next(iter(taxonomy().standards))
    with pytest.raises(InvalidInput):
        services.record_opinion(
            lawyer,
            courtroom.case,
            charge=courtroom.on_first,
            standard=standard,
            met=True,
            text=" ",
        )
    services.record_opinion(
        lawyer,
        courtroom.case,
        charge=courtroom.on_first,
        standard=standard,
        met=False,
        text="The author of the order is not known.",
    )
    (opinion,) = queries.charge_view(lawyer, courtroom.on_first).opinions
    assert (opinion.author, opinion.met) == (lawyer.agent, False)


def test_charges_and_cells_of_one_case_are_not_anothers(
    machine: Actor, courtroom: Courtroom, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.cases import services

    (item,) = items("film")
    other = services.open_case(machine, situation=courtroom.situation, title="Another")
    charge = courtroom.on_first
    row = courtroom.row(charge, OWN, courtroom.first)
    exhibit = services.Exhibit(services.Stance.SUPPORTS)
    with pytest.raises(InvalidInput):
        services.fill_cell(machine, other, charge=charge, row=row, item=item, exhibit=exhibit)
    cell = services.fill_cell(
        machine, courtroom.case, charge=charge, row=row, item=item, exhibit=exhibit
    )
    with pytest.raises(InvalidInput):
        services.withdraw_cell(machine, other, cell=cell, reason="r")
    with pytest.raises(InvalidInput):
        services.add_charge(
            machine,
            other,
            suspect=courtroom.suspect,
            crime=CRIME,
            mode=ORDER,
            incidents=[courtroom.first],
        )


def test_a_person_is_a_suspect_once_and_charged_once(machine: Actor, courtroom: Courtroom) -> None:
    from muniment_server.cases import services

    with pytest.raises(Conflict) as suspected:
        services.add_suspect(machine, courtroom.case, person=courtroom.colonel, reason="again")
    assert suspected.value.code == "suspect.exists"
    with pytest.raises(Conflict) as charged:
        services.add_charge(
            machine,
            courtroom.case,
            suspect=courtroom.suspect,
            crime=CRIME,
            mode=ORDER,
            incidents=[courtroom.first],
        )
    assert charged.value.code == "charge.exists"


def test_hidden_items_leave_no_trace(
    machine: Actor,
    courtroom: Courtroom,
    items: Callable[..., list[Item]],
    close: Callable[[Root], None],
) -> None:
    from muniment_server.cases import queries, services

    seen, unseen = items("seen", "unseen")
    charge = courtroom.on_first
    row = courtroom.row(charge, OWN, courtroom.first)
    exhibit = services.Exhibit(services.Stance.SUPPORTS)
    made = [
        services.fill_cell(
            machine, courtroom.case, charge=charge, row=row, item=item, exhibit=exhibit
        )
        for item in (seen, unseen)
    ]
    close(unseen)

    view = queries.charge_view(machine, charge)
    assert [cell.item for cell in view.cells[row]] == [seen]
    assert view.supporting == 1
    with pytest.raises(NotFound):
        queries.cell(machine, courtroom.case, made[1].pk.hex)


def test_a_hidden_incident_shows_in_no_row(
    machine: Actor, courtroom: Courtroom, close: Callable[[Root], None]
) -> None:
    from muniment_server.cases import queries, schemas, services

    close(courtroom.second)
    view = queries.charge_view(machine, courtroom.on_both)
    assert view.incidents == [courtroom.first]
    hidden = courtroom.second.pk.hex
    assert all(row.key.incident != hidden for row in view.matrix.rows)
    assert hidden not in str(schemas.charge_whole(view))
    with pytest.raises(NotFound) as raised:
        services.add_charge(
            machine,
            courtroom.case,
            suspect=courtroom.suspect,
            crime=CRIME,
            mode="m_28_a",
            incidents=[courtroom.second],
        )
    assert raised.value.code == "record.not_found"


def test_a_hidden_suspect_or_situation_hides_what_hangs_on_it(
    machine: Actor, courtroom: Courtroom, close: Callable[[Root], None]
) -> None:
    from muniment_server.cases import queries

    close(courtroom.colonel)
    assert queries.suspects_of(machine, courtroom.case) == []
    assert queries.charges_of(machine, courtroom.case) == []
    assert queries.charges_on(machine, courtroom.first) == []
    with pytest.raises(NotFound):
        queries.charge(machine, courtroom.case, courtroom.on_first.pk.hex)

    close(courtroom.situation)
    page = queries.cases(machine, queries.CaseFilter())
    assert (page.rows, page.total, page.facets) == ([], 0, {"situation": []})
    with pytest.raises(NotFound):
        queries.case(machine, courtroom.case.number)
