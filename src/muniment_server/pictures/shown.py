"""What templates need of a picture: geometry in the units of its drawing, words, and addresses.

Every address keeps the filter of the list that it is a picture of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from muniment_server.pictures import coast, places
from muniment_server.pictures.dated import window_of
from muniment_server.pictures.spans import Span, ceil, floor, spread

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Sequence

    from django.http import QueryDict

    from muniment_server.pictures.places import Frame, Place
    from muniment_server.pictures.spans import Bar, Timeline

#: one bar's room, and how much of it the bar fills
BAR: Final = 10
_INK: Final = 8
HEIGHT: Final = 100
_WIDE: Final = 40
#: fewer bars stand in the middle of a drawing that has room for these
_LEAST_BARS: Final = 4
#: more places than these are not drawn
MOST_PLACES: Final = 500
#: how many degrees a map is high at least: coast lines are coarse, a blank grid is not
_LEAST_OF_WORLD: Final = 3.0
_LEAST_OF_GRID: Final = 0.02
#: what only says where in a list a page begins
_PLACE: Final = ("after", "first")


def add_dates(context: dict[str, Any], asked: QueryDict, path: str, label: str) -> None:
    """Give a list's context the dates that it can be narrowed to, and those it is narrowed to."""
    window = window_of(asked)
    ends = (("from", _("from"), window.first), ("to", _("until"), window.last))
    context["dates"] = [
        {"name": name, "label": f"{label}, {word}", "value": day.isoformat() if day else ""}
        for name, word, day in ends
    ]
    for name, word, day in ends:
        if day:
            text = f"{label}, {word}: {_told(day)}"
            context["chosen"].append({"text": text, "without_url": _address(asked, path, name)})
            context.pop("empty_title", None)


def add_choice(context: dict[str, Any], asked: QueryDict, path: str, *names: str) -> str:
    """Give a list's context the pictures it can be shown with; returns which one is asked for."""
    words = {"": _("List only"), "timeline": _("Timeline"), "map": _("Map")}
    chosen = asked.get("show", "")
    chosen = chosen if chosen in names else ""
    context["show"] = chosen
    context["pictures"] = [
        {
            "text": words[name],
            "url": _address(asked, path, "show", **({"show": name} if name else {})),
            "chosen": name == chosen,
        }
        for name in ("", *names)
    ]
    return chosen


def timeline_shown(
    found: Iterable[tuple[Span, int]], asked: QueryDict, path: str
) -> dict[str, Any]:
    """Return how records spread over time as components/timeline.html draws it."""
    drawn = spread(found, window_of(asked))
    most = max((bar.total for bar in drawn.bars), default=0)
    columns = max(len(drawn.bars), _LEAST_BARS)
    start = (columns - len(drawn.bars)) * BAR // 2
    return {
        "bars": [
            _bar(one, start + place * BAR, most, drawn, asked, path)
            for place, one in enumerate(drawn.bars)
        ],
        "width": BAR * columns,
        "wide": _WIDE * columns,
        "uncertain": any(bar.possible for bar in drawn.bars),
        "height": HEIGHT,
        "most": most,
        "undated": drawn.undated,
    }


def _bar(
    bar: Bar, room: int, most: int, drawn: Timeline, asked: QueryDict, path: str
) -> dict[str, Any]:
    certain = round(bar.certain * HEIGHT / most) if most else 0
    total = round(bar.total * HEIGHT / most) if most else 0
    days = {"from": bar.first.isoformat(), "to": bar.last.isoformat()}
    text = _stretch(bar, drawn)
    count = ngettext("{n} record", "{n} records", bar.total).format(n=bar.total)
    some = _("{n} certainly").format(n=bar.certain)
    return {
        "url": _address(asked, path, **days),
        "text": text,
        "told": f"{text}: {count}, {some}" if bar.possible else f"{text}: {count}",
        "certain": bar.certain,
        "possible": bar.possible,
        "total": bar.total,
        "room": room,
        "x": room + (BAR - _INK) // 2,
        "width": _INK,
        "certain_y": HEIGHT - certain,
        "certain_height": certain,
        "possible_y": HEIGHT - total,
        "possible_height": total - certain,
    }


def _stretch(bar: Bar, drawn: Timeline) -> str:
    unit, step = drawn.unit, drawn.step
    whole = Span(floor(bar.first, unit, step), ceil(bar.first, unit, step))
    if whole != Span(bar.first, bar.last) or step > 1:
        return f"{_told(bar.first)} – {_told(bar.last)}"
    if unit == "month":
        return formatted(bar.first, "F Y")
    return _told(bar.first) if unit == "day" else str(bar.first.year)


def _told(day: datetime.date) -> str:
    return formatted(day, "j E Y")


def map_shown(
    found: Sequence[Place],
    total: int,
    page: Callable[[str], str],
    *,
    invented: bool,
    heading: str,
    caution: str = "",
) -> dict[str, Any]:
    """Return where records lie as components/map.html draws it.

    `total` is how many records the list has, placed or not; `heading` is what they are called;
    `caution` is what must be known of their places. What is invented is never drawn on the real
    world: it gets a blank grid.
    """
    drawn = found[:MOST_PLACES]
    shown: dict[str, Any] = {
        "unplaced": total - len(found) if len(found) <= MOST_PLACES else 0,
        "more": MOST_PLACES if len(found) > MOST_PLACES else 0,
        "invented": invented,
        "heading": heading,
        "caution": caution,
        "places": [],
    }
    if not drawn:
        return shown
    frame = places.frame_of(drawn, _LEAST_OF_GRID if invented else _LEAST_OF_WORLD)
    return {
        **shown,
        "width": places.WIDTH,
        "height": places.HEIGHT,
        "land": "" if invented else coast.path_of(frame),
        "meridians": [round(one, 1) for one in frame.meridians()],
        "parallels": [round(one, 1) for one in frame.parallels()],
        "grid": f"{frame.grid:g}",
        "width_km": f"{frame.width_km:.2g}" if frame.width_km < 10 else round(frame.width_km),  # noqa: PLR2004 - two digits
        "places": [_place(one, frame, page) for one in drawn],
    }


def _place(one: Place, frame: Frame, page: Callable[[str], str]) -> dict[str, Any]:
    x, y = frame.at(one.longitude, one.latitude)
    point = f"{one.latitude:.5f}, {one.longitude:.5f}"
    told = (
        _("{number} {title}, within {n} m of {point}")
        if one.error_m
        else _("{number} {title}, at {point}; nobody says how exactly")
    )
    return {
        "url": page(one.number),
        "number": one.number,
        "text": one.title,
        "point": point,
        "error_m": one.error_m,
        "told": told.format(number=one.number, title=one.title, n=one.error_m, point=point),
        "x": round(x, 1),
        "y": round(y, 1),
        "radius": round(frame.radius(one.error_m), 1),
    }


def _address(asked: QueryDict, path: str, *without: str, **changed: str) -> str:
    query = asked.copy()
    for gone in (*_PLACE, *without):
        query.pop(gone, None)
    for name, value in changed.items():
        query[name] = value
    return f"{path}?{query.urlencode()}" if query else path
