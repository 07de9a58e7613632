"""What people type and choose in the register."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muniment.law.taxonomy import taxonomy
from muniment_server.incidents.models import (
    Answer,
    Attribution,
    Authority,
    ClaimKind,
    ConflictType,
    ContentStatus,
    Credibility,
    Grade,
    Operator,
    Precision,
    Question,
    Reliability,
    SourceKind,
    Stance,
)

_E7 = Decimal(10_000_000)


def _text(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class _Moment(forms.DateTimeField):
    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Django's own options
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(required=False, widget=widget, **options)


class SourceForm(forms.Form):
    """Who or what says so."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=SourceKind.choices)
    party = forms.CharField(label=_("Affiliation"), required=False, max_length=100)
    origin = forms.CharField(
        label=_("Where it has this from"),
        required=False,
        max_length=200,
        help_text=_("Two sources with the same origin count as one."),
    )
    reliability = forms.ChoiceField(
        label=_("Reliability"), choices=Reliability.choices, initial=Reliability.F
    )
    note = forms.CharField(label=_("Note"), required=False, widget=_text())
    reason = forms.CharField(label=_("Reason"), required=False)


class IncidentForm(forms.Form):
    """When, where and what."""

    title = forms.CharField(label=_("Title"), max_length=300)
    description = forms.CharField(label=_("Description"), required=False, widget=_text())
    occurred_from = _Moment(label=_("Not before (UTC)"))
    occurred_to = _Moment(label=_("Not after (UTC)"))
    precision = forms.ChoiceField(
        label=_("Precision"), choices=Precision.choices, initial=Precision.UNKNOWN
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=300)
    latitude = forms.DecimalField(
        label=_("Latitude, degrees"), required=False, min_value=-90, max_value=90, decimal_places=7
    )
    longitude = forms.DecimalField(
        label=_("Longitude, degrees"),
        required=False,
        min_value=-180,
        max_value=180,
        decimal_places=7,
    )
    error_m = forms.IntegerField(label=_("Error, metres"), required=False, min_value=0)
    object_hit = forms.CharField(label=_("Object hit"), required=False, max_length=100)
    protection = forms.CharField(label=_("Protection"), required=False, max_length=200)
    means = forms.CharField(label=_("Means"), required=False, max_length=200)
    pause_agreed = forms.CharField(label=_("Pause in fighting"), required=False, max_length=300)
    conflict_type = forms.ChoiceField(
        label=_("Conflict"), required=False, choices=ConflictType.choices
    )
    reason = forms.CharField(label=_("Reason"), required=False)

    def described(self) -> dict[str, Any]:
        """Return the fields of a description, coordinates in 1e-7 degree."""
        given = dict(self.cleaned_data)
        for name in ("title", "reason"):
            given.pop(name)
        for name in ("latitude", "longitude"):
            value = given.pop(name)
            given[f"{name}_e7"] = None if value is None else int(value * _E7)
        return given


class ClaimForm(forms.Form):
    """What a source says."""

    source = forms.CharField(label=_("Source"), help_text=_("Its number, such as SRC-00003."))
    kind = forms.ChoiceField(label=_("Kind"), choices=ClaimKind.choices)
    text = forms.CharField(label=_("What is said"), widget=_text())
    language = forms.CharField(label=_("Language"), initial="en", max_length=12)
    original = forms.CharField(label=_("In the original words"), required=False, widget=_text())
    said_at = _Moment(label=_("Said (UTC)"))
    authority = forms.ChoiceField(label=_("Authority"), required=False, choices=Authority.choices)
    item = forms.CharField(label=_("Item"), required=False, help_text=_("Where it is said."))
    denies = forms.CharField(
        label=_("Denies"), required=False, help_text=_("The number of the claim it denies.")
    )
    operator = forms.ChoiceField(
        label=_("Operator"), required=False, choices=[("", "—"), *Operator.choices]
    )
    value = forms.IntegerField(label=_("Number"), required=False, min_value=0)
    value_to = forms.IntegerField(label=_("Number, upper"), required=False, min_value=0)
    unit = forms.CharField(label=_("Of what"), required=False, max_length=60)
    population = forms.CharField(label=_("Of whom"), required=False, max_length=100)
    as_of = forms.DateField(
        label=_("As of"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(label=_("Reason"), required=False)


class GradeClaimForm(forms.Form):
    """What was checked of a claim."""

    credibility = forms.ChoiceField(label=_("Credibility"), choices=Credibility.choices)
    attribution = forms.ChoiceField(label=_("Attribution"), choices=Attribution.choices)
    content = forms.ChoiceField(label=_("Content"), choices=ContentStatus.choices)
    reason = forms.CharField(label=_("Reason"))


class EvidenceForm(forms.Form):
    """An item for or against an incident."""

    item = forms.CharField(label=_("Item"), help_text=_("Its number, such as M-00012."))
    stance = forms.ChoiceField(label=_("Stance"), choices=Stance.choices)
    place = forms.CharField(
        label=_("Place inside it"), required=False, help_text=_("Page, time or region.")
    )
    note = forms.CharField(label=_("Note"), required=False, widget=_text())
    reason = forms.CharField(label=_("Reason"), required=False)


class GradeIncidentForm(forms.Form):
    """Two questions, two grades."""

    happened = forms.ChoiceField(label=_("Did it happen"), choices=Grade.choices)
    author = forms.ChoiceField(label=_("Who did it"), choices=Grade.choices)
    reason = forms.CharField(label=_("Reason"))


def _crimes() -> list[tuple[str, str]]:
    return [(one.id, f"{one.citation} {one.label}") for one in taxonomy().crimes.values()]


class ClassifyForm(forms.Form):
    """A crime the incident could be."""

    crime = forms.ChoiceField(label=_("Crime"), choices=_crimes)
    note = forms.CharField(label=_("Note"), required=False, widget=_text())
    reason = forms.CharField(label=_("Reason"), required=False)


class WithdrawForm(forms.Form):
    """Why something recorded no longer stands."""

    reason = forms.CharField(label=_("Reason"))


class SupportForm(forms.Form):
    """An item for or against one element."""

    element = forms.ChoiceField(label=_("Element"))
    item = forms.CharField(label=_("Item"), help_text=_("Its number, such as M-00012."))
    stance = forms.ChoiceField(label=_("Stance"), choices=Stance.choices)
    note = forms.CharField(label=_("Note"), required=False, widget=_text())
    reason = forms.CharField(label=_("Reason"), required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's own arguments
        elements: list[tuple[str, str]],
        **kwargs: Any,  # noqa: ANN401 - as above
    ) -> None:
        """Offer the elements of one crime."""
        super().__init__(*args, **kwargs)
        self.fields["element"].choices = elements  # type: ignore[attr-defined]  # a ChoiceField


class AssessForm(forms.Form):
    """One question about an item, worked through."""

    question = forms.ChoiceField(label=_("Question"), choices=Question.choices)
    method = forms.CharField(label=_("Method"), max_length=200)
    steps = forms.CharField(label=_("Steps"), required=False, widget=_text())
    result = forms.CharField(label=_("Result"), widget=_text())
    confidence = forms.ChoiceField(
        label=_("Confidence"),
        required=False,
        choices=[("", "—"), ("high", _("high")), ("medium", _("medium")), ("low", _("low"))],
    )
    alternatives = forms.CharField(
        label=_("Alternatives considered"), required=False, widget=_text()
    )
    reason = forms.CharField(label=_("Reason"), required=False)


class ReviewForm(forms.Form):
    """A second person's answer to an answer."""

    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=[
            (Answer.VERIFIED.value, Answer.VERIFIED.label),
            (Answer.DISPUTED.value, Answer.DISPUTED.label),
            (Answer.UNANSWERABLE.value, Answer.UNANSWERABLE.label),
        ],
    )
    reason = forms.CharField(label=_("Reason"))
