"""Coverage counts what was linked, row by row and branch by branch, and claims nothing more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import InvalidInput
from muniment.law import coverage as module
from muniment.law.coverage import STATEMENT, Cell, Coverage, Mark, State, coverage
from muniment.law.elements import Charge, Matrix, Needed, RowKey, matrix
from muniment.law.taxonomy import taxonomy

LAW = taxonomy()
HOSPITAL = matrix(Charge("rs_8_2_b_ix", "m_25_3_b_order", "S", ("I1", "I2"), "P"), LAW)
VANISHED = matrix(Charge("rs_7_1_i", "m_25_3_d", "S", ("I1", "I2"), "P"), LAW)
CHARGES = (
    HOSPITAL,
    VANISHED,
    matrix(Charge("rs_8_2_b_viii", "m_28_a", "S", ("I1",), "P"), LAW),
    matrix(Charge("rs_7_1_a", "m_25_3_f", "S", ("I1",), "P"), LAW),
    matrix(Charge("rs_6_a", "m_25_3_e", "S", ("I1",), "P"), LAW),
)


@st.composite
def charges_with_cells(draw: st.DrawFn) -> tuple[Matrix, list[Cell]]:
    """A charge and any cells of its rows."""
    found = draw(st.sampled_from(CHARGES))
    cell = st.builds(
        Cell, st.sampled_from([row.key for row in found.rows]), st.sampled_from(tuple(Mark))
    )
    return found, draw(st.lists(cell, max_size=40))


def states(found: Coverage) -> dict[RowKey, State]:
    """The state of each row."""
    return {one.row.key: one.state for one in found.rows}


def test_each_row_has_the_state_of_its_own_cells() -> None:
    attack, object_, intent = (RowKey(f"rs_8_2_b_ix.e{n}", incident="I1") for n in (1, 2, 3))
    intent = RowKey(intent.element, incident="I1", person="P", of="those_who_carried_it_out")
    found = states(
        coverage(
            HOSPITAL,
            [
                Cell(attack, Mark.SUPPORTS),
                Cell(attack, Mark.NEUTRAL),
                Cell(object_, Mark.SUPPORTS),
                Cell(object_, Mark.UNDERMINES),
                Cell(intent, Mark.UNDERMINES),
            ],
        )
    )
    assert found[attack] is State.SUPPORTED
    assert found[object_] is State.CONTESTED
    assert found[intent] is State.UNDERMINED
    assert found[RowKey(attack.element, incident="I2")] is State.GAP


def test_neutral_cells_leave_a_gap() -> None:
    key = HOSPITAL.rows[0].key
    assert states(coverage(HOSPITAL, [Cell(key, Mark.NEUTRAL)]))[key] is State.GAP


def test_evidence_of_one_incident_never_fills_the_cell_of_another() -> None:
    everything = [Cell(row.key, Mark.SUPPORTS) for row in HOSPITAL.rows if row.key.incident != "I2"]
    found = coverage(HOSPITAL, everything)
    assert {key.incident for key in found.without_support} == {"I2"}
    assert {one.row.key.incident for one in found.rows if one.state is State.GAP} == {"I2"}


def test_a_cell_of_another_charge_is_refused() -> None:
    for strange in (
        RowKey("rs_8_2_b_ix.e1", incident="I3"),
        RowKey("rs_8_2_b_ix.e1", incident="I1", person="P"),
        RowKey("rs_8_2_b_i.e1", incident="I1"),
        RowKey("rs_8_2_b_ix.e3", incident="I1", person="P"),
        RowKey("rs_8_2_b_ix.e3", incident="I1", person="Q", of="those_who_carried_it_out"),
    ):
        with pytest.raises(InvalidInput) as caught:
            coverage(HOSPITAL, [Cell(strange, Mark.SUPPORTS)])
        assert caught.value.code == "law.cell"


def branch(letter: str, incident: str) -> list[Cell]:
    """Support for every row of a branch of the crime at an incident."""
    return [
        Cell(row.key, Mark.SUPPORTS)
        for row in VANISHED.rows
        if row.element.alt == letter and row.key.incident == incident
    ]


def test_each_branch_is_covered_by_itself() -> None:
    half_a, half_b = branch("A", "I1")[:2], branch("B", "I1")[2:]
    mixed = coverage(VANISHED, [*half_a, *half_b])
    one = next(
        one for one in mixed.alternatives if one.owner == "rs_7_1_i" and one.incident == "I1"
    )
    assert one.supported_branches == ()
    assert one in mixed.open_alternatives


def test_one_full_branch_is_enough_at_its_incident_and_only_there() -> None:
    found = coverage(VANISHED, branch("B", "I1"))
    by = {(one.owner, one.incident): one for one in found.alternatives}
    assert by["rs_7_1_i", "I1"].supported_branches == ("B",)
    assert by["rs_7_1_i", "I2"].supported_branches == ()
    assert {(one.owner, one.incident) for one in found.open_alternatives} == {
        ("rs_7_1_i", "I2"),
        ("m_25_3_d", "I1"),
        ("m_25_3_d", "I2"),
    }
    # Rows of a branch are never counted among those that every reading needs.
    assert not any(".e4" in key.element for key in found.without_support if key.incident == "I1")


def test_a_branch_takes_its_default_mental_element_along() -> None:
    by = {
        (one.owner, one.incident): {part.letter: part for part in one.branches}
        for one in coverage(VANISHED, []).alternatives
    }
    first = {one.row.key.element for one in by["rs_7_1_i", "I1"]["A"].rows}
    assert first == {"rs_7_1_i.e1", "rs_7_1_i.e2", "rs_7_1_i.e3", "rs_7_1_i.e1.art30"}


def test_what_a_mode_does_not_need_is_no_gap_and_is_shown_all_the_same() -> None:
    incited = CHARGES[4]
    found = coverage(incited, [Cell(incited.rows[0].key, Mark.UNDERMINES)])
    assert {key.element for key in found.without_support} == {"m_25_3_e.e1", "m_25_3_e.e2"}
    assert found.challenged == (incited.rows[0].key,)
    assert len(found.rows) == len(incited.rows)


@given(charges_with_cells(), st.data())
def test_support_never_makes_coverage_worse(
    given_: tuple[Matrix, list[Cell]], data: st.DataObject
) -> None:
    charge, cells = given_
    key = data.draw(st.sampled_from([row.key for row in charge.rows]))
    before, after = coverage(charge, cells), coverage(charge, [*cells, Cell(key, Mark.SUPPORTS)])
    assert set(after.without_support) <= set(before.without_support)
    for one, two in zip(before.alternatives, after.alternatives, strict=True):
        assert set(one.supported_branches) <= set(two.supported_branches)
    assert set(after.challenged) == set(before.challenged)
    others = {row: state for row, state in states(before).items() if row != key}
    assert {row: state for row, state in states(after).items() if row != key} == others
    assert states(after)[key] in (State.SUPPORTED, State.CONTESTED)


@given(charges_with_cells(), st.data())
def test_a_challenge_never_makes_coverage_better_and_never_vanishes(
    given_: tuple[Matrix, list[Cell]], data: st.DataObject
) -> None:
    charge, cells = given_
    key = data.draw(st.sampled_from([row.key for row in charge.rows]))
    before, after = coverage(charge, cells), coverage(charge, [*cells, Cell(key, Mark.UNDERMINES)])
    assert set(after.without_support) == set(before.without_support)
    assert set(after.challenged) == {*before.challenged, key}
    assert states(after)[key] in (State.UNDERMINED, State.CONTESTED)


@given(charges_with_cells())
def test_order_and_neutral_cells_change_nothing(given_: tuple[Matrix, list[Cell]]) -> None:
    charge, cells = given_
    neutral = [Cell(row.key, Mark.NEUTRAL) for row in charge.rows]
    assert states(coverage(charge, [*reversed(cells), *neutral])) == states(coverage(charge, cells))


def test_full_support_leaves_nothing_open() -> None:
    for charge in CHARGES:
        found = coverage(charge, [Cell(row.key, Mark.SUPPORTS) for row in charge.rows])
        assert found.without_support == ()
        assert found.open_alternatives == ()
        needed = {one.row.needed for one in found.rows}
        assert needed <= set(Needed)


def test_nothing_says_that_a_standard_is_met() -> None:
    assert "not a finding" in STATEMENT
    names = {
        name.lower()
        for kind in (module.Coverage, module.RowCoverage, module.Branch, module.Alternatives, State)
        for name in dir(kind)
        if not name.startswith("_")
    }
    for claim in ("proved", "proven", "met", "satisfied", "sufficient", "complete", "established"):
        assert not any(claim in name.split("_") for name in names), claim
