"""The shipped law: complete, resolved, and honest about what it rests on."""

from __future__ import annotations

import re
from collections import Counter

import yaml

from muniment.law.rules import BearsOn, rule_book
from muniment.law.sources import sources
from muniment.law.statute import Conflict, CrimeUnderMode, Kind, ProvedPer
from muniment.law.taxonomy import taxonomy
from tests.library.law.samples import DATA


def test_the_counts_are_those_of_the_statute() -> None:
    law = taxonomy()
    per_family = Counter(crime.family for crime in law.crimes.values())
    assert per_family == {
        "genocide": 5,
        "crimes_against_humanity": 16,
        "war_crimes_8_2_a": 11,
        "war_crimes_8_2_b": 38,
        "war_crimes_8_2_c": 7,
        "war_crimes_8_2_e": 25,
        "aggression": 1,
    }
    assert len(law.modes) == 12
    assert len(law.grounds) == 9
    assert len(law.standards) == 8
    assert len(law.aggression_acts) == 7
    assert len(law.offences_against_justice) == 6
    assert len(rule_book().rules) == 43


def test_every_id_is_unique_and_every_reference_leads_somewhere() -> None:
    # Read with PyYAML itself, not with our reader.
    raw = yaml.safe_load((DATA / "rome_statute.yaml").read_text(encoding="utf-8"))
    owners = [
        record
        for key in (
            "families",
            "contexts",
            "aggression_acts",
            "crimes",
            "modes_of_liability",
            "defences",
            "standards_of_proof",
            "offences_against_justice",
        )
        for record in raw[key]
    ]
    elements = [element for owner in owners for element in owner.get("elements", [])]
    ids = [record["id"] for record in owners + elements]
    assert [id_ for id_, times in Counter(ids).items() if times > 1] == []
    for crime in raw["crimes"]:
        assert {crime["family"], *crime.get("twins", [])} <= set(ids)
        assert crime.get("context", "ctx_iac") in ids
    for element in elements:
        assert set(element.get("covers", [])) <= set(ids)
        assert element["proved_per"] in raw["meta"]["proved_per"]
        assert element["kind"] in raw["meta"]["kinds"]
    law = taxonomy()
    assert {element["id"] for element in elements} == {
        law.element(element["id"]).id for element in elements
    }


def test_the_kind_threshold_is_used_for_what_is_no_element() -> None:
    law = taxonomy()
    thresholds = {
        element.id
        for context in law.contexts.values()
        for element in context.elements
        if element.kind is Kind.THRESHOLD
    }
    assert thresholds == {"ctx_niac_c.4", "ctx_niac_e.4"}


def test_should_have_known_stands_only_where_the_statute_allows_it() -> None:
    law = taxonomy()
    lenient = {
        element.id
        for block in (
            *(crime.elements for crime in law.crimes.values()),
            *(mode.elements for mode in law.modes.values()),
        )
        for element in block
        if re.search(r"should have known|ought to have known", element.text)
    }
    assert lenient == {
        "rs_6_e.e6",
        "rs_8_2_b_xxvi.e3",
        "rs_8_2_e_vii.e3",
        "rs_8_2_b_vii_1.e3",
        "rs_8_2_b_vii_2.e3",
        "rs_8_2_b_vii_4.e3",
        "m_28_a.e5",
    }


def test_every_mental_element_of_a_crime_says_what_it_covers() -> None:
    raw = yaml.safe_load((DATA / "rome_statute.yaml").read_text(encoding="utf-8"))
    silent = [
        element["id"]
        for crime in raw["crimes"]
        for element in crime["elements"]
        if element["kind"] == "mental" and "covers" not in element
    ]
    assert silent == []


def test_some_modes_punish_without_a_completed_crime() -> None:
    odd = {
        mode.id: mode.crime
        for mode in taxonomy().modes.values()
        if mode.crime is not CrimeUnderMode.OCCURRED
    }
    assert odd == {
        "m_25_3_b_order": CrimeUnderMode.OR_ATTEMPTED,
        "m_25_3_b_solicit": CrimeUnderMode.OR_ATTEMPTED,
        "m_25_3_c": CrimeUnderMode.OR_ATTEMPTED,
        "m_25_3_d": CrimeUnderMode.OR_ATTEMPTED,
        "m_25_3_e": CrimeUnderMode.NEED_NOT_OCCUR,
        "m_25_3_f": CrimeUnderMode.NOT_COMPLETED,
    }


def test_control_over_forces_is_proved_at_each_incident() -> None:
    # Art. 28: control over the forces that committed the crime charged.
    for id_ in ("m_28_a.e2", "m_28_a.e3", "m_28_b.e1", "m_28_b.e2", "m_28_b.e3", "m_28_b.e6"):
        assert taxonomy().element(id_).proved_per is ProvedPer.PERSON_INCIDENT


def test_crimes_are_looked_up_by_family_and_by_twin() -> None:
    law = taxonomy()
    assert [crime.id for crime in law.in_family("genocide")] == [
        f"rs_6_{letter}" for letter in "abcde"
    ]
    twins = law.twins(law.crime("rs_8_2_c_i_1"))
    assert [(twin.id, twin.conflict) for twin in twins] == [
        ("rs_8_2_a_i", Conflict.IAC),
        ("rs_8_2_b_vi", Conflict.IAC),
    ]
    assert law.twins(law.crime("rs_8_2_b_ii")) == ()


def test_a_source_was_opened_and_everything_else_is_unchecked() -> None:
    assert {id_: (one.read, len(one.sha256)) for id_, one in sources().items()} == {
        "eoc2011": ("2026-11-21", 64),
        "statute2022": ("2026-11-21", 64),
        "statute2014": ("2026-11-21", 64),
    }
    law = taxonomy()
    assert Counter(crime.basis.checked for crime in law.crimes.values()) == {True: 95, False: 8}
    assert law.crime("rs_8_2_e_xix").basis.words == "unchecked: from expert memory"
    assert law.counterparts_basis.words.startswith("unchecked")
    for basis in (
        *(crime.basis for crime in law.crimes.values()),
        *(rule.basis for rule in rule_book().rules.values()),
        *(fact.basis for facts in rule_book().states.facts.values() for fact in facts),
    ):
        assert basis.checked == (basis.value in sources())
        assert basis.words.startswith("checked against" if basis.checked else "unchecked: ")
        if basis.source is not None:
            assert "not the Court's own file" in basis.words


def test_no_fact_about_a_state_is_checked_yet() -> None:
    facts = [fact for facts in rule_book().states.facts.values() for fact in facts]
    assert facts
    assert not any(fact.basis.checked for fact in facts)


def test_a_received_basis_in_free_words_was_split() -> None:
    for name in ("rome_statute.yaml", "jurisdiction_rules.yaml"):
        raw = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
        words = set(raw["meta"]["basis_values"]) | set(sources())
        found = re.findall(
            r"^ *(?:note_)?basis: (.+)$", (DATA / name).read_text("utf-8"), re.MULTILINE
        )
        assert set(found) <= words


def test_every_correction_names_its_article() -> None:
    named = re.compile(
        r"Art\.|EoC|Elements|note \d+|rule|J\d\d|received|Rule|valid_to|date|version"
    )
    for name in ("rome_statute.yaml", "jurisdiction_rules.yaml"):
        lines = (DATA / name).read_text(encoding="utf-8").splitlines()
        remarks = [line for line in lines if re.match(r"\s*# (corrected|added):", line)]
        assert len(remarks) > 10, name
        assert [line for line in remarks if "corrected" in line and not named.search(line)] == []


def test_rules_stand_in_the_order_of_their_numbers_and_bear_on_one_answer() -> None:
    book = rule_book()
    assert list(book.rules) == sorted(book.rules)
    assert {rule.bears_on for rule in book.rules.values()} == set(BearsOn)
    assert all(book.rules[id_].bears_on is BearsOn.ELSEWHERE for id_ in ("J50", "J53", "J60"))


def test_the_version_names_the_bytes() -> None:
    import hashlib

    data = (DATA / "rome_statute.yaml").read_bytes()
    assert taxonomy().version_id == f"1.2+{hashlib.sha256(data).hexdigest()[:12]}"
