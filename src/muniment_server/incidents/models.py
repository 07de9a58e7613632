"""Incidents, and what is said about them: sources, claims and denials, grades, classification.

- Claims coexist: they are attributed and graded, never merged; a denial is a claim that names
  what it denies.
- Two statuses are never shown without their label: *attribution* (they did say it) and
  *content* (it is so).
- Two grades: did it happen, and who did it. Either may be open for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from muniment_server.catalogue.models import Item
from muniment_server.custody.models import Recorded, Relation, Root

if TYPE_CHECKING:
    from collections.abc import Mapping


class SourceKind(models.TextChoices):
    """Who or what says so (domain: source types)."""

    VICTIM = "victim", _("victim")
    EYEWITNESS = "eyewitness", _("eyewitness")
    HEARSAY = "hearsay", _("hearsay")
    INSIDER = "insider", _("perpetrator or insider")
    OFFICIAL = "official", _("official of a party")
    UN = "un", _("United Nations body")
    NGO = "ngo", _("non-governmental organisation")
    MEDIA = "media", _("news medium")
    ACCOUNT = "account", _("social media account")
    SATELLITE = "satellite", _("satellite provider")
    EXPERT = "expert", _("expert")
    DOCUMENT = "document", _("document")


class Reliability(models.TextChoices):
    """Reliability of a source on its own axis (Admiralty code); a new account is F, not E."""

    A = "A", _("A: completely reliable")
    B = "B", _("B: usually reliable")
    C = "C", _("C: fairly reliable")
    D = "D", _("D: not usually reliable")
    E = "E", _("E: unreliable")
    F = "F", _("F: cannot be judged")


class Credibility(models.TextChoices):
    """Credibility of what is said, judged apart from who says it; 6 is not worse than 5."""

    CONFIRMED = "1", _("1: confirmed by other sources")
    PROBABLE = "2", _("2: probably true")
    POSSIBLE = "3", _("3: possibly true")
    DOUBTFUL = "4", _("4: doubtful")
    IMPROBABLE = "5", _("5: improbable")
    UNJUDGED = "6", _("6: cannot be judged")


class Source(Root):
    """Who or what says so."""

    prefix: ClassVar[str] = "SRC"
    groups: ClassVar[Mapping[str, str]] = {
        "name": "source",
        "name_folded": "source",
        "party": "source",
        "origin": "source",
        "note": "source",
    }

    name = models.CharField(_("name"), max_length=200)
    name_folded = models.CharField(max_length=400, editable=False, default="")
    kind = models.CharField(_("kind"), max_length=16, choices=SourceKind)
    party = models.CharField(_("affiliation"), max_length=100, blank=True, default="")
    origin = models.CharField(_("where it has this from"), max_length=200, blank=True, default="")
    reliability = models.CharField(
        _("reliability"), max_length=1, choices=Reliability, default=Reliability.F
    )
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")


class Precision(models.TextChoices):
    """How exactly a time is known."""

    MINUTE = "minute", _("to the minute")
    HOUR = "hour", _("to the hour")
    DAY = "day", _("to the day")
    MONTH = "month", _("to the month")
    YEAR = "year", _("to the year")
    UNKNOWN = "unknown", _("not known")


class ConflictType(models.TextChoices):
    """International or not: a claim about the law that applies, open until somebody decides."""

    IAC = "IAC", _("international")
    NIAC = "NIAC", _("not international")
    OPEN = "", _("not set")


class Grade(models.TextChoices):
    """How far an answer is established; the same scale for both questions."""

    OPEN = "open", _("open")
    CLAIMED = "claimed", _("claimed by one source")
    FAIR = "fair", _("two or more independent sources")
    CONFIRMED = "confirmed", _("confirmed")
    CONTESTED = "contested", _("contested")
    DISCOUNTED = "discounted", _("discounted")


class Incident(Root):
    """Something alleged to have happened: when, where, what."""

    prefix: ClassVar[str] = "INC"
    groups: ClassVar[Mapping[str, str]] = {"description": "source"}

    title = models.CharField(_("title"), max_length=300)
    title_folded = models.CharField(max_length=600, editable=False, default="")
    description = models.TextField(_("description"), blank=True, default="")
    occurred_from = models.DateTimeField(_("not before"), null=True, blank=True)
    occurred_to = models.DateTimeField(_("not after"), null=True, blank=True)
    precision = models.CharField(
        _("precision"), max_length=8, choices=Precision, default=Precision.UNKNOWN
    )
    place = models.CharField(_("place"), max_length=300, blank=True, default="")
    latitude_e7 = models.IntegerField(_("latitude, 1e-7 degree"), null=True, blank=True)
    longitude_e7 = models.IntegerField(_("longitude, 1e-7 degree"), null=True, blank=True)
    error_m = models.PositiveIntegerField(_("error, metres"), null=True, blank=True)
    object_hit = models.CharField(_("object hit"), max_length=100, blank=True, default="")
    protection = models.CharField(_("protection"), max_length=200, blank=True, default="")
    means = models.CharField(_("means"), max_length=200, blank=True, default="")
    pause_agreed = models.CharField(_("pause in fighting"), max_length=300, blank=True, default="")
    conflict_type = models.CharField(
        _("conflict"), max_length=4, choices=ConflictType, blank=True, default=""
    )
    grade_happened = models.CharField(
        _("did it happen"), max_length=12, choices=Grade, default=Grade.OPEN
    )
    grade_author = models.CharField(
        _("who did it"), max_length=12, choices=Grade, default=Grade.OPEN
    )

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")


class Stance(models.TextChoices):
    """What evidence does to a proposition."""

    SUPPORTS = "supports", _("supports")
    UNDERMINES = "undermines", _("undermines")
    NEUTRAL = "neutral", _("neutral")


class IncidentItem(Relation):
    """An item as evidence for or against an incident."""

    ends: ClassVar[tuple[str, ...]] = ("incident", "item")
    groups: ClassVar[Mapping[str, str]] = {"note": "source", "citation": "source"}

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="evidence")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="incidents")
    stance = models.CharField(_("stance"), max_length=12, choices=Stance)
    citation = models.JSONField(_("citation"), default=dict)
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["incident", "item"],
                condition=models.Q(ended__isnull=True),
                name="an_item_once_in_an_incident",
            )
        ]
        verbose_name = _("evidence for an incident")
        verbose_name_plural = _("evidence for an incident")


class ClaimKind(models.TextChoices):
    """What sort of statement a claim is."""

    EVENT = "event", _("event")
    COUNT = "count", _("count")
    CHARACTERISATION = "characterisation", _("characterisation")
    DENIAL = "denial", _("denial")
    CONTROL = "control", _("control of a place")
    CALL = "call", _("call for action")


class Authority(models.TextChoices):
    """The speaker's kind of authority for legal words; only a court sets a legal finding."""

    COMMENTATOR = "commentator", _("commentator")
    POLITICIAN = "politician", _("politician")
    OFFICIAL = "official", _("official")
    INQUIRY = "inquiry", _("fact-finding body")
    PROSECUTOR = "prosecutor", _("prosecutor")
    JUDGE = "judge", _("judge, not final")
    FINAL = "final", _("final judgment")
    NONE = "", _("none")


class Attribution(models.TextChoices):
    """Whether it was checked that the source said it."""

    UNCHECKED = "unchecked", _("attribution not checked")
    CHECKED = "checked", _("attribution checked: they did say it")
    REFUTED = "refuted", _("attribution refuted: they did not say it")


class ContentStatus(models.TextChoices):
    """Whether it was checked that it is so."""

    UNVERIFIED = "unverified", _("content not verified")
    PARTIAL = "partial", _("content partially verified")
    VERIFIED = "verified", _("content verified")
    DISPUTED = "disputed", _("content disputed")
    FALSE = "false", _("content false")
    UNVERIFIABLE = "unverifiable", _("content cannot be verified")


class Operator(models.TextChoices):
    """How a number bounds the truth."""

    EXACTLY = "=", _("exactly")
    AT_LEAST = ">=", _("at least")
    AT_MOST = "<=", _("at most")
    MORE_THAN = ">", _("more than")
    FEWER_THAN = "<", _("fewer than")
    ABOUT = "~", _("about")
    BETWEEN = "..", _("between")


class Claim(Root):
    """An attributed, dated statement, with the words used."""

    prefix: ClassVar[str] = "CLM"
    groups: ClassVar[Mapping[str, str]] = {
        "text": "source",
        "text_folded": "source",
        "original": "source",
        "citation": "source",
        "area": "source",
    }

    kind = models.CharField(_("kind"), max_length=16, choices=ClaimKind)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="claims")
    incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="claims"
    )
    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.PROTECT, related_name="claims"
    )
    denies = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="denials"
    )
    text = models.TextField(_("what is said"))
    text_folded = models.TextField(editable=False, default="")
    language = models.CharField(_("language"), max_length=12, default="en")
    original = models.TextField(_("in the original words"), blank=True, default="")
    said_at = models.DateTimeField(_("said"), null=True, blank=True)
    authority = models.CharField(
        _("authority"), max_length=12, choices=Authority, blank=True, default=""
    )
    citation = models.JSONField(_("citation"), default=dict)
    credibility = models.CharField(
        _("credibility"), max_length=1, choices=Credibility, default=Credibility.UNJUDGED
    )
    attribution = models.CharField(
        _("attribution"), max_length=12, choices=Attribution, default=Attribution.UNCHECKED
    )
    content = models.CharField(
        _("content"), max_length=12, choices=ContentStatus, default=ContentStatus.UNVERIFIED
    )
    operator = models.CharField(
        _("operator"), max_length=2, choices=Operator, blank=True, default=""
    )
    value = models.PositiveIntegerField(_("number"), null=True, blank=True)
    value_to = models.PositiveIntegerField(_("number, upper"), null=True, blank=True)
    unit = models.CharField(_("of what"), max_length=60, blank=True, default="")
    population = models.CharField(_("of whom"), max_length=100, blank=True, default="")
    as_of = models.DateField(_("as of"), null=True, blank=True)
    area = models.CharField(_("area"), max_length=200, blank=True, default="")
    standard = models.CharField(_("standard of proof"), max_length=100, blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(kind="count")
                | (models.Q(value__isnull=False) & ~models.Q(operator="") & ~models.Q(unit="")),
                name="a_count_has_number_operator_and_unit",
            )
        ]
        verbose_name = _("claim")
        verbose_name_plural = _("claims")


class Question(models.TextChoices):
    """The questions of verification, one at a time."""

    ORIGINAL = "original", _("Is it the original?")
    AUTHOR = "author", _("Who made it?")
    WHEN = "when", _("When was it made?")
    WHERE = "where", _("Where was it made?")
    WHAT = "what", _("What does it show?")
    ALTERED = "altered", _("Was it altered?")


class Answer(models.TextChoices):
    """How far one question about one item is answered."""

    OPEN = "open", _("open")
    PROPOSED = "proposed", _("answered, waiting for a second person")
    VERIFIED = "verified", _("verified by a second person")
    DISPUTED = "disputed", _("disputed")
    UNANSWERABLE = "unanswerable", _("cannot be answered")


class Assessment(Root):
    """One verification question about one item, worked through."""

    prefix: ClassVar[str] = "AST"
    groups: ClassVar[Mapping[str, str]] = {
        "method": "source",
        "steps": "source",
        "result": "source",
        "alternatives": "source",
    }

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="assessments")
    question = models.CharField(_("question"), max_length=12, choices=Question)
    method = models.CharField(_("method"), max_length=200)
    steps = models.TextField(_("steps"), blank=True, default="")
    result = models.TextField(_("result"))
    confidence = models.CharField(_("confidence"), max_length=8, blank=True, default="")
    alternatives = models.TextField(_("alternatives considered"), blank=True, default="")
    answer = models.CharField(_("answer"), max_length=16, choices=Answer, default=Answer.PROPOSED)
    author = models.UUIDField(_("answered by"))
    reviewer = models.UUIDField(_("second person"), null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(answer="verified")
                | (models.Q(reviewer__isnull=False) & ~models.Q(reviewer=models.F("author"))),
                name="verified_needs_a_second_person",
            )
        ]
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")


class Classification(Recorded):
    """A crime that an incident could be, by the version of the law data that said so."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="classifications")
    crime = models.CharField(_("crime"), max_length=32)
    law_version = models.CharField(_("law data"), max_length=40)
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["incident", "crime"],
                condition=models.Q(ended__isnull=True),
                name="a_crime_once_for_an_incident",
            )
        ]
        verbose_name = _("classification")
        verbose_name_plural = _("classifications")


class ElementSupport(Recorded):
    """An item for or against one element of a crime that an incident could be."""

    groups: ClassVar[Mapping[str, str]] = {"citation": "source", "note": "source"}

    classification = models.ForeignKey(
        Classification, on_delete=models.PROTECT, related_name="support"
    )
    element = models.CharField(_("element"), max_length=64)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="element_support")
    stance = models.CharField(_("stance"), max_length=12, choices=Stance)
    citation = models.JSONField(_("citation"), default=dict)
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        verbose_name = _("support for an element")
        verbose_name_plural = _("support for elements")
