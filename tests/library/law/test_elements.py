"""What has to be proved for a charge: every row, one subject each, and no way between incidents."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import InvalidInput, NotFound
from muniment.law.elements import (
    About,
    Charge,
    Group,
    Matrix,
    Needed,
    RowKey,
    default_mental,
    matrix,
)
from muniment.law.statute import Kind, ProvedPer
from muniment.law.taxonomy import taxonomy

LAW = taxonomy()
MODES = tuple(LAW.modes)
CRIMES = tuple(crime for crime in LAW.crimes if not crime.startswith("rs_8_bis"))


def of(crime: str, mode: str = "m_25_3_a_direct", *incidents: str, person: str = "P") -> Matrix:
    """The matrix of a charge in situation S."""
    return matrix(Charge(crime, mode, "S", incidents or ("I1",), person), LAW)


def keys(found: Matrix, group: Group) -> list[str]:
    """The keys of the rows of one group, as text."""
    return [str(row.key) for row in found.rows if row.group is group]


def test_a_charge_has_context_crime_default_and_mode() -> None:
    found = of("rs_8_2_b_ix", "m_25_3_b_order", "I1", "I2")
    assert keys(found, Group.CONTEXT) == [
        "ctx_iac.1 situation=S",
        "ctx_iac.2 incident=I1",
        "ctx_iac.2 incident=I2",
        "ctx_iac.3 incident=I1 person=P of=those_who_carried_it_out",
        "ctx_iac.3 incident=I2 person=P of=those_who_carried_it_out",
    ]
    assert keys(found, Group.CRIME) == [
        "rs_8_2_b_ix.e1 incident=I1",
        "rs_8_2_b_ix.e1 incident=I2",
        "rs_8_2_b_ix.e2 incident=I1",
        "rs_8_2_b_ix.e2 incident=I2",
        "rs_8_2_b_ix.e3 incident=I1 person=P of=those_who_carried_it_out",
        "rs_8_2_b_ix.e3 incident=I2 person=P of=those_who_carried_it_out",
    ]
    # e3 is the intent as to e2, so that Art. 30 is asked for e1 alone.
    assert keys(found, Group.ART_30) == [
        "rs_8_2_b_ix.e1.art30 incident=I1 person=P of=those_who_carried_it_out",
        "rs_8_2_b_ix.e1.art30 incident=I2 person=P of=those_who_carried_it_out",
    ]
    assert keys(found, Group.MODE) == [
        f"m_25_3_b_order.e{n} incident=I{i} person=P" for n in (1, 2, 3, 4) for i in (1, 2)
    ]
    assert found.version_id == LAW.version_id


def test_a_direct_perpetrator_is_the_one_charged() -> None:
    found = of("rs_8_2_b_ix")
    assert {row.about for row in found.rows} == {About.NOBODY, About.CHARGED}
    assert "ctx_iac.3 situation=S person=P" in keys(found, Group.CONTEXT)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "m_25_3_a_direct"])
def test_otherwise_the_crime_is_about_those_who_carried_it_out(mode: str) -> None:
    crime = "rs_6_a" if mode == "m_25_3_e" else "rs_8_2_b_ix"
    for row in of(crime, mode).rows:
        if row.group is Group.MODE:
            assert row.about is About.CHARGED
        elif row.key.person:
            assert row.about is About.CARRIED_OUT
        else:
            assert row.about is About.NOBODY


def test_alternative_modes_do_not_share_a_mind() -> None:
    # The same suspect, crime and incident, charged as perpetrator and as the one who ordered it.
    direct = {row.key for row in of("rs_8_2_b_ix").rows if row.key.person}
    ordered = {row.key for row in of("rs_8_2_b_ix", "m_25_3_b_order").rows if row.key.person}
    assert direct & ordered == set()


def art_30(crime: str) -> list[str]:
    """The elements for which the default mental element is asked."""
    return [one.covers[0].rsplit(".", 1)[1] for one in default_mental(LAW.crime(crime), LAW)]


@pytest.mark.parametrize(
    ("crime", "asked"),
    [
        # Read beside the Elements of Crimes: what has no mental element of its own there.
        ("rs_6_a", ["e1", "e2"]),
        ("rs_6_e", ["e1", "e2", "e4"]),  # not e5: "knew or should have known" replaces knowledge
        ("rs_7_1_a", ["e1"]),
        ("rs_7_1_d", ["e1"]),
        ("rs_7_1_h", ["e1"]),  # not e4: EoC note 22
        ("rs_7_1_i", ["e1", "e4", "e7", "e8"]),
        ("rs_8_2_a_ii_1", ["e1"]),
        ("rs_8_2_b_iv", ["e1"]),
        ("rs_8_2_b_v", ["e1", "e2", "e3"]),
        ("rs_8_2_b_vii_1", ["e1"]),
        ("rs_8_2_b_viii", ["e1", "e2", "e3"]),
        ("rs_8_2_b_xiii", ["e1", "e5"]),
        ("rs_8_2_b_xxvi", ["e1"]),
        ("rs_8_2_c_iv", ["e1"]),
        ("rs_8_bis", ["e1", "e2"]),
    ],
)
def test_art_30_stands_in_where_no_mental_element_is_listed(crime: str, asked: list[str]) -> None:
    assert art_30(crime) == asked


def test_art_30_is_never_asked_of_a_context_or_of_what_a_mental_element_covers() -> None:
    for crime in LAW.crimes.values():
        covered = {other for element in crime.elements for other in element.covers}
        for one in default_mental(crime, LAW):
            assert one.kind is Kind.MENTAL
            assert one.covers[0] not in covered
            assert LAW.element(one.covers[0]).kind in (
                Kind.CONDUCT,
                Kind.CONSEQUENCE,
                Kind.CIRCUMSTANCE,
            )


def test_the_default_row_quotes_what_it_is_about_and_is_no_better_checked() -> None:
    (one,) = (row for row in default_mental(LAW.crime("rs_8_2_b_ix"), LAW))
    assert "“Perpetrator directed an attack”" in one.text
    assert "meant to do it" in one.text
    assert "ordinary course" in one.text
    assert one.citation == "Art. 30; EoC general intro para 2"
    assert one.basis.checked
    assert not any(one.basis.checked for one in default_mental(LAW.crime("rs_8_2_b_xx"), LAW))


def test_a_circumstance_needs_knowledge_and_no_judgement_of_value() -> None:
    (one,) = (
        one
        for one in default_mental(LAW.crime("rs_8_2_b_xxi"), LAW)
        if one.covers == ("rs_8_2_b_xxi.e2",)
    )
    assert one.text.startswith("Perpetrator knew it existed: “")
    assert one.note is not None
    assert "need not have made that judgement" in one.note.text


def test_incitement_needs_no_crime_and_an_attempt_no_complete_one() -> None:
    incited = of("rs_6_a", "m_25_3_e")
    assert {row.needed for row in incited.rows if row.group is not Group.MODE} == {
        Needed.NOT_NEEDED
    }
    assert {row.needed for row in incited.rows if row.group is Group.MODE} == {Needed.ALWAYS}
    attempted = of("rs_7_1_a", "m_25_3_f")
    for row in attempted.rows:
        material = row.group is Group.CRIME and row.element.kind is not Kind.MENTAL
        assert row.needed is (Needed.MAY_BE_INCOMPLETE if material else Needed.ALWAYS)
    assert any("not completed" in caution for caution in attempted.cautions)


def test_incitement_is_for_genocide_only() -> None:
    with pytest.raises(InvalidInput, match="for Genocide only"):
        of("rs_7_1_a", "m_25_3_e")


def test_aggression_needs_no_incident_and_says_who_can_commit_it() -> None:
    found = matrix(Charge("rs_8_bis", "m_25_3_a_direct", "S", (), "P"), LAW)
    assert keys(found, Group.CRIME) == [
        "rs_8_bis.e1 situation=S person=P",
        "rs_8_bis.e2 situation=S person=P",
        "rs_8_bis.e3 situation=S",
        "rs_8_bis.e4 situation=S person=P",
        "rs_8_bis.e5 situation=S",
        "rs_8_bis.e6 situation=S person=P",
    ]
    assert any("25(3 bis)" in caution for caution in found.cautions)


def test_a_caution_stands_at_what_a_lawyer_must_not_overlook() -> None:
    assert any("inoperative" in said for said in of("rs_8_2_b_xx").cautions)
    assert any("J13" in said for said in of("rs_8_2_e_xiii").cautions)
    assert any("unchecked: from expert memory" in said for said in of("rs_8_2_e_xix").cautions)
    assert any("attempt" in said for said in of("rs_8_2_b_ix", "m_25_3_b_order").cautions)
    assert of("rs_8_2_b_ix", "m_28_a").cautions == ()


@pytest.mark.parametrize(
    "charge",
    [
        Charge("rs_7_1_a", "m_28_a", "S", (), "P"),
        Charge("rs_7_1_a", "m_28_a", "S", ("I1", "I1"), "P"),
        Charge("rs_7_1_a", "m_28_a", "S", ("",), "P"),
        Charge("rs_7_1_a", "m_28_a", "", ("I1",), "P"),
        Charge("rs_7_1_a", "m_28_a", "S", ("I1",), ""),
    ],
)
def test_a_charge_without_its_subjects_is_refused(charge: Charge) -> None:
    with pytest.raises(InvalidInput):
        matrix(charge, LAW)


def test_an_unknown_crime_or_mode_names_the_nearest() -> None:
    with pytest.raises(NotFound) as caught:
        of("rs_8_2_b_ixx")
    assert "rs_8_2_b_ix" in caught.value.hint
    with pytest.raises(NotFound):
        of("rs_8_2_b_ix", "m_28_c")


@given(
    st.sampled_from(CRIMES),
    st.sampled_from([mode for mode in MODES if mode != "m_25_3_e"]),
    st.lists(st.sampled_from(["I1", "I2", "I3", "I4"]), min_size=1, unique=True),
)
def test_each_row_belongs_to_one_subject_only(crime: str, mode: str, incidents: list[str]) -> None:
    found = of(crime, mode, *incidents)
    assert max(Counter(row.key for row in found.rows).values()) == 1
    for row in found.rows:
        per = row.element.proved_per
        key = row.key
        assert bool(key.incident) == (
            per in (ProvedPer.INCIDENT, ProvedPer.PERSON_INCIDENT) or row.about is About.CARRIED_OUT
        )
        assert bool(key.person) == (per in (ProvedPer.PERSON, ProvedPer.PERSON_INCIDENT))
        assert bool(key.situation) == (not key.incident)


@given(st.sampled_from(CRIMES), st.sampled_from([mode for mode in MODES if mode != "m_25_3_e"]))
def test_two_incidents_share_only_what_is_proved_for_situation_or_person(
    crime: str, mode: str
) -> None:
    first = {row.key for row in of(crime, mode, "I1").rows}
    second = {row.key for row in of(crime, mode, "I2").rows}
    for key in first & second:
        assert key.incident == ""
        assert LAW.element(key.element.removesuffix(".art30")).proved_per in (
            ProvedPer.SITUATION,
            ProvedPer.PERSON,
        )
    # Both incidents in one charge need exactly the rows of each.
    assert {row.key for row in of(crime, mode, "I1", "I2").rows} == first | second


@given(st.sampled_from(CRIMES), st.sampled_from([mode for mode in MODES if mode != "m_25_3_e"]))
def test_two_persons_share_only_what_is_about_no_person(crime: str, mode: str) -> None:
    first = {row.key for row in of(crime, mode, person="P").rows}
    second = {row.key for row in of(crime, mode, person="Q").rows}
    assert {key.person for key in first & second} == {""}


def test_a_key_reads_as_one_text_and_texts_differ_as_keys_do() -> None:
    found = of("rs_7_1_i", "m_25_3_d", "I1", "I2")
    texts = {str(row.key) for row in found.rows}
    assert len(texts) == len(found.rows)
    assert str(RowKey("a.e1", incident="I1", person="P")) == "a.e1 incident=I1 person=P"
