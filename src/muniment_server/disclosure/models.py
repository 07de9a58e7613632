"""Packages: what was given to whom, on what authority."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from muniment_server.catalogue.models import Item
from muniment_server.custody.models import Batch, Recorded, Root

if TYPE_CHECKING:
    from collections.abc import Mapping


class Package(Root):
    """An exhibit bundle prepared for a named recipient."""

    prefix: ClassVar[str] = "PKG"
    digits: ClassVar[int] = 4
    groups: ClassVar[Mapping[str, str]] = {
        "recipient": "handling",
        "purpose": "handling",
        "withheld": "handling",
    }

    recipient = models.CharField(_("recipient"), max_length=200)
    purpose = models.TextField(_("purpose or authority"), blank=True, default="")
    withheld = models.JSONField(_("withheld"), default=list)
    name = models.CharField(_("name of the bag"), max_length=80)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="packages")
    eid = models.UUIDField(_("export act"), unique=True)
    prepared = models.DateTimeField(_("prepared"))

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")


class PackageItem(Recorded):
    """An item in a package."""

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="contents")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="packages")

    class Meta:
        verbose_name = _("item in a package")
        verbose_name_plural = _("items in a package")
