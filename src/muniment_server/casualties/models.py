"""Victims, one by one or as a group, as records say; names lie in the identity group.

- A group has a least and a greatest number; a single person has one of both.
- `standard` says how far a record is established; only what meets it is ever counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from muniment_server.custody.models import Root
from muniment_server.entities.models import Sex
from muniment_server.incidents.models import Incident

if TYPE_CHECKING:
    from collections.abc import Mapping


class VictimStatus(models.TextChoices):
    """What a person was when harmed (domain §6.1)."""

    CIVILIAN = "civilian", _("civilian")
    PARTICIPATING = "participating", _("civilian directly participating")
    HORS_DE_COMBAT = "hors_de_combat", _("out of combat")
    COMBATANT = "combatant", _("combatant")
    POLICE = "police", _("police")
    MEDICAL = "medical", _("medical")
    RELIGIOUS = "religious", _("religious")
    HUMANITARIAN = "humanitarian", _("humanitarian")
    JOURNALIST = "journalist", _("journalist")
    UNKNOWN = "unknown", _("not known")


class Harm(models.TextChoices):
    """What was done to a person."""

    KILLED = "killed", _("killed")
    INJURED = "injured", _("injured")
    MISSING = "missing", _("missing")
    DETAINED = "detained", _("detained")
    TORTURED = "tortured", _("tortured or ill-treated")
    SEXUAL_VIOLENCE = "sexual_violence", _("sexual violence")
    DISPLACED = "displaced", _("displaced")


class AgeGroup(models.TextChoices):
    """Age at the time, as far as known."""

    CHILD = "child", _("child, under 18")
    ADULT = "adult", _("adult")
    UNKNOWN = "unknown", _("not known")


class Established(models.TextChoices):
    """How far the record is established."""

    PENDING = "pending", _("waiting for corroboration")
    CONFIRMED = "confirmed", _("confirmed: reasonable grounds to believe")
    REJECTED = "rejected", _("rejected")


class Victim(Root):
    """A victim, or a group of victims, of one incident."""

    prefix: ClassVar[str] = "V"
    groups: ClassVar[Mapping[str, str]] = {
        "name": "identity",
        "name_folded": "identity",
        "note": "source",
        "citation": "source",
    }

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="victims")
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    name_folded = models.CharField(max_length=400, editable=False, default="")
    least = models.PositiveIntegerField(_("number, at least"), default=1)
    most = models.PositiveIntegerField(_("number, at most"), default=1)
    sex = models.CharField(_("sex"), max_length=8, choices=Sex, default=Sex.UNKNOWN)
    age_group = models.CharField(
        _("age group"), max_length=8, choices=AgeGroup, default=AgeGroup.UNKNOWN
    )
    status = models.CharField(
        _("status"), max_length=16, choices=VictimStatus, default=VictimStatus.UNKNOWN
    )
    harm = models.CharField(_("harm"), max_length=16, choices=Harm)
    cause = models.CharField(_("cause"), max_length=60, blank=True, default="")
    established = models.CharField(
        _("established"), max_length=12, choices=Established, default=Established.PENDING
    )
    standard = models.CharField(_("standard of proof"), max_length=100, blank=True, default="")
    citation = models.JSONField(_("citation"), default=dict)
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(least__lte=models.F("most")),
                name="at_least_is_not_above_at_most",
            )
        ]
        verbose_name = _("victim")
        verbose_name_plural = _("victims")
