"""A file of the law with a fault is refused in a sentence that names file, id and key."""

from __future__ import annotations

import re

import pytest

from muniment.errors import InvalidInput
from muniment.law.rules import read_rules
from muniment.law.sources import read_sources, sources
from muniment.law.taxonomy import taxonomy
from muniment.law.taxonomy_file import read_taxonomy
from tests.library.law.samples import DATA

CRIMES = (DATA / "rome_statute.yaml").read_text(encoding="utf-8")
RULES = (DATA / "jurisdiction_rules.yaml").read_text(encoding="utf-8")
SOURCES = (DATA / "sources.yaml").read_text(encoding="utf-8")


def mutated(text: str, old: str, new: str) -> bytes:
    """The file with the first occurrence of a piece replaced; the piece must be there."""
    assert old in text, old
    return text.replace(old, new, 1).encode()


CRIME_FAULTS = [
    # id, key or element, what is replaced, by what, what the sentence must name
    ("- id: rs_6_b\n", "- id: rs_6_a\n", ["rs_6_a", "`id`", "used twice"]),
    ("{id: rs_6_a.e2,", "{id: rs_6_a.e1,", ["elements rs_6_a.e1", "`id`", "used twice"]),
    ("{id: rs_6_a.e2,", "{id: rs_6_a.e7,", ["crimes rs_6_a", "`elements`", "rs_6_a.e2 belongs"]),
    ("  family: genocide\n", "  family: genocyde\n", ["rs_6_a", "`family`", "genocyde"]),
    ("  context: ctx_gen\n", "  context: ctx_none\n", ["rs_6_a", "`context`", "ctx_none"]),
    ("  conflict: any\n", "  conflict: some\n", ["rs_6_a", "`conflict`", "'some'"]),
    ("twins: [rs_8_2_c_i_1]", "twins: [rs_9]", ["rs_8_2_a_i", "`twins`", "rs_9"]),
    ("twins: [rs_8_2_c_i_1]", "twins: [rs_8_2_c_i_2]", ["rs_8_2_a_i", "`twins`", "name it back"]),
    ("  label: Murder\n", "", ["rs_7_1_a", "`label`", "missing"]),
    ("  label: Murder\n", "  label: ''\n", ["rs_7_1_a", "`label`", "empty"]),
    ("  label: Murder\n", "  label: [a]\n", ["rs_7_1_a", "`label`", "text"]),
    ("  label: Murder\n", "  label: Murder\n  lable: x\n", ["rs_7_1_a", "`lable`", "known key"]),
    (
        "  basis: eoc2011\n  elements:\n  - {id: rs_6_a.",
        "  basis: eoc2012\n  elements:\n  - {id: rs_6_a.",
        ["rs_6_a", "`basis`", "eoc2012"],
    ),
    ("proved_per: incident}", "proved_per: place}", ["`proved_per`", "'place'"]),
    (
        "kind: conduct, text: 'Perpetrator killed",
        "kind: act, text: 'Perpetrator killed",
        ["rs_6_a.e1", "`kind`", "'act'"],
    ),
    ("covers: [rs_6_e.e5]", "covers: [rs_6_e.e9]", ["rs_6_e", "rs_6_e.e6 covers rs_6_e.e9"]),
    ("covers: [rs_6_e.e5]", "covers: [rs_6_e.e3]", ["rs_6_e", "which is mental"]),
    ("covers: [rs_7_1_i.e2]", "covers: [rs_7_1_i.e5]", ["rs_7_1_i", "another branch"]),
    (
        "covers: [rs_8_2_e_xii.e2, rs_8_2_e_xii.e3]",
        "covers: [rs_8_2_e_xii.e2, rs_8_2_e_xii.e2]",
        ["rs_8_2_e_xii", "covered twice"],
    ),
    ("alt: i,", "alt: ii,", ["m_25_3_d", "one branch only"]),
    ("only_for: [genocide]", "only_for: [genocides]", ["m_25_3_e", "`only_for`", "genocides"]),
    ("accessory: sui_generis", "accessory: maybe", ["m_28_a", "`accessory`", "'maybe'"]),
    ("crime: not_completed", "crime: half", ["m_25_3_f", "`crime`", "'half'"]),
    ("  amendment: RC/Res.6 (2010)\n", "", ["rs_8_bis", "`amendment`"]),
    (
        "  conflict_needed: true\n  conflict: IAC\n  note:",
        "  conflict_needed: true\n  note:",
        ["families war_crimes_8_2_a", "`conflict`"],
    ),
    (
        "  conflict_needed: false\n",
        "  conflict_needed: perhaps\n",
        ["genocide", "`conflict_needed`", "'perhaps'"],
    ),
    (
        "  family: war_crimes_8_2_a\n  conflict: IAC",
        "  family: war_crimes_8_2_a\n  conflict: NIAC",
        ["rs_8_2_a_i", "`conflict`"],
    ),
    (
        "default_mental: not_needed",
        "default_mental: never",
        ["rs_7_1_h.e4", "`default_mental`", "'never'"],
    ),
    ("default_mental: not_needed", "covers: []", ["rs_7_1_h.e4", "`covers`"]),
    ("  note_basis: statute2022\n", "  note_basis: nowhere\n", ["`note_basis`", "nowhere"]),
    ("  version: '1.2'\n", "", ["meta", "`version`", "missing"]),
    (
        "    memory: from expert memory\n",
        "    eoc2011: x\n    memory: from expert memory\n",
        ["basis_values", "`eoc2011`", "source as well"],
    ),
    (
        "    threshold: applicability limit, not an element\n",
        "",
        ["kinds", "`threshold`", "missing"],
    ),
    ("defences:\n", "defenses:\n", ["`defences`"]),
    (
        "- id: ctx_gen\n  basis: eoc2011\n  elements:\n",
        "- id: ctx_gen\n  basis: eoc2011\n  parts:\n",
        ["ctx_gen", "`elements`", "empty"],
    ),
]
RULE_FAULTS = [
    ("- id: J02\n", "- id: J01\n", ["rules J01", "`id`", "used twice"]),
    ("- id: J60\n", "- id: J61\n", ["`rules`", "J60, J61"]),
    ("  then: precondition_met\n", "  then: maybe\n", ["J05", "`then`", "'maybe'"]),
    (
        "    before_vote: needs_step\n",
        "    before_vote: later\n",
        ["J08: cases", "`before_vote`", "'later'"],
    ),
    ("  bears_on: arrest\n", "  bears_on: weather\n", ["J42", "`bears_on`", "'weather'"]),
    ("  why: personal\n", "", ["J04", "`why`", "missing"]),
    ("- conflict_type\n", "- conflict_kind\n", ["`inputs`", "conflict_kind, conflict_type"]),
    ("- as_of\n", "- asof\n", ["`settings`"]),
    ("  - precondition_met\n", "", ["meta", "`outcomes`"]),
    ("families: [aggression]", "families: [agression]", ["forums: J60", "`families`", "agression"]),
    (
        "    valid_from: '2025-01-01'\n    valid_to: null\n    deposited",
        "    valid_to: null\n    deposited",
        ["facts party", "`valid_from`", "missing"],
    ),
    (
        "    valid_to: '2014-02-22'",
        "    valid_to: '2012-02-22'",
        ["facts art_12_3", "`valid_to`", "before valid_from"],
    ),
    (
        "    valid_to: '2014-02-22'",
        "    valid_to: 2014-02-30",
        ["facts art_12_3", "`valid_to`", "2014-02-30"],
    ),
    ("    covers: [nationals]\n", "", ["facts art_124", "`covers`", "missing"]),
    (
        "    covers: [nationals]\n",
        "    covers: [soldiers]\n",
        ["facts art_124", "`covers`", "'soldiers'"],
    ),
    (
        "    families: [crimes_against_humanity]\n",
        "    families: [crimes]\n",
        ["facts art_12_3", "`families`", "'crimes'"],
    ),
    ("    effective: '2026-06-02'\n", "", ["facts withdrawal_notified", "`effective`", "missing"]),
    ("- state: RU\n", "- state: UA\n", ["states UA", "`state`", "listed twice"]),
    ("- state: RU\n", "- state: ru\n", ["states ru", "`state`", "'ru'"]),
    ("    value: false\n", "    value: 0\n", ["facts party", "`value`", "0"]),
    ("    number: 125\n", "    number: many\n", ["facts party", "`number`", "'many'"]),
    ("  as_of: 2026-11\n", "", ["meta", "`as_of`", "missing"]),
    ("- kind: signed\n", "- kind: signd\n", ["facts signd", "`kind`", "'signd'"]),
]
SOURCE_FAULTS = [
    ("  sha256: c95dd6d8", "  sha256: C95DD6D8", ["sources eoc2011", "`sha256`"]),
    ("  read: '2026-11-21'\n", "", ["sources eoc2011", "`read`", "missing"]),
    ("  read: '2026-11-21'\n", "  read: 2026-11\n", ["sources eoc2011", "`read`", "not a day"]),
    ("  address: https://", "  address: http://", ["sources eoc2011", "`address`"]),
    ("- id: statute2022", "- id: eoc2011", ["sources eoc2011", "`id`", "used twice"]),
    ("sources:\n", "texts:\n", ["`texts`", "known key"]),
]


def sentence_of(caught: pytest.ExceptionInfo[Exception], file: str) -> str:
    """The sentence, after checking its shape: one line that begins with the file."""
    assert isinstance(caught.value, InvalidInput)
    sentence = str(caught.value)
    assert re.match(rf"{re.escape(file)}: .+\.\Z", sentence), sentence
    assert caught.value.code == "law.data"
    assert caught.value.hint
    return sentence


@pytest.mark.parametrize(("old", "new", "named"), CRIME_FAULTS)
def test_a_faulty_file_of_crimes_is_refused(old: str, new: str, named: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_taxonomy(mutated(CRIMES, old, new), sources())
    sentence = sentence_of(caught, "rome_statute.yaml")
    assert [word for word in named if word not in sentence] == [], sentence


@pytest.mark.parametrize(("old", "new", "named"), RULE_FAULTS)
def test_a_faulty_file_of_rules_is_refused(old: str, new: str, named: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_rules(mutated(RULES, old, new), sources(), taxonomy())
    sentence = sentence_of(caught, "jurisdiction_rules.yaml")
    assert [word for word in named if word not in sentence] == [], sentence


@pytest.mark.parametrize(("old", "new", "named"), SOURCE_FAULTS)
def test_a_faulty_file_of_sources_is_refused(old: str, new: str, named: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_sources(mutated(SOURCES, old, new))
    sentence = sentence_of(caught, "sources.yaml")
    assert [word for word in named if word not in sentence] == [], sentence


def test_the_files_without_a_fault_are_read() -> None:
    read = read_sources(SOURCES.encode())
    law = read_taxonomy(CRIMES.encode(), read)
    assert len(read_rules(RULES.encode(), read, law).rules) == 43


def test_a_source_that_is_taken_away_takes_its_word_with_it() -> None:
    # A basis may not go on naming a source that is no longer listed.
    without = SOURCES[: SOURCES.index("- id: statute2022")]
    with pytest.raises(InvalidInput, match="statute2022"):
        read_taxonomy(CRIMES.encode(), read_sources(without.encode()))
