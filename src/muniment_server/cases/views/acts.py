"""The forms of a case: each asks for one act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from muniment_server.cases import forms, policies, queries, services
from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.forms import ask
from muniment_server.custody.policies import require
from muniment_server.entities import queries as entities
from muniment_server.incidents import queries as register

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Asked

both = require_http_methods(["GET", "POST"])


@both
def open_situation(request: Asked) -> HttpResponse:
    """Open a situation."""
    require(policies.may_open_situation, request.actor)

    def do(given: dict[str, Any]) -> str:
        made = services.open_situation(request.actor, **given)
        return reverse("cases:situation", args=[made.number])

    form = forms.SituationForm(request.POST or None)
    return ask(request, form, do, heading=_("Open a situation"), action_text=_("Open"))


@both
def open_case(request: Asked, number: str) -> HttpResponse:
    """Open a case in a situation."""
    require(policies.may_open_case, request.actor)
    found = queries.situation(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        made = services.open_case(request.actor, situation=found, **given)
        return reverse("cases:case", args=[made.number])

    form = forms.CaseForm(request.POST or None)
    heading = _("Open a case in {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Open"))


@both
def add_suspect(request: Asked, number: str) -> HttpResponse:
    """Add a suspect to a case."""
    require(policies.may_add_suspect, request.actor)
    found = queries.case(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        person = entities.person(request.actor, given["person"])
        services.add_suspect(request.actor, found, person=person, reason=given["reason"])
        return reverse("cases:case", args=[found.number])

    form = forms.SuspectForm(request.POST or None)
    heading = _("A suspect in {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Add"))


@both
def add_charge(request: Asked, number: str) -> HttpResponse:
    """Add a charge against a suspect."""
    require(policies.may_add_charge, request.actor)
    by = request.actor
    found = queries.case(by, number)
    suspects = {one.pk.hex: one for one in queries.suspects_of(by, found)}

    def do(given: dict[str, Any]) -> str:
        made = services.add_charge(
            by,
            found,
            suspect=suspects[given["suspect"]],
            crime=given["crime"],
            mode=given["mode"],
            incidents=[register.incident(by, one) for one in given["incidents"]],
            reason=given["reason"],
        )
        return reverse("cases:charge", args=[found.number, made.pk.hex])

    choices = [(key, f"{one.person.number} {one.person.name}") for key, one in suspects.items()]
    form = forms.ChargeForm(request.POST or None, suspects=choices)
    heading = _("A charge in {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Add"))


@both
def fill_cell(request: Asked, number: str, key: str) -> HttpResponse:
    """Put an item to one row of a charge."""
    require(policies.may_fill_cell, request.actor)
    by = request.actor
    found = queries.case(by, number)
    charge = queries.charge(by, found, key)
    rows = {str(row.key): row for row in queries.charge_view(by, charge).matrix.rows}

    def do(given: dict[str, Any]) -> str:
        exhibit = services.Exhibit(
            services.Stance(given["stance"]),
            given["strength"],
            {"place": given["place"]} if given["place"] else {},
            given["note"],
        )
        services.fill_cell(
            by,
            found,
            charge=charge,
            row=rows[given["row"]].key,
            item=catalogue.item(by, given["item"]),
            exhibit=exhibit,
            reason=given["reason"],
        )
        return reverse("cases:charge", args=[found.number, charge.pk.hex])

    shown = queries.row_texts(by, charge)
    form = forms.CellForm(request.POST or None, initial=request.GET.dict(), rows=shown)
    heading = _("Evidence for or against")
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def withdraw_cell(request: Asked, number: str, key: str) -> HttpResponse:
    """Take an exhibit away from a row."""
    require(policies.may_fill_cell, request.actor)
    found = queries.case(request.actor, number)
    cell = queries.cell(request.actor, found, key)

    def do(given: dict[str, Any]) -> str:
        services.withdraw_cell(request.actor, found, cell=cell, **given)
        return reverse("cases:case", args=[found.number])

    form = forms.ReasonForm(request.POST or None)
    heading = _("Withdraw {n} from a row").format(n=cell.item.number)
    return ask(request, form, do, heading=heading, action_text=_("Withdraw"), grave=True)


@both
def second_reading(request: Asked, number: str, key: str) -> HttpResponse:
    """Confirm, as a second person, what an exhibit does at its row."""
    require(policies.may_fill_cell, request.actor)
    found = queries.case(request.actor, number)
    cell = queries.cell(request.actor, found, key)

    def do(given: dict[str, Any]) -> str:
        services.second_reading(request.actor, found, cell=cell, **given)
        return reverse("cases:cell", args=[found.number, cell.pk.hex])

    form = forms.ReasonForm(request.POST or None)
    heading = _("Second reading of {n}").format(n=cell.item.number)
    return ask(request, form, do, heading=heading, action_text=_("Confirm"))


@both
def give_opinion(request: Asked, number: str, key: str) -> HttpResponse:
    """Record an opinion whether a standard is met."""
    require(policies.may_give_opinion, request.actor)
    found = queries.case(request.actor, number)
    charge = queries.charge(request.actor, found, key)

    def do(given: dict[str, Any]) -> str:
        said = {**given, "met": given["met"] == "yes"}
        services.record_opinion(request.actor, found, charge=charge, **said)
        return reverse("cases:charge", args=[found.number, charge.pk.hex])

    form = forms.OpinionForm(request.POST or None)
    heading = _("Your opinion on a charge in {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))
