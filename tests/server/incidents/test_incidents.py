"""Incidents: described, graded, with evidence, and what crime they could be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import Conflict, InvalidInput, NotFound
from tests.server.refusals import not_permitted, refused, unseen

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident
    from muniment_server.incidents.services import Description, Support

CRIME = "rs_7_1_a"


def described(**known: Any) -> Description:  # noqa: ANN401 - what each test says
    from muniment_server.incidents import services

    return services.Description(**known)


def kinds(incident: Incident) -> list[str]:
    from muniment_server.custody import queries

    return [leaf.kind for leaf in queries.chain_of(incident.pk)]


def test_an_incident_is_opened_as_alleged_with_both_grades_open(incident: Incident) -> None:
    from muniment_server.incidents.schemas import incident_record

    record = incident_record(incident)
    assert record["status"] == "alleged"
    assert record["grade_happened"] == record["grade_author"] == "open"
    assert kinds(incident) == ["incident.opened"]


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (
            {
                "occurred_from": datetime(2031, 4, 9, 12, tzinfo=UTC),
                "occurred_to": datetime(2031, 4, 9, 11, tzinfo=UTC),
            },
            "incident.interval",
        ),
        ({"latitude_e7": 1, "longitude_e7": 1}, "incident.point"),
        ({"latitude_e7": 1, "error_m": 5}, "incident.point"),
        ({"error_m": 0}, "incident.point"),
    ],
)
def test_half_an_answer_to_when_and_where_is_refused(
    machine: Actor, incident: Incident, known: dict[str, Any], code: str
) -> None:
    from muniment_server.incidents import queries, services

    with refused(InvalidInput, code):
        services.open_incident(machine, title="X", described=described(**known))
    with refused(InvalidInput, code):
        services.describe_incident(machine, incident, title="X", described=described(**known))
    assert queries.incident(machine, incident.number).title == "Strike on the hospital"


def test_what_was_said_before_stays_in_the_log(machine: Actor, incident: Incident) -> None:
    from muniment_server.custody import queries as custody
    from muniment_server.incidents import queries, services

    known = described(
        occurred_from=datetime(2031, 4, 9, 11, tzinfo=UTC),
        latitude_e7=0,
        longitude_e7=-1800000000,
        error_m=0,
    )
    services.describe_incident(machine, incident, title="Двір", described=known, reason="a map")
    kept = queries.incident(machine, incident.number)
    assert (kept.title, kept.latitude_e7, kept.error_m) == ("Двір", 0, 0)
    assert kinds(incident) == ["incident.opened", "incident.described"]
    first, second = custody.chain_of(incident.pk)
    assert custody.acts_of(machine, incident.pk)[1].reason == "a map"
    assert first.disclosures != second.disclosures
    found = queries.incidents(machine, queries.IncidentFilter("ДВІР")).rows
    assert found == [kept]


def test_evidence_lies_beside_an_incident_once(
    machine: Actor, incident: Incident, item: Item
) -> None:
    from muniment_server.incidents import queries, services

    stance = services.Stance.UNDERMINES
    services.link_evidence(machine, incident=incident, item=item, stance=stance, note="other day")
    with refused(Conflict, "incident.linked"):
        services.link_evidence(machine, incident=incident, item=item, stance=stance)
    view = queries.incident_view(machine, incident)
    assert [one.item for one in view.undermining] == [item]
    assert view.supporting == []
    assert queries.stances_of(machine, [incident]) == {incident.pk: (0, 1)}
    assert [one.incident for one in queries.incidents_of(machine, item)] == [incident]


def test_whether_it_happened_and_who_did_it_are_graded_apart(
    machine: Actor, incident: Incident
) -> None:
    from muniment_server.incidents import queries, services

    fair, contested = services.Grade.FAIR, services.Grade.CONTESTED
    services.grade_incident(machine, incident, happened=fair, author=contested, reason="two films")
    kept = queries.incident(machine, incident.number)
    assert (kept.grade_happened, kept.grade_author) == (fair, contested)
    wanted = queries.IncidentFilter(happened="fair", author="contested")
    assert queries.incidents(machine, wanted).rows == [kept]
    assert queries.incidents(machine, queries.IncidentFilter(author="fair")).rows == []


def test_a_crime_is_named_once_and_withdrawn_for_good(machine: Actor, incident: Incident) -> None:
    from muniment_server.incidents import queries, services

    with refused(NotFound, "law.unknown"):
        services.classify(machine, incident, crime="rs_0")
    services.classify(machine, incident, crime=CRIME)
    with refused(Conflict, "incident.classified"):
        services.classify(machine, incident, crime=CRIME)
    wanted = queries.IncidentFilter(crime=CRIME)
    assert queries.incidents(machine, wanted).rows == [incident]
    services.declassify(machine, incident, crime=CRIME, reason="no intent")
    assert queries.incidents(machine, wanted).rows == []
    assert queries.incident_view(machine, incident).classifications == []
    with refused(NotFound, "incident.not_classified"):
        services.declassify(machine, incident, crime=CRIME, reason="again")
    services.classify(machine, incident, crime=CRIME, reason="new evidence")
    assert kinds(incident) == [
        "incident.opened",
        *("incident.classified", "incident.declassified", "incident.classified"),
    ]


def test_an_element_is_supported_or_missing(machine: Actor, incident: Incident, item: Item) -> None:
    from muniment_server.incidents import queries, services

    support = services.Support(f"{CRIME}.e1", item, services.Stance.SUPPORTS)
    with refused(NotFound, "incident.not_classified"):
        services.support_element(machine, incident, crime=CRIME, support=support)
    services.classify(machine, incident, crime=CRIME)
    unknown = services.Support("rs_7_1_b.e1", item, services.Stance.SUPPORTS)
    with refused(InvalidInput, "element.unknown"):
        services.support_element(machine, incident, crime=CRIME, support=unknown)
    services.support_element(machine, incident, crime=CRIME, support=support)
    (view,) = queries.incident_view(machine, incident).classifications
    supported = [one.element.id for one in view.elements if one.supports]
    assert supported == [f"{CRIME}.e1"]
    assert len(view.missing) == len(view.elements) - 1


def test_a_classification_with_a_wrong_element_is_not_made(
    machine: Actor, incident: Incident, item: Item
) -> None:
    from muniment_server.incidents import queries, services

    wrong = services.Support("nothing", item, services.Stance.SUPPORTS)
    with refused(InvalidInput, "element.unknown"):
        services.classify(machine, incident, crime=CRIME, support=[wrong])
    assert queries.incident_view(machine, incident).classifications == []


def test_an_incident_that_is_not_classified_so_is_not_found_under_the_crime(
    machine: Actor, incident: Incident
) -> None:
    from muniment_server.incidents import queries

    with unseen("classification.not_found"):
        queries.classified(machine, incident.number, CRIME)


def test_who_does_not_analyse_changes_no_incident(
    person: Callable[..., Actor], incident: Incident, item: Item
) -> None:
    from muniment_server.incidents import services

    support = services.Support(f"{CRIME}.e1", item, services.Stance.SUPPORTS)
    for role in ("administrator", "investigator", "reader", "auditor"):
        _changes_nothing(person(role), incident, support)


def _changes_nothing(by: Actor, incident: Incident, support: Support) -> None:
    from muniment_server.incidents import services

    item = support.item
    with not_permitted():
        services.open_incident(by, title="X")
    with not_permitted():
        services.describe_incident(by, incident, title="X", described=described())
    with not_permitted():
        services.link_evidence(by, incident=incident, item=item, stance=support.stance)
    with not_permitted():
        grade = services.Grade.FAIR
        services.grade_incident(by, incident, happened=grade, author=grade, reason="no")
    with not_permitted():
        services.classify(by, incident, crime=CRIME)
    with not_permitted():
        services.support_element(by, incident, crime=CRIME, support=support)
    with not_permitted():
        services.declassify(by, incident, crime=CRIME, reason="no")


def test_a_hidden_incident_is_as_if_it_were_not(
    machine: Actor, incident: Incident, item: Item, close: Callable[[Root], None]
) -> None:
    from muniment_server.incidents import queries, services

    stance = services.Stance.SUPPORTS
    services.link_evidence(machine, incident=incident, item=item, stance=stance)
    close(incident)
    with unseen("incident.not_found"):
        queries.incident(machine, incident.number)
    assert queries.incidents(machine, queries.IncidentFilter()).total == 0
    assert queries.newest(machine, 9) == []
    assert queries.incidents_of(machine, item) == []
    with unseen():
        services.describe_incident(machine, incident, title="X", described=described())
    with unseen():
        services.link_evidence(machine, incident=incident, item=item, stance=stance)
    with unseen():
        services.classify(machine, incident, crime=CRIME)


def test_a_hidden_item_is_no_evidence_and_cannot_be_made_any(
    machine: Actor, incident: Incident, item: Item, close: Callable[[Root], None]
) -> None:
    from muniment_server.incidents import queries, services

    support = services.Support(f"{CRIME}.e1", item, services.Stance.SUPPORTS)
    services.classify(machine, incident, crime=CRIME, support=[support])
    services.link_evidence(machine, incident=incident, item=item, stance=support.stance)
    close(item)
    view = queries.incident_view(machine, incident)
    assert view.evidence == []
    assert len(view.classifications[0].missing) == len(view.classifications[0].elements)
    assert queries.stances_of(machine, [incident]) == {}
    with unseen():
        services.link_evidence(machine, incident=incident, item=item, stance=support.stance)
    with unseen():
        services.support_element(machine, incident, crime=CRIME, support=support)
    with unseen():
        services.classify(machine, incident, crime="rs_7_1_b", support=[support])
