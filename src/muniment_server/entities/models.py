"""Persons, units and places: who they are, and who commanded what, where, when.

- A person here is one whom evidence speaks of; being named is no accusation.
- Values that matter carry a citation: `{"item": id in hex, "place": where inside it}`, or nothing.
- Days are intervals: `*_from` and `*_to` bound the truth, and either may be open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from muniment_server.custody.models import Recorded, Relation, Root

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sex(models.TextChoices):
    """As recorded by the source."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("unknown")


class Person(Root):
    """A person whom evidence speaks of."""

    prefix: ClassVar[str] = "P"
    groups: ClassVar[Mapping[str, str]] = {
        "name": "identity",
        "name_folded": "identity",
        "born_from": "identity",
        "born_to": "identity",
        "note": "source",
    }

    name = models.CharField(_("name"), max_length=200)
    name_folded = models.CharField(max_length=400, editable=False, default="")
    sex = models.CharField(_("sex"), max_length=8, choices=Sex, default=Sex.UNKNOWN)
    born_from = models.DateField(_("born, earliest"), null=True, blank=True)
    born_to = models.DateField(_("born, latest"), null=True, blank=True)
    nationality = models.CharField(_("nationality"), max_length=60, blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")


class PersonName(Recorded):
    """A further name of a person, in its own script."""

    groups: ClassVar[Mapping[str, str]] = {"text": "identity", "citation": "source"}

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="names")
    text = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=12, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=24, blank=True, default="")
    citation = models.JSONField(_("citation"), default=dict)

    class Meta:
        verbose_name = _("further name")
        verbose_name_plural = _("further names")


class UnitKind(models.TextChoices):
    """What kind of body."""

    MILITARY = "military", _("military unit")
    POLICE = "police", _("police or security body")
    GOVERNMENT = "government", _("government body")
    ORGANISATION = "organisation", _("organisation")


class Unit(Root):
    """A unit or organisation."""

    prefix: ClassVar[str] = "U"
    groups: ClassVar[Mapping[str, str]] = {"note": "source"}

    name = models.CharField(_("name"), max_length=200)
    name_folded = models.CharField(max_length=400, editable=False, default="")
    kind = models.CharField(_("kind"), max_length=16, choices=UnitKind)
    party = models.CharField(_("party"), max_length=100, blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")


class Posting(Relation):
    """A person's post in a unit, with what is known of its dates."""

    ends: ClassVar[tuple[str, ...]] = ("person", "unit")
    groups: ClassVar[Mapping[str, str]] = {"citation": "source"}

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="postings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="postings")
    title = models.CharField(_("post"), max_length=200)
    rank = models.CharField(_("rank"), max_length=100, blank=True, default="")
    held_from = models.DateField(_("from"), null=True, blank=True)
    held_to = models.DateField(_("to"), null=True, blank=True)
    confidence = models.CharField(_("confidence"), max_length=8, blank=True, default="")
    citation = models.JSONField(_("citation"), default=dict)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")


class Subordination(Relation):
    """A command relation between units, with what is known of its dates."""

    ends: ClassVar[tuple[str, ...]] = ("unit", "superior")
    groups: ClassVar[Mapping[str, str]] = {"citation": "source"}

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="superiors")
    superior = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="subordinates")
    held_from = models.DateField(_("from"), null=True, blank=True)
    held_to = models.DateField(_("to"), null=True, blank=True)
    confidence = models.CharField(_("confidence"), max_length=8, blank=True, default="")
    citation = models.JSONField(_("citation"), default=dict)

    class Meta:
        verbose_name = _("command relation")
        verbose_name_plural = _("command relations")
