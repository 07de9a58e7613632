"""Every rule applies on facts that meet it, does not on facts that do not, and is open without.

The table holds for each rule: the facts that make it apply and its outcome then, the facts on which
it does not apply, and where a missing fact leaves it open, the facts that lack one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from muniment.law.facts import INPUTS
from muniment.law.predicates.table import PREDICATES
from muniment.law.rules import rule_book
from tests.library.law.samples import AGGRESSION, CLEAR, PARTIES, answered, proceeding, steps

if TYPE_CHECKING:
    from collections.abc import Mapping

Facts = dict[str, object]


def clear(**changes: object) -> Facts:
    """A case in which nothing stands in the way, changed."""
    return {**CLEAR, **changes}


def war(**changes: object) -> Facts:
    """The case of aggression between Parties, changed."""
    return {**AGGRESSION, **changes}


def tried(**changes: object) -> Facts:
    """A case with domestic proceedings."""
    return clear(domestic_proceedings=[proceeding(**changes)])


def state(code: str, *facts: Mapping[str, object]) -> Facts:
    """Facts about a State of the author's own."""
    return {"state": code, "facts": list(facts)}


PARTY = {"kind": "party", "valid_from": "2003-01-01"}
POISON = "rs_8_2_e_xiii"
AMENDED = "RC/Res.5 (2010)"
OPT_IN = {"kind": "amendment", "amendment": AMENDED, "valid_from": "2015-01-01"}


def poison(*facts: Mapping[str, object], **changes: object) -> Facts:
    """A crime that came by amendment, on the territory and by a national of an invented Party."""
    return clear(
        crime_id=POISON,
        conflict_type="NIAC",
        place_states=["XA"],
        suspect_nationalities=["XA"],
        states=[state("XA", *facts)],
        **changes,
    )


BOTH_OUT = {"place_states": ["RU"], "suspect_nationalities": ["RU"]}
WITHDRAWN = [state("XA", PARTY, {"kind": "withdrawn", "effective": "2020-01-01"})]
FINAL = {"stage": "final", "outcome": "convicted"}

# rule: (applies, outcome then, does not apply, cannot be told or None where nothing can be missing)
TABLE: Mapping[str, tuple[Facts, str, Facts, Facts | None]] = {
    "J01": (clear(crime_id="none"), "no", clear(), clear(crime_id=None)),
    "J02": (
        clear(conduct_from="2002-06-01", conduct_to="2002-06-30"),
        "no",
        clear(conduct_from="2002-07-01", conduct_to="2002-07-01"),
        clear(conduct_from="2002-06-30", conduct_to="2002-07-01"),
    ),
    "J03": (
        clear(conduct_from="2010-01-01", conduct_to="2010-01-02"),
        "no",
        clear(),
        clear(place_states=None),
    ),
    "J04": (
        clear(suspect_age_at_conduct=17),
        "no",
        clear(suspect_age_at_conduct=18),
        clear(suspect_age_at_conduct=None),
    ),
    "J05": (clear(), "precondition_met", clear(place_states=["RU"]), clear(place_states=["XQ"])),
    "J06": (
        clear(suspect_nationalities=["GB"]),
        "precondition_met",
        clear(),
        clear(suspect_nationalities=None),
    ),
    "J07": (clear(trigger="unsc_referral", referring_states=None), "trigger_met", clear(), None),
    "J08": (clear(unsc_vote="failed", **BOTH_OUT), "no", clear(), clear(place_states=["XQ"])),
    "J09": (clear(), "trigger_met", clear(referring_states=["RU"]), clear(referring_states=["XQ"])),
    "J10": (
        clear(trigger="proprio_motu", referring_states=None),
        "needs_step",
        clear(),
        clear(trigger=None),
    ),
    "J11": (
        clear(trigger="none", referring_states=None),
        "needs_step",
        clear(trigger="none", referring_states=None, place_states=["GB"]),
        clear(trigger="none", referring_states=None, place_states=["XQ"]),
    ),
    "J12": (
        clear(unsc_deferral={"from": "2026-05-01"}, as_of="2027-04-30"),
        "stay",
        clear(unsc_deferral={"from": "2026-05-01"}, as_of="2027-05-01"),
        None,
    ),
    "J13": (
        poison(PARTY, {**OPT_IN, "value": False}),
        "no",
        poison(PARTY, OPT_IN),
        poison(PARTY),
    ),
    "J14": (
        clear(conduct_from="2025-06", conduct_to="2025-06", suspect_nationalities=["UA"]),
        "contested",
        clear(suspect_nationalities=["UA"]),
        clear(conduct_from="2024-12-31", conduct_to="2025-01-01", suspect_nationalities=["UA"]),
    ),
    "J15": (
        clear(),
        "info",
        clear(place_states=["GB"]),
        clear(place_states=None),
    ),
    "J16": (clear(within_definition=False), "no", clear(within_definition=True), None),
    "J17": (
        clear(place_states=["XA"], states=WITHDRAWN),
        "no",
        clear(
            place_states=["XA"],
            states=WITHDRAWN,
            conduct_from="2019-12-31",
            conduct_to="2019-12-31",
        ),
        clear(place_states=["HU"], conduct_from="2026-06-02", conduct_to="2026-06-02"),
    ),
    "J20": (
        war(conduct_from="2018-07-16", conduct_to="2018-07-16"),
        "no",
        war(conduct_from="2018-07-17", conduct_to="2018-07-17"),
        war(conduct_from="2018-07-16", conduct_to="2018-07-17"),
    ),
    "J21": (
        war(suspect_nationalities=["RU"]),
        "no",
        war(),
        war(suspect_nationalities=["XQ"]),
    ),
    "J22": (
        war(states=[PARTIES[0], state("XB", PARTY, {"kind": "amendments_8bis", "value": False})]),
        "contested",
        war(),
        war(states=[PARTIES[0], state("XB", PARTY)]),
    ),
    "J23": (
        war(unsc_aggression_determination=False),
        "needs_step",
        war(),
        war(unsc_aggression_determination=None),
    ),
    "J24": (
        war(trigger="unsc_referral", referring_states=None),
        "precondition_met",
        war(),
        war(trigger=None),
    ),
    "J25": (
        war(suspect_directs_state=False),
        "no",
        war(),
        war(suspect_directs_state=None),
    ),
    "J30": (tried(), "inadmissible", tried(same_person=False), tried(concerns=None)),
    "J31": (
        tried(stage="final", outcome="not_prosecuted"),
        "inadmissible",
        tried(),
        tried(outcome=None),
    ),
    "J32": (tried(**FINAL), "inadmissible", tried(), tried(stage="final", outcome=None)),
    "J33": (
        clear(gravity={"sufficient": False}),
        "inadmissible",
        clear(),
        clear(gravity={"scale": "a ward of forty beds"}),
    ),
    "J34": (tried(concerns=["shielding"]), "admissible", tried(), tried(concerns=None)),
    "J35": (tried(concerns=["unable"]), "admissible", tried(), tried(concerns=None)),
    "J36": (clear(), "admissible", tried(), clear(domestic_proceedings=None)),
    "J37": (clear(interests_of_justice_against=True), "discretion", clear(), None),
    "J38": (
        clear(art_18_request={"state": "UA"}),
        "stay",
        clear(art_18_request={"state": "UA", "authorised": True}),
        None,
    ),
    "J39": (
        clear(challenge={"by": "the accused", "about": "jurisdiction"}),
        "needs_step",
        clear(),
        None,
    ),
    "J40": (
        clear(),
        "info",
        clear(as_of="2022-03-09"),
        clear(conduct_from=None, conduct_to=None),
    ),
    "J41": (clear(suspect_office="colonel"), "info", clear(), clear(suspect_office=None)),
    "J42": (clear(immunity_plea={"state": "GB"}), "info", clear(), None),
    "J43": (
        clear(suspect_before_court=False),
        "needs_step",
        clear(),
        clear(suspect_before_court=None),
    ),
    "J44": (clear(court_already_tried=True), "no", clear(), None),
    "J50": (clear(forum="UA"), "needs_step", clear(), clear(forum=None)),
    "J51": (
        clear(forum="GB", suspect_residences=["GB"]),
        "needs_step",
        clear(forum="GB"),
        clear(forum="GB", suspect_residences=None),
    ),
    "J52": (
        clear(forum="GB", crime_id="rs_8_2_a_i"),
        "needs_step",
        clear(forum="GB"),
        clear(forum="GB", crime_id=None),
    ),
    "J53": (clear(forum="FI"), "needs_step", clear(), clear(forum="XQ")),
    "J60": (
        war(place_states=["UA"]),
        "needs_step",
        war(),
        war(place_states=None),
    ),
}
# What a rule says in a case that its own text sets apart.
CASES: Mapping[tuple[str, str], tuple[Facts, str]] = {
    ("J08", "before_vote"): (clear(**BOTH_OUT), "needs_step"),
    ("J10", "authorised"): (
        clear(trigger="proprio_motu", referring_states=None, prosecutor_authorised=True),
        "trigger_met",
    ),
    ("J13", "party_not_accepting"): (poison(PARTY, {**OPT_IN, "value": False}), "no"),
    ("J15", "outside_wording"): (clear(crime_id="rs_6_e", conflict_type=None), "contested"),
}


def test_the_table_holds_every_rule() -> None:
    assert set(TABLE) == set(PREDICATES) == set(rule_book().rules)
    assert {(id_, case) for id_, rule in rule_book().rules.items() for case in rule.cases} == set(
        CASES
    )


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_applies(rule: str) -> None:
    facts, outcome, _, _ = TABLE[rule]
    assert steps(answered(facts)).get(rule) == outcome


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_does_not_apply(rule: str) -> None:
    found = answered(TABLE[rule][2])
    assert rule not in steps(found)
    because = {one.id: said for one, said in found.not_applied}[rule]
    assert because


@pytest.mark.parametrize("rule", [rule for rule, row in TABLE.items() if row[3] is not None])
def test_a_rule_cannot_be_told(rule: str) -> None:
    facts = TABLE[rule][3]
    assert facts is not None
    found = answered(facts)
    assert steps(found)[rule] == "unknown"


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_a_rule_says_otherwise_in_its_own_case(rule: str, case: str) -> None:
    facts, outcome = CASES[rule, case]
    assert steps(answered(facts))[rule] == outcome == rule_book().rules[rule].cases[case].value


def test_every_rule_that_is_never_open_reads_only_what_is_raised() -> None:
    # A fact of the case that is missing leaves a rule open; an act that nobody raised does not.
    never_open = {rule for rule, row in TABLE.items() if row[3] is None} - {"J07"}
    raised = set(rule_book().raised_only)
    assert all(set(PREDICATES[rule].reads) <= raised for rule in never_open)


def test_predicates_read_inputs_that_exist_and_every_input_is_read() -> None:
    read = {name for one in PREDICATES.values() for name in one.reads}
    assert read <= set(INPUTS)
    assert set(INPUTS) - read == set()


@pytest.mark.parametrize("rule", TABLE)
def test_a_predicate_names_its_rule_and_its_article(rule: str) -> None:
    said = PREDICATES[rule].test.__doc__
    assert said is not None
    assert said.startswith(f"{rule}")


# Finer points, each of which a lawyer would look for.


def test_amended_crimes_of_non_parties_are_contested_not_excluded() -> None:
    outside = poison({"kind": "party", "value": False})
    assert steps(answered(outside))["J13"] == "contested"


def test_delay_does_not_reopen_a_trial_that_has_ended() -> None:
    # Art. 20(3) names shielding and partiality, not delay, and not inability.
    for concern in ("unjustified_delay", "unable"):
        found = steps(answered(tried(**FINAL, concerns=[concern])))
        assert found["J32"] == "inadmissible"
        assert "J34" not in found
        assert "J35" not in found
    for concern in ("shielding", "not_independent"):
        found = steps(answered(tried(**FINAL, concerns=[concern])))
        assert "J32" not in found
        assert found["J34"] == "admissible"


def test_a_conviction_under_appeal_is_still_a_prosecution() -> None:
    found = steps(answered(tried(stage="appeal", outcome="convicted")))
    assert found["J30"] == "inadmissible"
    assert "J32" not in found


def test_proceedings_against_others_say_nothing_of_this_case() -> None:
    found = steps(answered(tried(same_person=False, concerns=["shielding"])))
    assert not {"J30", "J31", "J32", "J34"} & set(found)


def test_gravity_is_never_read_off_its_description() -> None:
    described = clear(gravity={"scale": "none", "nature": "none", "manner": "x", "impact": "y"})
    assert steps(answered(described))["J33"] == "unknown"


def test_a_crime_of_another_conflict_type_leaves_the_subject_open_and_names_its_twin() -> None:
    found = answered(clear(conflict_type="NIAC"))
    assert steps(found)["J01"] == "unknown"
    (step,) = (step for step in found.steps if step.rule.id == "J01")
    assert "rs_8_2_e_iv" in step.because


def test_an_inoperative_crime_is_not_a_subject() -> None:
    assert steps(answered(clear(crime_id="rs_8_2_b_xx")))["J01"] == "unknown"


def test_a_declaration_for_nationals_does_not_cover_the_territory() -> None:
    # Art. 124 as Ukraine used it: Russian nationals on Ukrainian soil stay within jurisdiction.
    found = answered(clear(conduct_from="2025-06-01", conduct_to="2025-06-01"))
    assert "J14" not in steps(found)


def test_seven_years_after_joining_no_declaration_can_be_in_force() -> None:
    british = clear(suspect_nationalities=["GB"])
    assert "J14" not in steps(answered(british))
    early = clear(conduct_from="2009-01-01", conduct_to="2009-01-02", place_states=["GB"])
    assert steps(answered(early))["J14"] == "unknown"


def test_a_notified_withdrawal_leaves_membership_open_from_its_date() -> None:
    before = clear(place_states=["HU"], conduct_from="2026-06-01", conduct_to="2026-06-01")
    assert "J17" not in steps(answered(before))


def test_a_withdrawn_party_no_longer_links() -> None:
    found = steps(answered(clear(place_states=["XA"], states=WITHDRAWN)))
    assert found["J17"] == "no"
    assert "J05" not in found


def test_occupied_territory_stays_the_territory_of_its_state() -> None:
    assert steps(answered(clear(place_status="occupied")))["J05"] == "precondition_met"


def test_a_predicate_sees_only_what_it_declares_to_read() -> None:
    from dataclasses import replace

    from muniment.law.facts import CaseFacts
    from muniment.law.findings import Applies, Case, Predicate
    from muniment.law.taxonomy import taxonomy

    book = rule_book()
    case = Case(
        CaseFacts(crime_id="rs_6_a", unsc_vote="failed"),
        taxonomy(),
        book.states,
        book.forums,
        book.as_of,
    )
    peek = Predicate(("unsc_vote",), lambda seen: Applies(str(seen.facts.crime_id)))
    assert peek.evaluate(case) == Applies("None")
    assert peek.evaluate(replace(case, facts=CaseFacts())) == Applies("None")


def test_the_registration_of_a_ship_is_its_territory() -> None:
    found = answered(clear(place_status="ship", place_states=["GB"]))
    (step,) = (step for step in found.steps if step.rule.id == "J05")
    assert "ship registered in GB" in step.because


def test_a_recorded_referral_shows_that_the_state_is_a_party() -> None:
    assert steps(answered(clear(referring_states=["LT"])))["J09"] == "trigger_met"
    assert steps(answered(clear(referring_states=["DE"])))["J09"] == "unknown"
