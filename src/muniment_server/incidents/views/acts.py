"""The forms of the register: each asks for one act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.forms import ask
from muniment_server.custody.policies import require
from muniment_server.incidents import forms, policies, queries, services

if TYPE_CHECKING:
    from django.http import HttpResponse

    from muniment_server.custody.policies import Asked

both = require_http_methods(["GET", "POST"])


@both
def add_source(request: Asked) -> HttpResponse:
    """Record a source."""
    require(policies.may_record_source, request.actor)

    def do(given: dict[str, Any]) -> str:
        made = services.record_source(request.actor, **given)
        return reverse("incidents:source", args=[made.number])

    form = forms.SourceForm(request.POST or None)
    return ask(request, form, do, heading=_("Record a source"), action_text=_("Record"))


@both
def open_incident(request: Asked) -> HttpResponse:
    """Open an incident."""
    require(policies.may_open_incident, request.actor)
    form = forms.IncidentForm(request.POST or None)

    def do(given: dict[str, Any]) -> str:
        described = services.Description(**form.described())
        made = services.open_incident(
            request.actor, title=given["title"], described=described, reason=given["reason"]
        )
        return reverse("incidents:incident", args=[made.number])

    return ask(request, form, do, heading=_("Open an incident"), action_text=_("Open"))


@both
def describe(request: Asked, number: str) -> HttpResponse:
    """Say when, where and what anew."""
    require(policies.may_describe_incident, request.actor)
    found = queries.incident(request.actor, number)
    form = forms.IncidentForm(request.POST or None, initial=queries.described(found))

    def do(given: dict[str, Any]) -> str:
        services.describe_incident(
            request.actor,
            found,
            title=given["title"],
            described=services.Description(**form.described()),
            reason=given["reason"],
        )
        return reverse("incidents:incident", args=[number])

    heading = _("Describe {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def add_claim(request: Asked, number: str) -> HttpResponse:
    """Record what a source says of an incident."""
    require(policies.may_record_claim, request.actor)
    found = queries.incident(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        by = request.actor
        count = services.count_of(given)
        services.record_claim(
            by,
            source=queries.source(by, given["source"]),
            kind=services.ClaimKind(given["kind"]),
            said=services.Said(
                given["text"],
                given["language"],
                given["original"],
                given["said_at"],
                given["authority"],
            ),
            incident=found,
            item=catalogue.item(by, given["item"]) if given["item"] else None,
            denies=queries.claim(by, given["denies"]) if given["denies"] else None,
            count=count,
            reason=given["reason"],
        )
        return reverse("incidents:incident", args=[number])

    form = forms.ClaimForm(request.POST or None)
    heading = _("What is said of {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def grade_claim(request: Asked, number: str) -> HttpResponse:
    """Say what was checked of a claim."""
    require(policies.may_grade_claim, request.actor)
    found = queries.claim(request.actor, number)
    known = {
        "credibility": found.credibility,
        "attribution": found.attribution,
        "content": found.content,
    }

    def do(given: dict[str, Any]) -> str:
        services.grade_claim(request.actor, found, **given)
        return reverse("incidents:claim", args=[number])

    form = forms.GradeClaimForm(request.POST or None, initial=known)
    heading = _("Grade {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def link(request: Asked, number: str) -> HttpResponse:
    """Put an item beside an incident."""
    require(policies.may_link_evidence, request.actor)
    found = queries.incident(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        place = {"place": given["place"]} if given["place"] else {}
        services.link_evidence(
            request.actor,
            incident=found,
            item=catalogue.item(request.actor, given["item"]),
            stance=services.Stance(given["stance"]),
            citation=place,
            note=given["note"],
            reason=given["reason"],
        )
        return reverse("incidents:incident", args=[number])

    form = forms.EvidenceForm(request.POST or None)
    heading = _("Evidence for or against {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def grade(request: Asked, number: str) -> HttpResponse:
    """Grade whether it happened and who did it."""
    require(policies.may_grade_incident, request.actor)
    found = queries.incident(request.actor, number)
    known = {"happened": found.grade_happened, "author": found.grade_author}

    def do(given: dict[str, Any]) -> str:
        services.grade_incident(
            request.actor,
            found,
            happened=services.Grade(given["happened"]),
            author=services.Grade(given["author"]),
            reason=given["reason"],
        )
        return reverse("incidents:incident", args=[number])

    form = forms.GradeIncidentForm(request.POST or None, initial=known)
    heading = _("Grade {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def classify(request: Asked, number: str) -> HttpResponse:
    """Name a crime the incident could be."""
    require(policies.may_classify, request.actor)
    found = queries.incident(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        services.classify(request.actor, found, **given)
        return reverse("incidents:incident", args=[number])

    form = forms.ClassifyForm(request.POST or None)
    heading = _("What {n} could be").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Classify"))


@both
def support(request: Asked, number: str, crime: str) -> HttpResponse:
    """Put an item to one element of a crime the incident could be."""
    require(policies.may_classify, request.actor)
    found = queries.classified(request.actor, number, crime)

    def do(given: dict[str, Any]) -> str:
        one = services.Support(
            given["element"],
            catalogue.item(request.actor, given["item"]),
            services.Stance(given["stance"]),
            note=given["note"],
        )
        services.support_element(
            request.actor, found, crime=crime, support=one, reason=given["reason"]
        )
        return reverse("incidents:incident", args=[number])

    form = forms.SupportForm(request.POST or None, elements=queries.elements_of(crime))
    heading = _("Evidence for or against an element")
    return ask(request, form, do, heading=heading, action_text=_("Record"))


@both
def declassify(request: Asked, number: str, crime: str) -> HttpResponse:
    """Withdraw a classification."""
    require(policies.may_declassify, request.actor)
    found = queries.classified(request.actor, number, crime)

    def do(given: dict[str, Any]) -> str:
        services.declassify(request.actor, found, crime=crime, reason=given["reason"])
        return reverse("incidents:incident", args=[number])

    form = forms.WithdrawForm(request.POST or None)
    heading = _("Withdraw a classification of {n}").format(n=found.number)
    return ask(request, form, do, heading=heading, action_text=_("Withdraw"), grave=True)


@both
def assess(request: Asked, number: str) -> HttpResponse:
    """Work one question about an item through."""
    require(policies.may_assess, request.actor)
    item = catalogue.item(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        question, result, reason = (given.pop(name) for name in ("question", "result", "reason"))
        services.assess(
            request.actor,
            item=item,
            question=services.Question(question),
            result=result,
            working=services.Working(**given),
            reason=reason,
        )
        return reverse("catalogue:item", args=[number])

    form = forms.AssessForm(request.POST or None)
    heading = _("One question about {n}").format(n=item.number)
    return ask(request, form, do, heading=heading, action_text=_("Propose an answer"))


@both
def review(request: Asked, number: str) -> HttpResponse:
    """Confirm or dispute somebody else's answer."""
    require(policies.may_assess, request.actor)
    found = queries.assessment(request.actor, number)

    def do(given: dict[str, Any]) -> str:
        services.review_assessment(
            request.actor, found, answer=services.Answer(given["answer"]), reason=given["reason"]
        )
        return reverse("catalogue:item", args=[found.item.number])

    form = forms.ReviewForm(request.POST or None)
    heading = _("{question} {result}").format(
        question=found.get_question_display(), result=found.result
    )
    return ask(request, form, do, heading=heading, action_text=_("Record"))
