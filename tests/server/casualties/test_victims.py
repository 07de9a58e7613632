"""Victims: only confirmed records are counted, names are for few, incidents bound what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from muniment.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.casualties.models import Victim
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident


@pytest.fixture
def incident(machine: Actor) -> Incident:
    """An incident to be a victim of."""
    from muniment_server.incidents import services

    return services.open_incident(machine, title="Attack", described=services.Description())


@pytest.fixture
def record(machine: Actor, incident: Incident) -> Callable[..., Victim]:
    """Record victims of the incident."""
    from muniment_server.casualties import services

    def make(**known: object) -> Victim:
        whole = {"harm": services.Harm.KILLED, **known}
        return services.record_victim(
            machine,
            incident=incident,
            known=services.Known(**whole),  # type: ignore[arg-type]  # what each test says
        )

    return make


def test_only_confirmed_records_are_counted_each_harm_apart(
    machine: Actor, record: Callable[..., Victim]
) -> None:
    from muniment_server.casualties import queries

    confirmed = {"established": "confirmed", "standard": "reasonable grounds to believe"}
    record(least=2, most=3, **confirmed)
    record(**confirmed)
    record(harm="injured", least=4, most=4, **confirmed)
    record(least=90, most=90)
    record(least=70, most=70, established="rejected")

    sums = queries.confirmed_sums(machine, queries.VictimFilter())
    assert sums == [queries.Sum("injured", 4, 4, 1), queries.Sum("killed", 3, 4, 2)]


def test_a_confirmed_record_names_its_standard(record: Callable[..., Victim]) -> None:
    with pytest.raises(InvalidInput) as raised:
        record(established="confirmed")
    assert raised.value.code == "victim.standard"


@pytest.mark.parametrize(("least", "most"), [(0, 1), (3, 2)])
def test_a_group_has_members(record: Callable[..., Victim], least: int, most: int) -> None:
    with pytest.raises(InvalidInput) as raised:
        record(least=least, most=most)
    assert raised.value.code == "victim.number"


def test_what_was_recorded_before_stays_in_the_log(
    machine: Actor, record: Callable[..., Victim]
) -> None:
    from muniment_server.casualties import queries, services
    from muniment_server.custody.queries import acts_of

    victim = record(least=3, most=5)
    services.correct_victim(
        machine,
        victim,
        known=services.Known(harm=services.Harm.KILLED, least=4, most=4),
        reason="a list of names came in",
    )
    assert queries.victim(machine, victim.number).least == 4
    assert [act.reason for act in acts_of(machine, victim.pk)] == ["", "a list of names came in"]


def test_names_are_neither_shown_to_readers_nor_found_by_them(
    record: Callable[..., Victim], browser: Callable[..., Client]
) -> None:
    victim = record(name="Anna Ostrin")
    reader, analyst = browser("reader"), browser("analyst")
    for path in ("/victims/", f"/victims/{victim.number}/", "/victims/?q=V-0", "/api/victims"):
        assert "Ostrin" not in reader.get(path).content.decode()
        assert "Ostrin" in analyst.get(path).content.decode()
    assert reader.get("/api/victims?q=ostrin").json()["records"] == []
    assert len(analyst.get("/api/victims?q=ostrin").json()["records"]) == 1
    assert "name" not in reader.get(f"/api/victims/{victim.number}").json()


def test_a_victim_of_a_hidden_incident_is_nowhere(
    machine: Actor,
    incident: Incident,
    record: Callable[..., Victim],
    close: Callable[[Root], None],
) -> None:
    from muniment_server.casualties import queries, services

    victim = record(established="confirmed", standard="reasonable grounds to believe")
    close(incident)

    page = queries.victims(machine, queries.VictimFilter())
    assert (page.rows, page.total, page.facets["harm"]) == ([], 0, [])
    assert queries.confirmed_sums(machine, queries.VictimFilter()) == []
    with pytest.raises(NotFound):
        queries.victim(machine, victim.number)
    with pytest.raises(NotFound):
        services.record_victim(
            machine, incident=incident, known=services.Known(harm=services.Harm.KILLED)
        )


def test_pages_record_correct_and_narrow(
    incident: Incident, browser: Callable[..., Client]
) -> None:
    analyst = browser("analyst")
    known = {
        "harm": "killed",
        "least": "3",
        "most": "5",
        "sex": "unknown",
        "status": "medical",
        "age_group": "unknown",
        "established": "pending",
    }
    made = analyst.post(f"/incidents/{incident.number}/victims/add/", known)
    assert made["Location"] == "/victims/V-00001/"
    refused = analyst.post("/victims/V-00001/correct/", {**known, "least": "9", "reason": "r"})
    assert refused.status_code == 400
    assert "no more at least than at most" in refused.content.decode()
    anew = {**known, "least": "4", "most": "4", "reason": "a list"}
    assert analyst.post("/victims/V-00001/correct/", anew).status_code == 302
    assert "V-00001" in analyst.get("/victims/?status=medical").content.decode()
    assert "V-00001" not in analyst.get("/victims/?status=police").content.decode()
    assert browser("reader").get("/victims/V-00001/correct/").status_code == 403


def test_the_api_records_and_corrects(incident: Incident, browser: Callable[..., Client]) -> None:
    analyst = browser("analyst")

    def post(path: str, said: dict[str, Any]) -> dict[str, Any]:
        answer = analyst.post(path, said, content_type="application/json")
        return cast("dict[str, Any]", answer.json())

    made = post(f"/api/incidents/{incident.number}/victims", {"known": {"harm": "injured"}})
    assert (made["number"], made["incident"]) == ("V-00001", incident.number)
    anew = {"known": {"harm": "killed"}, "reason": "died of the wounds"}
    assert post("/api/victims/V-00001/correct", anew)["harm"] == "killed"
