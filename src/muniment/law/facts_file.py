"""Reads a file of facts (YAML) into `CaseFile`, key by key, refusing what cannot be meant.

Keys are the inputs of `jurisdiction_rules.yaml` (cli.md); dates are ISO, States are ISO 3166.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.law.facts import (
    NONE,
    WAR_CRIMES,
    CaseFacts,
    CaseFile,
    Challenge,
    Concern,
    Gravity,
    Outcome,
    Proceeding,
    Request,
    Stage,
    Trigger,
)
from muniment.law.reading import read_yaml
from muniment.law.sources import Bases
from muniment.law.spans import Span, years_from
from muniment.law.states_file import read_states, state_code

if TYPE_CHECKING:
    from muniment.law.reading import Record
    from muniment.law.statute import Taxonomy

# What the author of a file of facts says of a State is theirs: no source makes it checked.
_GIVEN = Bases({}, {"stated": "stated in the file of facts", "memory": "from memory"})
_PLACE_STATUSES = ("sovereign", "occupied", "ship", "aircraft")
_CONFLICT_TYPES = ("IAC", "NIAC", "unsettled", NONE)
_VOTES = ("adopted", "failed", "not_held")
_ABOUT = ("jurisdiction", "admissibility")
_GRAVITY = ("scale", "nature", "manner", "impact")
_OLDEST = 130
# The rules name two forums in words; their codes mean the same.
_FORUMS = {"Ukraine": "UA", "UK": "GB"}


def read_facts(data: bytes, file: str, law: Taxonomy) -> CaseFile:
    """Read a file of facts; InvalidInput names the file and the key of what cannot be used."""
    top = read_yaml(data, file)
    as_of = top.day("as_of")
    read = CaseFile(
        facts=_facts(top, law),
        as_of=as_of.last if as_of else None,
        states=read_states(top, "states", _GIVEN, tuple(law.families)),
    )
    top.done()
    _check(read.facts, top, law)
    return read


def _facts(top: Record, law: Taxonomy) -> CaseFacts:
    first, last = top.day("conduct_from"), top.day("conduct_to")
    families = (*law.families, WAR_CRIMES)
    return CaseFacts(
        crime_id=_crime(top, law),
        crime_family=_choice(top, "crime_family", families),
        conduct_from=first.first if first else None,
        conduct_to=last.last if last else None,
        place_states=_states(top, "place_states"),
        place_status=_choice(top, "place_status", _PLACE_STATUSES),
        suspect_nationalities=_states(top, "suspect_nationalities"),
        suspect_age_at_conduct=_age(top),
        suspect_office=top.text_or("suspect_office") or None,
        conflict_type=_choice(top, "conflict_type", _CONFLICT_TYPES),
        trigger=Trigger(found) if (found := _choice(top, "trigger", tuple(Trigger))) else None,
        referring_states=_states(top, "referring_states"),
        unsc_aggression_determination=top.flag("unsc_aggression_determination"),
        domestic_proceedings=_proceedings(top),
        gravity=_gravity(top),
        forum=_forum(top),
        suspect_directs_state=top.flag("suspect_directs_state"),
        suspect_before_court=top.flag("suspect_before_court"),
        suspect_residences=_states(top, "suspect_residences"),
        unsc_deferral=_deferral(top),
        unsc_vote=_choice(top, "unsc_vote", _VOTES),
        prosecutor_authorised=top.flag("prosecutor_authorised"),
        pre_trial_division_authorised=top.flag("pre_trial_division_authorised"),
        within_definition=top.flag("within_definition"),
        court_already_tried=top.flag("court_already_tried"),
        art_18_request=_request(top),
        challenge=_challenge(top),
        interests_of_justice_against=top.flag("interests_of_justice_against"),
        immunity_plea=_plea(top),
    )


def _check(facts: CaseFacts, top: Record, law: Taxonomy) -> None:
    """Refuse facts that contradict each other."""
    first, last = facts.conduct_from, facts.conduct_to
    if first is not None and last is not None and last < first:
        top.fault("conduct_to", "lies before conduct_from", "Put the earlier date first.")
    if facts.crime_id and facts.crime_id != NONE and facts.crime_family:
        family = law.crime(facts.crime_id).family
        if family != facts.crime_family and not (
            facts.crime_family == WAR_CRIMES and family.startswith(WAR_CRIMES)
        ):
            top.fault("crime_family", f"is not the family of {facts.crime_id} ({family})")
    if facts.referring_states and facts.trigger not in (None, Trigger.STATE_REFERRAL):
        top.fault("referring_states", f"is given with the trigger {facts.trigger}")


def _crime(top: Record, law: Taxonomy) -> str | None:
    if "crime_id" not in top:
        return None
    id_ = top.text("crime_id")
    return id_ if id_ == NONE else law.crime(id_).id


def _choice(record: Record, key: str, allowed: tuple[str, ...]) -> str | None:
    return record.choice(key, allowed) if key in record else None


def _states(record: Record, key: str) -> tuple[str, ...] | None:
    if key not in record:
        return None
    named = record.texts(key)
    if named == (NONE,):
        return ()
    return tuple(dict.fromkeys(state_code(record, key, one) for one in named))


def _age(top: Record) -> int | None:
    age = top.whole("suspect_age_at_conduct")
    if age is not None and not 0 <= age <= _OLDEST:
        top.fault("suspect_age_at_conduct", f"is {age}", "Give the age in whole years.")
    return age


def _forum(top: Record) -> tuple[str, ...] | None:
    if "forum" not in top:
        return None
    named = [_FORUMS.get(one, one) for one in top.texts("forum")]
    return tuple(one if one == "ICC" else state_code(top, "forum", one) for one in named)


def _proceedings(top: Record) -> tuple[Proceeding, ...] | None:
    if "domestic_proceedings" not in top:
        return None
    if top.value("domestic_proceedings") == NONE:
        return ()
    return tuple(_proceeding(one) for one in top.records("domestic_proceedings"))


def _proceeding(record: Record) -> Proceeding:
    stage, outcome = (
        _choice(record, "stage", tuple(Stage)),
        _choice(record, "outcome", tuple(Outcome)),
    )
    concerns: tuple[Concern, ...] | None = None
    if "concerns" in record:
        named = record.texts("concerns")
        for one in named:
            if one not in (*Concern, NONE):
                record.fault("concerns", f"has {one!r}", f"Allowed: {', '.join(Concern)}, or none.")
        concerns = tuple(Concern(one) for one in named if one != NONE)
    read = Proceeding(
        state=state_code(record, "state", record.text("state")),
        same_person=record.flag("same_person"),
        same_conduct=record.flag("same_conduct"),
        stage=Stage(stage) if stage else None,
        outcome=Outcome(outcome) if outcome else None,
        concerns=concerns,
    )
    record.done()
    return read


def _gravity(top: Record) -> Gravity | None:
    if "gravity" not in top:
        return None
    record = top.record("gravity")
    described = tuple((key, record.text(key)) for key in _GRAVITY if key in record)
    read = Gravity(described, record.flag("sufficient"))
    record.done()
    return read


def _deferral(top: Record) -> Span | None:
    """Read a deferral; without an end it lasts the twelve months of Art. 16."""
    if "unsc_deferral" not in top or top.value("unsc_deferral") == NONE:
        return None
    record = top.record("unsc_deferral")
    first, last = record.day("from"), record.day("to")
    if first is None:
        record.fault("from", "is missing")
    record.done()
    end = last.last if last else years_from(first.first, 1).last
    if end is not None and end < first.first:
        record.fault("to", "lies before from")
    return Span(first.first, end)


def _request(top: Record) -> Request | None:
    if "art_18_request" not in top:
        return None
    record = top.record("art_18_request")
    state = state_code(record, "state", record.text("state"))
    read = Request(state, record.flag("authorised"))
    record.done()
    return read


def _challenge(top: Record) -> Challenge | None:
    if "challenge" not in top:
        return None
    record = top.record("challenge")
    read = Challenge(record.text("by"), record.choice("about", _ABOUT))
    record.done()
    return read


def _plea(top: Record) -> str | None:
    if "immunity_plea" not in top:
        return None
    record = top.record("immunity_plea")
    state = state_code(record, "state", record.text("state"))
    record.done()
    return state
