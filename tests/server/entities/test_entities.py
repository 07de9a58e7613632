"""Persons, units and posts: dates that are open, citations, and what stays unseen."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

import pytest

from muniment.errors import InvalidInput, NotFound, NotPermitted

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor


def test_an_open_end_stays_possible(machine: Actor) -> None:
    from muniment_server.entities import queries, services

    unit = services.record_unit(machine, name="U", kind=services.UnitKind.MILITARY)
    known = services.record_person(machine, name="Known")
    open_ended = services.record_person(machine, name="Open")
    gone = services.record_person(machine, name="Gone")
    spring = services.Held(date(2031, 3, 1), date(2031, 5, 31))
    for one, held in (
        (known, spring),
        (open_ended, services.Held(held_from=date(2031, 1, 1))),
        (gone, services.Held(held_to=date(2031, 2, 1))),
    ):
        services.record_posting(machine, person=one, unit=unit, title="commander", held=held)

    on = queries.postings_of_unit(machine, unit, date(2031, 4, 9))
    assert {posting.person.name for posting in on} == {"Known", "Open"}


def test_an_end_before_its_beginning_is_refused(machine: Actor) -> None:
    from muniment_server.entities import services

    with pytest.raises(InvalidInput) as raised:
        services.record_person(
            machine, name="X", born_from=date(1990, 1, 2), born_to=date(1990, 1, 1)
        )
    assert raised.value.code == "interval.order"


def test_a_unit_does_not_stand_under_itself(machine: Actor) -> None:
    from muniment_server.entities import services

    unit = services.record_unit(machine, name="U", kind=services.UnitKind.POLICE)
    with pytest.raises(InvalidInput) as raised:
        services.record_subordination(machine, unit=unit, superior=unit)
    assert raised.value.code == "unit.itself"


def test_a_reader_records_nobody(person: Callable[..., Actor]) -> None:
    from muniment_server.entities import services

    with pytest.raises(NotPermitted):
        services.record_person(person("reader"), name="X")


def test_a_person_outside_the_readers_compartments_is_nowhere(
    machine: Actor, close: Callable[[Root], None]
) -> None:
    from muniment_server.entities import queries, services

    unit = services.record_unit(machine, name="Unit", kind=services.UnitKind.MILITARY)
    hidden = services.record_person(machine, name="Secret Colonel")
    services.record_posting(machine, person=hidden, unit=unit, title="commander")
    close(hidden)

    assert queries.persons(machine).total == 0
    assert queries.persons(machine, words="colonel").rows == []
    assert queries.postings_of_unit(machine, unit) == []
    with pytest.raises(NotFound) as unseen:
        queries.person(machine, hidden.number)
    with pytest.raises(NotFound) as unknown:
        queries.person(machine, "P-99999")
    assert str(unseen.value).replace(hidden.number, "P-99999") == str(unknown.value)
    with pytest.raises(NotFound):
        services.record_posting(machine, person=hidden, unit=unit, title="again")
    with pytest.raises(NotFound):
        services.add_name(machine, hidden, text="Alias")


def test_a_unit_outside_the_readers_compartments_is_in_no_post(
    machine: Actor, close: Callable[[Root], None]
) -> None:
    from muniment_server.entities import queries, services

    unit = services.record_unit(machine, name="Unit", kind=services.UnitKind.MILITARY)
    above = services.record_unit(machine, name="Above", kind=services.UnitKind.MILITARY)
    someone = services.record_person(machine, name="Somebody")
    services.record_posting(machine, person=someone, unit=above, title="commander")
    services.record_subordination(machine, unit=unit, superior=above)
    close(above)

    assert queries.postings_of_person(machine, someone) == []
    assert queries.latest_posts(machine, [someone]) == {}
    assert queries.superiors_of(machine, unit) == []
    assert queries.units(machine).facets["kind"] == [("military", 1)]


def test_hidden_items_leave_no_trace(
    machine: Actor,
    items: Callable[..., list[Item]],
    close: Callable[[Root], None],
    browser: Callable[..., Client],
) -> None:
    from muniment_server.entities import queries, services

    seen, unseen = items("seen.txt", "unseen.txt")
    found = services.record_person(machine, name="Dorn Varrow")
    for item, text in ((seen, "D. Varrow"), (unseen, "Colonel")):
        citation = queries.citation(machine, item.number, "p. 2")
        services.add_name(machine, found, text=text, citation=citation)
    close(unseen)

    page = browser("analyst").get(f"/persons/{found.number}/").content.decode()
    assert seen.number in page
    assert "p. 2" in page
    assert unseen.number not in page
    with pytest.raises(NotFound):
        queries.citation(machine, unseen.number)


def test_pages_record_and_show(browser: Callable[..., Client]) -> None:
    analyst = browser("analyst")
    said = {"name": "Dorn Varrow", "sex": "unknown", "nationality": "Norvost"}
    made = analyst.post("/persons/add/", said)
    assert made["Location"] == "/persons/P-00001/"
    assert analyst.post("/units/add/", {"name": "4th", "kind": "military"}).status_code == 302
    posting = {"unit": "U-00001", "title": "commander", "held_from": "2031-01-01"}
    assert analyst.post("/persons/P-00001/postings/add/", posting).status_code == 302
    assert analyst.post("/persons/P-00001/names/add/", {"text": "Вароу"}).status_code == 302
    assert analyst.post("/units/add/", {"name": "HQ", "kind": "military"}).status_code == 302
    over = {"superior": "U-00002"}
    assert analyst.post("/units/U-00001/superiors/add/", over).status_code == 302

    page = analyst.get("/persons/P-00001/").content.decode()
    assert "commander" in page
    assert "Вароу" in page
    on_day = analyst.get("/units/U-00001/?day=2031-04-09").content.decode()
    assert "possible: a date is open" in on_day
    assert "HQ" in on_day
    assert "Dorn Varrow" in analyst.get("/persons/?q=varrow").content.decode()
    assert "4th" in analyst.get("/units/?kind=military").content.decode()


def test_what_is_refused_is_said_on_the_form(browser: Callable[..., Client]) -> None:
    analyst = browser("analyst")
    analyst.post("/persons/add/", {"name": "X", "sex": "unknown"})
    answer = analyst.post("/persons/P-00001/postings/add/", {"unit": "U-00009", "title": "chief"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "there is no unit U-00009" in page
    assert 'value="chief"' in page


def test_readers_read_and_do_not_write(browser: Callable[..., Client]) -> None:
    reader = browser("reader")
    assert reader.get("/persons/").status_code == 200
    assert reader.get("/persons/add/").status_code == 403
    assert reader.get("/persons/P-00009/").status_code == 404
    assert browser("administrator").get("/persons/").status_code == 403


def test_the_api_can_what_the_pages_can(browser: Callable[..., Client]) -> None:
    analyst = browser("analyst")

    def post(path: str, said: dict[str, Any]) -> dict[str, Any]:
        answer = analyst.post(path, said, content_type="application/json")
        return cast("dict[str, Any]", answer.json())

    post("/api/persons", {"name": "Dorn Varrow"})
    post("/api/units", {"name": "4th", "kind": "military"})
    post("/api/units", {"name": "HQ", "kind": "military"})
    post("/api/units/U-00001/superiors", {"superior": "U-00002"})
    shown = post("/api/persons/P-00001/postings", {"unit": "U-00001", "title": "commander"})
    assert shown["postings"][0]["unit"] == "U-00001"
    assert post("/api/persons/P-00001/names", {"text": "Вароу"})["names"][0]["text"] == "Вароу"
    assert analyst.get("/api/persons?q=varrow").json()["records"][0]["number"] == "P-00001"
    unit = analyst.get("/api/units/U-00001?day=2031-04-09").json()
    assert unit["superiors"][0]["superior"] == "U-00002"
    missing = analyst.get("/api/units/U-00077")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "unit.not_found")
