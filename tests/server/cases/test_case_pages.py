"""A case in the browser and over the API: every act, the matrix, the law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.law.taxonomy import taxonomy
from tests.server.cases.conftest import CRIME, ORDER, OWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from tests.server.cases.conftest import Courtroom


def test_a_case_is_opened_and_worked_in_the_browser(
    machine: Actor, items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    from muniment_server.entities import services as entities
    from muniment_server.incidents import services as register

    (item,) = items("film")
    register.open_incident(machine, title="Attack", described=register.Description())
    entities.record_person(machine, name="Dorn Varrow")
    lawyer, second = browser("lawyer"), browser("lawyer", "second")

    opened = lawyer.post("/situations/open/", {"title": "Calderra and Norvost"})
    assert opened["Location"] == "/situations/SIT-001/"
    assert lawyer.post("/situations/SIT-001/cases/open/", {"title": "Lissem"}).status_code == 302
    said = {"person": "P-00001", "reason": "named in a paper"}
    assert lawyer.post("/cases/CASE-0001/suspects/add/", said).status_code == 302
    form = lawyer.get("/cases/CASE-0001/charges/add/").context["form"]
    ((suspect, _words),) = form.fields["suspect"].choices
    said = {"suspect": suspect, "crime": CRIME, "mode": ORDER, "incidents": "INC-00001"}
    charge = lawyer.post("/cases/CASE-0001/charges/add/", said)["Location"]

    add = lawyer.get(f"{charge}evidence/").context["form"]
    row = next(key for key, _text in add.fields["row"].choices if key.startswith(f"{OWN} "))
    said = {"row": row, "item": item.number, "stance": "undermines", "place": "0:14"}
    assert lawyer.post(f"{charge}evidence/", said).status_code == 302
    page = lawyer.get(charge)
    assert item.number in page.content.decode()
    assert "Coverage is not a finding" in page.content.decode()
    cell = next(
        cell["url"]
        for group in page.context["matrix"]["groups"]
        for line in group["rows"]
        for cell in line["cells"]
        if cell["stance"]
    )
    assert "nobody yet" in lawyer.get(cell).content.decode()
    assert lawyer.post(f"{cell}read/", {"reason": "mine"}).status_code == 400
    assert second.post(f"{cell}read/", {"reason": "read it"}).status_code == 302
    assert "SPECIMEN lawyer" in lawyer.get(cell).content.decode()

    standard = next(iter(taxonomy().standards))
    said = {"standard": standard, "met": "no", "text": "The author is not known."}
    assert lawyer.post(f"{charge}opinion/", said).status_code == 302
    shown = lawyer.get(charge).content.decode()
    assert "not met, in this person’s opinion" in shown
    assert "alleged" in shown
    case = lawyer.get("/cases/CASE-0001/").content.decode()
    assert "Dorn Varrow" in case
    assert "0 · 1" in case
    assert "CASE-0001" in lawyer.get("/cases/?q=lissem").content.decode()
    assert "CASE-0001" in lawyer.get("/situations/SIT-001/").content.decode()
    assert "CASE-0001" in lawyer.get("/persons/P-00001/").content.decode()
    assert "CASE-0001" in lawyer.get("/incidents/INC-00001/").content.decode()
    assert lawyer.post(f"{cell}withdraw/", {"reason": "wrong film"}).status_code == 302
    assert lawyer.get(cell).status_code == 404


def test_readers_read_a_case_and_change_nothing(
    courtroom: Courtroom, browser: Callable[..., Client]
) -> None:
    reader = browser("reader")
    case = courtroom.case.number
    charge = f"/cases/{case}/charges/{courtroom.on_both.pk.hex}/"
    for path in ("/cases/", f"/cases/{case}/", charge, "/situations/SIT-001/"):
        assert reader.get(path).status_code == 200
    for path in (
        *("/situations/open/", "/situations/SIT-001/cases/open/"),
        *(f"/cases/{case}/suspects/add/", f"/cases/{case}/charges/add/"),
        *(f"{charge}evidence/", f"{charge}opinion/"),
    ):
        assert reader.get(path).status_code == 403
    assert reader.get(f"/cases/{case}/charges/nonsense/").status_code == 404
    assert reader.get("/cases/CASE-0009/").status_code == 404


def test_hidden_evidence_leaves_no_trace_on_the_page(
    machine: Actor,
    courtroom: Courtroom,
    items: Callable[..., list[Item]],
    close: Callable[[Root], None],
    browser: Callable[..., Client],
) -> None:
    from muniment_server.cases import services

    (item,) = items("film")
    services.fill_cell(
        machine,
        courtroom.case,
        charge=courtroom.on_first,
        row=courtroom.row(courtroom.on_first, OWN, courtroom.first),
        item=item,
        exhibit=services.Exhibit(services.Stance.SUPPORTS),
    )
    close(item)
    reader = browser("reader")
    case = f"/cases/{courtroom.case.number}/"
    for path in (case, f"{case}charges/{courtroom.on_first.pk.hex}/"):
        page = reader.get(path).content.decode()
        assert item.number not in page
        assert "may not see" not in page


def test_every_crime_of_the_law_can_be_read(browser: Callable[..., Client]) -> None:
    reader = browser("administrator")
    page = reader.get("/law/").content.decode()
    law = taxonomy()
    for crime in law.crimes.values():
        assert f'href="/law/{crime.id}/"' in page
    for family in law.families:
        crime = law.in_family(family)[0]
        shown = reader.get(f"/law/{crime.id}/").content.decode()
        assert ("unchecked" in shown) == (not crime.basis.checked)
        assert shown.count("<tr><th") >= len(crime.elements)
    assert reader.get("/law/murder_most_foul/").status_code == 404


def test_the_api_works_a_case(
    machine: Actor, items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    from muniment_server.entities import services as entities
    from muniment_server.incidents import services as register

    (item,) = items("film")
    register.open_incident(machine, title="Attack", described=register.Description())
    entities.record_person(machine, name="Dorn Varrow")
    lawyer, second = browser("lawyer"), browser("lawyer", "second")

    def post(path: str, client: Client = lawyer, **said: object) -> dict[str, object]:
        answer = client.post(f"/api{path}", said, content_type="application/json")
        document: dict[str, object] = answer.json()
        return document

    post("/situations", title="Calderra and Norvost", conflict_type="IAC")
    post("/cases", situation="SIT-001", title="Lissem")
    post("/cases/CASE-0001/suspects", person="P-00001", reason="named in a paper")
    charge = post(
        "/cases/CASE-0001/charges",
        suspect="P-00001",
        crime=CRIME,
        mode=ORDER,
        incidents=["INC-00001"],
    )
    rows = [one["row"] for one in charge["rows"]]  # type: ignore[attr-defined]  # a list of rows
    row = next(key for key in rows if key.startswith(f"{OWN} "))
    at = f"/cases/CASE-0001/charges/{charge['id']}"
    filled = post(f"{at}/cells", row=row, item=item.number, stance="supports")
    (cell,) = [cell for one in filled["rows"] for cell in one["cells"]]  # type: ignore[attr-defined]  # as above
    nowhere = post(f"{at}/cells", row=f"{OWN} incident=00", item=item.number, stance="supports")
    assert nowhere["error"]["code"] == "cell.row"  # type: ignore[index]  # an error document
    cells = f"/cases/CASE-0001/cells/{cell['id']}"
    mine = post(f"{cells}/read", reason="mine")
    assert mine["error"]["code"] == "cell.same_reader"  # type: ignore[index]  # as above
    post(f"{cells}/read", client=second, reason="read it")
    standard = next(iter(taxonomy().standards))
    post(f"{at}/opinions", standard=standard, met=False, text="The author is not known.")

    shown = lawyer.get(f"/api{at}").json()
    assert shown["supports"] == 1
    assert shown["opinions"][0]["met_in_the_authors_opinion"] is False
    assert lawyer.get("/api/cases").json()["records"][0]["number"] == "CASE-0001"
    assert lawyer.get("/api/situations/SIT-001").json()["cases"] == ["CASE-0001"]
    after = lawyer.delete(f"/api{cells}?reason=wrong+film").json()
    assert after["charges"][0]["supports"] == 0
    assert lawyer.get(f"/api/law/crimes/{CRIME}").json()["id"] == CRIME
    assert len(lawyer.get("/api/law/crimes").json()["records"]) == len(taxonomy().crimes)


def test_a_list_of_cases_asks_as_much_for_many_as_for_one(
    machine: Actor, courtroom: Courtroom, browser: Callable[..., Client]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from muniment_server.cases import services

    reader = browser("reader")

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = reader.get("/cases/")
        (first, *_others) = page.context["cases"]
        assert (first.charge_count, first.suspect_list) == (2, [courtroom.colonel])
        return len(captured)

    before = asked()
    for title in ("Second", "Third", "Fourth"):
        case = services.open_case(machine, situation=courtroom.case.situation, title=title)
        suspect = services.add_suspect(machine, case, person=courtroom.colonel, reason="named")
        for mode in (ORDER, "m_28_a"):
            services.add_charge(
                machine,
                case,
                suspect=suspect,
                crime=CRIME,
                mode=mode,
                incidents=[courtroom.first],
            )
    assert asked() == before
    assert before <= 20
