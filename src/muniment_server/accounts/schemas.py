"""People as pages and the API show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from ninja import Schema

from muniment.evidence.instant import to_micros
from muniment_server.accounts import queries
from muniment_server.custody.queries import clearances_of

if TYPE_CHECKING:
    from datetime import datetime

    from muniment_server.accounts.models import Person, Token


class RoleOut(Schema):
    """A role that somebody has, and since when."""

    role: str
    since: str | None


class ClearanceOut(Schema):
    """A compartment that somebody is cleared for, and since when."""

    name: str
    since: str | None


class CodeOut(Schema):
    """An enrolment code, which is told once."""

    code: str
    expires: str


class ColleagueOut(Schema):
    """Somebody who works or worked here."""

    id: str
    handle: str
    name: str
    agent: str
    index: int
    roles: list[RoleOut]
    compartments: list[ClearanceOut]
    second_step: bool
    ended: str | None


class NewcomerOut(ColleagueOut):
    """Somebody new, with the code they enrol with."""

    enrolment: CodeOut


class TokenOut(Schema):
    """What is kept of a token."""

    id: int
    title: str
    made: str
    expires: str


class NewTokenOut(TokenOut):
    """A token, which is told once."""

    token: str


def person_shown(person: Person) -> dict[str, Any]:
    """Return a person with roles, clearances and the state of their log-in."""
    standing = [grant for grant in person.grants.all() if grant.ended is None]
    cleared = list(clearances_of(person.agent_id))
    return {
        "handle": person.handle,
        "name": person.agent.name,
        "url": reverse("accounts:person", args=[person.handle]),
        "role_texts": [grant.get_role_display() for grant in standing],
        "roles": [grant.role for grant in standing],
        "compartments": [one.compartment.title for one in cleared],
        "ended": person.ended,
        "second_step": queries.has_second_step(person),
        "grants": [
            {
                "role_text": grant.get_role_display(),
                "since": queries.since(grant),
                "revoke_url": reverse("accounts:revoke", args=[person.handle, grant.role]),
            }
            for grant in standing
        ],
        "clearances": [
            {"name": one.compartment.title, "since": queries.since(one), "revoke_url": None}
            for one in cleared
        ],
    }


def person_record(person: Person) -> dict[str, Any]:
    """Return a person who works or worked here as the API shows them."""
    standing = person.grants.filter(ended__isnull=True).order_by("role")
    return {
        "id": person.pk.hex,
        "handle": person.handle,
        "name": person.agent.name,
        "agent": person.agent_id.hex,
        "index": person.seq,
        "roles": [{"role": one.role, "since": _time(queries.since(one))} for one in standing],
        "compartments": [
            {"name": one.compartment.name, "since": _time(queries.since(one))}
            for one in clearances_of(person.agent_id)
        ],
        "second_step": queries.has_second_step(person),
        "ended": _time(person.ended),
    }


def code_record(code: str, expires: datetime) -> dict[str, str]:
    """Return an enrolment code, which is told once."""
    return {"code": code, "expires": to_micros(expires)}


def token_record(token: Token) -> dict[str, Any]:
    """Return what is kept of a token, which is not the token."""
    return {
        "id": token.pk,
        "title": token.title,
        "made": to_micros(token.made),
        "expires": to_micros(token.expires),
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else to_micros(value)
