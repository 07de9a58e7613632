"""What stands around a record: who acts, what is proved, the history, facets."""

from __future__ import annotations

from types import SimpleNamespace as Shown
from typing import TYPE_CHECKING, Any

from tests.server.look.gallery.contents.records import at

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKSPACE = Shown(name="Ostrin", specimen=True)
ACTING = Shown(
    name="Ilse Marrow",
    roles=["lawyer", "investigator", "analyst", "administrator"],
    compartments=["open"],
    url="/accounts/person/1",
)

PROOF = Shown(
    verdicts=[
        Shown(name="bytes_intact", state="proved", detail="41 items"),
        Shown(name="included", state="proved", detail="at #31,007"),
        Shown(name="append_only", state="proved", detail=""),
        Shown(name="chain_complete", state="proved", detail="14 acts"),
        Shown(name="witnessed", state="absent", detail="none yet"),
        Shown(name="existed_before", state="absent", detail="no time token yet"),
        Shown(name="disclosed", state="proved", detail=""),
    ],
    checked_at=at(20, 6, 12),
    how_url="/today",
)
BROKEN_PROOF = Shown(
    verdicts=[
        Shown(name="bytes_intact", state="failed", detail="1 of 41 items differs"),
        *PROOF.verdicts[1:],
    ],
    checked_at=None,
    how_url="#",
)


def _act(index: int, when: tuple[int, int, int], sentence: str, **more: object) -> Shown:
    given: dict[str, object] = {
        "by_name": "Ilse Marrow",
        "reason": "",
        "corrects": None,
        "kind": "incident.graded",
    }
    return Shown(index=index, t=at(*when), sentence=sentence, **(given | more))


ACTS = [
    _act(
        48211,
        (20, 16, 2),
        "graded the incident",
        reason="Third independent origin (M-00072): the owner accepted the proposal.",
        subject_url="/incidents/incident/INC-00217",
        subject_number="INC-00217",
    ),
    _act(48190, (20, 11, 47), "recorded a claim", by_name="Tam Oduya"),
    _act(47903, (19, 9, 15), "linked evidence", corrects=47820),
]


def _option(value: str, count: int, *, chosen: bool = False) -> Shown:
    return Shown(value=value, text=value, count=count, chosen=chosen)


FACETS = [
    Shown(
        name="kind",
        label="Kind",
        options=[
            _option("video", 1204, chosen=True),
            _option("image", 11830),
            _option("document", 733),
        ],
    ),
    Shown(
        name="state",
        label="State",
        options=[_option("nothing worked out", 15002), _option("disputed", 91)],
    ),
]


def action(text: str, *, main: bool = False, grave: bool = False) -> Shown:
    """Return one thing that a person may do."""
    return Shown(url="#", text=text, main=main, grave=grave)


def record(**more: object) -> dict[str, Any]:
    """Return what every record page shows."""
    return {"proof": PROOF, "acts": ACTS, "actions": [action("Cite")], **more}


def listing(name: str, rows: Sequence[object], **more: object) -> dict[str, Any]:
    """Return what every list shows."""
    return {
        name: rows,
        "found": len(rows),
        "pages": Shown(first=1, last=len(rows), total=20412, previous_url="?", next_url="?page=3"),
        "facets": FACETS,
        "chosen": [Shown(text="Kind: video", without_url="?")],
        "q": "",
        **more,
    }
