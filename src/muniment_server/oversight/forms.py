"""What people type and choose when something is taken out, held, or told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody import queries as custody
from muniment_server.oversight.models import Decided

if TYPE_CHECKING:
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

_LONG = forms.Textarea(attrs={"rows": 3})


class GroundsForm(forms.Form):
    """On what authority, and why."""

    authority = forms.CharField(
        label=_("On what authority"),
        max_length=300,
        help_text=_("On whose decision, or under which rule: an order, a policy, a law."),
    )
    reason = forms.CharField(
        label=_("Reason"), widget=_LONG, help_text=_("Why for this record. It stays in the log.")
    )


class ReportForm(GroundsForm):
    """To whom what may not be held was reported, and why it may not."""

    authority = forms.CharField(
        label=_("Reported to"),
        max_length=300,
        help_text=_("The authority, with the number it gave the report where there is one."),
    )


class RestrictForm(GroundsForm):
    """Into which compartment an item goes."""

    compartment = forms.ChoiceField(
        label=_("Compartment"),
        help_text=_("Only its readers know of the item from then on. Earlier copies may exist."),
    )

    def __init__(self, by: Actor, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        """Offer the compartments that the person is cleared for, but the open one."""
        super().__init__(*args, **kwargs)
        rows = custody.all_compartments().filter(pk__in=by.compartments)
        self.fields["compartment"].choices = [  # type: ignore[attr-defined]  # a field with choices
            (one.name, one.title) for one in rows if one.pk != custody.open_compartment_id()
        ]


class RedactForm(GroundsForm):
    """What is left after a redaction, of which part, and what is gone."""

    part = forms.ChoiceField(label=_("Of which file"))
    file = forms.FileField(
        label=_("The redacted file"),
        help_text=_("Brought by you, without what has to go. The original stays unchanged."),
    )
    removed = forms.CharField(
        label=_("What was taken out"),
        widget=_LONG,
        help_text=_("In words that do not say it: two faces, a name in line 4."),
    )

    def __init__(self, item: Item, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        """Offer the parts of the item."""
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = [  # type: ignore[attr-defined]  # a field with choices
            (part.pk.hex, part.name) for part in catalogue.parts_of(item)
        ]


class ReasonForm(forms.Form):
    """Why, and nothing else."""

    reason = forms.CharField(
        label=_("Reason"),
        widget=_LONG,
        help_text=_("It stays in the log, and is not shown outside."),
    )


class AnswerForm(forms.Form):
    """What the second person says."""

    answer = forms.CharField(
        label=_("What you looked at, and why you answer so"),
        widget=_LONG,
        help_text=_("It stays in the log beside your name."),
    )


class UnsealForm(AnswerForm):
    """What the second person says, and the key that is kept elsewhere."""

    escrow = forms.CharField(
        label=_("Escrow key"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("From the recovery sheet: AGE-SECRET-KEY-1… It is used once and not kept."),
    )


def form_of(act: Decided, by: Actor, item: Item, *given: Any) -> forms.Form:  # noqa: ANN401 - what was sent
    """Return the form on which an act is asked for."""
    if act is Decided.RESTRICTED:
        return RestrictForm(by, *given)
    if act is Decided.REDACTED:
        return RedactForm(item, *given)
    return ReportForm(*given) if act is Decided.DESTROYED else GroundsForm(*given)
