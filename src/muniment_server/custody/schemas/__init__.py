"""What records look like outside: history in words, what is proved, lists with their filter.

Every app's views and API build on these shapes; the templates document them from their side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from ninja import Field, Schema

from muniment.errors import TamperSuspected
from muniment.evidence.acts import ACTS
from muniment.evidence.disclosure import open_disclosure
from muniment.evidence.instant import to_seconds
from muniment_server.custody import queries
from muniment_server.custody.ledger import witnesses
from muniment_server.custody.ledger.witnesses import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.http import QueryDict

    from muniment.archive.time_tokens import KeptToken
    from muniment_server.custody.models import Head, Leaf
    from muniment_server.custody.queries import LoggedAct, Page, Subject

T = TypeVar("T")

#: text that must be there: spaces alone are not
Words = Annotated[str, Field(pattern=r"\S")]

#: where each kind of record is shown; the apps that own these pages lie above this one
RECORD_PAGES: Final = {
    "catalogue.item": "catalogue:item",
    "catalogue.collection": "catalogue:collection",
    "entities.person": "entities:person",
    "entities.unit": "entities:unit",
    "incidents.source": "incidents:source",
    "incidents.claim": "incidents:claim",
    "incidents.incident": "incidents:incident",
    "casualties.victim": "casualties:victim",
    "cases.situation": "cases:situation",
    "cases.case": "cases:case",
    "disclosure.package": "disclosure:package",
}


class RootOut(Schema):
    """What every record with a number begins with."""

    id: str
    number: str
    index: int
    compartment: str


class Listed(Schema, Generic[T]):
    """A page of records, and where the next begins: null where there is none."""

    records: list[T]
    next: int | None


class ActOut(Schema):
    """An act, as `muniment custody` prints it."""

    index: int
    act: str
    by: str
    t: str
    reason: str
    leaf: str


def bytes_of(media_type: str) -> dict[str, Any]:
    """Describe an answer that is no JSON but bytes of a media type, for an operation."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": {200: {"content": content}}}


def act_record(act: LoggedAct) -> dict[str, Any]:
    """Return an act as `muniment custody` and the API show it."""
    return {
        "index": act.index,
        "act": act.kind,
        "by": act.by_name,
        "t": to_seconds(act.t),
        "reason": act.reason,
        "leaf": act.leaf,
    }


def log_record(act: LoggedAct, subject: Subject | None, name: str = "") -> dict[str, Any]:
    """Return an act of the whole log as the API shows it, with what it was done on."""
    return {**act_record(act), "obj": act.obj.hex, "on": subject.number if subject else name}


def signed_head(head: Head) -> dict[str, Any]:
    """Return the head of the log as the API shows it."""
    return {
        "origin": head.origin,
        "size": head.size,
        "root": queries.frontier_of(head).root().hex(),
        "signed_at": to_seconds(head.t) if head.t else None,
    }


def entry_record(leaf: Leaf) -> dict[str, Any]:
    """Return what only the entry itself holds: its bytes, and what lies behind its digests."""
    disclosed = (opened(text) for text in leaf.disclosures.split("\n"))
    return {
        "n": leaf.n,
        "eid": leaf.eid.hex,
        "leaf_bytes": bytes(leaf.data).decode("ascii"),
        "disclosed": [{"name": name, "value": value} for name, value in disclosed],
    }


def history(acts: Iterable[LoggedAct]) -> list[dict[str, Any]]:
    """Return acts as a page tells them, newest first."""
    told = [
        {
            "index": act.index,
            "t": act.t,
            "kind": act.kind,
            "sentence": _(ACTS[act.kind].sentence) if act.kind in ACTS else act.kind,
            "by_name": act.by_name,
            "reason": act.reason,
            "corrects": None,
        }
        for act in acts
    ]
    return told[::-1]


def subject_shown(subject: Subject | None, name: str = "") -> dict[str, str]:
    """Return what was acted on or looked at: its number with its page, else a name."""
    if subject is None:
        return {"subject_number": name, "subject_url": ""}
    page = RECORD_PAGES.get(subject.model)
    url = reverse(page, args=[subject.number]) if page else ""
    return {"subject_number": subject.number, "subject_url": url}


def proof(acts: Sequence[LoggedAct], bytes_intact: tuple[str, str] | None = None) -> dict[str, Any]:
    """Return what is proved of a record right now; what is not yet is said, never hidden.

    `bytes_intact` is state and detail where the record's bytes were hashed for this page.
    """
    standing = queries.standing(acts[0].index if acts else None)
    verdicts = []
    if bytes_intact is not None:
        verdicts.append(_verdict("bytes_intact", *bytes_intact))
    if standing.published:
        verdicts.append(_verdict("included", "proved", f"#{acts[0].index:,}"))
        verdicts.append(_verdict("append_only", "proved", ""))
    else:
        verdicts.append(_verdict("included", "absent", _("being published")))
    count = ngettext("{count} act", "{count} acts", len(acts)).format(count=len(acts))
    verdicts.append(_verdict("chain_complete", "proved" if acts else "absent", count))
    verdicts.append(witnessed(acts[0].index if acts else None))
    verdicts.append(_verdict("existed_before", *existed_before(acts[0].index if acts else None)))
    return {"verdicts": verdicts}


def existed_before(index: int | None) -> tuple[str, str]:
    """Return the state of what time tokens say of an entry, and what they say, in words.

    A demonstration is shown and proves nothing. What was changed is shown as failed.
    """
    try:
        tokens = queries.time_tokens(index) if index is not None else []
    except TamperSuspected as error:
        return "failed", str(error)
    if not tokens:
        return "absent", _("no time token yet")
    proved = any(not one.demonstration for one in tokens)
    return "proved" if proved else "absent", "; ".join(_time_words(one) for one in tokens)


def _time_words(token: KeptToken) -> str:
    time = f"{token.at:%Y-%m-%d %H:%M:%S} UTC"
    if token.demonstration:
        return _("{time}, by {authority}").format(time=time, authority=token.authority)
    standing = {
        "qualified": _("a qualified authority"),
        "not qualified": _("not a qualified authority"),
        "not known": _("not known whether qualified"),
    }[token.qualification.standing.value]
    return _("{time}, by {authority}, {standing}").format(
        time=time, authority=token.authority, standing=standing
    )


def time_record(index: int) -> dict[str, Any]:
    """Return what time tokens say of an entry, as the API shows it."""
    state, words = existed_before(index)
    tokens = queries.time_tokens(index) if state != "failed" else []
    return {
        "state": state,
        "detail": words,
        "tokens": [
            {
                "at": to_seconds(one.at),
                "authority": one.authority,
                "standing": one.qualification.standing.value,
                "basis": one.qualification.basis,
                "demonstration": one.demonstration,
                "size": one.size,
                "root": one.root,
            }
            for one in tokens
        ],
    }


def witnessed(index: int | None) -> dict[str, str]:
    """Return the verdict on witnesses who saw the log with an entry in it: k of n, or none yet."""
    seen = Seen() if index is None else witnesses.seen(index)
    if seen.trouble == "cosignature":
        return _verdict("witnessed", "failed", _("a cosignature does not check"))
    if seen.trouble:
        return _verdict("witnessed", "absent", _("the witness policy cannot be used"))
    if not seen.of:
        return _verdict("witnessed", "absent", _("not yet witnessed"))
    count = _("{count} of {all}").format(count=len(seen.names), all=seen.of)
    if not seen.quorum_met:
        return _verdict("witnessed", "absent", _("not yet witnessed, {count}").format(count=count))
    said = _("{count}, at {size} entries").format(count=count, size=f"{seen.size:,}")
    return _verdict("witnessed", "proved", said)


def witnessed_record(index: int) -> dict[str, Any]:
    """Return who saw the log with an entry in it, as the API shows it."""
    return _seen_record(witnesses.seen(index))


def watch_record() -> dict[str, Any]:
    """Return who saw the newest heads, and how asking stands, as the API shows it."""
    seen = witnesses.seen_lately()
    asked = [
        {
            "name": one.name,
            "size": one.size,
            "asked": one.asked,
            "due": one.due,
            "failures": one.failures,
            "error": one.error,
            "alarm": one.alarm,
        }
        for one in seen.questions
    ]
    return {**_seen_record(seen), "questions": asked}


def _seen_record(seen: Seen) -> dict[str, Any]:
    return {
        "k": len(seen.names),
        "n": seen.of,
        "quorum_met": seen.quorum_met,
        "size": seen.size,
        "witnesses": [
            {"name": name, "time": to_seconds(time)}
            for name, time in zip(seen.names, seen.times, strict=True)
        ],
        "trouble": seen.trouble,
    }


def _verdict(name: str, state: str, detail: str) -> dict[str, str]:
    return {"name": name, "state": state, "detail": detail}


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow a list: its parameter, its label, and the words for its values."""

    name: str
    label: str
    words: Callable[[str], str]


def listing(page: Page, asked: QueryDict, path: str, facets: Sequence[Facet]) -> dict[str, Any]:
    """Return the part of a list's context that every list has."""
    shown = []
    chosen = []
    for facet in facets:
        wanted = asked.get(facet.name, "")
        options = [
            {
                "value": value,
                "text": facet.words(value),
                "count": count,
                "chosen": value == wanted,
            }
            for value, count in page.facets.get(facet.name, [])
        ]
        if options:
            shown.append({"name": facet.name, "label": facet.label, "options": options})
        if wanted:
            text = f"{facet.label}: {facet.words(wanted)}"
            chosen.append({"text": text, "without_url": _without(asked, path, facet.name)})
    words = asked.get("q", "")
    if words:
        chosen.append({"text": f"“{words}”", "without_url": _without(asked, path, "q")})
    empty = {} if chosen or "after" in asked else {"empty_title": _("Nothing is recorded here yet")}
    return {
        **empty,
        "facets": shown,
        "q": words,
        "chosen": chosen,
        "found": len(page.rows),
        "pages": _pages(page, asked, path),
    }


def _pages(page: Page, asked: QueryDict, path: str) -> dict[str, Any]:
    first = _number(asked.get("first", "")) or 1
    last = first + len(page.rows) - 1
    following = None
    if page.after is not None:
        query = asked.copy()
        query["after"] = str(page.after)
        query["first"] = str(last + 1)
        following = f"{path}?{query.urlencode()}"
    return {
        "first": first,
        "last": last,
        "total": page.total,
        "previous_url": None,
        "next_url": following,
    }


def after(asked: Mapping[str, Any]) -> int:
    """Return the place in the log after which a page begins."""
    number = _number(str(asked.get("after", "")))
    return -1 if number is None else number


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004 - fits a bigint


def _without(asked: QueryDict, path: str, name: str) -> str:
    query = asked.copy()
    for gone in (name, "after", "first"):
        query.pop(gone, None)
    return f"{path}?{query.urlencode()}" if query else path


def words_of(choices: Any) -> Callable[[str], str]:  # noqa: ANN401 - any of Django's choices
    """Return a function from a stored value to its words."""
    known = dict(choices.choices)
    return lambda value: str(known.get(value, value))


def opened(text: str) -> tuple[str, Any]:
    """Return the name and value of a disclosure."""
    one = open_disclosure(text)
    return one.name, one.value
