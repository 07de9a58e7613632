"""Opinions: the worked cases of the data, what an answer may rest on, and what it never does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.law.answers import Answer
from muniment.law.jurisdiction import Opinion
from muniment.law.predicates.table import PREDICATES
from muniment.law.rules import BearsOn, RuleOutcome, rule_book
from tests.library.law.samples import AGGRESSION, CLEAR, answered, answers, proceeding, steps

Facts = dict[str, object]

# ── the worked cases of the data ────────────────────────────────────────────────────────────────

SHELLING: Facts = {
    "conduct_from": "2022-03",
    "conduct_to": "2022-03",
    "place_states": ["UA"],
    "suspect_nationalities": ["RU"],
    "suspect_age_at_conduct": 40,
    "suspect_office": "officer",
    "conflict_type": "IAC",
    "trigger": "state_referral",
    "referring_states": ["LT", "GB"],
}
PRESIDENT: Facts = {
    **SHELLING,
    "crime_id": "rs_8_bis",
    "conduct_from": "2022",
    "conduct_to": "2022",
    "suspect_age_at_conduct": 69,
    "suspect_office": "President",
    "suspect_directs_state": True,
    "conflict_type": None,
    "forum": ["ICC", "Ukraine"],
}
PRISONER: Facts = {
    **SHELLING,
    "crime_id": "rs_8_2_a_ii_2",
    "conduct_from": "2025-06",
    "conduct_to": "2025-06",
    "suspect_nationalities": ["UA"],
    "suspect_office": "none",
    "forum": ["ICC", "UA"],
}
TRIED: Facts = {
    **SHELLING,
    "crime_id": "rs_8_2_a_i",
    "conduct_from": "2022-02-28",
    "conduct_to": "2022-02-28",
    "suspect_age_at_conduct": 21,
    "domestic_proceedings": [proceeding(stage="final", outcome="convicted")],
}


def named(place: int) -> list[str]:
    """The rules that the path of a worked case names."""
    return re.findall(r"J\d\d", " ".join(rule_book().worked[place].path))


@pytest.mark.parametrize(
    "crime", ["rs_8_2_b_i", "rs_8_2_b_ii", "rs_8_2_b_iv", "rs_8_2_b_ix", "rs_8_2_b_xxiv"]
)
def test_worked_case_shelling_of_a_hospital(crime: str) -> None:
    found = answered(SHELLING, crime_id=crime)
    assert named(0) == ["J05", "J09", "J41"]
    assert {rule: steps(found)[rule] for rule in named(0)} == {
        "J05": "precondition_met",
        "J09": "trigger_met",
        "J41": "info",
    }
    assert "UA accepted under Art. 12(3)" in found.answers.jurisdiction.because
    # Admissibility per J30-J36: nobody has said what happened before domestic courts.
    assert answers(found) == ("yes", "unknown", "unknown")
    assert {f"J{n}" for n in (30, 31, 32, 34, 35, 36)} <= {
        step.rule.id for step in found.steps if step.missing == ("domestic_proceedings",)
    }


def test_worked_case_aggression_by_a_president() -> None:
    found = answered(PRESIDENT)
    assert named(1) == ["J21", "J24", "J08"]
    assert answers(found)[0] == "no"
    assert found.answers.jurisdiction.rules == ("J21",)
    outcomes = steps(found)
    assert outcomes["J21"] == "no"
    assert outcomes["J08"] == "needs_step"
    not_applied = {rule.id: because for rule, because in found.not_applied}
    assert not_applied["J24"] == "needs a Council referral; trigger is state_referral"
    assert outcomes["J60"] == outcomes["J50"] == "needs_step"
    assert "immunity" in rule_book().rules["J50"].why


def test_worked_case_ill_treatment_of_a_prisoner() -> None:
    found = answered(PRISONER)
    assert named(2) == ["J05", "J14"]
    assert steps(found)["J05"] == "precondition_met"
    assert found.answers.jurisdiction.rules == ("J14",)
    assert answers(found)[0] == "contested"
    assert steps(found)["J50"] == "needs_step"
    # Crimes against humanity and genocide are unaffected; so are Russian nationals.
    for crime in ("rs_7_1_f", "rs_6_b"):
        assert answers(answered(PRISONER, crime_id=crime, conflict_type=None))[0] == "yes"
    assert answers(answered(PRISONER, suspect_nationalities=["RU"]))[0] == "yes"
    # And not for ever.
    after = answered(PRISONER, conduct_from="2032-01-01", conduct_to="2032-01-01")
    assert answers(after)[0] == "yes"


def test_worked_case_a_soldier_tried_at_home() -> None:
    found = answered(TRIED)
    assert named(3) == ["J05", "J09", "J32"]
    assert {rule: steps(found)[rule] for rule in named(3)} == {
        "J05": "precondition_met",
        "J09": "trigger_met",
        "J32": "inadmissible",
    }
    assert answers(found) == ("yes", "no", "unknown")
    assert found.answers.admissibility.rules == ("J32",)


def test_there_are_no_more_worked_cases() -> None:
    questions = [one.question for one in rule_book().worked]
    assert [question.split(",")[0] for question in questions] == [
        "Russian officer",
        "President of Russia",
        "Ukrainian national",
        "Shishimarin",
    ]


# ── what an answer rests on ─────────────────────────────────────────────────────────────────────


def test_three_clear_answers() -> None:
    found = answered(CLEAR)
    assert answers(found) == ("yes", "yes", "yes")
    assert found.answers.jurisdiction.rules == ("J05", "J09")
    assert found.answers.admissibility.rules == ("J36",)
    assert found.missing == ()


def test_aggression_between_parties_can_be_clear_too() -> None:
    assert answers(answered(AGGRESSION))[0] == "yes"


@pytest.mark.parametrize(
    ("changes", "answer", "rules"),
    [
        ({"place_states": ["RU"]}, "no", ("J05", "J06")),
        ({"conduct_from": "2010-05-05", "conduct_to": "2010-05-05"}, "no", ("J05", "J06", "J03")),
        (
            {"place_states": ["RU"], "trigger": "none", "referring_states": None},
            "needs_step",
            ("J08", "J07", "J09", "J10"),
        ),
        (
            {
                "place_states": ["RU"],
                "trigger": "none",
                "referring_states": None,
                "unsc_vote": "failed",
            },
            "no",
            ("J08",),
        ),
        (
            {"place_states": ["RU"], "trigger": None, "referring_states": None},
            "unknown",
            ("J05", "J06", "J07", "J09", "J10"),
        ),
        (
            {"place_states": ["RU"], "trigger": "unsc_referral", "referring_states": None},
            "yes",
            ("J07",),
        ),
        ({"trigger": "none", "referring_states": None}, "needs_step", ("J11",)),
        ({"trigger": "proprio_motu", "referring_states": None}, "needs_step", ("J10",)),
        (
            {
                "trigger": "proprio_motu",
                "referring_states": None,
                "prosecutor_authorised": True,
            },
            "yes",
            ("J05", "J10"),
        ),
        ({"referring_states": ["RU"]}, "needs_step", ("J07", "J09", "J10")),
        ({"crime_id": "rs_6_e", "conflict_type": None}, "contested", ("J15",)),
        (
            {
                "crime_id": "rs_6_e",
                "conflict_type": None,
                "trigger": "unsc_referral",
                "referring_states": None,
            },
            "yes",
            ("J05", "J07"),
        ),
        (
            {"crime_id": "rs_6_e", "conflict_type": None, "suspect_nationalities": ["GB"]},
            "yes",
            ("J05", "J06", "J09"),
        ),
        ({"unsc_deferral": {"from": "2026-11-01"}}, "stay", ("J12",)),
        (
            {"unsc_deferral": {"from": "2026-11-01"}, "suspect_age_at_conduct": None},
            "unknown",
            ("J04",),
        ),
        (
            {"unsc_deferral": {"from": "2026-11-01"}, "suspect_age_at_conduct": 17},
            "no",
            ("J04",),
        ),
        ({"challenge": {"by": "Ukraine", "about": "jurisdiction"}}, "needs_step", ("J39",)),
        ({"challenge": {"by": "Ukraine", "about": "admissibility"}}, "yes", ("J05", "J09")),
    ],
)
def test_jurisdiction(changes: Facts, answer: str, rules: tuple[str, ...]) -> None:
    found = answered(CLEAR, **changes).answers.jurisdiction
    assert (found.answer.value, set(found.rules)) == (answer, set(rules))


@pytest.mark.parametrize(
    ("changes", "answer", "rules"),
    [
        ({"domestic_proceedings": [proceeding()]}, "no", ("J30",)),
        ({"domestic_proceedings": [proceeding(concerns=["shielding"])]}, "yes", ("J34",)),
        (
            {"domestic_proceedings": [proceeding(same_conduct=False)]},
            "yes",
            ("J30", "J31", "J32", "J33"),
        ),
        ({"gravity": None}, "unknown", ("J33",)),
        ({"gravity": {"sufficient": False}}, "no", ("J33",)),
        ({"art_18_request": {"state": "UA"}}, "stay", ("J38",)),
        ({"interests_of_justice_against": True}, "discretion", ("J37",)),
        ({"challenge": {"by": "Ukraine", "about": "admissibility"}}, "needs_step", ("J39",)),
        (
            {"domestic_proceedings": [proceeding(concerns=["shielding"]), proceeding(state="GB")]},
            "no",
            ("J30",),
        ),
    ],
)
def test_admissibility(changes: Facts, answer: str, rules: tuple[str, ...]) -> None:
    found = answered(CLEAR, **changes).answers.admissibility
    assert (found.answer.value, set(found.rules)) == (answer, set(rules))


def test_arrest_is_an_answer_of_its_own() -> None:
    assert answers(answered(CLEAR, suspect_before_court=False)) == ("yes", "yes", "needs_step")
    assert answers(answered(CLEAR, suspect_before_court=None)) == ("yes", "yes", "unknown")
    # Immunity that a State pleads is a remark, no bar (J42).
    pleaded = answered(CLEAR, immunity_plea={"state": "GB"})
    assert answers(pleaded) == ("yes", "yes", "yes")
    assert steps(pleaded)["J42"] == "info"


def test_what_was_not_raised_is_listed() -> None:
    assert "unsc_deferral" in answered(CLEAR).not_raised
    assert "unsc_deferral" not in answered(CLEAR, unsc_deferral={"from": "2001"}).not_raised


def test_an_unchecked_fact_is_marked_where_it_is_relied_on() -> None:
    because = answered(CLEAR).answers.jurisdiction.because
    assert because.count("(unchecked)") == 2
    own = [{"state": "XA", "facts": [{"kind": "party", "valid_from": "2003", "basis": "stated"}]}]
    said = answered(CLEAR, place_states=["XA"], states=own).answers.jurisdiction.because
    assert "XA a Party since 2003-01-01 (unchecked)" in said


def test_the_versions_of_the_law_are_kept() -> None:
    found = answered(CLEAR)
    assert found.rules_version == rule_book().version_id
    assert found.as_of.isoformat() == "2026-11-30"


# ── what an answer never does ───────────────────────────────────────────────────────────────────

CODES = st.lists(st.sampled_from(["UA", "RU", "GB", "HU", "XQ"]), max_size=2, unique=True)
FLAGS = st.booleans()
DATES = ["2001-01-01", "2002-07-01", "2013-12-01", "2018-07-17", "2022-03-09", "2025-06-01"]
PROCEEDINGS = st.lists(
    st.builds(
        proceeding,
        same_person=FLAGS,
        same_conduct=FLAGS,
        stage=st.sampled_from([None, "investigation", "appeal", "final"]),
        outcome=st.sampled_from([None, "pending", "not_prosecuted", "convicted"]),
        concerns=st.sampled_from([None, [], ["shielding"], ["unjustified_delay"], ["unable"]]),
    ),
    max_size=2,
)
VALUES: dict[str, st.SearchStrategy[object]] = {
    "crime_id": st.sampled_from(["rs_6_a", "rs_7_1_a", "rs_8_2_b_ix", "rs_8_2_e_xiii", "rs_8_bis"]),
    "conduct_from": st.sampled_from(DATES[:3]),
    "conduct_to": st.sampled_from(DATES[2:]),
    "place_states": CODES,
    "place_status": st.sampled_from(["sovereign", "occupied", "ship"]),
    "suspect_nationalities": CODES,
    "suspect_age_at_conduct": st.sampled_from([17, 18, 40]),
    "suspect_office": st.sampled_from(["none", "President"]),
    "conflict_type": st.sampled_from(["IAC", "NIAC", "unsettled"]),
    "trigger": st.sampled_from(["unsc_referral", "proprio_motu", "none"]),
    "unsc_aggression_determination": FLAGS,
    "domestic_proceedings": PROCEEDINGS,
    "gravity": st.sampled_from([{"scale": "x"}, {"sufficient": True}, {"sufficient": False}]),
    "forum": st.sampled_from(["ICC", "UA", "GB", "FI"]),
    "suspect_directs_state": FLAGS,
    "suspect_before_court": FLAGS,
    "suspect_residences": CODES,
    "unsc_vote": st.sampled_from(["adopted", "failed", "not_held"]),
    "unsc_deferral": st.just({"from": "2026-11-01"}),
    "prosecutor_authorised": FLAGS,
    "pre_trial_division_authorised": FLAGS,
    "within_definition": FLAGS,
    "court_already_tried": FLAGS,
    "art_18_request": st.just({"state": "UA"}),
    "challenge": st.sampled_from(
        [{"by": "x", "about": "jurisdiction"}, {"by": "x", "about": "admissibility"}]
    ),
    "interests_of_justice_against": FLAGS,
    "immunity_plea": st.just({"state": "GB"}),
}
SOME_FACTS = st.fixed_dictionaries({}, optional=VALUES)
ONE_FACT = st.sampled_from(sorted(VALUES)).flatmap(lambda key: st.tuples(st.just(key), VALUES[key]))
NEEDED_FOR_YES = {"crime_id", "suspect_age_at_conduct", "trigger", "conduct_from"}
NOES = (RuleOutcome.NO, RuleOutcome.INADMISSIBLE)


def parts(found: Opinion) -> dict[str, tuple[Answer, tuple[str, ...]]]:
    """Each answer with the rules it rests on."""
    three = found.answers
    named = (
        ("jurisdiction", three.jurisdiction),
        ("admissibility", three.admissibility),
        ("arrest", three.arrest),
    )
    return {name: (one.answer, one.rules) for name, one in named}


@given(SOME_FACTS, ONE_FACT)
def test_an_added_fact_makes_a_no_only_through_a_rule_that_reads_it(
    facts: Facts, added: tuple[str, object]
) -> None:
    key, value = added
    before, after = answered(facts, **{key: None}), answered(facts, **{key: value})
    for name, (answer, rules) in parts(after).items():
        if answer is Answer.NO and parts(before)[name][0] is not Answer.NO:
            assert rules
            assert any(key in PREDICATES[rule].reads for rule in rules), (name, rules)


@given(SOME_FACTS)
def test_every_no_names_a_rule_that_says_no_or_the_links_that_are_not_there(facts: Facts) -> None:
    found = answered(facts)
    says_no = {step.rule.id for step in found.steps if step.outcome in NOES}
    idle = {rule.id for rule, _ in found.not_applied}
    for name, (answer, rules) in parts(found).items():
        if answer is Answer.NO:
            unlinked = {"J05", "J06"} <= set(rules) and {"J05", "J06"} <= idle
            assert set(rules) & says_no or unlinked, (name, rules)


@given(SOME_FACTS, ONE_FACT)
def test_a_no_on_known_facts_stands_whatever_else_becomes_known(
    facts: Facts, added: tuple[str, object]
) -> None:
    key, value = added
    if key in facts:
        return
    before, after = answered(facts), answered(facts, **{key: value})
    for name, (answer, _) in parts(before).items():
        if answer is Answer.NO:
            assert parts(after)[name][0] is Answer.NO, name


@given(SOME_FACTS, ONE_FACT)
def test_a_rule_that_does_not_read_a_fact_is_not_moved_by_it(
    facts: Facts, added: tuple[str, object]
) -> None:
    key, value = added
    before, after = answered(facts, **{key: None}), answered(facts, **{key: value})
    for rule, predicate in PREDICATES.items():
        if key not in predicate.reads:
            assert steps(before).get(rule) == steps(after).get(rule), rule


@given(SOME_FACTS)
def test_yes_is_never_said_while_something_needed_is_not_known(facts: Facts) -> None:
    found = answered(facts)
    if found.answers.jurisdiction.answer is Answer.YES:
        assert set(facts) >= NEEDED_FOR_YES
    if found.answers.admissibility.answer is Answer.YES:
        assert {"domestic_proceedings", "gravity"} <= set(facts)
    if found.answers.arrest.answer is Answer.YES:
        assert facts["suspect_before_court"] is True


@given(st.sampled_from(sorted(CLEAR)))
def test_leaving_out_a_fact_of_a_clear_case_never_makes_a_no(key: str) -> None:
    # referring_states goes with the trigger.
    changes: Facts = {key: None}
    for name, (answer, _) in parts(answered(CLEAR, **changes)).items():
        assert answer is not Answer.NO, name


@given(SOME_FACTS)
def test_every_rule_is_accounted_for_once(facts: Facts) -> None:
    found = answered(facts)
    seen = [step.rule.id for step in found.steps] + [rule.id for rule, _ in found.not_applied]
    assert sorted(seen) == sorted(rule_book().rules)


@given(SOME_FACTS)
def test_other_courts_have_no_part_in_the_three_answers(facts: Facts) -> None:
    for _, rules in parts(answered(facts)).values():
        assert not any(rule_book().rules[rule].bears_on is BearsOn.ELSEWHERE for rule in rules)
