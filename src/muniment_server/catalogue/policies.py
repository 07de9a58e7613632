"""Who may do what with items, one question a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor


def may_read(by: Actor) -> bool:
    """Say who may read items at all; which ones is a matter of compartments."""
    return by.may("record.read")


def may_receive(by: Actor) -> bool:
    """Say who may deposit items."""
    return by.may("item.receive")


def may_describe(by: Actor) -> bool:
    """Say who may give an item a title and a description."""
    return by.may("item.describe")


def may_examine(by: Actor) -> bool:
    """Say who may run examinations."""
    return by.may("item.examine")


def may_collect(by: Actor) -> bool:
    """Say who may make and fill collections."""
    return by.may("collection.make")


def may_download(by: Actor) -> bool:
    """Say who may take an original's bytes away."""
    return by.may("item.download")


def may_quarantine(by: Actor) -> bool:
    """Say who may record that a stored file was found damaged and set aside."""
    return by.may("item.quarantine")


def may_repair(by: Actor) -> bool:
    """Say who may put a stored file back from a copy."""
    return by.may("item.repair")
