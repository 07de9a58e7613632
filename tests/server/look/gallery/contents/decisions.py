"""Pages of what two people decide."""

from __future__ import annotations

from types import SimpleNamespace as Shown
from typing import TYPE_CHECKING, Any

from tests.server.look.gallery.contents.frame import ACTS, action, record
from tests.server.look.gallery.contents.records import LETTER, PART, WARD, at, state

if TYPE_CHECKING:
    from collections.abc import Callable

_MARROW = Shown(name="Ilse Marrow")
_ODUYA = Shown(name="Tam Oduya")
_ORDER = "Order 14 of the data protection officer of Halvia, 3 May 2031"


def _asked(text: str, stage: Shown, **more: object) -> Shown:
    given: dict[str, object] = {
        "item": LETTER,
        "act_text": text,
        "authority": _ORDER,
        "reason": "The nurse asked for it back; her name must not stand here.",
        "compartment": None,
        "binds": PART.sha256,
        "asked": at(20, 9, 12),
        "asked_by": _ODUYA,
        "answered": None,
        "answered_by": None,
        "answer": "",
        "url": "/oversight/request/1",
        "state": stage,
    }
    return Shown(**(given | more))


_WAITING = _asked(
    "shred: destroy keys, salts, rows and bytes", state("attention", "waits for a second person")
)
_DONE = _asked(
    "redact: add a rendition without some of the content",
    state("proved", "approved and done"),
    item=WARD,
    answered=at(21, 10),
    answered_by=_MARROW,
    answer="I compared both pictures: two faces are gone and nothing else.",
)
_HOLD = Shown(
    item=WARD,
    authority="District court of Ostrin, case 17",
    reason="evidence at trial",
    since=at(19, 8),
    by=_MARROW,
    release_url="#",
)


def requests() -> dict[str, Any]:
    """Return what waits, what was decided, and a hold."""
    return {"waiting": [_WAITING], "decided": [_DONE], "holds": [_HOLD]}


def request() -> dict[str, Any]:
    """Return a request that was approved."""
    return record(
        asked=_DONE,
        meaning="A rendition without some of the content is added and can be given out.",
        gone=False,
        item_acts=ACTS,
        states=[_DONE.state],
        actions=[action("Approve", grave=True), action("Refuse")],
    )


def taking_out() -> dict[str, Any]:
    """Return what can be asked for about an item that is held and known to exist."""
    offers = [
        Shown(
            url="#",
            text="restrict: move it into a narrower compartment",
            meaning="Only readers of the narrower compartment know of the item from then on.",
        ),
        Shown(
            url="#",
            text="shred: destroy keys, salts, rows and bytes",
            meaning="Keys, salts, rows and bytes are destroyed for good.",
        ),
    ]
    return {
        "item": WARD,
        "states": [state("attention", "legal hold")],
        "offers": offers,
        "holds": [_HOLD],
        "may_release": True,
        "hold_url": "#",
        "told": Shown(reason="the other side asked", since=at(20), by=_MARROW),
        "is_open": False,
        "existence_url": "#",
        "bar_url": "#",
        "requests": [_WAITING, _DONE],
    }


PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "oversight/requests": requests,
    "oversight/request": request,
    "oversight/taking_out": taking_out,
}
