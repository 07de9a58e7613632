"""Dated facts about States: membership, declarations, withdrawals, and what is not recorded."""

from __future__ import annotations

import json
from datetime import date

import pytest

from muniment.law.jurisdiction import read_case
from muniment.law.rules import rule_book
from muniment.law.spans import Inside, Span, Window
from muniment.law.states import States


def on(text: str) -> Span:
    """One day."""
    return Span(date.fromisoformat(text), date.fromisoformat(text))


def own(*facts: dict[str, object]) -> States:
    """Facts of the author's own about the invented State XA."""
    text = json.dumps({"states": [{"state": "XA", "facts": list(facts)}]})
    return read_case(text.encode(), "f").states


PARTY: dict[str, object] = {"kind": "party", "valid_from": "2003-01-01"}
STATES: States = rule_book().states


@pytest.mark.parametrize(
    ("state", "day", "party", "accepting"),
    [
        ("UA", "2013-11-20", Inside.NONE, Inside.NONE),
        ("UA", "2013-11-21", Inside.NONE, Inside.ALL),
        ("UA", "2024-12-31", Inside.NONE, Inside.ALL),
        ("UA", "2025-01-01", Inside.ALL, Inside.ALL),
        ("RU", "2022-02-24", Inside.NONE, Inside.NONE),
        ("GB", "2002-06-30", Inside.NONE, Inside.NONE),
        ("GB", "2002-07-01", Inside.ALL, Inside.ALL),
        ("HU", "2026-06-01", Inside.UNKNOWN, Inside.UNKNOWN),
        ("FR", "2022-01-01", Inside.UNKNOWN, Inside.UNKNOWN),
    ],
)
def test_a_state_on_a_day(state: str, day: str, party: Inside, accepting: Inside) -> None:
    assert STATES.party(state, on(day)).inside is party
    assert STATES.accepting(state, on(day)).inside is accepting


def test_the_two_declarations_of_ukraine_leave_no_gap() -> None:
    whole = Span(date(2013, 11, 21), date(2026, 1, 1))
    assert STATES.accepting("UA", whole).inside is Inside.ALL
    across = Span(date(2013, 11, 1), date(2013, 12, 1))
    assert STATES.accepting("UA", across).inside is Inside.PART


def test_the_narrower_declaration_is_the_one_of_its_days() -> None:
    first = STATES.only_declared("UA", on("2013-12-01"))
    assert [fact.families for fact in first] == [("crimes_against_humanity",)]
    second = STATES.only_declared("UA", on("2022-03-09"))
    assert [len(fact.families) for fact in second] == [5]
    assert STATES.only_declared("UA", on("2025-06-01")) == ()


def test_a_withdrawal_that_was_only_notified_leaves_membership_open() -> None:
    assert STATES.withdrawn("HU", on("2026-06-01")).inside is Inside.NONE
    after = STATES.withdrawn("HU", on("2026-06-02"))
    assert after.inside is Inside.UNKNOWN
    assert "was not checked" in after.because


def test_a_party_that_notified_a_withdrawal_is_unknown_from_its_date() -> None:
    states = own(PARTY, {"kind": "withdrawal_notified", "effective": "2020-01-01"})
    for day, expected in (("2019-12-31", Inside.ALL), ("2020-01-01", Inside.UNKNOWN)):
        assert states.party("XA", on(day)).inside is expected
        assert states.accepting("XA", on(day)).inside is expected
    assert states.party("XA", on("2002-12-31")).inside is Inside.NONE


def test_a_withdrawal_that_took_effect_ends_membership_the_day_before() -> None:
    states = own(PARTY, {"kind": "withdrawn", "effective": "2020-01-01"})
    assert states.party("XA", on("2019-12-31")).inside is Inside.ALL
    assert states.party("XA", on("2020-01-01")).inside is Inside.NONE
    assert states.withdrawn("XA", on("2020-01-01")).inside is Inside.ALL


def test_a_declaration_says_nothing_of_membership_outside_its_days() -> None:
    states = own({"kind": "art_12_3", "valid_from": "2014-01-01", "valid_to": "2014-12-31"})
    assert states.accepting("XA", on("2014-06-01")).inside is Inside.ALL
    assert states.accepting("XA", on("2015-06-01")).inside is Inside.UNKNOWN


def test_seven_years_begin_with_membership() -> None:
    assert STATES.seven_years("UA") == Window(date(2025, 1, 1), date(2031, 12, 31))
    assert STATES.seven_years("RU") is None


def test_words_carry_the_mark_of_an_unchecked_fact() -> None:
    for state in ("UA", "RU", "GB"):
        assert "(unchecked)" in STATES.accepting(state, on("2022-03-09")).because


def test_who_is_recorded_as_having_referred() -> None:
    assert set(STATES.referred) == {"LT", "JP", "MK", "ME", "CL"}
    assert STATES.referred["LT"].endswith("on 2022-03-01 (unchecked)")
