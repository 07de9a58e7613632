"""Who may do what with victims, one question a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor


def may_read(by: Actor) -> bool:
    """Say who may read victims' records; which ones is a matter of compartments."""
    return by.may("record.read")


def may_record_victim(by: Actor) -> bool:
    """Say who may record a victim or a group of victims."""
    return by.may("victim.record")


def may_see_names(by: Actor) -> bool:
    """Say who may see who a victim is: those who work on victims' records, and nobody else."""
    return by.may("victim.record")
