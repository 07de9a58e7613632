"""What two people decide about an item, what must not be destroyed, and what may be known to exist.

- A request binds what its asker saw: the digest of the item's last leaf, of what opens its leaves
  and of its parts. What opens them holds salts, so that after shredding the digest says nothing.
- A hold stands until two people release it; the tables of the log refuse shredding meanwhile.
- What is left to erase is local: it is made again from the log where it is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from muniment_server.catalogue.models import Item
from muniment_server.custody.models import Agent, Compartment, Keeping, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping


class Hold(Relation):
    """A legal hold: this item is neither shredded nor destroyed while it stands."""

    ends: ClassVar[tuple[str, ...]] = ("item",)
    groups: ClassVar[Mapping[str, str]] = {"authority": "handling", "reason": "handling"}

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="holds")
    authority = models.CharField(_("authority"), max_length=300)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")


class Decided(models.TextChoices):
    """What two people decide about an item."""

    RESTRICTED = "item.restricted", _("restrict: move it into a narrower compartment")
    SEALED = "item.sealed", _("seal: leave its key to the escrow alone")
    UNSEALED = "item.unsealed", _("unseal: take its key out of escrow")
    REDACTED = "item.redacted", _("redact: add a rendition without some of the content")
    SHREDDED = "item.shredded", _("shred: destroy keys, salts, rows and bytes")
    DESTROYED = "item.destroyed", _("report and destroy: it may not be held at all")
    RELEASED = "hold.released", _("release a legal hold")


class Stage(models.TextChoices):
    """How far a request has come."""

    ASKED = "asked", _("waits for a second person")
    GIVEN = "given", _("approved and done")
    REFUSED = "refused", _("refused")


class ApprovalRequest(Relation):
    """One act on one item, asked for by one person and decided by another."""

    ends: ClassVar[tuple[str, ...]] = ("item",)
    groups: ClassVar[Mapping[str, str]] = {
        "authority": "handling",
        "reason": "handling",
        "compartment": "handling",
        "answer": "handling",
    }

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="requests")
    act = models.CharField(_("act"), max_length=32, choices=Decided)
    authority = models.CharField(_("authority"), max_length=300)
    reason = models.TextField(_("reason"))
    #: where a restricted item goes
    compartment = models.ForeignKey(
        Compartment, null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: which hold is to be released
    hold = models.ForeignKey(Hold, null=True, on_delete=models.PROTECT, related_name="+")
    binds = models.CharField(_("digest of what was asked about"), max_length=64)
    asked_by = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    asked = models.DateTimeField(_("asked"))
    stage = models.CharField(_("stage"), max_length=16, choices=Stage, default=Stage.ASKED)
    answered_by = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    answered = models.DateTimeField(_("answered"), null=True)
    answer = models.TextField(_("answer"), blank=True, default="")

    class Meta:
        verbose_name = _("request for approval")
        verbose_name_plural = _("requests for approval")


class Existence(Relation):
    """That an item exists may be known outside its compartment, and nothing else of it."""

    ends: ClassVar[tuple[str, ...]] = ("item",)
    groups: ClassVar[Mapping[str, str]] = {"reason": "handling"}

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="told")
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(_("since"))

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["item"],
                condition=models.Q(ended__isnull=True),
                name="existence_told_once",
            )
        ]
        verbose_name = _("record known to exist")
        verbose_name_plural = _("records known to exist")


class Draft(models.Model):
    """A redaction that waits for approval: its bytes are stored, and no act names them yet."""

    keeping: ClassVar[Keeping] = Keeping.LOCAL

    request = models.OneToOneField(ApprovalRequest, on_delete=models.CASCADE, related_name="draft")
    part = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    #: of the stored bytes, where they are sealed
    stored_sha256 = models.CharField(max_length=64, null=True)  # noqa: DJ001 - as of a part
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    removed = models.TextField()


class Withdrawn(models.Model):
    """An entry of the log whose disclosures an act destroys, or seals: only these may change.

    To destroy is refused while a legal hold stands on the entry's subject.
    """

    keeping: ClassVar[Keeping] = Keeping.DERIVED

    index = models.BigIntegerField(primary_key=True)
    item = models.UUIDField(db_index=True)
    #: they are sealed to the subject's key and stay; null where they are destroyed
    sealed = models.BooleanField(null=True)


class Erasure(models.Model):
    """An object that a worker still has to remove, for an act that is in the log already."""

    keeping: ClassVar[Keeping] = Keeping.LOCAL

    item = models.UUIDField(db_index=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "sha256"], name="one_erasure_each")
        ]
