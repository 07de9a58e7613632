"""What templates need of a picture: geometry in the units of its drawing, words, and addresses.

Every address keeps the filter of the list that it is a picture of.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from muniment_server.pictures.dated import window_of
from muniment_server.pictures.spans import Span, ceil, floor, spread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

    from muniment_server.pictures.spans import Bar, Timeline

#: one bar's room, and how much of it the bar fills
BAR: Final = 10
_INK: Final = 8
HEIGHT: Final = 100
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


def add_choice(
    context: dict[str, Any], asked: QueryDict, path: str, *names: str
) -> str:
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
    return {
        "bars": [_bar(one, place, most, drawn, asked, path) for place, one in enumerate(drawn.bars)],
        "width": BAR * len(drawn.bars),
        "height": HEIGHT,
        "most": most,
        "undated": drawn.undated,
    }


def _bar(  # noqa: PLR0913 - one bar's own values, and those of the picture it stands in
    bar: Bar, place: int, most: int, drawn: Timeline, asked: QueryDict, path: str
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
        "room": place * BAR,
        "x": place * BAR + (BAR - _INK) // 2,
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


def _address(asked: QueryDict, path: str, *without: str, **changed: str) -> str:
    query = asked.copy()
    for gone in (*_PLACE, *without):
        query.pop(gone, None)
    for name, value in changed.items():
        query[name] = value
    return f"{path}?{query.urlencode()}" if query else path
