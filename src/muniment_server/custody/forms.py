"""One form, one act: the page every act is asked for on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render

from muniment.errors import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from django import forms
    from django.http import HttpRequest, HttpResponse


def ask(
    request: HttpRequest,
    form: forms.Form,
    do: Callable[[dict[str, Any]], str],
    *,
    heading: str,
    action_text: str,
    cancel_url: str = "",
    grave: bool = False,
) -> HttpResponse:
    """Show a form; once it is filled in, do the act and go where it says.

    What the act refuses is shown on the form, so that nothing typed is lost.
    """
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(do(form.cleaned_data))
        except (InvalidInput, Conflict, NotFound) as error:
            form.add_error(None, f"{error}. {error.hint}".strip())
    context = {
        "form": form,
        "heading": heading,
        "action_text": action_text,
        "cancel_url": cancel_url,
        "grave": grave,
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "form.html", context, status=status)
