"""Pages of evidence and of what is said: items, incidents, claims, sources, victims, persons."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace as Shown
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from muniment_server.catalogue.models import Finding, Item
from muniment_server.entities.models import PersonName, Subordination
from muniment_server.incidents.models import Assessment, IncidentItem
from muniment_server.pictures import shown
from muniment_server.pictures.places import Place
from muniment_server.pictures.spans import Span, widened
from tests.server.look.gallery.contents.frame import action, listing, record
from tests.server.look.gallery.contents.records import (
    ARREST,
    CASE,
    CITES,
    COUNTS,
    DENIED,
    DIVISION,
    HASK,
    ITEMS,
    LETTER,
    MINISTRY,
    MONITORS,
    PAGE,
    PART,
    POSTING,
    QUEUE,
    REGIMENT,
    ROOF,
    SAID,
    STRIKE,
    TOWN,
    VICTIMS,
    WARD,
    WARD_STATES,
    day,
    dressed,
    state,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def _piece(item: Item, stance: str = "", place: str = "") -> IncidentItem:
    return dressed(IncidentItem(incident=STRIKE, item=item, stance=stance), place=place)


def _assessment(question: str, answer: str, result: str, method: str) -> Assessment:
    row = Assessment(
        number="AST-00012", question=question, answer=answer, result=result, method=method
    )
    second = "Tam Oduya" if answer == "verified" else ""
    return dressed(row, author_name="Ilse Marrow", reviewer_name=second)


def _crime(
    number: str, label: str, citation: str, covered: int, *missing: str, **more: object
) -> Shown:
    given: dict[str, object] = {"lang": "en", "conflict_text": "international", "basis": ""}
    return Shown(
        number=number,
        label=label,
        citation=citation,
        covered=covered,
        total=covered + len(missing),
        missing=missing,
        **(given | more),
    )


def incident() -> dict[str, Any]:
    """One incident with claims, a denial, counts, evidence and crimes."""
    return record(
        incident=STRIKE,
        position="47.0966, 37.5334",
        states=[
            state("confirmed", "Did it happen: confirmed"),
            state("contested", "Who did it: contested"),
            state("", "alleged"),
            state("absent", "conflict type not set"),
        ],
        actions=[action("Cite"), action("Link evidence"), action("Record a claim", main=True)],
        evidence=[
            _piece(WARD, "supports", "0:14–0:22"),
            _piece(ROOF, "supports"),
            _piece(LETTER, "undermines", "p. 2"),
            _piece(PAGE, "neutral"),
        ],
        for_count=38,
        against_count=3,
        counts=COUNTS,
        statements=[SAID, DENIED],
        crimes=[
            _crime(
                "rs_8_2_b_ix",
                "Attacking protected buildings",
                "8(2)(b)(ix)",
                5,
                "intent to hit this object",
            ),
            _crime(
                "rs_8_2_b_i",
                "Attacking civilians",
                "8(2)(b)(i)",
                3,
                "the civilian population was the object",
                "intent",
                basis="from memory, unchecked",
            ),
        ],
        victims=VICTIMS,
        casualties=[
            Shown(text="killed, confirmed", value="at least 4", note="of whom children: 1")
        ],
    )


def item() -> dict[str, Any]:
    """One item with its file, findings and answers."""
    return record(
        item=WARD,
        states=WARD_STATES,
        actions=[action("Describe"), action("Work a question through", main=True)],
        parts=[PART],
        findings=[
            Finding(
                outcome="inconclusive",
                summary="Content credentials: none present.",
                basis="Absence proves nothing.",
                tool="c2pa",
                version="0.38",
            ),
            Finding(
                outcome="supports",
                summary="Sun at 205° ± 4°: 14:10 – 14:50 local fits the shadow at 0:19.",
                tool="ephem",
                version="4.2",
            ),
            Finding(
                outcome="contradicts",
                summary="Container time 16:02Z is later than first publication.",
                tool="exiftool",
                version="12.57; with-a-signature-file-of-a-long-name-20310409.xml; another.xml",
            ),
        ],
        assessments=[
            _assessment("where", "verified", "Ward 4; three fixed features match.", "geolocation"),
            _assessment("altered", "proposed", "No edit found in the first 40 s.", "comparison"),
        ],
        incidents=[_piece(WARD, "supports")],
        claims=[SAID],
        same_bytes=[ROOF],
    )


def incidents() -> dict[str, Any]:
    """Return a list of incidents with both of its pictures: invented places, and dates."""
    asked, path = QueryDict("show=timeline"), "/incidents/incidents"
    spans = [
        (Span(date(2031, 4, 9), date(2031, 4, 9)), 2),
        (widened(date(2031, 4, 1), date(2031, 4, 1), "month"), 1),
        (Span(date(2031, 6, 1)), 1),
        (Span(), 3),
    ]
    places = [
        Place("INC-00188", "Strike on the ward", 0.5, -30.5, 400),
        Place("INC-00201", "Queue for bread", 0.52, -30.4, 2500),
    ]
    given: dict[str, Any] = listing("incidents", [STRIKE, QUEUE, ARREST])
    shown.add_dates(given, asked, path, "Happened")
    shown.add_choice(given, asked, path, "timeline", "map")
    given["timeline"] = shown.timeline_shown(spans, asked, path)
    given["map"] = shown.map_shown(
        places, 3, lambda _number: "#", invented=True, heading="Incident"
    )
    return given


def items() -> dict[str, Any]:
    """Return a list of items."""
    dates = [Shown(name="since", label="Received since", value="")]
    return listing("items", ITEMS, dates=dates, actions=[action("Deposit", main=True)])


def claim() -> dict[str, Any]:
    """Return a claim that is denied."""
    return record(
        claim=SAID,
        place="0:14–0:22",
        denials=[DENIED],
        evidence=[_piece(WARD, "supports", "0:14–0:22"), _piece(LETTER, "undermines", "p. 2")],
    )


def person() -> dict[str, Any]:
    """Return a person with names and a post."""
    name = PersonName(text="Р. Гаск", language="uk", kind="transliteration")
    return record(
        person=HASK,
        names=[dressed(name, cites=CITES)],
        postings=[POSTING],
        suspected=[CASE],
        evidence=[Shown(item=LETTER, place="p. 2")],
    )


def unit() -> dict[str, Any]:
    """Return a unit with its commander and its superior."""
    link = Subordination(unit=REGIMENT, superior=DIVISION, held_from=day(1, 1))
    return record(
        unit=REGIMENT,
        postings=[POSTING],
        superiors=[dressed(link, cites=CITES)],
        subordinates=[],
        asked_day=day(4, 9),
        commanders=[POSTING],
        evidence=[Shown(item=LETTER, place="p. 2")],
    )


PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "catalogue/items": items,
    "catalogue/item": item,
    "incidents/incidents": incidents,
    "incidents/incident": incident,
    "incidents/claims": lambda: listing("claims", [SAID, DENIED, *COUNTS]),
    "incidents/claim": claim,
    "incidents/sources": lambda: listing("sources", [TOWN, MONITORS, MINISTRY]),
    "incidents/source": lambda: record(source=MINISTRY, claims=[DENIED]),
    "entities/persons": lambda: listing("persons", [HASK]),
    "entities/person": person,
    "entities/units": lambda: listing("units", [REGIMENT, DIVISION]),
    "entities/unit": unit,
    "casualties/victims": lambda: listing("victims", VICTIMS, show_names=False),
    "casualties/victim": lambda: record(victim=VICTIMS[0], cites=CITES, show_names=False),
}
