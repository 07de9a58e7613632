"""Views of the gallery: a name leads to a template and to its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render

from tests.server.look.gallery import contents

if TYPE_CHECKING:
    from django.http import HttpRequest


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Give what base.html asks for."""
    given: dict[str, Any] = {"workspace": contents.WORKSPACE}
    if not request.path.startswith("/account/") or request.user.is_authenticated:
        given["acting"] = contents.ACTING
    return given


def show(request: HttpRequest, name: str, number: str = "", of: str = "") -> HttpResponse:
    """Render one page with its content; with `?empty`, as it is before anything is recorded."""
    if name not in contents.PAGES:
        raise Http404
    context = {} if "empty" in request.GET else contents.PAGES[name]()
    return render(request, f"{name}.html", context)


def exposed(request: HttpRequest) -> HttpResponse:
    """Count that a veil was lifted; the number is the answer to a GET."""
    if request.method == "POST":
        request.session["lifted"] = request.session.get("lifted", 0) + 1
        return HttpResponse(status=204)
    return HttpResponse(str(request.session.get("lifted", 0)), content_type="text/plain")


class Sample(forms.Form):
    """One field of each sort."""

    title = forms.CharField(help_text="A few words that say nothing about guilt.")
    reason = forms.CharField(widget=forms.Textarea, required=False)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(choices=[("a", "An event"), ("b", "A count"), ("c", "A denial")])
    stance = forms.ChoiceField(
        choices=[("s", "supports"), ("u", "undermines")],
        widget=forms.RadioSelect,
        help_text="What the item does to the allegation.",
    )
    sure = forms.BooleanField(help_text="Nothing is deleted; a correction is a new act.")
    attachment = forms.FileField(required=False)


def form(request: HttpRequest) -> HttpResponse:
    """Show the sample form, with its errors when posted."""
    sample = Sample(request.POST or None)
    return render(request, "sample_form.html", {"form": sample})


def error(request: HttpRequest, status: int) -> HttpResponse:
    """Show an error page."""
    context = {"message": "", "hint": ""}
    return render(request, f"{status}.html", context, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the page for what is not there."""
    return render(request, "404.html", status=404)
