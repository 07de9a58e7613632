"""The facts of a case as a jurisdiction opinion needs them, read from a file or given as a mapping.

- A key left out, or written with no value, is a fact that is not known. `none` and `[]` are known:
  no office, no proceedings, no nationality.
- Dates may be a day, a month or a year; the conduct lasts from the first day that `conduct_from`
  can mean to the last that `conduct_to` can.
- A misspelt key, an unknown State code or an impossible date is refused: a lost fact would turn
  into a wrong answer.

What the facts mean in law is the predicates' job.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from muniment.law.spans import Span

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from muniment.law.states import States

NONE = "none"
WAR_CRIMES = "war_crimes"


class Trigger(StrEnum):
    """How the Court's jurisdiction was set in motion (Art. 13)."""

    STATE_REFERRAL = "state_referral"
    UNSC_REFERRAL = "unsc_referral"
    PROPRIO_MOTU = "proprio_motu"
    NONE = "none"


class Stage(StrEnum):
    """How far domestic proceedings have come; `final` means that nothing more is open."""

    INVESTIGATION = "investigation"
    PROSECUTION = "prosecution"
    TRIAL = "trial"
    APPEAL = "appeal"
    FINAL = "final"


class Outcome(StrEnum):
    """How domestic proceedings ended, if they did."""

    PENDING = "pending"
    NOT_PROSECUTED = "not_prosecuted"
    CONVICTED = "convicted"
    ACQUITTED = "acquitted"


class Concern(StrEnum):
    """Why proceedings may not be genuine (Art. 17(2)-(3)); each as its own paragraph defines it."""

    SHIELDING = "shielding"
    UNJUSTIFIED_DELAY = "unjustified_delay"
    NOT_INDEPENDENT = "not_independent"
    UNABLE = "unable"


@dataclass(frozen=True, slots=True)
class Proceeding:
    """Proceedings before a national court; None where a thing is not known."""

    state: str
    same_person: bool | None
    same_conduct: bool | None
    stage: Stage | None
    outcome: Outcome | None
    concerns: tuple[Concern, ...] | None


@dataclass(frozen=True, slots=True)
class Gravity:
    """Gravity as described, and whether a person has said that it suffices (Art. 17(1)(d))."""

    described: tuple[tuple[str, str], ...]
    sufficient: bool | None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of a case. None is a fact that is not known; it is never read as a no.

    The fields bear the names of the inputs in `jurisdiction_rules.yaml`.
    """

    crime_id: str | None = None
    crime_family: str | None = None
    conduct_from: date | None = None
    conduct_to: date | None = None
    place_states: tuple[str, ...] | None = None
    place_status: str | None = None
    suspect_nationalities: tuple[str, ...] | None = None
    suspect_age_at_conduct: int | None = None
    suspect_office: str | None = None
    conflict_type: str | None = None
    trigger: Trigger | None = None
    referring_states: tuple[str, ...] | None = None
    unsc_aggression_determination: bool | None = None
    domestic_proceedings: tuple[Proceeding, ...] | None = None
    gravity: Gravity | None = None
    forum: tuple[str, ...] | None = None
    suspect_directs_state: bool | None = None
    suspect_before_court: bool | None = None
    suspect_residences: tuple[str, ...] | None = None
    unsc_deferral: Span | None = None
    unsc_vote: str | None = None
    prosecutor_authorised: bool | None = None
    pre_trial_division_authorised: bool | None = None
    within_definition: bool | None = None
    court_already_tried: bool | None = None
    art_18_request: Request | None = None
    challenge: Challenge | None = None
    interests_of_justice_against: bool | None = None
    immunity_plea: str | None = None

    @property
    def span(self) -> Span:
        """The time of the conduct, as far as it is known."""
        return Span(self.conduct_from, self.conduct_to)

    def only(self, names: Collection[str]) -> CaseFacts:
        """Return these facts with every fact but the named ones unknown."""
        kept = {name: getattr(self, name) for name in names}
        return CaseFacts(**kept)


@dataclass(frozen=True, slots=True)
class Request:
    """A State's request for deferral to its own investigation (Art. 18(2))."""

    state: str
    authorised: bool | None


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge under Art. 19: who makes it, and against what."""

    by: str
    about: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of facts as read: the facts, the date of the opinion, the author's own State facts."""

    facts: CaseFacts
    as_of: date | None
    states: States


INPUTS: tuple[str, ...] = tuple(one.name for one in dataclasses.fields(CaseFacts))
