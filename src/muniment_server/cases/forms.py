"""What people type and choose about situations, cases and charges."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muniment.law.taxonomy import taxonomy
from muniment_server.cases.models import Strength
from muniment_server.incidents.models import ConflictType, Stance

Choices = list[tuple[str, str]]


def _text(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _day(label: Any) -> forms.DateField:  # noqa: ANN401 - a lazy text
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class SituationForm(forms.Form):
    """The setting in which crimes are alleged."""

    title = forms.CharField(label=_("Title"), max_length=200)
    area = forms.CharField(label=_("Area"), required=False, max_length=200)
    held_from = _day(_("From"))
    held_to = _day(_("To"))
    conflict_type = forms.ChoiceField(
        label=_("Conflict"), required=False, choices=[("", "—"), *ConflictType.choices]
    )
    reason = forms.CharField(label=_("Reason"), required=False)


class CaseForm(forms.Form):
    """A case file."""

    title = forms.CharField(label=_("Title"), max_length=200)
    reason = forms.CharField(label=_("Reason"), required=False)


class LeadForm(forms.Form):
    """Who leads a case, and why."""

    person = forms.CharField(label=_("Person"), help_text=_("Their log-in name."))
    reason = forms.CharField(label=_("Reason"))


class SuspectForm(forms.Form):
    """A person suspected, and why."""

    person = forms.CharField(label=_("Person"), help_text=_("Their number, such as P-00003."))
    reason = forms.CharField(
        label=_("Reason"), help_text=_("What points to this person. A suspect, and nothing more.")
    )


def _crimes() -> Choices:
    return [(one.id, f"{one.citation} {one.label}") for one in taxonomy().crimes.values()]


def _modes() -> Choices:
    return [(one.id, f"{one.citation} {one.label}") for one in taxonomy().modes.values()]


def _standards() -> Choices:
    return [(one.id, f"{one.test}, {one.citation}") for one in taxonomy().standards.values()]


class ChargeForm(forms.Form):
    """A suspect, a crime, a mode of liability and the incidents."""

    suspect = forms.ChoiceField(label=_("Suspect"))
    crime = forms.ChoiceField(label=_("Crime"), choices=_crimes)
    mode = forms.ChoiceField(label=_("Mode of liability"), choices=_modes)
    incidents = forms.CharField(
        label=_("Incidents"), help_text=_("Their numbers, such as INC-00001 INC-00004.")
    )
    reason = forms.CharField(label=_("Reason"), required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's own arguments
        suspects: Choices,
        **kwargs: Any,  # noqa: ANN401 - as above
    ) -> None:
        """Offer the suspects of one case."""
        super().__init__(*args, **kwargs)
        self.fields["suspect"].choices = suspects  # type: ignore[attr-defined]  # a ChoiceField

    def clean_incidents(self) -> list[str]:
        """Return the numbers, each once."""
        text: str = self.cleaned_data["incidents"]
        return list(dict.fromkeys(text.replace(",", " ").split()))


class CellForm(forms.Form):
    """An item at one row of a matrix."""

    row = forms.ChoiceField(label=_("To be proved"))
    item = forms.CharField(label=_("Item"), help_text=_("Its number, such as M-00012."))
    stance = forms.ChoiceField(label=_("Stance"), choices=Stance.choices)
    strength = forms.ChoiceField(
        label=_("Strength"), required=False, choices=[("", "—"), *Strength.choices]
    )
    place = forms.CharField(
        label=_("Place inside it"), required=False, help_text=_("Page, time or region.")
    )
    note = forms.CharField(label=_("Note"), required=False, widget=_text())
    reason = forms.CharField(label=_("Reason"), required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's own arguments
        rows: Choices,
        **kwargs: Any,  # noqa: ANN401 - as above
    ) -> None:
        """Offer the rows of one charge."""
        super().__init__(*args, **kwargs)
        self.fields["row"].choices = rows  # type: ignore[attr-defined]  # a ChoiceField


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"))


class OpinionForm(forms.Form):
    """A named person's opinion whether a standard is met."""

    standard = forms.ChoiceField(label=_("Standard of proof"), choices=_standards)
    met = forms.ChoiceField(
        label=_("In your opinion"), choices=[("no", _("not met")), ("yes", _("met"))]
    )
    text = forms.CharField(label=_("Reasons"), widget=_text(6))
    reason = forms.CharField(label=_("Reason"), required=False)
