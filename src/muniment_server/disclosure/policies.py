"""Who may give evidence out, one question a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor


def may_read(by: Actor) -> bool:
    """Say who may see what was given to whom."""
    return by.may("record.read")


def may_export(by: Actor) -> bool:
    """Say who may export items in a bundle."""
    return by.may("item.export")


def may_prepare_package(by: Actor) -> bool:
    """Say who may record a package for a recipient."""
    return by.may("package.prepare")


def may_give_out(by: Actor) -> bool:
    """Say who may make a bundle for a recipient: it takes both acts, and is begun with neither."""
    return may_export(by) and may_prepare_package(by)
