"""Invented records: a State (Halvia), a town (Ostrin), its people. Nothing here is real."""

from __future__ import annotations

import datetime
from types import SimpleNamespace as Shown
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model

from muniment_server.cases.models import Case, Situation
from muniment_server.casualties.models import Victim
from muniment_server.catalogue.models import Item, Part, Rendition
from muniment_server.entities.models import Person, Posting, Unit
from muniment_server.incidents.models import Claim, Incident, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

RowT = TypeVar("RowT", bound=Model)
UTC = datetime.UTC


def dressed(row: RowT, **more: object) -> RowT:
    """Give a row of the application what its page asks for beside its fields."""
    for name, value in more.items():
        setattr(row, name, value)
    return row


def at(day: int, hour: int = 0, minute: int = 0) -> datetime.datetime:
    """Return an instant of the invented month."""
    return datetime.datetime(2031, 4, day, hour, minute, tzinfo=UTC)


def day(month: int, number: int) -> datetime.date:
    """Return a day of the invented year."""
    return datetime.date(2031, month, number)


def state(kind: str, text: str) -> Shown:
    """Return one state."""
    return Shown(kind=kind, text=text)


def _item(number: int, title: str, media_type: str, kind: str, **more: object) -> Item:
    row = Item(
        number=f"M-{number:05}",
        title=title,
        media_type=media_type,
        received=at(9, 16, number % 60),
        method="deposited",
        source="Halvia Emergency Service, channel post",
        collected_by="Ilse Marrow",
    )
    given: dict[str, object] = {
        "kind": kind,
        "thumbnail_url": "/static/scene.svg" if kind in {"image", "video"} else None,
        "shown": False,
        "exposure_url": "/exposed",
        "about": "channel post, deposited 9 Apr",
        "states": [],
    }
    return dressed(row, **(given | more))


WARD_STATES = [
    state("verified", "place verified"),
    state("verified", "time verified"),
    state("open", "author open"),
]
WARD = _item(
    71,
    "Video from inside the ward",
    "video/mp4",
    "video",
    graphic=True,
    states=WARD_STATES,
)
ROOF = _item(72, "Roof and courtyard, before and after", "image/jpeg", "image", graphic=False)
PAGE = _item(73, "The hospital’s own page, 9 April", "text/html", "page", about="saved page")
LETTER = _item(74, "Statement of a nurse, typed, with signature", "application/pdf", "document")
ITEMS = [WARD, ROOF, PAGE, LETTER]

THUMBNAIL = dressed(
    Rendition(kind="thumbnail", media_type="image/webp", size=18_204, tool="ffmpeg", version="5.1"),
    url=None,
)
PART = dressed(
    Part(
        place=1,
        name="ward_0409_1552.mp4",
        media_type="video/mp4",
        size=48_211_903,
        sha256="9f2c54be0aa1f07be0dbb83c1a2d59a0ac24f5f09d7f6b3d5d1c04d3c0dbe17a",
    ),
    kind="video",
    url="#",
    made=[THUMBNAIL],
)

TOWN = dressed(
    Source(number="SRC-00001", name="Ostrin town council", kind="official", party="Halvia"),
    claim_count=14,
)
MONITORS = dressed(
    Source(number="SRC-00002", name="Monitors of the Assembly", kind="un", reliability="B"),
    claim_count=3,
)
MINISTRY = dressed(
    Source(number="SRC-00003", name="Ministry of Defence of Orvia", kind="official", party="Orvia"),
    claim_count=2,
)

STRIKE = dressed(
    Incident(
        number="INC-00217",
        title="Strike on a maternity and children’s hospital during an agreed pause in fighting",
        occurred_from=at(9, 14, 50),
        occurred_to=at(9, 17),
        precision="hour",
        place="Hospital No. 3, Ostrin, Halvia",
        error_m=40,
        object_hit="hospital, marked",
        protection="protected object",
        means="air-delivered bomb; reported as “air strike”",
        pause_agreed="yes, per both sides’ statements of 8 April",
        grade_happened="confirmed",
        grade_author="contested",
    ),
    for_count=38,
    against_count=3,
)
QUEUE = dressed(
    Incident(
        number="INC-00218",
        title="Shelling of a bread queue",
        occurred_from=at(11),
        precision="day",
        place="Ostrin",
        grade_happened="claimed",
        grade_author="open",
    ),
    for_count=2,
    against_count=0,
)
ARREST = dressed(
    Incident(
        number="INC-00219",
        title="Reported detention of a town councillor",
        grade_happened="discounted",
        grade_author="open",
    ),
    for_count=1,
    against_count=2,
)


def _claim(
    number: int, source: Source, text: str, *, extra: Mapping[str, object], **fields: object
) -> Claim:
    given: dict[str, object] = {"kind": "event", "language": "en", "said_at": at(9, 18, 20)}
    row = Claim(
        number=f"CLM-{number:05}", source=source, text=text, incident=STRIKE, **(given | fields)
    )
    return dressed(row, **extra)


SAID = _claim(
    1,
    TOWN,
    "The attack took place during the agreed ceasefire.",
    item=WARD,
    attribution="checked",
    authority="politician",
    extra={"place": "0:14–0:22", "for_count": 4, "against_count": 1},
)
DENIED = _claim(
    2,
    MINISTRY,
    "The site had been emptied of patients and was used by armed men.",
    kind="denial",
    denies=SAID,
    said_at=at(10, 9),
    attribution="checked",
    content="disputed",
    authority="official",
    original="Об’єкт було звільнено від пацієнтів, його використовували озброєні люди.",
    extra={"for_count": 0, "against_count": 5},
)
_COUNT: dict[str, Any] = {"kind": "count", "as_of": day(4, 10), "extra": {}}
COUNTS = [
    _claim(3, TOWN, "3 killed", value=3, operator="=", unit="killed", **_COUNT),
    _claim(4, TOWN, "17 injured", value=17, operator="=", unit="injured", **_COUNT),
    _claim(
        5,
        MONITORS,
        "at least 4 killed",
        value=4,
        operator=">=",
        unit="killed",
        population="patients and staff",
        attribution="checked",
        content="partial",
        **_COUNT,
    ),
]

VICTIMS = [
    Victim(
        number="V-00004", incident=STRIKE, harm="killed", status="civilian", established="confirmed"
    ),
    Victim(
        number="V-00005",
        incident=STRIKE,
        harm="injured",
        status="medical",
        cause="explosive weapon",
        least=12,
        most=17,
    ),
]

HASK = dressed(
    Person(number="P-00012", name="R. Hask", sex="male", nationality="Orvia"),
    post="commander, 7th Air Regiment",
)
REGIMENT = Unit(number="U-00003", name="7th Air Regiment", kind="military", party="Orvia")
DIVISION = Unit(number="U-00001", name="2nd Air Division", kind="military", party="Orvia")
CITES = [
    Shown(number=1, url="#", title="M-00074, p. 2"),
    Shown(number=4, url="#", title="M-00071, 0:14"),
]
POSTING = dressed(
    Posting(
        person=HASK,
        unit=REGIMENT,
        title="commander",
        held_from=day(2, 1),
        confidence="fair",
    ),
    cites=CITES,
    certain=False,
)

HALVIA = Situation(number="SIT-001", title="Halvia since 2031", area="Halvia", held_from=day(2, 24))
CASE = dressed(
    Case(number="CASE-0004", title="Air regiment", situation=HALVIA),
    suspect_list=[HASK],
    charge_count=5,
)
