"""The API's part about who works here, and about one's own tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from ninja import Field, Router, Schema

from muniment_server.accounts import policies, queries, services
from muniment_server.accounts.schemas import (
    CodeOut,
    ColleagueOut,
    NewcomerOut,
    NewTokenOut,
    TokenOut,
    code_record,
    person_record,
    token_record,
)
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import (
    Listed,
    Words,
)

if TYPE_CHECKING:
    from muniment_server.custody.policies import Asked

router = Router(tags=["people"])


class NewcomerIn(Schema):
    """Somebody new: a name as it shall stand beside what they do, a log-in name, a role."""

    name: Annotated[Words, Field(max_length=200)]
    handle: Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]+$", max_length=40)]
    role: services.Role
    reason: str = ""


class RoleIn(Schema):
    """A role for somebody, and why."""

    role: services.Role
    reason: Words


class EndIn(Schema):
    """Why somebody works here no longer."""

    reason: Words


class TokenIn(Schema):
    """What a token is for."""

    title: Annotated[Words, Field(max_length=100)]


@router.get("/people", response=Listed[ColleagueOut])
def list_people(request: Asked) -> dict[str, Any]:
    """List who works and worked here, with roles and clearances, by log-in name."""
    require(policies.may_see_people, request.actor)
    return {"records": [person_record(one) for one in queries.people()], "next": None}


@router.post("/people", response=NewcomerOut)
def add_person(request: Asked, given: NewcomerIn) -> dict[str, Any]:
    """Let somebody work here; the code they enrol with is told in this answer only."""
    made = services.add_person(request.actor, **given.dict())
    code = code_record(*services.new_enrolment_until(made))
    return {**person_record(made), "enrolment": code}


@router.get("/people/{handle}", response=ColleagueOut)
def show_person(request: Asked, handle: str) -> dict[str, Any]:
    """Show somebody who works or worked here."""
    require(policies.may_see_people, request.actor)
    return person_record(queries.person_or_absent(request.actor, handle))


@router.post("/people/{handle}/code", response=CodeOut)
def new_code(request: Asked, handle: str) -> dict[str, Any]:
    """Make a new enrolment code for somebody who lost their way in; told in this answer only."""
    require(policies.may_add_person, request.actor)
    found = queries.person_or_absent(request.actor, handle)
    return code_record(*services.new_enrolment_until(found))


@router.post("/people/{handle}/roles", response=ColleagueOut)
def grant_role(request: Asked, handle: str, given: RoleIn) -> dict[str, Any]:
    """Give somebody a role."""
    require(policies.may_grant_role, request.actor)
    found = queries.person_or_absent(request.actor, handle)
    services.grant_role(request.actor, found, **given.dict())
    return person_record(queries.person_or_absent(request.actor, handle))


@router.delete("/people/{handle}/roles/{role}", response=ColleagueOut)
def revoke_role(request: Asked, handle: str, role: str, reason: Words) -> dict[str, Any]:
    """Take a role away."""
    require(policies.may_grant_role, request.actor)
    found = queries.person_or_absent(request.actor, handle)
    services.revoke_role(request.actor, found, role=role, reason=reason)
    return person_record(queries.person_or_absent(request.actor, handle))


@router.post("/people/{handle}/end", response=ColleagueOut)
def end_person(request: Asked, handle: str, given: EndIn) -> dict[str, Any]:
    """End somebody's work here: roles, log-in and tokens at once."""
    require(policies.may_end_person, request.actor)
    found = queries.person_or_absent(request.actor, handle)
    services.end_person(request.actor, found, reason=given.reason)
    return person_record(queries.person_or_absent(request.actor, handle))


@router.get("/tokens", response=Listed[TokenOut])
def list_tokens(request: Asked) -> dict[str, Any]:
    """List one's own tokens that were not revoked, newest first; the tokens are not kept."""
    own = queries.person_of(request.actor)
    return {"records": [token_record(one) for one in queries.tokens_of(own)], "next": None}


@router.post("/tokens", response=NewTokenOut)
def make_token(request: Asked, given: TokenIn) -> dict[str, Any]:
    """Make a token of one's own; it is told in this answer only.

    A token that was made with a token ends no later than that one.
    """
    own = queries.person_of(request.actor)
    latest = queries.session_ends(request.actor)
    made, secret = services.new_token(own, given.title, latest=latest)
    return {**token_record(made), "token": secret}


@router.delete("/tokens/{pk}", response=Listed[TokenOut])
def revoke_token(request: Asked, pk: int) -> dict[str, Any]:
    """End a token of one's own."""
    own = queries.person_of(request.actor)
    services.revoke_token(own, pk)
    return {"records": [token_record(one) for one in queries.tokens_of(own)], "next": None}
