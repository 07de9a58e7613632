"""Items of evidence as received, what was derived from them, and what examinations say.

- An original is never edited: a clip, transcript, translation, redaction or thumbnail is a
  rendition that names the digest it came from, the tool, its version and its parameters.
- File names are bytes; what people read is a display form beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from muniment_server.custody.models import Recorded, Relation, Root

if TYPE_CHECKING:
    from collections.abc import Mapping


class Method(models.TextChoices):
    """How an item was obtained (Berkeley Protocol VI.C)."""

    DEPOSITED = "deposited", _("deposited as a file")
    CAPTURED = "captured", _("captured from the web")
    SUBMITTED = "submitted", _("submitted by a witness")
    IMPORTED = "imported", _("imported from another system")


class Item(Root):
    """One piece of evidence as received."""

    prefix: ClassVar[str] = "M"
    groups: ClassVar[Mapping[str, str]] = {
        "title": "source",
        "description": "source",
        "source": "source",
        "collected_by": "source",
        "mandate": "handling",
    }

    title = models.CharField(_("title"), max_length=500)
    title_folded = models.CharField(max_length=1000, editable=False, default="")
    description = models.TextField(_("description"), blank=True, default="")
    source = models.TextField(_("source, as stated"), blank=True, default="")
    collected_by = models.CharField(_("collected by"), max_length=200, blank=True, default="")
    mandate = models.CharField(_("mandate"), max_length=200, blank=True, default="")
    method = models.CharField(_("how obtained"), max_length=16, choices=Method)
    media_type = models.CharField(_("media type, by name"), max_length=100)
    received = models.DateTimeField(_("received"))
    graphic = models.BooleanField(_("may be graphic"), default=True)
    #: since when its key is in escrow alone
    sealed = models.DateTimeField(_("sealed"), null=True, editable=False)
    #: since when nothing is made of it and nobody is shown it
    barred = models.DateTimeField(_("put aside unopened"), null=True, editable=False)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")


class Part(Recorded):
    """One file of an item, exactly as received."""

    groups: ClassVar[Mapping[str, str]] = {"name": "source", "raw_name": "source"}

    # Found through `one_part_in_each_place`: a second index on the item would only cost.
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="parts", db_index=False)
    place = models.PositiveSmallIntegerField(_("part"))
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    size = models.BigIntegerField(_("size in bytes"))
    media_type = models.CharField(_("media type, by name"), max_length=100)
    #: of the stored bytes, where they are sealed: null in the open compartment
    stored_sha256 = models.CharField(max_length=64, null=True)  # noqa: DJ001 - null leaves no trace in the state
    name = models.CharField(_("name"), max_length=1100)
    raw_name = models.BinaryField(max_length=4096)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "place"], name="one_part_in_each_place")
        ]
        verbose_name = _("part")
        verbose_name_plural = _("parts")


class RenditionKind(models.TextChoices):
    """What a rendition is for."""

    THUMBNAIL = "thumbnail", _("thumbnail")
    CLIP = "clip", _("clip")
    TRANSCRIPT = "transcript", _("transcript")
    TRANSLATION = "translation", _("translation")
    REDACTION = "redaction", _("redaction")


class Rendition(Recorded):
    """Something made from a part; never the original."""

    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="renditions")
    kind = models.CharField(_("kind"), max_length=16, choices=RenditionKind)
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    size = models.BigIntegerField(_("size in bytes"))
    media_type = models.CharField(_("media type"), max_length=100)
    #: of the stored bytes, where they are sealed: null in the open compartment
    stored_sha256 = models.CharField(max_length=64, null=True)  # noqa: DJ001 - null leaves no trace in the state
    parent_sha256 = models.CharField(_("made from SHA-256"), max_length=64)
    tool = models.CharField(_("tool"), max_length=100)
    version = models.CharField(_("version"), max_length=100)
    parameters = models.JSONField(_("parameters"), default=dict)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")


class Outcome(models.TextChoices):
    """What a finding does to the question it was asked."""

    SUPPORTS = "supports", _("supports")
    CONTRADICTS = "contradicts", _("contradicts")
    INCONCLUSIVE = "inconclusive", _("inconclusive")


class Finding(Recorded):
    """What an examination says about a part."""

    groups: ClassVar[Mapping[str, str]] = {"facts": "source"}

    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="findings")
    examination = models.CharField(_("examination"), max_length=64)
    tool = models.CharField(_("tool"), max_length=100)
    version = models.CharField(_("version"), max_length=200)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    summary = models.TextField(_("summary"))
    basis = models.TextField(_("basis"), blank=True, default="")
    rules = models.CharField(_("rules"), max_length=40, blank=True, default="")
    facts = models.JSONField(_("facts read"), default=list)
    citation = models.CharField(_("place"), max_length=200, blank=True, default="")
    made = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")


class Collection(Root):
    """Items kept together for a purpose."""

    prefix: ClassVar[str] = "COL"
    groups: ClassVar[Mapping[str, str]] = {"title": "source", "description": "source"}

    title = models.CharField(_("title"), max_length=200)
    title_folded = models.CharField(max_length=400, editable=False, default="")
    description = models.TextField(_("description"), blank=True, default="")

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")


class CollectionItem(Relation):
    """An item's place in a collection."""

    ends: ClassVar[tuple[str, ...]] = ("collection", "item")

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="members")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="collections")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["collection", "item"],
                condition=models.Q(ended__isnull=True),
                name="an_item_once_in_a_collection",
            )
        ]
        verbose_name = _("place in a collection")
        verbose_name_plural = _("places in a collection")
