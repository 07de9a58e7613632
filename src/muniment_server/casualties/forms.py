"""What people type and choose about victims."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muniment_server.casualties.models import AgeGroup, Established, Harm, VictimStatus
from muniment_server.entities.models import Sex


class KnownForm(forms.Form):
    """What is known of a victim, or of everybody in a group."""

    harm = forms.ChoiceField(label=_("Harm"), choices=Harm.choices)
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=200,
        help_text=_("Shown only to those who work on victims' records."),
    )
    least = forms.IntegerField(label=_("Number, at least"), min_value=1, initial=1)
    most = forms.IntegerField(label=_("Number, at most"), min_value=1, initial=1)
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, initial=Sex.UNKNOWN)
    age_group = forms.ChoiceField(
        label=_("Age"), choices=AgeGroup.choices, initial=AgeGroup.UNKNOWN
    )
    status = forms.ChoiceField(
        label=_("Status"), choices=VictimStatus.choices, initial=VictimStatus.UNKNOWN
    )
    cause = forms.CharField(label=_("Cause"), required=False, max_length=60)
    established = forms.ChoiceField(
        label=_("Established"), choices=Established.choices, initial=Established.PENDING
    )
    standard = forms.CharField(
        label=_("Standard of proof"),
        required=False,
        max_length=100,
        help_text=_("For example: reasonable grounds to believe."),
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def known(self) -> dict[str, Any]:
        """Return what is known, without why it is recorded and where it can be read."""
        return {name: self.cleaned_data[name] for name in KnownForm.base_fields}


class VictimForm(KnownForm):
    """A new victim, or group of victims, of an incident."""

    item = forms.CharField(
        label=_("Item"), required=False, help_text=_("Where it is said, such as M-00012.")
    )
    place = forms.CharField(
        label=_("Place inside it"), required=False, help_text=_("Page, time or region.")
    )
    reason = forms.CharField(label=_("Reason"), required=False)


class CorrectForm(KnownForm):
    """What is known now, and why it is recorded anew."""

    reason = forms.CharField(label=_("Reason"))
