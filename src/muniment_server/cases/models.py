"""Situations, cases, suspects, charges, and the cells that join element of crime and proof.

- A cell belongs to an element and to exactly what the law proves that element per: the situation,
  an incident, a person, or a person and an incident. Evidence of one incident therefore has no
  place in the cell of another, and context proved once serves every charge.
- Coverage is shown; whether a standard is met is the recorded opinion of a named person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from muniment_server.catalogue.models import Item
from muniment_server.custody.models import Agent, Recorded, Root
from muniment_server.entities.models import Person
from muniment_server.incidents.models import ConflictType, Incident, Stance

if TYPE_CHECKING:
    from collections.abc import Mapping


class Situation(Root):
    """The setting in which crimes are alleged: period, area, conflict."""

    prefix: ClassVar[str] = "SIT"
    digits: ClassVar[int] = 3

    title = models.CharField(_("title"), max_length=200)
    title_folded = models.CharField(max_length=400, editable=False, default="")
    area = models.CharField(_("area"), max_length=200, blank=True, default="")
    held_from = models.DateField(_("from"), null=True, blank=True)
    held_to = models.DateField(_("to"), null=True, blank=True)
    conflict_type = models.CharField(
        _("conflict"), max_length=4, choices=ConflictType, blank=True, default=""
    )

    class Meta:
        verbose_name = _("situation")
        verbose_name_plural = _("situations")


class Case(Root):
    """A case file."""

    prefix: ClassVar[str] = "CASE"
    digits: ClassVar[int] = 4
    groups: ClassVar[Mapping[str, str]] = {"title": "handling", "title_folded": "handling"}

    situation = models.ForeignKey(Situation, on_delete=models.PROTECT, related_name="cases")
    title = models.CharField(_("title"), max_length=200)
    title_folded = models.CharField(max_length=400, editable=False, default="")

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")


class Lead(Recorded):
    """Who leads a case, until somebody else does; at first it is whoever opened it."""

    groups: ClassVar[Mapping[str, str]] = {"agent": "handling"}

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="leads")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended__isnull=True), name="one_lead_of_a_case"
            )
        ]
        verbose_name = _("lead of a case")
        verbose_name_plural = _("leads of cases")


class Suspect(Recorded):
    """A person suspected in a case; a suspect, and nothing more."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="suspects")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="suspected")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "person"],
                condition=Q(ended__isnull=True),
                name="a_person_once_in_a_case",
            )
        ]
        verbose_name = _("suspect")
        verbose_name_plural = _("suspects")


class Charge(Recorded):
    """A suspect, a crime and a mode of liability."""

    suspect = models.ForeignKey(Suspect, on_delete=models.PROTECT, related_name="charges")
    crime = models.CharField(_("crime"), max_length=32)
    mode = models.CharField(_("mode of liability"), max_length=32)
    law_version = models.CharField(_("law data"), max_length=40)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["suspect", "crime", "mode"],
                condition=Q(ended__isnull=True),
                name="a_charge_once",
            )
        ]
        verbose_name = _("charge")
        verbose_name_plural = _("charges")


class ChargeIncident(Recorded):
    """An incident that a charge rests on."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="incidents")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="charges")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["charge", "incident"],
                condition=Q(ended__isnull=True),
                name="an_incident_once_in_a_charge",
            )
        ]
        verbose_name = _("incident charged")
        verbose_name_plural = _("incidents charged")


class Strength(models.TextChoices):
    """How much one exhibit carries."""

    STRONG = "strong", _("strong")
    MODERATE = "moderate", _("moderate")
    WEAK = "weak", _("weak")


def _proved_for(*named: str) -> Q:
    return Q(
        situation__isnull="situation" not in named,
        incident__isnull="incident" not in named,
        person__isnull="person" not in named,
    )


class Cell(Recorded):
    """One exhibit at one row of a matrix: an element, and exactly what it is proved for.

    The row's name is that of `muniment.law.elements.RowKey`; rows that charges share are shared.
    """

    groups: ClassVar[Mapping[str, str]] = {"note": "handling", "citation": "source"}

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="cells")
    element = models.CharField(_("element"), max_length=64)
    of = models.CharField(_("about whom"), max_length=32, blank=True, default="")
    situation = models.ForeignKey(
        Situation, null=True, blank=True, on_delete=models.PROTECT, related_name="cells"
    )
    incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="cells"
    )
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="cells"
    )
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="cells")
    stance = models.CharField(_("stance"), max_length=12, choices=Stance)
    strength = models.CharField(
        _("strength"), max_length=10, choices=Strength, blank=True, default=""
    )
    citation = models.JSONField(_("pinpoint"), default=dict)
    note = models.TextField(_("note"), blank=True, default="")
    analyst = models.UUIDField(_("analyst"))
    second_reader = models.UUIDField(_("second reader"), null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=_proved_for("situation")
                | _proved_for("situation", "person")
                | _proved_for("incident")
                | _proved_for("incident", "person"),
                name="a_cell_names_what_its_element_is_proved_per",
            ),
            models.CheckConstraint(
                condition=Q(second_reader__isnull=True) | ~Q(second_reader=models.F("analyst")),
                name="a_second_reader_is_another_person",
            ),
        ]
        verbose_name = _("cell")
        verbose_name_plural = _("cells")


class Opinion(Recorded):
    """A named person's recorded opinion whether a standard is met for a charge."""

    groups: ClassVar[Mapping[str, str]] = {"text": "handling"}

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="opinions")
    standard = models.CharField(_("standard"), max_length=48)
    met = models.BooleanField(_("met, in this person's opinion"))
    text = models.TextField(_("reasons"))
    author = models.UUIDField(_("author"))
    given = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
