"""What people type and choose about items."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Several files at once; empty ones are evidence too."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Django's own options
        super().__init__(widget=_ManyFiles(), allow_empty_file=True, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # noqa: ANN401 - Django's types
        """Return every file given."""
        files = data if isinstance(data, list | tuple) else [data]
        single = super().clean
        return [single(one, initial) for one in files]


class DepositForm(forms.Form):
    """Files, and what is said about where they came from."""

    files = _FilesField(  # type: ignore[assignment]  # a form's own `files` is set per instance
        label=_("Files"), help_text=_("They are stored exactly as they are, and hashed.")
    )
    source = forms.CharField(
        label=_("Source"),
        required=False,
        help_text=_("Who or what they came from, in your words."),
    )
    collected_by = forms.CharField(label=_("Collected by"), required=False, max_length=200)
    reason = forms.CharField(label=_("Reason"), required=False)
    aside = forms.BooleanField(
        label=_("Put aside unopened"),
        required=False,
        help_text=_("For what should not be looked at: nobody is shown it until two decide."),
    )


class DescribeForm(forms.Form):
    """Title and description of an item."""

    title = forms.CharField(label=_("Title"), max_length=500)
    description = forms.CharField(
        label=_("What it shows"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    graphic = forms.BooleanField(
        label=_("May be graphic"),
        required=False,
        help_text=_("Kept blurred until somebody asks to see it."),
    )
    reason = forms.CharField(label=_("Reason"), required=False)


class CollectionForm(forms.Form):
    """A new collection."""

    title = forms.CharField(label=_("Title"), max_length=200)
    description = forms.CharField(label=_("Purpose"), required=False)


class GatherForm(forms.Form):
    """An item for a collection."""

    item = forms.CharField(label=_("Item"), help_text=_("Its number, such as M-00012."))
