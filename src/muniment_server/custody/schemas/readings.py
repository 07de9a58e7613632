"""What readings look like outside: who looked at what, in lines, and who reads unusually much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from django.urls import reverse
from ninja import Schema

from muniment.archive.access_rules import KINDS
from muniment.evidence.instant import to_micros, to_seconds
from muniment_server.custody import queries
from muniment_server.custody.queries.volumes import PAST, SHARE, TIMES, WORDS, WORKED
from muniment_server.custody.schemas import subject_shown

if TYPE_CHECKING:
    from muniment_server.custody.queries import Reading, ReadingsPage, Volume

#: where each kind of record is listed; the apps that own these pages lie above this one
LIST_PAGES: Final = {
    "catalogue.item": "catalogue:items",
    "catalogue.collection": "catalogue:collections",
    "entities.person": "entities:persons",
    "entities.unit": "entities:units",
    "incidents.source": "incidents:sources",
    "incidents.claim": "incidents:claims",
    "incidents.incident": "incidents:incidents",
    "casualties.victim": "casualties:victims",
    "cases.case": "cases:cases",
    "disclosure.package": "disclosure:packages",
    "custody.access": "custody:access",
    "custody.leaf": "custody:log",
}


class ReadingOut(Schema):
    """One reading: who looked at what, through which door; `index` is its place in its log."""

    index: int
    at: str
    by: str
    kind: str
    via: str
    on: str
    detail: str


class VolumeOut(Schema):
    """A count that is unusual, and against what: the limit, or the person's own past."""

    by: str
    kind: str
    per: Literal["hour", "day"]
    start: str
    count: int
    limit: int
    busiest: int | None
    because: Literal["limit", "past"]


class RuleOut(Schema):
    """The rule by which a count is unusual, and how long who read what is kept."""

    per_hour: dict[str, int]
    per_day: dict[str, int]
    times: int
    past_days: int
    days_worked: int
    share: int
    keep_days: int | None


class VolumesOut(Schema):
    """Who read unusually much in the last seven days."""

    rule: RuleOut
    records: list[VolumeOut]


def reading_record(reading: Reading) -> dict[str, Any]:
    """Return one reading as the API shows it; `index` is its place in the access log."""
    return {
        "index": reading.index,
        "at": to_micros(reading.at),
        "by": reading.by_name,
        "kind": reading.kind,
        "via": reading.via,
        "on": reading.subject.number if reading.subject else reading.what,
        "detail": reading.detail,
    }


def volume_record(volume: Volume) -> dict[str, Any]:
    """Return an unusual count as the API shows it; `busiest` is null without a past to compare."""
    return {
        "by": volume.name,
        "kind": volume.kind,
        "per": volume.per,
        "start": to_seconds(volume.start),
        "count": volume.count,
        "limit": volume.limit,
        "busiest": volume.busiest,
        "because": "limit" if volume.above_limit else "past",
    }


def rule_record() -> dict[str, Any]:
    """Return the rule by which a count is unusual, as the API shows it."""
    rules = queries.workspace().access_rules
    return {
        "per_hour": {kind: rules.per_hour[kind] for kind in KINDS},
        "per_day": {kind: rules.per_day[kind] for kind in KINDS},
        "times": TIMES,
        "past_days": PAST.days,
        "days_worked": WORKED,
        "share": SHARE,
        "keep_days": rules.keep_days,
    }


def readings_shown(page: ReadingsPage, path: str) -> dict[str, Any]:
    """Return lines of readings as pages show them, and where the older ones are."""
    shown = [_shown(one) for one in page.readings]
    return {
        "accesses": shown,
        "found": len(shown),
        "pages": {
            "first": page.readings[0].index if shown else 0,
            "last": page.readings[-1].index if shown else 0,
            "next_url": f"{path}?before={page.before}" if page.before is not None else "",
        },
        "ask_words": False,
    }


def rule_shown() -> dict[str, Any]:
    """Return the rule as pages explain it."""
    rules = queries.workspace().access_rules
    return {
        "limits": [
            {"kind": kind, "per_hour": rules.per_hour[kind], "per_day": rules.per_day[kind]}
            for kind in WORDS
        ],
        "times": TIMES,
        "past_days": PAST.days,
        "days_worked": WORKED,
        "share": SHARE,
        "keep_days": rules.keep_days,
    }


def _shown(one: Reading) -> dict[str, Any]:
    shown = subject_shown(one.subject, one.what)
    page = LIST_PAGES.get(one.model)
    if one.subject is None and not one.about and page:
        shown["subject_url"] = reverse(page)
    return {
        "index": one.index,
        "at": one.at,
        "kind": one.kind,
        "kind_text": one.kind_text,
        "via": one.via,
        "by_name": one.by_name,
        "detail": one.detail,
        **shown,
    }
