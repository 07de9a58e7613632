"""What people type and choose when evidence is given out."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from muniment_server.disclosure.queries import WITHHOLDABLE


class ExportForm(forms.Form):
    """Which items, for whom, on what authority, and what stays here, and how it is listed."""

    items = forms.CharField(
        label=_("Items"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Their numbers, such as M-00012 M-00015."),
    )
    recipient = forms.CharField(label=_("Recipient"), max_length=200)
    purpose = forms.CharField(label=_("Purpose or authority"), required=False)
    withheld = forms.MultipleChoiceField(
        label=_("Withhold"),
        required=False,
        choices=list(WITHHOLDABLE.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The bundle says what was left out, and stays checkable."),
    )
    sha512 = forms.BooleanField(
        label=_("List the files by SHA-512 too, in a second manifest"), required=False
    )

    def clean_items(self) -> list[str]:
        """Return the numbers, each once."""
        text: str = self.cleaned_data["items"]
        return list(dict.fromkeys(text.replace(",", " ").split()))
