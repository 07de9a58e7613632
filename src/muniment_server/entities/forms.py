"""What people type and choose about persons and units."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muniment_server.entities.models import Sex, UnitKind


class _Day(forms.DateField):
    def __init__(self, label: Any) -> None:  # noqa: ANN401 - a lazy text
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(label=label, required=False, widget=widget)


class CitationForm(forms.Form):
    """Where something said of a person, a unit or a victim can be read."""

    item = forms.CharField(
        label=_("Item"), required=False, help_text=_("Where it is said, such as M-00012.")
    )
    place = forms.CharField(
        label=_("Place inside it"), required=False, help_text=_("Page, time or region.")
    )
    reason = forms.CharField(label=_("Reason"), required=False)


class PersonForm(forms.Form):
    """A person whom evidence speaks of."""

    name = forms.CharField(label=_("Name"), max_length=200)
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, initial=Sex.UNKNOWN)
    born_from = _Day(_("Born, earliest"))
    born_to = _Day(_("Born, latest"))
    nationality = forms.CharField(label=_("Nationality"), required=False, max_length=60)
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(label=_("Reason"), required=False)


class NameForm(CitationForm):
    """A further name of a person."""

    text = forms.CharField(label=_("Name"), max_length=200)
    language = forms.CharField(
        label=_("Language"), required=False, max_length=12, help_text=_("Its code, such as uk.")
    )
    kind = forms.CharField(
        label=_("Kind"), required=False, max_length=24, help_text=_("Call sign, maiden name …")
    )
    field_order = ("text", "language", "kind", "item", "place", "reason")


class UnitForm(forms.Form):
    """A unit or organisation."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)
    party = forms.CharField(label=_("Party"), required=False, max_length=100)
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(label=_("Reason"), required=False)


class HeldForm(CitationForm):
    """Since when and until when, as far as known."""

    held_from = _Day(_("From"))
    held_to = _Day(_("To"))
    confidence = forms.ChoiceField(
        label=_("Confidence"),
        required=False,
        choices=[("", "—"), ("high", _("high")), ("medium", _("medium")), ("low", _("low"))],
    )


class PostingForm(HeldForm):
    """A person's post in a unit."""

    unit = forms.CharField(label=_("Unit"), help_text=_("Its number, such as U-00003."))
    title = forms.CharField(label=_("Post"), max_length=200)
    rank = forms.CharField(label=_("Rank"), required=False, max_length=100)
    field_order = (
        *("unit", "title", "rank", "held_from", "held_to", "confidence"),
        *("item", "place", "reason"),
    )


class SubordinationForm(HeldForm):
    """The unit that a unit stood under."""

    superior = forms.CharField(label=_("Stood under"), help_text=_("The number of that unit."))
    field_order = ("superior", "held_from", "held_to", "confidence", "item", "place", "reason")
