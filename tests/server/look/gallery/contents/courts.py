"""Pages of cases, law, disclosure, the log and the people who work here."""

from __future__ import annotations

from types import SimpleNamespace as Shown
from typing import TYPE_CHECKING, Any

from muniment_server.cases.models import Opinion, Suspect
from muniment_server.disclosure.models import Package
from tests.server.look.gallery.contents.frame import (
    ACTS,
    BROKEN_PROOF,
    action,
    listing,
    record,
)
from tests.server.look.gallery.contents.records import (
    CASE,
    CITES,
    HALVIA,
    HASK,
    LETTER,
    PART,
    ROOF,
    STRIKE,
    WARD,
    at,
    dressed,
    state,
)

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = {"s": "supports", "u": "undermines", "n": "neutral"}


def _row(text: str, note: str, *given: str) -> Shown:
    cells = [
        Shown(stance=WORDS.get(one[:1], ""), stance_text=WORDS.get(one[:1]), place=one[1:], url="#")
        for one in given
    ]
    plus = sum(cell.stance == "supports" for cell in cells)
    minus = sum(cell.stance == "undermines" for cell in cells)
    return Shown(
        text=text,
        lang="en",
        note=note,
        basis="",
        cells=cells,
        for_count=plus,
        against_count=minus,
        gap=plus == 0,
    )


def _matrix() -> Shown:
    columns = [Shown(number=number, url="#") for number in ("M-00071", "M-00072", "M-00120")]
    columns += [Shown(number="closed", url=None), Shown(number="M-00188", url="#")]
    crime = [
        _row("An attack was directed", "conduct", "s0:14", "s", "n", "sp. 2", ""),
        _row(
            "The object was a hospital, not a military objective",
            "circumstance",
            *("s0:31", "s", "u1:02", "sp. 1", ""),
        ),
        _row("The perpetrator meant this object to be hit", "mental · Article 30", *[""] * 5),
    ]
    mode = [
        _row("The suspect held authority over those who acted", "", *[""] * 4, "s§4"),
        _row("The suspect instructed the attack", "", *[""] * 3, "n", "u§9"),
    ]
    return Shown(
        caption="Elements against evidence",
        columns=columns,
        groups=[
            Shown(label="The crime", scope="incident INC-00217", rows=crime),
            Shown(label="Ordering", scope="person P-00012", rows=mode),
        ],
    )


CRIME = Shown(
    id="rs_8_2_b_ix",
    label="Attacking protected buildings",
    citation="Art. 8(2)(b)(ix)",
    lang="en",
    basis="",
    basis_text="Elements of Crimes 2011",
    conflict_text="international",
    counterparts=["HR 27", "GC IV 18"],
    note="",
    family_label="War crimes: other serious violations",
    elements=5,
)


def charge() -> dict[str, Any]:
    """Return a charge with its matrix and an opinion."""
    opinion = Opinion(
        met=False,
        text="The instruction rests on a document whose author is not known.",
        given=at(21, 10),
    )
    standard = "reasonable grounds to believe, Art. 58(1)"
    return record(
        case=CASE,
        suspect=Suspect(case=CASE, person=HASK),
        crime=CRIME,
        mode=Shown(label="ordering", citation="Art. 25(3)(b)", lang="en", basis=""),
        incidents=[STRIKE],
        context_text="Armed conflict: proved once for the situation (12 exhibits)",
        gaps=2,
        matrix=_matrix(),
        opinions=[dressed(opinion, author_name="A. Renn", standard_text=standard)],
        actions=[action("Record an opinion"), action("Add evidence", main=True)],
    )


def case() -> dict[str, Any]:
    """Return a case with one suspect and one charge."""
    line = Shown(
        pk="0b3c",
        crime_label="Attacking protected buildings",
        crime_citation="Art. 8(2)(b)(ix)",
        mode_label="ordering",
        mode_citation="Art. 25(3)(b)",
        lang="en",
        incidents=[STRIKE],
        gaps=2,
        for_count=7,
        against_count=2,
        opinion_count=1,
    )
    suspect = dressed(Suspect(case=CASE, person=HASK), charge_list=[line])
    evidence = [Shown(item=WARD, place=""), Shown(item=LETTER, place="p. 2")]
    return record(case=CASE, suspects=[suspect], evidence=evidence)


def package() -> dict[str, Any]:
    """Return a package that left something out."""
    given = Package(
        number="PKG-0007",
        recipient="Prosecutor of Halvia",
        purpose="Request 14 of 3 May 2031",
        name="exhibit-m-00071",
        prepared=at(22, 9, 30),
    )
    return record(
        package=given,
        packages=[given],
        bundle_sha256=PART.sha256,
        log_key="specimen.muniment.invalid/ostrin-1a2b3c4d+5e6f7a8b+AQIDBAUGBwgJCgsMDQ4P",
        items=[WARD, ROOF],
        withheld=["source"],
        download_url="#",
    )


def crime() -> dict[str, Any]:
    """Return a crime with its elements."""
    element = Shown(
        text="The object was a building protected from attack",
        kind_text="circumstance",
        per_text="for each incident",
        alternative="a",
    )
    return {
        "crime": CRIME,
        "groups": [Shown(title="Its own elements", elements=[element, element])],
        "twin": Shown(id="rs_8_2_e_iv", label="Attacking protected buildings"),
        "incidents": [STRIKE],
    }


def log() -> dict[str, Any]:
    """Return the end of the log."""
    head = Shown(
        size=48212,
        origin="specimen.muniment.invalid/ostrin-district-archive-1a2b3c4d",
        root=PART.sha256,
        signed_at=at(20, 16, 2),
    )
    key = "specimen.muniment.invalid/ostrin-1a2b3c4d+5e6f7a8b+AQIDBAUGBwgJCgsMDQ4P"
    watch = {
        "k": 2,
        "n": 3,
        "quorum_met": True,
        "size": 48101,
        "witnesses": [
            {"name": "north", "time": "2026-11-20T16:02:31Z"},
            {"name": "south", "time": "2026-11-20T16:02:32Z"},
        ],
        "trouble": "",
        "questions": [{"name": "east", "error": "It did not answer.", "alarm": False}],
    }
    return {
        "head": head,
        "acts": ACTS,
        "log_key": key,
        "older_url": "?before=47903",
        "watch": watch,
    }


def act() -> dict[str, Any]:
    """Return one act with what is behind its digests."""
    one = Shown(**vars(ACTS[0]), n=3, leaf_hash=PART.sha256, eid="0f0e0d0c0b0a09080706050403020100")
    leaf = '{"_sd":["3q2-7wAA","8J-YgAAA"],"eid":"0f0e0d0c","log":"specimen…","v":1}'
    shown = [Shown(name="chain", value='{"act":"incident.graded","n":3}')]
    witnessed = {"state": "proved", "detail": "2 of 3, at 48,101 entries"}
    return {"act": one, "leaf": leaf, "disclosed": shown, "witnessed": witnessed}


def access() -> dict[str, Any]:
    """Return some lines of the access log, an unusual volume, and the rule."""
    seen = {"by_name": "Ilse Marrow", "via": "web", "detail": ""}
    target = {"subject_url": "/catalogue/item/1", "subject_number": "M-00071"}
    rows = [
        Shown(index=1204, at=at(20, 16, 4), kind="viewed", kind_text="viewed", **seen, **target),
        Shown(
            index=1203, at=at(20, 15, 58), kind="denied", kind_text="denied", by_name="", via="web",
            detail="item M-00009", subject_url=None, subject_number=None,
        ),
    ]  # fmt: skip
    exposures = [Shown(name="Ilse Marrow", today=3, week=12), Shown(name="Tam", today=0, week=1)]
    volumes = [
        Shown(name="Tam", kind="downloads", per="hour", start=at(20, 15), count=71, limit=60,
              busiest=12, above_limit=True),
        Shown(name="Ilse Marrow", kind="views", per="day", start=at(19, 0), count=340, limit=1500,
              busiest=80, above_limit=False),
    ]  # fmt: skip
    kinds = ("views", "downloads", "searches", "denials")
    rule = {
        "limits": [{"kind": kind, "per_hour": 60, "per_day": 300} for kind in kinds],
        "times": 3,
        "past_days": 28,
        "days_worked": 5,
        "share": 5,
        "keep_days": 730,
    }
    shown = {"exposures": exposures, "volumes": volumes, "rule": rule}
    return listing("accesses", rows, facets=[], chosen=[], ask_words=False, **shown)


def case_readings() -> dict[str, Any]:
    """Return some lines of who looked at what of a case."""
    return access() | {
        "case": Shown(number="CASE-0001", title="The bridge at Orvel"),
        "lead_name": "Ilse Marrow",
    }


def people() -> dict[str, Any]:
    """Return people with roles and without."""
    given = {"compartments": ["open"], "url": "/accounts/person/1"}
    return {
        "people": [
            Shown(handle="ilse", name="Ilse Marrow", role_texts=["investigator"], ended=None,
                  second_step=True, **given),
            Shown(handle="tam", name="Tam Oduya", role_texts=["analyst", "auditor"], ended=None,
                  second_step=False, **given),
            Shown(handle="old", name="B. Quill", role_texts=[], ended=at(1), second_step=False,
                  **given),
        ],
        "actions": [action("Add a person", main=True)],
    }  # fmt: skip


def one_person() -> dict[str, Any]:
    """Return one person who works here."""
    return record(
        person=Shown(handle="ilse", name="Ilse Marrow", ended=None),
        grants=[Shown(role_text="investigator", since=at(1), revoke_url="#")],
        clearances=[Shown(name="open", since=at(1), revoke_url=None)],
    )


def parts() -> dict[str, Any]:
    """Return every state and small part."""
    kinds = (
        "proved failed absent attention closed confirmed fair claimed open contested discounted "
        "supports undermines neutral inconclusive contradicts unchecked checked refuted partial "
        "false pending proposed rejected ended"
    )
    facts = [
        Shown(label="When", value="9 April 2031, 14:50 – 17:00", qualifier="to the hour", lang="",
              cites=CITES, code=False),
        Shown(label="Served by", value="192.0.2.17", qualifier="certificate kept", lang="",
              cites=[], code=True),
    ]  # fmt: skip
    return {
        "states": [state(kind, kind) for kind in kinds.split()] + [state("", "plain")],
        "proof": BROKEN_PROOF,
        "digest": PART.sha256,
        "facts": facts,
    }


def state_of_the_machine() -> dict[str, Any]:
    """Return a clock that jumped, a disk with room and one without."""
    disk = {"reserve": 2 << 30, "inodes": 90_000, "inode_reserve": 10_000}
    return {
        "clock": {"state": "jumped", "clock": "2032-04-09T14:50:00Z", "said": "it jumped forward"},
        "confirm_url": "#",
        "disks": [
            {"name": "archive", "free": 40 << 30, "takes_files": True, **disk},
            {"name": "workspace", "free": 1 << 30, "takes_files": False, **disk},
        ],
    }


PAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "parts": parts,
    "cases/cases": lambda: listing("cases", [CASE], situations=[HALVIA]),
    "cases/case": case,
    "cases/situation": lambda: record(
        situation=HALVIA,
        cases=[CASE],
        context_rows=[
            Shown(text="There was an armed conflict", lang="en", for_count=12, against_count=0)
        ],
    ),
    "cases/charge": charge,
    "cases/crimes": lambda: {
        "families": [
            Shown(label=CRIME.family_label, citation="Art. 8(2)(b)", lang="en", note="",
                  crimes=[CRIME])
        ],
        "version": "1.1",
        "disclaimer": "Working paraphrase for evidence mapping. Not the official text.",
    },
    "cases/crime": crime,
    "disclosure/packages": lambda: listing("packages", package()["packages"]),
    "disclosure/package": package,
    "custody/log": log,
    "custody/state": state_of_the_machine,
    "custody/act": act,
    "custody/access": access,
    "cases/readings": case_readings,
    "accounts/people": people,
    "accounts/person": one_person,
    "accounts/enrolled": lambda: {
        "person": Shown(name="Tam Oduya", handle="tam"),
        "code": "K7QX-9M2D-HT4R",
        "expires": at(23, 12),
        "enrol_url": "https://muniment.invalid/enrol",
    },
}  # fmt: skip
