"""What the gallery shows, by the name of the template."""

from __future__ import annotations

from types import SimpleNamespace as Shown
from typing import TYPE_CHECKING, Any

from tests.server.look.gallery.contents import courts, decisions, evidence
from tests.server.look.gallery.contents.frame import ACTING, WORKSPACE
from tests.server.look.gallery.contents.records import at

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ACTING", "PAGES", "WORKSPACE"]


def _row(text: str, note: str = "", number: str = "") -> Shown:
    return Shown(url="#", text=text, note=note, number=number)


def _queue(title: str, *records: Shown, empty_text: str = "", more_url: str = "") -> Shown:
    return Shown(title=title, records=records, empty_text=empty_text, more_url=more_url)


def _count(value: str, text: str, source: str, as_of: str, note: str = "") -> Shown:
    return Shown(value=value, text=text, source=source, as_of=as_of, note=note)


def today() -> dict[str, Any]:
    """Return the first page on a busy day."""
    return {
        "since": at(20, 4),
        "exposure": Shown(today=3, week=12),
        "news": [Shown(text=text, url="#") for text in ("212 items", "4 incidents", "1 denial")],
        "counts": [
            _count("3,118", "incidents here", "this workspace", "now"),
            _count("≥ 691", "killed, confirmed", "Monitors", "April 2031", "believed higher"),
            _count("135", "persons notified of suspicion", "Prosecutor of Halvia", "August 2031"),
            _count("1", "person convicted", "one newspaper", "November 2031", "others say 7"),
        ],
        "queues": [
            _queue(
                "Waiting for a second person",
                _row("who did it", "sent by Tam Oduya, 2 days", "INC-00217"),
                _row("voice is the suspect’s", "", "M-01388"),
                more_url="#",
            ),
            _queue("Sources disagree", _row("killed: 3, 4, “several”", "", "INC-00188")),
            _queue("Not linked to any incident", empty_text="Every item is linked."),
            _queue(
                "Needs attention",
                _row("No outside witness yet", "the log is vouched for by its own key alone"),
            ),
        ],
    }


def search() -> dict[str, Any]:
    """Return what was found for a word."""
    found = [_row("Video from inside the ward", "channel post", "M-00071")]
    return {
        "q": "ward",
        "groups": [Shown(title="Items", records=found, more_url="#")],
    }


PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "today": today,
    "search": search,
    **evidence.PAGES,
    **courts.PAGES,
    **decisions.PAGES,
}
