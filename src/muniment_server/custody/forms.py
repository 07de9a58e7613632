"""One form, one act: the page every act is asked for on, and how it is known when sent twice.

- Every form of ours carries a hidden key of its own (`{% form_key %}`): a double click, or a form
  sent again after a time-out, is one act.
- Programs send theirs in the header `Idempotency-Key`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from muniment.errors import Conflict, InvalidInput, NotFound
from muniment_server.custody.policies import FORM_KEY
from muniment_server.custody.services import resending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.http import HttpRequest, HttpResponse

    from muniment_server.custody.policies import Asked

HEADER: Final = "Idempotency-Key"
_NOT_ASKED: Final = frozenset({FORM_KEY, "csrfmiddlewaretoken"})


def sent_of(request: Asked) -> resending.Sent | None:
    """Return a request that bears a key with the digest of what it asks; None without a key.

    Raises `InvalidInput` for a key that is none.
    """
    key = request.headers.get(HEADER) or request.POST.get(FORM_KEY)
    if not key:
        return None
    return resending.sent(request.actor.agent, key, _asked(request))


def _asked(request: Asked) -> Iterator[bytes]:
    """Give what makes a request what it is: not how it was wrapped for the way."""
    yield str(request.method).encode()
    yield request.get_full_path().encode()
    if request.content_type == "application/json":
        yield request.body
        return
    for name in sorted(request.POST.keys() - _NOT_ASKED):
        yield from (name.encode(), *[value.encode() for value in request.POST.getlist(name)])
    for name in sorted(request.FILES):
        for one in request.FILES.getlist(name):
            yield from (name.encode(), str(one.name).encode(errors="surrogateescape"))
            whole = hashlib.sha256()
            for part in one.chunks():
                whole.update(part)
            one.seek(0)
            yield whole.digest()


class ClockForm(forms.Form):
    """How one knows that the clock is right."""

    reason = forms.CharField(
        label=_("How you know"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )


def ask(
    request: HttpRequest,
    form: forms.Form,
    do: Callable[[dict[str, Any]], str],
    *,
    heading: str,
    action_text: str,
    cancel_url: str = "",
    grave: bool = False,
    record: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Show a form; once it is filled in, do the act and go where it says.

    `record` is the number and the address of what the act is about, shown above the heading.
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
        "record": record,
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "form.html", context, status=status)
