"""Who may do what with situations and cases, one question a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from muniment_server.custody.policies import Actor


def may_read(by: Actor) -> bool:
    """Say who may read case files; which ones is a matter of compartments."""
    return by.may("record.read")


def may_open_situation(by: Actor) -> bool:
    """Say who may open a situation."""
    return by.may("situation.open")


def may_open_case(by: Actor) -> bool:
    """Say who may open a case."""
    return by.may("case.open")


def may_add_suspect(by: Actor) -> bool:
    """Say who may add a suspect to a case."""
    return by.may("suspect.add")


def may_add_charge(by: Actor) -> bool:
    """Say who may add a charge."""
    return by.may("charge.add")


def may_fill_cell(by: Actor) -> bool:
    """Say who may put an exhibit to an element."""
    return by.may("cell.fill")


def may_give_opinion(by: Actor) -> bool:
    """Say who may record an opinion whether a standard is met."""
    return by.may("opinion.record")


def may_read_law(by: Actor) -> bool:
    """Say who may read the law: everyone who acts."""
    return bool(by.agent)


def may_name_lead(by: Actor) -> bool:
    """Say who may name who leads a case."""
    return by.may("lead.name")


def may_read_readings(by: Actor, lead: UUID) -> bool:
    """Say who may read who read what of a case: who leads it, and who may read all readings."""
    return may_read(by) and (by.agent == lead or by.may("access.read"))
