"""The acts that take something out, or keep it in: each with an authority and a reason.

What narrows, seals, redacts, shreds or destroys is done by two people: one asks, another one gives.
"""

from __future__ import annotations

from typing import Final

from muniment.evidence.act_kind import ActKind

_ = str  # marks for gettext and changes nothing

_APPROVALS = (
    ActKind(
        "approval.asked",
        "approval.ask",
        _("asked for an act that two people do"),
        _("Somebody asked for an act on one record, with authority, reason and what they saw."),
    ),
    ActKind(
        "approval.given",
        "approval.give",
        _("approved an act that two people do"),
        _("A second person, cleared and permitted, agreed; the act follows in the same moment."),
    ),
    ActKind(
        "approval.refused",
        "approval.refuse",
        _("refused an act that two people do"),
        _("What was asked for was not done; asking again is a request of its own."),
    ),
)

_TAKING_OUT = (
    ActKind(
        "item.restricted",
        "item.restrict",
        _("moved an item into a narrower compartment"),
        _("Fewer people may know of an item; its bytes were stored again encrypted."),
    ),
    ActKind(
        "item.sealed",
        "item.seal",
        _("sealed an item"),
        _("The key of an item was wrapped for the escrow alone: nobody here can read it."),
    ),
    ActKind(
        "item.unsealed",
        "item.unseal",
        _("unsealed an item"),
        _("The key of an item was taken out of escrow and wrapped for its compartment again."),
    ),
    ActKind(
        "item.redacted",
        "item.redact",
        _("made a redaction of an item"),
        _("A rendition without some of the content was added; the original stays unchanged."),
    ),
    ActKind(
        "item.shredded",
        "item.shred",
        _("shredded an item"),
        _("Keys, salts, rows and bytes of an item were destroyed; order and proofs still verify."),
    ),
    ActKind(
        "item.barred",
        "item.bar",
        _("put an item aside unopened"),
        _("Nothing is made of an item and nobody is shown it until two people decide about it."),
    ),
    ActKind(
        "item.destroyed",
        "item.destroy",
        _("had an item reported and its bytes destroyed"),
        _("What may not be held was reported to a named authority; only its digest was kept."),
    ),
)

_HOLDING = (
    ActKind(
        "hold.set",
        "hold.place",
        _("set a legal hold"),
        _("An item may not be shredded or destroyed while the hold stands."),
    ),
    ActKind(
        "hold.released",
        "hold.release",
        _("released a legal hold"),
        _("A legal hold no longer stands; two people agreed."),
    ),
    ActKind(
        "existence.told",
        "existence.tell",
        _("made known that an item exists"),
        _("Readers outside its compartment see that one record exists, and nothing more."),
    ),
    ActKind(
        "existence.hidden",
        "existence.hide",
        _("hid again that an item exists"),
        _("Readers outside its compartment no longer see that the record exists."),
    ),
)

OVERSIGHT: Final = (*_APPROVALS, *_TAKING_OUT, *_HOLDING)
