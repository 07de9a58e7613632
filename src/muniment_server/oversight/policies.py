"""Who may ask for what two people do, who may approve it, and who may hold or tell.

The second person needs the permission of the act itself as well: an approval is no way around a
role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.evidence.acts import ACTS

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor


def may_read(by: Actor) -> bool:
    """Say who may read requests and holds at all; which ones is a matter of compartments."""
    return by.may("record.read")


def may_ask(by: Actor) -> bool:
    """Say who may ask for an act that two people do."""
    return by.may("approval.ask")


def may_give(by: Actor) -> bool:
    """Say who may be the second person."""
    return by.may("approval.give")


def may_refuse(by: Actor) -> bool:
    """Say who may refuse a request, or take their own back."""
    return by.may("approval.refuse")


def may_do(by: Actor, act: str) -> bool:
    """Say who may have a part in an act of the closed list."""
    return by.may(ACTS[act].permission)


def may_restrict(by: Actor) -> bool:
    """Say who may move an item into a narrower compartment, with a second person."""
    return may_do(by, "item.restricted")


def may_seal(by: Actor) -> bool:
    """Say who may leave an item's key to the escrow, with a second person."""
    return may_do(by, "item.sealed")


def may_unseal(by: Actor) -> bool:
    """Say who may take an item's key out of escrow, with a second person."""
    return may_do(by, "item.unsealed")


def may_redact(by: Actor) -> bool:
    """Say who may add a redaction, with a second person."""
    return may_do(by, "item.redacted")


def may_shred(by: Actor) -> bool:
    """Say who may shred an item, with a second person."""
    return may_do(by, "item.shredded")


def may_destroy(by: Actor) -> bool:
    """Say who may have an item reported and its bytes destroyed, with a second person."""
    return may_do(by, "item.destroyed")


def may_bar(by: Actor) -> bool:
    """Say who may put an item aside unopened."""
    return may_do(by, "item.barred")


def may_hold(by: Actor) -> bool:
    """Say who may set a legal hold."""
    return may_do(by, "hold.set")


def may_release(by: Actor) -> bool:
    """Say who may release a legal hold, with a second person."""
    return may_do(by, "hold.released")


def may_tell(by: Actor) -> bool:
    """Say who may make known that an item exists."""
    return may_do(by, "existence.told")


def may_hide(by: Actor) -> bool:
    """Say who may hide again that an item exists."""
    return may_do(by, "existence.hidden")
