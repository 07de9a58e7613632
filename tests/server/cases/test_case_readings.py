"""Who leads a case sees who read what of it, as far as they may know of what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import Conflict, NotPermitted

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.cases.models import Case
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor


@pytest.fixture
def case(machine: Actor) -> Case:
    """A case with a suspect, opened by this machine's account."""
    from muniment_server.cases import services
    from muniment_server.entities import services as entities

    situation = services.open_situation(machine, title="Fictional")
    found = services.open_case(machine, situation=situation, title="The bridge")
    suspect = entities.record_person(machine, name="Dorn")
    services.add_suspect(machine, found, person=suspect, reason="orders")
    return found


def lines(reader: Client, case: Case) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.get(f"/cases/{case.number}/readings/").context["accesses"]
    return found


def test_whoever_opened_a_case_leads_it_until_somebody_is_named(
    machine: Actor, case: Case, person: Callable[..., Actor]
) -> None:
    from muniment_server.accounts import queries as accounts
    from muniment_server.cases import queries, services
    from muniment_server.custody import queries as custody

    assert queries.lead_of(case) == machine.agent
    lawyer = person("lawyer")
    member = accounts.person_or_absent(machine, "lawyer")
    services.name_lead(lawyer, case, person=member, reason="takes over")
    assert queries.lead_of(case) == lawyer.agent
    with pytest.raises(Conflict):
        services.name_lead(lawyer, case, person=member, reason="again")
    assert custody.acts_of(machine, case.pk)[-1].kind == "lead.named"
    with pytest.raises(NotPermitted):
        services.name_lead(person("analyst"), case, person=member, reason="mine")


def test_the_lead_sees_readings_of_the_case_and_of_nothing_else(
    machine: Actor,
    case: Case,
    items: Callable[..., list[Item]],
    person: Callable[..., Actor],
    browser: Callable[..., Client],
) -> None:
    from muniment_server.accounts import queries as accounts
    from muniment_server.cases import queries, services
    from muniment_server.catalogue import queries as catalogue
    from muniment_server.entities import queries as entities

    lead, other = browser("lawyer"), browser("lawyer", "other")
    member = accounts.person_or_absent(machine, "lawyer")
    services.name_lead(machine, case, person=member, reason="leads it")
    (item,) = items("elsewhere")
    analyst = person("analyst")
    queries.case(analyst, case.number)
    entities.person(analyst, "P-00001")
    catalogue.item(analyst, item.number)
    assert other.get(f"/cases/{case.number}/readings/").status_code == 403
    assert other.get(f"/api/cases/{case.number}/readings").status_code == 403
    found = [(one["by_name"], one["subject_number"], one["kind"]) for one in lines(lead, case)]
    assert ("SPECIMEN analyst", "P-00001", "viewed") in found
    assert ("SPECIMEN analyst", case.number, "viewed") in found
    assert found[0] == ("SPECIMEN lawyer", case.number, "listed")  # looking is recorded too
    assert item.number not in {number for _by, number, _kind in found}
    page = lead.get(f"/cases/{case.number}/").content.decode()
    assert f"/cases/{case.number}/readings/" in page
    assert (
        f"/cases/{case.number}/readings/"
        not in other.get(f"/cases/{case.number}/").content.decode()
    )
    answer = lead.get(f"/api/cases/{case.number}/readings").json()
    assert ("SPECIMEN analyst", "P-00001") in {(one["by"], one["on"]) for one in answer["records"]}


def test_a_hidden_suspect_leaves_no_line(
    machine: Actor,
    case: Case,
    close: Callable[[Root], None],
    browser: Callable[..., Client],
) -> None:
    from dataclasses import replace

    from muniment_server.entities import queries as entities

    found = entities.person(machine, "P-00001")
    close(found)
    insider = replace(machine, compartments=machine.compartments | {found.compartment_id})
    entities.person(insider, "P-00001")
    told = lines(browser("auditor"), case)
    assert "P-00001" not in {one["subject_number"] for one in told}
    assert told != []
