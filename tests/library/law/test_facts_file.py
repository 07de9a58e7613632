"""A file of facts says what it says, or is refused in a sentence; nothing is lost on the way."""

from __future__ import annotations

import json
from datetime import date

import pytest

from muniment.errors import InvalidInput, MunimentError, NotFound
from muniment.law.facts import INPUTS, Concern, Outcome, Proceeding, Stage, Trigger
from muniment.law.jurisdiction import read_case
from muniment.law.rules import rule_book
from muniment.law.spans import Span
from muniment.law.states import FactKind
from tests.library.law.samples import CLEAR

EVERYTHING = """
# Every input once.
crime_id: rs_8_2_b_ix
crime_family: war_crimes_8_2_b
conduct_from: 2022-03
conduct_to: 2022-03-09
place_states: [UA, GB]
place_status: occupied
suspect_nationalities: RU
suspect_age_at_conduct: 40
suspect_office: head of State
conflict_type: IAC
trigger: state_referral
referring_states: [LT]
unsc_deferral: {from: 2025-01-31}
unsc_aggression_determination: false
domestic_proceedings:
- {state: UA, same_person: true, same_conduct: false, stage: trial, outcome: pending,
   concerns: [unjustified_delay]}
- {state: NO}
gravity: {scale: forty beds, impact: a town without a hospital, sufficient: true}
forum: [ICC, Ukraine, UK]
suspect_directs_state: true
suspect_before_court: false
suspect_residences: none
unsc_vote: not_held
prosecutor_authorised: true
pre_trial_division_authorised: false
within_definition: true
court_already_tried: false
art_18_request: {state: UA, authorised: false}
challenge: {by: the accused, about: admissibility}
interests_of_justice_against: false
immunity_plea: {state: GB}
as_of: 2026-10
states:
- state: XA
  facts:
  - {kind: party, valid_from: 2003}
"""


def test_every_input_is_read() -> None:
    read = read_case(EVERYTHING.encode(), "f")
    facts = read.facts
    assert [name for name in INPUTS if getattr(facts, name) is None] == []
    assert facts.span == Span(date(2022, 3, 1), date(2022, 3, 9))
    assert facts.suspect_nationalities == ("RU",)
    assert facts.suspect_residences == ()
    assert facts.trigger is Trigger.STATE_REFERRAL
    assert facts.forum == ("ICC", "UA", "GB")
    assert facts.unsc_deferral == Span(date(2025, 1, 31), date(2026, 1, 30))
    assert facts.domestic_proceedings == (
        Proceeding(
            state="UA",
            same_person=True,
            same_conduct=False,
            stage=Stage.TRIAL,
            outcome=Outcome.PENDING,
            concerns=(Concern.UNJUSTIFIED_DELAY,),
        ),
        Proceeding("NO", None, None, None, None, None),
    )
    assert read.as_of == date(2026, 10, 31)
    assert [fact.kind for fact in read.states.facts["XA"]] == [FactKind.PARTY]


def test_the_inputs_of_the_rules_are_the_keys_of_a_file() -> None:
    # cli.md: a key is the text of the input before the first [, (, { or space.
    assert set(rule_book().raised_only) < set(INPUTS)
    keys = {line.split(":")[0] for line in EVERYTHING.splitlines() if line[:1].isalpha()}
    assert keys == {*INPUTS, "as_of", "states"}


def test_no_value_is_not_known_and_none_is_known() -> None:
    facts = read_case(
        b"place_states:\nsuspect_nationalities: []\nsuspect_office: none\n", "f"
    ).facts
    assert facts.place_states is None
    assert facts.suspect_nationalities == ()
    assert facts.suspect_office == "none"
    assert read_case(b"domestic_proceedings: none", "f").facts.domestic_proceedings == ()
    assert read_case(b"unsc_deferral: none", "f").facts.unsc_deferral is None
    empty = read_case(b"{}", "f").facts
    assert all(getattr(empty, name) is None for name in INPUTS)


def test_a_month_lasts_to_its_end() -> None:
    text = b"conduct_from: 2024-02\nconduct_to: 2024-02\nunsc_deferral: {from: 2024, to: 2024-02}"
    facts = read_case(text, "f").facts
    assert facts.span == Span(date(2024, 2, 1), date(2024, 2, 29))
    assert facts.unsc_deferral == Span(date(2024, 1, 1), date(2024, 2, 29))


def test_norway_can_be_a_place() -> None:
    assert read_case(b"place_states: [NO]", "f").facts.place_states == ("NO",)


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("conduct_form: 2022", "`conduct_form` is not a known key", "`conduct_from`"),
        ("conduct_from: last spring", "`conduct_from` is 'last spring'", "2022-03-09"),
        ("conduct_from: 2022-02-30", "`conduct_from` is '2022-02-30'", "2022-03-09"),
        (
            "conduct_from: 2023\nconduct_to: 2022",
            "`conduct_to` lies before conduct_from",
            "earlier",
        ),
        ("place_states: [UK]", "`place_states` says UK", "GB"),
        ("place_states: [Ukraine]", "`place_states` has 'Ukraine'", "ISO 3166"),
        ("place_states: [ua]", "`place_states` has 'ua'", "ISO 3166"),
        ("place_states: [true]", "`place_states` must list texts", ""),
        ("suspect_age_at_conduct: forty", "`suspect_age_at_conduct` is 'forty'", "whole number"),
        ("suspect_age_at_conduct: -1", "`suspect_age_at_conduct` is -1", "whole years"),
        ("suspect_age_at_conduct: true", "`suspect_age_at_conduct` is True", "whole number"),
        ("trigger: referral", "`trigger` is 'referral'", "state_referral"),
        ("suspect_before_court: no", "`suspect_before_court` is 'no'", "true or false"),
        ("crime_family: war", "`crime_family` is 'war'", "genocide"),
        ("crime_id: rs_6_a\ncrime_family: aggression", "is not the family of rs_6_a", ""),
        ("trigger: none\nreferring_states: [LT]", "`referring_states` is given with", ""),
        ("gravity: high", "`gravity` must hold keys with values", ""),
        ("gravity: {scael: x}", "`scael` is not a known key", "`scale`"),
        ("domestic_proceedings: yes", "`domestic_proceedings` must be a list", ""),
        ("domestic_proceedings: [x]", "number 1 must hold keys", ""),
        ("domestic_proceedings: [{stage: trial}]", "`state` is missing", ""),
        ("domestic_proceedings: [{state: UA, stage: soon}]", "`stage` is 'soon'", "investigation"),
        (
            "domestic_proceedings: [{state: UA, concerns: [slow]}]",
            "has 'slow'",
            "unjustified_delay",
        ),
        ("unsc_deferral: {to: 2022}", "`from` is missing", ""),
        ("unsc_deferral: {from: 2022, to: 2021}", "`to` lies before from", ""),
        ("challenge: {by: x, about: y}", "`about` is 'y'", "jurisdiction, admissibility"),
        (
            "states: [{state: XA, facts: [{kind: party}]}]",
            "`valid_from` is missing",
            "place in time",
        ),
        (
            "states: [{state: XA, facts: [{kind: party, valid_from: 2003, basis: eoc2011}]}]",
            "`basis` is 'eoc2011'",
            "stated",
        ),
        ("- 1", "f must hold keys with values", ""),
        ("", "f must hold keys with values", ""),
        ("a: 1\na: 2", "writes `a` a second time", ""),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, said: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_case(text.encode(), "f")
    assert said in str(caught.value)
    assert str(caught.value).startswith("f")
    assert hint in caught.value.hint
    assert caught.value.hint


def test_an_unknown_crime_is_a_slip_and_never_a_no() -> None:
    with pytest.raises(NotFound) as caught:
        read_case(b"crime_id: rs_8_2_b_iix", "f")
    assert "rs_8_2_b_ii" in caught.value.hint


def test_a_file_of_another_kind_is_refused() -> None:
    for data in (b"\xff\xfe", b"x" * (1 << 20) + b"x", b"\x00" * 8):
        with pytest.raises(MunimentError) as caught:
            read_case(data, "f")
        assert caught.value.code == "law.data"


def test_json_is_a_file_of_facts_too() -> None:
    assert read_case(json.dumps(dict(CLEAR)).encode(), "f").facts.place_states == ("UA",)
