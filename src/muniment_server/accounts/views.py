"""The pages of who works here: enrolment, people and roles, one's own tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from muniment.errors import InvalidInput, NotFound
from muniment_server.accounts import policies, queries, services
from muniment_server.accounts.forms import EndForm, EnrolForm, PersonForm, RoleForm, TokenForm
from muniment_server.accounts.schemas import person_shown
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.policies import require

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Asked

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
@require_http_methods(["GET", "POST"])
def enrol(request: Asked) -> HttpResponse:
    """Turn a one-time code into a log-in, and lead on to a passkey."""
    form = EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        enrolment = queries.open_enrolment(given["code"])
        if enrolment is None or enrolment.person.handle != given["handle"]:
            form.add_error("code", _("This code is not valid for this name, or was used already."))
        else:
            try:
                user = services.enrol(enrolment, given["password1"])
            except InvalidInput as error:
                form.add_error("password1", str(error))
            else:
                login(request, user, backend=_BACKEND)
                UserSession.objects.create_from_request(request)  # as allauth's own log-in does
                messages.success(request, _("You are in. Add a passkey now: it cannot be guessed."))
                return redirect("mfa_index")
    return render(request, "accounts/enrol.html", {"form": form})


@require_GET
def people(request: Asked) -> HttpResponse:
    """List who works here, with roles and clearances."""
    require(policies.may_see_people, request.actor)
    actions = []
    if policies.may_add_person(request.actor):
        actions = [{"url": reverse("accounts:add"), "text": _("Add a person"), "main": True}]
    shown = [person_shown(one) for one in queries.people()]
    return render(request, "accounts/people.html", {"people": shown, "actions": actions})


@require_http_methods(["GET", "POST"])
def add(request: Asked) -> HttpResponse:
    """Add a person and show their code once."""
    require(policies.may_add_person, request.actor)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = services.add_person(request.actor, **form.cleaned_data)
        return _code_page(request, person)
    context = {"form": form, "heading": _("Add a person"), "action_text": _("Add")}
    return render(request, "form.html", context)


@require_POST
def new_code(request: Asked, handle: str) -> HttpResponse:
    """Make a new enrolment code for somebody who lost their way in."""
    require(policies.may_add_person, request.actor)
    return _code_page(request, queries.person_or_absent(request.actor, handle))


def _code_page(request: Asked, person: services.Person) -> HttpResponse:
    code, expires = services.new_enrolment_until(person)
    context = {
        "person": {"name": person.agent.name, "handle": person.handle},
        "code": code,
        "expires": expires,
        "enrol_url": request.build_absolute_uri(reverse("accounts:enrol")),
    }
    return render(request, "accounts/enrolled.html", context)


@require_http_methods(["GET", "POST"])
def person(request: Asked, handle: str) -> HttpResponse:
    """Show one person, and give them a role."""
    require(policies.may_see_people, request.actor)
    found = queries.person_or_absent(request.actor, handle)
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.grant_role(request.actor, found, **form.cleaned_data)
        return redirect("accounts:person", handle)
    acts = custody.acts_of(request.actor, found.pk)
    shown = person_shown(found)
    context = {
        "person": shown,
        "grants": shown["grants"],
        "clearances": shown["clearances"],
        "form": form,
        "acts": schemas.history(acts),
        "actions": [
            {"url": reverse("accounts:end", args=[handle]), "text": _("End"), "grave": True}
        ]
        if policies.may_end_person(request.actor)
        else [],
    }
    return render(request, "accounts/person.html", context)


@require_http_methods(["GET", "POST"])
def revoke(request: Asked, handle: str, role: str) -> HttpResponse:
    """Take a role away."""
    require(policies.may_grant_role, request.actor)
    found = queries.person_or_absent(request.actor, handle)
    if role not in services.Role.values:
        raise NotFound(_("there is no such role"), code="role.not_found")
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.revoke_role(
            request.actor, found, role=services.Role(role), reason=form.cleaned_data["reason"]
        )
        return redirect("accounts:person", handle)
    context = {"form": form, "heading": _("Take a role away"), "action_text": _("Take away")}
    return render(request, "form.html", {**context, "grave": True})


@require_http_methods(["GET", "POST"])
def end(request: Asked, handle: str) -> HttpResponse:
    """End somebody's work here."""
    require(policies.may_end_person, request.actor)
    found = queries.person_or_absent(request.actor, handle)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.end_person(request.actor, found, reason=form.cleaned_data["reason"])
        return redirect("accounts:people")
    heading = _("End the work of {name} here").format(name=found.agent.name)
    context = {"form": form, "heading": heading, "action_text": _("End"), "grave": True}
    return render(request, "form.html", context)


@require_http_methods(["GET", "POST"])
def tokens(request: Asked) -> HttpResponse:
    """Show one's own tokens, and make a new one, which is shown once."""
    own = queries.person_of(request.actor)
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        _token, secret = services.new_token(own, form.cleaned_data["title"])
        form = TokenForm()
    context = {"tokens": queries.tokens_of(own), "form": form, "secret": secret}
    return render(request, "accounts/tokens.html", context)


@require_POST
def revoke_token(request: Asked, pk: int) -> HttpResponse:
    """End a token of one's own."""
    services.revoke_token(queries.person_of(request.actor), pk)
    return redirect("accounts:tokens")
