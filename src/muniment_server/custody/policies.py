"""Who acts, and who may do what in the custody app: pure predicates over an actor.

- There is no default actor: whoever acts is named, with the door used.
- A predicate reads only what it is given; it opens no table.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from django.http import HttpRequest
from django.utils.translation import gettext

from muniment.errors import NotPermitted

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID


OPEN = "open"
"""The compartment of material from open sources, which every workspace has."""

CLOSED = "closed"
"""The usual compartment of a workspace that was made with `init --closed`."""


class Door(enum.Enum):
    """Where a request came in."""

    WEB = "web"
    API = "api"
    COMMAND = "cli"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Actor:
    """An agent at a door, with what it may do and what it may know."""

    agent: UUID
    name: str
    via: Door
    permissions: frozenset[str]
    compartments: frozenset[UUID]
    session: str = ""

    def may(self, permission: str) -> bool:
        """Say whether the permission was granted."""
        return permission in self.permissions


FORM_KEY: Final = "idempotency_key"
"""The hidden field by which a form that is sent twice is known."""


class Asked(HttpRequest):
    """A request that came through the doors: it knows who acts."""

    actor: Actor


class _Placed(Protocol):
    @property
    def compartment_id(self) -> UUID: ...


class Refused(NotPermitted):
    """Somebody may not open something: the door that they came to records it."""

    def __init__(self, message: str, *, code: str, hint: str = "", by: Actor | None = None) -> None:
        """Say it as `NotPermitted` does, and of whom."""
        super().__init__(message, code=code, hint=hint)
        self.by = by


def require(may: Callable[[Actor], bool], by: Actor) -> None:
    """Raise `Refused` unless the actor may."""
    if not may(by):
        raise Refused(
            gettext("{name} may not open this").format(name=by.name),
            code="page.not_permitted",
            hint=gettext("Ask an administrator for a role that includes it."),
            by=by,
        )


def may_know(by: Actor, record: _Placed) -> bool:
    """Say whether the record lies in a compartment the actor is cleared for."""
    return record.compartment_id in by.compartments


def may_create_compartment(by: Actor) -> bool:
    """Say who may make a circle of readers."""
    return by.may("compartment.create")


def may_grant_clearance(by: Actor) -> bool:
    """Say who may let somebody into a compartment, or out of it."""
    return by.may("clearance.grant")


def may_record_agent(by: Actor) -> bool:
    """Say who may add a program that acts."""
    return by.may("agent.create")


def may_confirm_clock(by: Actor) -> bool:
    """Say who may confirm a clock that jumped: a person, for a machine knows no better."""
    return by.may("clock.confirm")


def may_read_log(by: Actor) -> bool:
    """Say who may read the whole log, act by act."""
    return by.may("log.read")


def may_read_words(by: Actor) -> bool:
    """Say who may read what others searched for: words of evidence, so readers of records only."""
    return by.may("access.read") and by.may("record.read")


def may_expire_readings(by: Actor) -> bool:
    """Say who may run the rule that removes the details of old readings."""
    return by.may("access.expire")


def may_read_accesses(by: Actor) -> bool:
    """Say who may read who read what."""
    return by.may("access.read")
