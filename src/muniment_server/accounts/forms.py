"""What people type about themselves and about who works here."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from muniment_server.accounts.models import Role


class LogInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Name and password; a lost password needs an administrator, not an e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - allauth's signature
        """Take the way back by e-mail away: no address is kept."""
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Log-in name")
        self.fields["password"].help_text = ""


class EnrolForm(forms.Form):
    """The first way in: a one-time code, and a password of one's own."""

    handle = forms.CharField(label=_("Log-in name"), max_length=40)
    code = forms.CharField(
        label=_("Code"), widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )
    password1 = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("A long phrase that you use nowhere else; at least twelve characters."),
    )
    password2 = forms.CharField(
        label=_("Password, again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two different passwords."""
        cleaned = super().clean() or {}
        if cleaned.get("password1") != cleaned.get("password2"):
            self.add_error("password2", _("The two passwords differ."))
        return cleaned


class PersonForm(forms.Form):
    """Somebody new."""

    name = forms.CharField(label=_("Name"), max_length=200)
    handle = forms.SlugField(label=_("Log-in name"), max_length=40)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class RoleForm(forms.Form):
    """A role for somebody."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    reason = forms.CharField(label=_("Reason"))


class EndForm(forms.Form):
    """Why somebody works here no longer."""

    reason = forms.CharField(label=_("Reason"))


class TokenForm(forms.Form):
    """A token for a program of one's own."""

    title = forms.CharField(label=_("What it is for"), max_length=100)
