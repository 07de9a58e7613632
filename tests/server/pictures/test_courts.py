"""Victims and cases in time: by the incidents that they stand for, as far as one may know them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident

#: title, first day, last day, precision
KNOWN = [
    ("in April", (2031, 4, 7), (2031, 4, 7), "month"),
    ("in July", (2031, 7, 1), (2031, 7, 1), "minute"),
    ("at some time", None, None, "unknown"),
]


@pytest.fixture
def told(machine: Actor) -> dict[str, Incident]:
    """Incidents by title, each with a victim."""
    from muniment_server.casualties import services as casualties
    from muniment_server.incidents import services

    found = {}
    for title, first, last, precision in KNOWN:
        found[title] = services.open_incident(
            machine,
            title=title,
            described=services.Description(
                occurred_from=_at(first),
                occurred_to=_at(last),
                precision=services.Precision(precision),
            ),
        )
        casualties.record_victim(
            machine,
            incident=found[title],
            known=casualties.Known(harm=casualties.Harm.KILLED),
        )
    return found


@pytest.fixture
def cases(machine: Actor, told: dict[str, Incident]) -> None:
    """A case on April and July, one on July, one on what has no date, and one without a charge."""
    from muniment_server.cases import services
    from muniment_server.entities import services as entities

    situation = services.open_situation(machine, title="Calderra and Norvost")
    for titles in (["in April", "in July"], ["in July"], ["at some time"], []):
        case = services.open_case(machine, situation=situation, title=" and ".join(titles) or "new")
        if titles:
            somebody = entities.record_person(machine, name=f"Suspected {titles}")
            suspect = services.add_suspect(machine, case, person=somebody, reason="named")
            services.add_charge(
                machine,
                case,
                suspect=suspect,
                crime="rs_8_2_b_ix",
                mode="m_25_3_a_direct",
                incidents=[told[title] for title in titles],
            )


def _at(given: tuple[int, int, int] | None) -> datetime.datetime | None:
    return datetime.datetime(*given, tzinfo=datetime.UTC) if given else None


def test_victims_are_dated_by_their_incident(
    browser: Callable[..., Client], told: dict[str, Incident]
) -> None:
    client = browser("reader")
    drawn = client.get("/victims/?show=timeline&harm=killed").context["timeline"]
    assert [(bar["text"], bar["certain"]) for bar in drawn["bars"]] == [
        ("April 2031", 1),
        ("May 2031", 0),
        ("June 2031", 0),
        ("July 2031", 1),
    ]
    assert drawn["undated"] == 1
    for bar in drawn["bars"]:
        assert client.get(bar["url"]).context["pages"]["total"] == bar["total"]
    answer = client.get("/api/victims?from=2031-04-20&to=2031-05-31").json()
    assert [one["incident"] for one in answer["records"]] == [told["in April"].number]


@pytest.mark.usefixtures("cases")
def test_a_case_reaches_from_its_first_incident_to_its_last(browser: Callable[..., Client]) -> None:
    client = browser("reader")
    drawn = client.get("/cases/?show=timeline").context["timeline"]
    assert [(bar["certain"], bar["possible"]) for bar in drawn["bars"]] == 3 * [(0, 1)] + [(1, 1)]
    assert drawn["undated"] == 2
    for bar in drawn["bars"]:
        assert client.get(bar["url"]).context["pages"]["total"] == bar["total"]
    answer = client.get("/api/cases?from=2031-05-01&to=2031-05-02").json()
    assert [one["title"] for one in answer["records"]] == ["in April and in July"]


@pytest.mark.usefixtures("cases")
def test_a_hidden_incident_dates_nothing(
    browser: Callable[..., Client], told: dict[str, Incident], close: Callable[[Root], None]
) -> None:
    client = browser("reader")
    close(told["in April"])
    drawn = client.get("/cases/?show=timeline").context["timeline"]
    assert [(bar["text"], bar["certain"]) for bar in drawn["bars"]] == [("1 July 2031", 2)]
    victims = client.get("/victims/?show=timeline").context["timeline"]
    assert (len(victims["bars"]), victims["undated"]) == (1, 1)


def test_a_stretch_around_two_is_open_where_either_is() -> None:
    from muniment_server.pictures.spans import Span

    first, second = Span(datetime.date(2031, 1, 1), None), Span(None, datetime.date(2031, 3, 1))
    assert first.around(second) == Span(None, None)
    days = [datetime.date(2031, 1, day) for day in (1, 2, 3, 4)]
    assert Span(days[2], days[3]).around(Span(days[0], days[1])) == Span(days[0], days[3])
