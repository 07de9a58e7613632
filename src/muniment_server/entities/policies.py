"""Who may do what with persons, units and postings, one question a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor


def may_read(by: Actor) -> bool:
    """Say who may read persons and units; which ones is a matter of compartments."""
    return by.may("record.read")


def may_record_person(by: Actor) -> bool:
    """Say who may record a person whom evidence speaks of."""
    return by.may("person.record")


def may_record_unit(by: Actor) -> bool:
    """Say who may record a unit."""
    return by.may("unit.record")


def may_record_posting(by: Actor) -> bool:
    """Say who may record who held which post, and which unit stood under which."""
    return by.may("posting.record")
